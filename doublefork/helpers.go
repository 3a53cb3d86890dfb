//go:build linux

package main

import (
	"io"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// What several experiments of this folder use.

// sayf prints and flushes: the processes print in turn.
func sayf(format string, args ...any) {
	stdio.Printf(format, args...)
	stdio.Stdout.Flush()
}

// receive returns when a byte has come, or no process has the write
// end open.
func receive(fd int) byte {
	var b [1]byte
	for {
		_, err := unix.Read(fd, b[:])
		if err != unix.EINTR {
			proc.Check(err)
			return b[0]
		}
	}
}

// reader reads from a descriptor without the poller of the runtime,
// which a forked child cannot use.
type reader int

func (r reader) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(r), b)
		switch {
		case err == unix.EINTR:
		case n == 0 && err == nil:
			return 0, io.EOF
		default:
			return max(n, 0), err
		}
	}
}
