#!/usr/bin/env python3
import os
import signal

on_int = signal.signal(signal.SIGINT, signal.SIG_IGN)
on_quit = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
pid = os.fork()
if pid == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.execv("/bin/sh", ["sh", "-c", "sleep 0.4"])
os.waitpid(pid, 0)
signal.signal(signal.SIGINT, on_int)
signal.signal(signal.SIGQUIT, on_quit)
signal.pthread_sigmask(signal.SIG_SETMASK, mask)
print("done", flush=True)
