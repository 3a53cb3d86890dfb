#!/usr/bin/env python3
import os
import time


def ask():
    t = os.times()
    return round((t.children_user + t.children_system) * 100)


before = ask()
pid = os.fork()
if pid == 0:
    while time.process_time() < 0.25:
        pass
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
dead = ask()
os.waitpid(pid, 0)
print("before = %d, dead = %d, waited = %d" % (before, dead, ask()), flush=True)
