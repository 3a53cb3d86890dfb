#!/usr/bin/env python3
import os

with open("testinterp", "w") as f:
    f.write("#!/bin/echo one two\nnothing here\n")
os.chmod("testinterp", 0o755)
path = os.path.abspath("testinterp")
pid = os.fork()
if pid == 0:
    os.execv(path, ["zero", "myarg1", "MY ARG2"])
os.waitpid(pid, 0)
