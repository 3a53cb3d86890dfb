#!/usr/bin/env python3
# Continues the child and waits for its end only.
# fails: continue-seen
import os
import signal

read, write = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(write)
    os.read(read, 1)
    os._exit(0)
print(os.waitpid(pid, os.WNOHANG))
os.kill(pid, signal.SIGSTOP)
os.waitpid(pid, os.WUNTRACED)
os.kill(pid, signal.SIGCONT)
os.close(write)
os.waitpid(pid, 0)
