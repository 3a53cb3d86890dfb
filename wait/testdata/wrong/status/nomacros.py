#!/usr/bin/env python3
# Takes the exit status for the signal.
# fails: said-right
import os
import signal


def show(status):
    if status == 0:
        print("normal termination, exit status = 0", flush=True)
    elif os.WIFEXITED(status):
        print("normal termination, exit status =", os.WEXITSTATUS(status), flush=True)
    else:
        print("abnormal termination, signal number =", os.WEXITSTATUS(status), flush=True)


def child(end):
    if os.fork() == 0:
        end()
    show(os.wait()[1])


child(lambda: os._exit(7))
child(os.abort)
child(lambda: os.kill(os.getpid(), signal.SIGFPE))
