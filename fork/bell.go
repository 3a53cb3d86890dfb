//go:build linux

package main

import (
	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// A bell is TELL and WAIT over a pipe: whoever waits for it goes
// on when somebody has rung it.
type bell [2]int

func newBell() (b bell) {
	proc.Check(unix.Pipe2(b[:], unix.O_CLOEXEC))
	return b
}

func (b bell) close() {
	unix.Close(b[0])
	unix.Close(b[1])
}

func (b bell) tell() { proc.Write(b[1], []byte{'.'}) }

// wait ends the process when nobody is left who could tell. That
// shows only when it, too, has closed the end it does not use.
func (b bell) wait() {
	n, err := proc.Read(b[0], make([]byte, 1))
	proc.Check(err)
	if n == 0 {
		proc.Exit(1)
	}
}

// waits and tells keep one end, and close the other.
func (b bell) waits() { unix.Close(b[1]) }
func (b bell) tells() { unix.Close(b[0]) }

// charatatime writes each character with a write of its own, so
// that the kernel can switch between any two.
func charatatime(fd int, s string) {
	for i := range len(s) {
		_, err := proc.Write(fd, []byte(s[i:i+1]))
		proc.Check(err)
	}
}

// inProcess runs what a shell would run: in a child of its own,
// which it waits for, and for no child of that one.
func inProcess(run func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		run()
		proc.Exit(0)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	if status != 0 { // nobody will tell what it was to tell
		proc.Exit(1)
	}
}
