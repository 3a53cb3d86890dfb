#!/usr/bin/env python3
import os

pid = os.fork()
if pid == 0:
    os.execve("/bin/true", ["echoall", "myarg1", "MY ARG2"],
              {"USER": "unknown", "PATH": "/tmp"})
os.waitpid(pid, 0)

pid = os.fork()
if pid == 0:
    os.execvp("true", ["echoall", "only 1 arg"])
os.waitpid(pid, 0)
