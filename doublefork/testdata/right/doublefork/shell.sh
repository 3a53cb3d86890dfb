#!/bin/sh
# ( … & ) is the double fork of the shell: the subshell is the
# first child, the background job the second.
mkfifo go
(
	{
		read -r _ <go
		read -r _ _ _ ppid _ </proc/self/stat
		echo "second child, parent pid = $ppid"
	} &
)
echo >go
