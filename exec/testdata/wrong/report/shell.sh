#!/bin/sh
# The shell sees only the status 127, and of the second program only its end.
# fails: while-it-runs by-the-exec as-asked
./nothing 2>/dev/null
[ $? = 127 ] && echo "exec failed: errno = 2"
sleep 0.3 &
wait $! && echo "exec worked"
