#!/bin/sh
# A subshell is a fork, but echo keeps nothing in a buffer, and $$ stays
# the pid of the first shell.
# fails: copied buffered-twice
glob=6
var=88
echo "a write to stdout"
echo "before fork"
(
	glob=$((glob + 1))
	var=$((var + 1))
	echo "pid = $$, glob = $glob, var = $var"
)
echo "pid = $$, glob = $glob, var = $var"
