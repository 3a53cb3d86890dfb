#!/usr/bin/env python3
# Learns of the exec from the status of the child, which comes too late.
# fails: while-it-runs by-the-exec
import os

for file in "./nothing", "/bin/sleep":
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(file, [file, "0.5"])
        finally:
            os._exit(127)
    _, status = os.waitpid(pid, 0)
    if os.waitstatus_to_exitcode(status) == 127:
        print("exec failed: errno = 2", flush=True)
    else:
        print("exec worked", flush=True)
