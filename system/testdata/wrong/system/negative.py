#!/usr/bin/env python3
# Prints Python's negative number for a signal as an exit status.
# fails: said-right
import os

for command in "exit 0", "nosuchcommand", "exit 44", "kill -9 $$":
    code = os.waitstatus_to_exitcode(os.system(command))
    print("normal termination, exit status =", code, flush=True)
