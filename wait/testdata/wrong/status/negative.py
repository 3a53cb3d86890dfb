#!/usr/bin/env python3
# subprocess writes a death by signal as a negative number.
# fails: said-right
import subprocess

for command in ("exit 7", "kill -ABRT $$", "kill -FPE $$"):
    code = subprocess.run(["sh", "-c", command]).returncode
    if code > 0:
        print(f"normal termination, exit status = {code}")
    else:
        print(f"abnormal termination, signal number = {code}")
