#!/usr/bin/env python3
# Other programs and shells are run before and after the command.
import os, subprocess
subprocess.run(["mkdir","-p","work"])
subprocess.run("date > work/log; rm work/log", shell=True)
os.system("true")
s = os.system("sleep 0.4")
subprocess.run("date > work/log; rm work/log", shell=True)
print("status", s, flush=True)
os.system("rmdir work")
