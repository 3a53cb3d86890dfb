//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"
)

// Buffers is the experiment exit/stdio: two children that do the
// same and end differently.
//
// The book: exit calls the registered handlers, flushes the
// streams and then ends the process; _exit ends it at once. Both
// are normal ends, and the kernel sees the same of both.
//
// Linux today: the same; _exit is the system call exit_group,
// and exit ends in it.
//
// To see it:
//
//	go run ./exit stdio | cat    only the first child is heard
//	go run ./exit stdio          on a terminal the second
//	                             child's line is out before it
//	                             ends; its handler is not run

func buffers() {
	end(stdio.Exit, "the child that calls exit")
	end(proc.Exit, "the child that calls _exit")
}

// end makes a child that leaves a line in the buffer and calls
// exit, and waits for it.
func end(exit func(status int), who string) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		stdio.Atexit(func() {
			stdio.Printf("exit handler of %s\n", who)
		})
		stdio.Printf("buffered line of %s\n", who)
		exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
