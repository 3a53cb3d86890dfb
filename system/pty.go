//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// ptyFlags open a terminal without acquiring it.
const ptyFlags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC

// openPty makes a pseudo-terminal and returns its master and the
// path of the terminal. Closing the last descriptor of the master
// is the line going dead: the kernel hangs the terminal up.
func openPty() (master int, terminal string) {
	master, err := unix.Open("/dev/ptmx", ptyFlags, 0)
	if err != nil {
		proc.Cannot("no pseudo-terminal can be opened (%v): "+
			"mount devpts at /dev/pts, with /dev/ptmx", err)
	}
	proc.Check(unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	proc.Check(err)
	return master, fmt.Sprintf("/dev/pts/%d", n)
}

// leadSession makes the caller a session leader whose controlling
// terminal is the one at path, as a login does.
func leadSession(path string) (terminal int) {
	_, err := unix.Setsid()
	proc.Check(err)
	terminal, err = unix.Open(path, ptyFlags, 0)
	proc.Check(err)
	proc.Check(unix.IoctlSetInt(terminal, unix.TIOCSCTTY, 0))
	return terminal
}
