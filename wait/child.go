//go:build linux

package main

import (
	"errors"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// child makes a child that exits when the gate is closed, or
// first stops itself.
func child(status int, stops bool) (pid, gate int) {
	pipe := make([]int, 2)
	proc.Check(unix.Pipe2(pipe, unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		unix.Close(pipe[1])
		if stops {
			proc.Raise(unix.SIGSTOP)
		}
		unix.Read(pipe[0], make([]byte, 1))
		proc.Exit(status)
	}
	unix.Close(pipe[0])
	return pid, pipe[1]
}

// collect waits for the child, which has ended or is about to.
func collect(pid int) {
	got, err := proc.Waitpid(pid, nil, 0)
	if err != nil || got != pid {
		stdio.Printf("  wait returned %d, %v\n", got, err)
	}
}

// errno is the name of the error number that err wraps.
func errno(err error) string {
	var n unix.Errno
	errors.As(err, &n)
	return unix.ErrnoName(n)
}
