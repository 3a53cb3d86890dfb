#!/usr/bin/env python3
# Python has no vfork: os.fork makes a copy.
# fails: vforked shared by-the-child underscore-exit as-asked
import os

glob = 6
var = 88
print("before vfork")
pid = os.fork()
if pid == 0:
    glob += 1
    var += 1
    os._exit(0)
os.waitpid(pid, 0)
print(f"pid = {os.getpid()}, glob = {glob}, var = {var}")
