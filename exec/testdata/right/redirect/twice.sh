#!/bin/sh
# Another process, which executes nothing, writes to the file first.
echo hello > out.txt &
wait $!
/bin/echo hello again >> out.txt &
wait $!
echo the parent writes
