#!/usr/bin/env python3
"""The same in Python: os.abort, and os.wait's word taken apart."""
import os
import signal
import sys


def end(how):
    pid = os.fork()
    if pid == 0:
        how()
    _, word = os.wait()
    if os.WIFEXITED(word):
        line = f"normal termination, exit status = {os.WEXITSTATUS(word)}"
    else:
        line = f"abnormal termination, signal number = {os.WTERMSIG(word)}"
        if os.WCOREDUMP(word):
            line += " (core file generated)"
    print(line, flush=True)


end(lambda: os._exit(7))
end(os.abort)
end(lambda: os.kill(os.getpid(), signal.SIGFPE))
sys.exit(0)
