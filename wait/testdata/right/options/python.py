#!/usr/bin/env python3
"""The same in Python; the child stops itself."""
import os
import signal


def main():
    gate, open_gate = os.pipe()
    end, keep = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(open_gate)
        os.close(keep)
        os.read(gate, 1)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.read(end, 1)  # or it is gone before it is asked about
        os._exit(4)
    print(os.waitpid(-1, os.WNOHANG))
    os.close(open_gate)
    print(os.WIFSTOPPED(os.waitpid(-1, os.WUNTRACED)[1]))
    os.kill(pid, signal.SIGCONT)
    print(os.WIFCONTINUED(os.waitpid(-1, os.WCONTINUED)[1]))
    os.close(keep)
    print(os.waitpid(-1, 0))


main()
