#!/usr/bin/env python3
# Asks for the parent first, and waits for its end then.
# races: the child may begin when its parent has ended, and is right then
# may pass: saw-it
# fails: saw-it
import os
import time

old = os.getpid()
if os.fork() == 0:
    parent = os.getppid()
    while os.getppid() == old:
        time.sleep(0.001)
    print("parent pid =", parent)
