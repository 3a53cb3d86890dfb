//go:build linux

package main

import (
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// openPty makes a pseudo-terminal and returns its master and the
// path of the terminal. Closing the last descriptor of the master
// is the line going dead: the kernel hangs the terminal up.
func openPty() (master int, terminal string) {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	proc.Check(err)
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
	terminal, err = unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	proc.Check(err)
	proc.Check(unix.IoctlSetInt(terminal, unix.TIOCSCTTY, 0))
	return terminal
}

// hangup starts a daemon from a terminal, and ends that terminal.
func hangup(dir string) {
	master, terminal := openPty()
	var started [2]int
	proc.Check(unix.Pipe2(started[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		unix.Close(master)
		proc.Check(proc.Signal(unix.SIGHUP, proc.Default))
		leadSession(terminal)
		said, err := startDaemon(dir, time.Minute)
		if err != nil {
			said = err.Error()
		}
		sayf("starter %d, on a terminal: %s\n", os.Getpid(), said)
		proc.Write(started[1], []byte{1})
		for { // until SIGHUP
			unix.Pause()
		}
	}
	receive(started[0])
	proc.Check(unix.Close(master))
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	sayf("the terminal is gone, starter %d: %v\n", pid, status)
}
