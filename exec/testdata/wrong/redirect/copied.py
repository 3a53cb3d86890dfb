#!/usr/bin/env python3
# Copies the program's output into the file through a pipe.
# fails: as-asked between to-the-file closed-the-other
import os

read, write = os.pipe()
pid = os.fork()
if pid == 0:
    os.dup2(write, 1)
    os.execv("/bin/echo", ["echo", "a line"])
os.close(write)
with open("out.txt", "wb") as f:
    f.write(os.read(read, 100))
os.waitpid(pid, 0)
print("done", flush=True)
