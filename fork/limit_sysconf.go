//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// childMax sets two soft limits, each in a child of its own, and
// asks for CHILD_MAX. getconf is a program that calls sysconf in C,
// and the shell that runs it has the limit.
func childMax() {
	var limit unix.Rlimit
	proc.Check(unix.Getrlimit(unix.RLIMIT_NPROC, &limit))
	most := min(limit.Max, 4000)
	for _, soft := range []uint64{most, most - 1} {
		inChild(func() {
			limit.Cur = soft
			proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC, &limit))
			line := fmt.Sprintf("echo \"RLIMIT_NPROC %d: "+
				"sysconf(_SC_CHILD_MAX) is $(getconf CHILD_MAX)\"",
				soft)
			proc.Check(proc.Execl("/bin/sh", "sh", "-c", line))
		})
	}
}
