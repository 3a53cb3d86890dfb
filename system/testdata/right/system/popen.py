#!/usr/bin/env python3
import subprocess

for command in "exit 0", "nosuchcommand", "exit 44", "kill -9 $$":
    code = subprocess.Popen(["sh", "-c", command], executable="/bin/sh").wait()
    if code >= 0:
        print("normal termination, exit status =", code, flush=True)
    else:
        print("abnormal termination, signal number =", -code, flush=True)
