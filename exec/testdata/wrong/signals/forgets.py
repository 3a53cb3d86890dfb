#!/usr/bin/env python3
# Does not send SIGTERM to itself.
# fails: pending-stays
import os
import signal

signal.signal(signal.SIGUSR1, signal.SIG_IGN)
signal.signal(signal.SIGUSR2, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
signal.alarm(1)
os.execvp("sleep", ["sleep", "5"])
