#!/usr/bin/env python3
"""Popen makes the child; it is collected when somebody asks."""
import subprocess
import time

child = subprocess.Popen(["true"])
time.sleep(0.2)
with open(f"/proc/{child.pid}/stat") as f:
    print(f.read())
print(child.wait())
