//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"
)

// Glob is the program of Figure 8.3: the one of Figure 8.1 with
// vfork in place of fork.
//
// The book: the child of a vfork runs in the parent's memory,
// and the parent waits until the child has called _exit or exec.
// So the parent prints what the child made of its variables. The
// child calls _exit: an exit would flush and close streams that
// are the parent's.
//
// Linux today: the same. POSIX dropped vfork in 2008; Linux keeps
// it, as clone with CLONE_VM and CLONE_VFORK, and only the thread
// that called it is suspended.
//
// To see it:
//
//	go run ./vfork glob    the parent says 7 and 89

// globvar is in the initialized data of the process.
var globvar = 6

func glob() {
	local := 88 // a variable of this function

	stdio.Printf("before vfork\n")
	pid, err := proc.Vfork(func() { // what the child does
		globvar++
		local++
		proc.Exit(0)
	})
	proc.Check(err)

	// The parent goes on here when the child has ended.
	stdio.Printf("pid = %d, glob = %d, var = %d\n",
		os.Getpid(), globvar, local)
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	stdio.Exit(0)
}
