#!/usr/bin/env python3
# posix_spawn and posix_spawnp make the children.
import os

args = ["echoall", "myarg1", "MY ARG2"]
pid = os.posix_spawn("/bin/true", args, {"USER": "unknown", "PATH": "/tmp"})
os.waitpid(pid, 0)
pid = os.posix_spawnp("true", ["echoall", "only 1 arg"], os.environ)
os.waitpid(pid, 0)
