#!/usr/bin/env python3
# The child guesses who adopted it from its old parent's pid.
# fails: saw-it
import os, time

old = os.getpid()
if os.fork() == 0:
    time.sleep(0.3)
    print("parent pid =", old - 1)
