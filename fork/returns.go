//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
)

// Returns calls fork once, and fork returns twice.
//
// The book: in the child fork returns 0. A child has one parent,
// and getppid gives its id at any time. In the parent fork returns
// the child's process id, because no function gives a process the
// ids of its children. 0 is the id of a part of the kernel, so it
// is never the id of a child.
//
// Linux today: the same, and /proc/PID/task/TID/children lists
// the children of a process.
//
// To see it:
//
//	go run ./fork returns

func returns() {
	fmt.Printf("before the fork: one process, pid %d\n",
		os.Getpid())

	pid, err := proc.Fork() // called here, once
	proc.Check(err)
	if pid == 0 { // it returned 0: this is the child
		fmt.Printf("child: fork returned %d, pid %d, parent %d\n",
			pid, os.Getpid(), os.Getppid())
		proc.Exit(0)
	}
	reap(pid)
	fmt.Printf("parent: fork returned %d, pid %d\n",
		pid, os.Getpid())
}
