#!/usr/bin/env python3
# Has env split the argument: the interpreter gets -S in front.
# fails: one-argument
import os

with open("testinterp", "w") as f:
    f.write("#!/usr/bin/env -S /bin/echo one two\n")
os.chmod("testinterp", 0o755)
pid = os.fork()
if pid == 0:
    os.execv("./testinterp", ["zero", "myarg1", "MY ARG2"])
os.waitpid(pid, 0)
