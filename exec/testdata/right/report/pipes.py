#!/usr/bin/env python3
import os

for file, args in (("./nothing", ["nothing"]), ("/bin/sleep", ["sleep", "1"])):
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(file, args)
        except OSError as error:
            os.write(write, str(error.errno).encode())
            os._exit(127)
    os.close(write)
    text = os.read(read, 100)
    if text:
        print("exec failed: errno =", text.decode(), flush=True)
    else:
        print("exec worked", flush=True)
    os.close(read)
    os.waitpid(pid, 0)
