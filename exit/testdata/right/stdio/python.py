#!/usr/bin/env python3
"""The same in Python: atexit, and os._exit past it."""
import atexit
import os
import sys


def child(end):
    pid = os.fork()
    if pid == 0:
        atexit.register(print, "called at exit")
        print("kept in a buffer")
        end(0)
    os.waitpid(pid, 0)


child(sys.exit)
child(os._exit)
