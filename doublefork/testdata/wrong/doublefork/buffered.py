#!/usr/bin/env python3
# The second child ends with os._exit: its line stays in the buffer.
# fails: saw-it
import os

end, waited = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(waited)
    if os.fork() > 0:
        os._exit(0)
    os.read(end, 1)  # until the original has waited
    print("second child, parent pid =", os.getppid())
    os._exit(0)
os.waitpid(pid, 0)
os.close(waited)
