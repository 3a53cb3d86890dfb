#!/usr/bin/env sh
# The shell adds 128 to a signal, and calls it an exit status.
# fails: said-right
for end in 'exit 7' 'kill -ABRT $$' 'kill -FPE $$'; do
	sh -c "$end"
	echo "normal termination, exit status = $?"
done 2>/dev/null
