#!/bin/sh
# Made with cat and chmod; the subshell is the child that executes.
cat >testinterp <<'END'
#!/bin/echo one two
END
chmod 755 testinterp
(exec -a zero ./testinterp myarg1 'MY ARG2') 2>/dev/null ||
	bash -c "exec -a zero ./testinterp myarg1 'MY ARG2'" || exit 1
