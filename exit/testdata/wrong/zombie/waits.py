#!/usr/bin/env python3
# Waits at once.
# fails: was-zombie as-asked
import os
import subprocess

pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
subprocess.run(["ps", "-o", "pid,ppid,stat,comm"])
