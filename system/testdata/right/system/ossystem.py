#!/usr/bin/env python3
# os.system, which returns the status word.
import os
for c in ("exit 0","nosuchcommand","exit 44","kill -9 $$"):
    s=os.system(c)
    if os.WIFEXITED(s): print("normal termination, exit status = %d" % os.WEXITSTATUS(s))
    else: print("abnormal termination, signal number = %d" % os.WTERMSIG(s))
