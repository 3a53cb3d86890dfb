#!/usr/bin/env python3
import os

for command in ["exit 0", "nosuchcommand", "exit 44", "kill -9 $$"]:
    pid = os.fork()
    if pid == 0:
        os.execv("/bin/sh", ["sh", "-c", command])
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        print("normal termination, exit status = %d" % os.WEXITSTATUS(status), flush=True)
    else:
        print("abnormal termination, signal number = %d" % os.WTERMSIG(status), flush=True)
