#!/usr/bin/env python3
# Adds the two strings to the environment that is there.
# fails: own-environment
import os

pid = os.fork()
if pid == 0:
    env = dict(os.environ, USER="unknown", PATH="/tmp")
    env["HOME"] = "/"
    os.execve("/bin/true", ["echoall", "myarg1", "MY ARG2"], env)
os.waitpid(pid, 0)
pid = os.fork()
if pid == 0:
    os.execvp("true", ["echoall", "only 1 arg"])
os.waitpid(pid, 0)
