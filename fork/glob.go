//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"
)

// Glob is the program of Figure 8.1.
//
// The book: a child gets a copy of the parent's data, heap and
// stack. The parent does not see what the child changes there. The
// buffer of a stream is data too: if a line is in the buffer at
// the fork, both processes have it, and both write it when they
// exit. A line that was written before the fork, by write(2) or to
// a terminal, comes once.
//
// Linux today: the same. The two share each page until one of them
// writes to it; a program cannot see that it was not a copy.
//
// To see it:
//
//	go run ./fork glob          "before fork" comes once
//	go run ./fork glob | cat    "before fork" comes twice

// globvar is in the initialized data of the process.
var globvar = 6

func glob() {
	local := 88 // a variable of this function

	buf := "a write to stdout\n"
	_, err := proc.Write(1, []byte(buf))
	proc.Check(err)
	stdio.Printf("before fork\n") // stays in the buffer on a pipe

	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // the child changes its variables
		globvar++
		local++
	} else { // the parent waits, so the child prints first
		_, err := proc.Waitpid(pid, nil, 0)
		proc.Check(err)
	}

	stdio.Printf("pid = %d, glob = %d, var = %d\n",
		os.Getpid(), globvar, local)
	stdio.Exit(0)
}
