#!/usr/bin/env python3
# os.fork, a look into /proc, and then the wait.
import os
import time

pid = os.fork()
if pid == 0:
    os._exit(3)
while True:
    with open(f"/proc/{pid}/stat") as f:
        state = f.read().rpartition(")")[2].split()[0]
    if state == "Z":
        break
    time.sleep(0.01)
print(state, os.waitpid(pid, 0))
