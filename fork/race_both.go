//go:build linux

package main

import (
	"strings"

	"apue/ch8/proc"
)

// bothWait lets the two write at the same time, then lets each of
// them wait for the other, then lets both write again.
func bothWait() {
	parent, child := newPipe(), newPipe()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		parent.onlyWaits()
		charatatime(1, strings.Repeat("1", 15))
		child.tell()  // TELL_PARENT
		parent.wait() // WAIT_PARENT
		charatatime(1, strings.Repeat("2", 15))
		proc.Exit(0)
	}
	child.onlyWaits()
	charatatime(1, strings.Repeat("1", 15))
	parent.tell() // TELL_CHILD
	child.wait()  // WAIT_CHILD
	charatatime(1, strings.Repeat("2", 15))
	reap(pid)
	charatatime(1, "\n")
	parent.close()
	child.close()
}
