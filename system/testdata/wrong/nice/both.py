#!/usr/bin/env python3
# Raises the value before the fork: the child inherits it.
# fails: nicer less
import os
import time


def compute():
    end = time.monotonic() + 1.1
    while time.monotonic() < end:
        pass


os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.nice(10)
pid = os.fork()
compute()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
