#!/usr/bin/env python3
import os
import time


def compute():
    end = time.monotonic() + 1.1
    while time.monotonic() < end:
        pass


os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
pid = os.fork()
if pid == 0:
    os.nice(10)
    compute()
    os._exit(0)
compute()
os.waitpid(pid, 0)
