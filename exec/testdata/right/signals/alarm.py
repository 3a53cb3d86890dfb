#!/usr/bin/env python3
import os
import signal

signal.signal(signal.SIGUSR1, signal.SIG_IGN)
signal.signal(signal.SIGUSR2, lambda *args: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
signal.alarm(1)
os.execvp("sleep", ["sleep", "5"])
