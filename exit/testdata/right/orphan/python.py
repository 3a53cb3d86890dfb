#!/usr/bin/env python3
"""A pidfd of the parent is ready when the parent has ended."""
import os
import select

parent = os.pidfd_open(os.getpid())
if os.fork() == 0:
    select.select([parent], [], [])
    print("parent pid =", os.getppid())
