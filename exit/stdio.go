//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"
)

// Buffers is the experiment exit/stdio: two children do the same,
// but end in different ways.
//
// The book: exit calls the exit handlers, flushes the streams and
// ends the process. _exit ends the process at once. Both ends are
// normal.
//
// Linux today: the same. Both end in the system call exit_group:
// the kernel sees no difference.
//
// To see it:
//
//	go run ./exit stdio | cat    only the first child prints
//	go run ./exit stdio          on a terminal the second child
//	                             prints its line too; its handler
//	                             is not called

func buffers() {
	child(stdio.Exit, "the child that calls exit")
	child(proc.Exit, "the child that calls _exit")
}

// child makes a child that leaves a line in the buffer and calls
// exit, and reaps it.
func child(exit func(status int), name string) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		stdio.Atexit(func() {
			stdio.Printf("exit handler of %s\n", name)
		})
		stdio.Printf("buffered line of %s\n", name)
		exit(0)
	}
	reap(pid)
}
