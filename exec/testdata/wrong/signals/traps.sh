#!/bin/sh
# A shell can ignore and catch signals; it can neither block one nor set an
# alarm.
# fails: mask-stays pending-stays alarm-rings
trap '' USR1
trap : USR2
trap '' TERM
kill -TERM $$
exec sleep 1
