#!/usr/bin/env python3
# os.times tells seconds, and not clock ticks.
# fails: said-right
# races
import os
import time


def children():
    t = os.times()
    return t.children_user + t.children_system


before = children()
pid = os.fork()
if pid == 0:
    while time.process_time() < 0.3:
        pass
    os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
dead = children()
os.waitpid(pid, 0)
print(f"before = {before}, dead = {dead}, waited = {children()}")
