#!/usr/bin/env python3
# The child guesses who adopted it from its old parent's pid.
# races: Python does not sleep for exactly as long as it is told
# fails: saw-it
import os, time

old = os.getpid()
if os.fork() == 0:
    time.sleep(0.3)
    print("parent pid =", old - 1)
