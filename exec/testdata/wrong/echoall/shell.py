#!/usr/bin/env python3
# The second program is run by a shell.
# fails: arguments by-search free-name
import subprocess
subprocess.run(["echoall","myarg1","MY ARG2"], executable="/bin/echo", env={"USER":"unknown","PATH":"/tmp"})
subprocess.run("echo 'only 1 arg'", shell=True)
