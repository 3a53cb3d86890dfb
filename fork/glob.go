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
// stack. What it changes there the parent never sees. The buffer
// of a stream is data too: a line still in it at the fork is
// there twice afterwards, and both processes write it when they
// exit. One already written, by write(2) or to a terminal, which
// is line buffered, is not.
//
// Linux today: the pages are shared until one side writes to
// them, which no program can tell from a copy.
//
// To see it:
//
//	go run ./fork glob          one "before fork"
//	go run ./fork glob | cat    two of them

// globvar is in the initialized data of the process.
var globvar = 6

func glob() {
	local := 88 // a variable of this function

	buf := "a write to stdout\n"
	_, err := proc.Write(1, []byte(buf))
	proc.Check(err)
	stdio.Printf("before fork\n") // and it is not flushed

	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // the child changes its variables
		globvar++
		local++
	} else { // the parent lets it go first
		_, err := proc.Waitpid(pid, nil, 0)
		proc.Check(err)
	}

	stdio.Printf("pid = %d, glob = %d, var = %d\n",
		os.Getpid(), globvar, local)
	stdio.Exit(0)
}
