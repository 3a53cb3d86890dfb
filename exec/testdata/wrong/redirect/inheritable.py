#!/usr/bin/env python3
# The descriptor of the file stays open in the new program.
# fails: closed-the-other
import os
p=os.fork()
if p==0:
    fd=os.open("out.txt",os.O_WRONLY|os.O_CREAT|os.O_TRUNC,0o644)
    os.set_inheritable(fd,True)
    os.dup2(fd,1)
    os.execvp("echo",["echo","hi"])
os.waitpid(p,0)
print("done")
