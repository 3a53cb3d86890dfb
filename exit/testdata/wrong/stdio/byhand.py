#!/usr/bin/env python3
# Calls the function itself, where atexit.register was meant.
# fails: handler-ran
import atexit, os, sys

def bye():
    print("handler")

for leave in (sys.exit, os._exit):
    if os.fork() == 0:
        print("a line")
        if leave is os._exit:
            atexit.register(bye)
        else:
            bye()
        leave(0)
    os.wait()
os._exit(0)
