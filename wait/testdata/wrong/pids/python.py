#!/usr/bin/env python3
"""os.wait until it fails: it asks for any child and no other form.

fails: one-pid other-group own-group
"""
import os

leader = 0
for n in range(1, 5):
    pid = os.fork()
    if pid == 0:
        if n > 2:
            os.setpgid(0, leader)
        os._exit(n)
    if n > 2:
        try:
            os.setpgid(pid, leader)
        except OSError:
            pass
        leader = leader or pid
while True:
    try:
        print(os.wait())
    except ChildProcessError:
        break
