#!/usr/bin/env python3
"""os.fork twice; the second child waits for a byte."""
import os
import sys

ready, go = os.pipe()
first = os.fork()
if first == 0:
    if os.fork() == 0:
        os.read(ready, 1)
        print("second child, parent pid =", os.getppid())
        sys.exit(0)
    sys.exit(0)
os.waitpid(first, 0)
os.write(go, b"x")
