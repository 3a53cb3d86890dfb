#!/usr/bin/env bash
# The first child executes env, perl, and then the program.
# The second one takes out what bash has added to the environment.
started=$(tr '\0' '\n' < /proc/$$/environ)
date > /dev/null
(exec env -i USER=unknown PATH=/tmp /usr/bin/perl -e \
	'exec { "/bin/true" } "echoall", "myarg1", "MY ARG2"')
(
	for name in $(compgen -e); do
		case "$started" in
		*"$name="*) ;;
		*) unset "$name" ;;
		esac
	done
	unset _
	exec -a echoall true "only 1 arg"
)
