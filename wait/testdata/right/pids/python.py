#!/usr/bin/env python3
"""The same in Python: all form arguments of os.waitpid."""
import os


def main():
    pids = []
    for status in (3, 5, 7, 9, 11):
        pid = os.fork()
        if pid == 0:
            if status > 5:
                os.setpgid(0, pids[2] if len(pids) > 2 else 0)
            os._exit(status)
        pids.append(pid)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    for who in (pids[1], -pids[2], 0, -1, -1):
        print(who, os.waitpid(who, 0))
    try:
        os.waitpid(-1, 0)
    except ChildProcessError as error:
        print(error)


main()
