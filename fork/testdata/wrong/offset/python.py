#!/usr/bin/env python3
# The child's line stays in the buffer: os._exit flushes nothing.
# fails: both-wrote one-open
import os

with open("f.txt", "w") as f:
    pid = os.fork()
    if pid == 0:
        f.write("the child\n")
        os._exit(0)
    os.waitpid(pid, 0)
    f.write("the parent\n")
