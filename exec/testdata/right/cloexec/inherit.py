#!/usr/bin/env python3
import os

a = os.open("data.txt", os.O_RDWR | os.O_CREAT)
b = os.open("data.txt", os.O_RDONLY)
os.set_inheritable(b, True)
pid = os.fork()
if pid == 0:
    os.execv("/bin/true", ["true"])
os.waitpid(pid, 0)
