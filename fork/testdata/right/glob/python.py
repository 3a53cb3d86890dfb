#!/usr/bin/env python3
"""The same in Python: sys.stdout is its buffered output."""
import os
import sys

glob = 6


def main():
    global glob
    var = 88
    os.write(1, b"straight to the kernel\n")
    print("by way of a buffer")
    pid = os.fork()
    if pid == 0:
        glob += 1
        var += 1
    else:
        os.waitpid(pid, 0)
    print(f"pid = {os.getpid()}, glob = {glob}, var = {var}")
    sys.exit(0)


main()
