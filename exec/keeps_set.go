//go:build linux

package main

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// The longer settings of keeps: locks, a terminal, timers.

// lockFile makes descriptor 50 of a new file, and locks it.
func lockFile(lock func(fd int) error) error {
	fd, err := unix.MemfdCreate("locked", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	if err := unix.Dup3(fd, 50, 0); err != nil {
		return err
	}
	unix.Close(fd) // or the exec would lose a record lock
	return lock(50)
}

// lockKind says whether fdinfo shows a lock of this kind.
func lockKind(kind string) func(map[string]string) string {
	return func(text map[string]string) string {
		for line := range strings.Lines(text["fdinfo/50"]) {
			if strings.HasPrefix(line, "lock:") &&
				strings.Contains(line, kind) {
				return "is held"
			}
		}
		return "is not held"
	}
}

// newTerminal makes a pseudo-terminal, and a session whose
// controlling terminal it is.
func newTerminal() error {
	const flags = unix.O_RDWR | unix.O_NOCTTY
	master, err := unix.Open("/dev/ptmx", flags, 0)
	if err != nil {
		return err
	}
	err = unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0)
	if err != nil {
		return err
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return err
	}
	tty, err := unix.Open(fmt.Sprint("/dev/pts/", n), flags, 0)
	if err != nil {
		return err
	}
	if err := newSession(); err != nil {
		return err
	}
	return unix.IoctlSetInt(tty, unix.TIOCSCTTY, 0)
}

// ring sets a timer that rings once, after so many microseconds.
func ring(which int, usec int64) error {
	after := unix.Itimerval{Value: unix.NsecToTimeval(usec * 1000)}
	_, err := unix.Setitimer(unix.ItimerWhich(which), after)
	return err
}

func isSet() string { return "is set" }
