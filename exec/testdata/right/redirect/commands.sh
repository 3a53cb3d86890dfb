#!/bin/sh
# Other commands have output that the shell redirects in its own process.
mkdir -p work
date > work/log
( exec date > out.txt )
cat out.txt > /dev/null
echo the parent writes
rm -r work
