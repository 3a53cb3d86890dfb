//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// What several experiments of this folder use.

// say prints a line after the role and the pid of the process that
// prints it.
func say(role, format string, args ...any) {
	fmt.Printf("%s %d: %s\n", role, os.Getpid(),
		fmt.Sprintf(format, args...))
}

// inChild does something in a child, and returns when the child
// has ended.
func inChild(do func()) (status proc.WaitStatus) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		do()
		proc.Exit(0)
	}
	return reap(pid)
}

// reap waits for the child and returns its termination status.
func reap(pid int) (status proc.WaitStatus) {
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	return status
}

// A pipe is TELL and WAIT: a process that waits goes on when
// another process has told it.
type pipe [2]int

func newPipe() (p pipe) {
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	return p
}

func (p pipe) close() {
	unix.Close(p[0])
	unix.Close(p[1])
}

func (p pipe) tell() { proc.Write(p[1], []byte{'.'}) }

// wait ends the process if no other process is left that could
// tell. It sees that only if it has closed the end that it does
// not use.
func (p pipe) wait() {
	n, err := proc.Read(p[0], make([]byte, 1))
	proc.Check(err)
	if n == 0 {
		proc.Exit(1)
	}
}

// onlyWaits closes the end with which a process tells, onlyTells
// the end at which it waits.
func (p pipe) onlyWaits() { unix.Close(p[1]) }
func (p pipe) onlyTells() { unix.Close(p[0]) }

// makePair makes the descriptors 50, with close-on-exec, and 51,
// without, of one open file.
func makePair() error {
	fd, err := unix.MemfdCreate("pair", 0)
	if err != nil {
		return err
	}
	if err := unix.Dup3(fd, 50, unix.O_CLOEXEC); err != nil {
		return err
	}
	return unix.Dup3(fd, 51, 0)
}

// pairFlags says which of the two has the close-on-exec flag.
func pairFlags() string {
	a, _ := unix.FcntlInt(50, unix.F_GETFD, 0)
	b, _ := unix.FcntlInt(51, unix.F_GETFD, 0)
	return fmt.Sprintf("50: %d, 51: %d", a, b)
}
