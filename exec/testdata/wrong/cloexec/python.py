#!/usr/bin/env python3
# Python's descriptors all have the flag.
# fails: closed flags kept parents
import os

with open("data.txt", "w") as f:
    f.write("text\n")
one = os.open("data.txt", os.O_RDONLY)
two = os.open("data.txt", os.O_RDONLY)
pid = os.fork()
if pid == 0:
    os.execv("/bin/true", ["true"])
os.waitpid(pid, 0)
