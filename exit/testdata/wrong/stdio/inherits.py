#!/usr/bin/env python3
# The handler is registered before the forks: it runs in the parent too.
# fails: as-asked
import atexit
import os
import sys

atexit.register(lambda: print("the handler"))
for i in range(2):
    pid = os.fork()
    if pid == 0:
        print("child", i)
        if i == 0:
            sys.exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
