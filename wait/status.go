//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Status is the program of Figures 8.5 and 8.6: three children end
// in three ways, one after the other, and the parent prints how.
//
// The book: the status that wait stores says whether the child
// ended normally, with which exit status, or by a signal, with
// which number. proc.WaitStatus.String decodes it.
//
// Linux today: the same. RLIMIT_CORE, core_pattern and the
// dumpable attribute of the process decide whether there is a core
// file. A division by zero causes SIGFPE on amd64, but not on
// arm64, and in Go it is a panic. Therefore the third child raises
// the signal.
//
// To see it:
//
//	go run ./wait status

func status() {
	childThatEnds(func() { stdio.Exit(7) })
	childThatEnds(proc.Abort)
	childThatEnds(func() { proc.Raise(unix.SIGFPE) })
	stdio.Exit(0)
}

// childThatEnds makes a child that ends in this way, waits for it
// and prints its termination status.
func childThatEnds(end func()) {
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
		stdio.Stdout.Flush() // or the next child gets a copy
	}
}
