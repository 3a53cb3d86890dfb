#!/usr/bin/env python3
# The child ends with os._exit, as the manual of os.fork advises: what it
# printed is still in the buffer.
# fails: copied buffered-twice
import os

glob = 6
var = 88
os.write(1, b"a write to stdout\n")
print("before fork")
pid = os.fork()
if pid == 0:
    glob += 1
    var += 1
    print(f"pid = {os.getpid()}, glob = {glob}, var = {var}")
    os._exit(0)
os.waitpid(pid, 0)
print(f"pid = {os.getpid()}, glob = {glob}, var = {var}")
