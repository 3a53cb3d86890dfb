#!/usr/bin/env python3
# The status of each command is printed, also that of a helper.
import os


def run(*commands):
    for command in commands:
        status = os.system(command)
        if os.WIFSIGNALED(status):
            print("abnormal termination, signal number =", os.WTERMSIG(status))
        else:
            print("normal termination, exit status =", os.WEXITSTATUS(status))


run("mkdir -p work", "exit 0", "nosuchcommand", "exit 44", "kill -9 $$", "rmdir work")
