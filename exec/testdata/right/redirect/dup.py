#!/usr/bin/env python3
import os

pid = os.fork()
if pid == 0:
    fd = os.open("out.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(fd, 1)
    os.close(fd)
    os.execv("/bin/echo", ["echo", "hello"])
os.waitpid(pid, 0)
print("done")
