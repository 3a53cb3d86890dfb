#!/usr/bin/env python3
"""In Python, where open() asks for the offset by itself."""
import os
import sys

with open("notes.txt", "w") as f:
    print("before", file=f)
    f.flush()
    pid = os.fork()
    if pid == 0:
        print("child", file=f)
        f.flush()
        os._exit(0)
    os.waitpid(pid, 0)
    print("parent", file=f)
sys.exit(0)
