#!/bin/bash
# Two redirections open the file twice, and the second one empties it.
# fails: one-open nothing-lost as-asked
( echo "the child" >&3 ) 3>f.txt &
wait
echo "the parent" 3>&- >f.txt
