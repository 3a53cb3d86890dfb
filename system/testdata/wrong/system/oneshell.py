#!/usr/bin/env python3
# Has one shell run all four commands.
# fails: as-asked by-pid said-right shells statuses
import os

pid = os.fork()
if pid == 0:
    os.execv("/bin/sh", ["sh", "-c", "(exit 0); nosuchcommand; (exit 44); kill -9 $$"])
os.waitpid(pid, 0)
for n in 0, 127, 44:
    print("normal termination, exit status =", n)
print("abnormal termination, signal number = 9")
