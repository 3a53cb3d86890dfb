//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
)

// Returns calls fork once and comes back twice.
//
// The book: fork returns 0 in the child, which can always ask for
// its parent's id with getppid, and the child's process id in the
// parent, which has no call that would tell it its children's. No
// process has id 0, so that 0 can not be a child's.
//
// Linux today: the same, but a parent can find its children:
// /proc/PID/task/TID/children lists them.
//
// To see it:
//
//	go run ./fork returns

func returns() {
	fmt.Printf("before the fork: one process, pid %d\n",
		os.Getpid())

	pid, err := proc.Fork() // called here, once
	proc.Check(err)
	if pid == 0 { // and here it is back in the child
		fmt.Printf("child: fork returned %d, pid %d, parent %d\n",
			pid, os.Getpid(), os.Getppid())
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	fmt.Printf("parent: fork returned %d, pid %d\n",
		pid, os.Getpid())
}
