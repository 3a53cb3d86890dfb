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
func (b bell) wait() { proc.Read(b[0], make([]byte, 1)) }

// charatatime writes each character with a write of its own, so
// that the kernel can switch between any two.
func charatatime(fd int, s string) {
	for i := range len(s) {
		_, err := proc.Write(fd, []byte(s[i:i+1]))
		proc.Check(err)
	}
}
