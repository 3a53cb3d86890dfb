#!/bin/bash
# The parent runs a command. When bash has reaped it, it asks with WNOHANG
# whether another child has ended.
(
	(
		me=$BASHPID
		parent() { while read -r key value; do [ "$key" = PPid: ] && now=$value; done < "/proc/$me/status"; }
		parent
		first=$now
		while [ "$now" = "$first" ]; do
			sleep 0.02
			parent
		done
		echo "parent pid = $now"
	) &
	sleep 0.2
)
