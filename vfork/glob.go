//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"
)

// Glob is the program of Figure 8.3. It is the program of Figure
// 8.1 with vfork instead of fork.
//
// The book: the child of a vfork runs in the memory of the parent,
// and the parent waits until the child calls _exit or exec. So the
// parent prints the values that the child has set. The child calls
// _exit, because exit would flush, and could close, the streams of
// the parent.
//
// Linux today: the same. POSIX removed vfork in 2008. Linux has it
// as clone with CLONE_VM and CLONE_VFORK. It suspends only the
// thread that called it.
//
// To see it:
//
//	go run ./vfork glob    the parent says 7 and 89

// globvar is in the initialized data of the process.
var globvar = 6

func glob() {
	local := 88 // a variable of this function

	stdio.Printf("before vfork\n")
	pid, err := proc.Vfork(func() { // the child runs this function
		globvar++
		local++
		proc.Exit(0)
	})
	proc.Check(err)

	// The parent continues here when the child has ended.
	stdio.Printf("pid = %d, glob = %d, var = %d\n",
		os.Getpid(), globvar, local)
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	stdio.Exit(0)
}
