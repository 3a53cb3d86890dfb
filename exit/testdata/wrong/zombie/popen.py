#!/usr/bin/env python3
# Popen makes a child that runs another program.
# fails: was-zombie as-asked
import subprocess
import time

child = subprocess.Popen(["true"])
time.sleep(1)
with open(f"/proc/{child.pid}/stat") as f:
    print(f.read())
print(child.wait())
