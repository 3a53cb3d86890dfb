//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Status is the program of Figures 8.5 and 8.6: three children
// end, one after the other, and the parent says how.
//
// The book: the status that wait stores tells a normal end, with
// the exit status, from a death by signal, with its number. The
// decoding is in proc.WaitStatus.String.
//
// Linux today: whether there is a core file is up to RLIMIT_CORE,
// core_pattern and whether the process is dumpable. Dividing by
// zero raises SIGFPE on amd64 and nothing on arm64, and in Go it
// is a panic: so this child raises the signal.
//
// To see it:
//
//	go run ./wait status
//	strace -f -e trace=wait4,exit_group go run ./wait status

func status() {
	waitFor(func() { stdio.Exit(7) })
	waitFor(proc.Abort)
	waitFor(func() { proc.Raise(unix.SIGFPE) })
	stdio.Exit(0)
}

// waitFor makes a child that ends in its own way, waits for it
// and prints its termination status.
func waitFor(end func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		end()
		proc.Exit(99) // not reached
	}

	var status proc.WaitStatus
	got, err := proc.Wait(&status)
	proc.Check(err)
	if got == pid {
		stdio.Println(status)
		stdio.Stdout.Flush() // or the next child has it too
	}
}
