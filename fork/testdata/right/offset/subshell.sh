#!/bin/sh
# A subshell is a fork of the shell; descriptor 3 goes with it.
exec 3>lines.txt
echo parent >&3
(echo child >&3; :)
echo parent again >&3
