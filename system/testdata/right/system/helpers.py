#!/usr/bin/env python3
# Other programs and shells are run before and after.
import os, subprocess
subprocess.run(["mkdir","-p","work"])
subprocess.run("date > work/log; rm work/log", shell=True)
os.system("true")
for c in "exit 0", "nosuchcommand", "exit 44", "kill -9 $$":
    s = os.system(c)
    if os.WIFEXITED(s):
        print("normal termination, exit status =", os.WEXITSTATUS(s), flush=True)
    else:
        print("abnormal termination, signal number =", os.WTERMSIG(s), flush=True)
os.system("rmdir work")
