//go:build linux

package main

import (
	"io"
	"os"
	"path/filepath"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// This file shows the daemon from its start to its end.

// daemonDemo starts a daemon, shows it and stops it.
func daemonDemo() {
	dir, err := os.MkdirTemp("", "apue-daemon-")
	proc.Check(err)
	if *dHangup {
		hangup(dir)
	} else {
		starter("starter", dir)
	}
	line, err := statusLine(dir)
	if err != nil { // the starter has said why
		os.RemoveAll(dir)
		proc.Check(err)
	}
	sayf("%s", line)
	starter("second starter", dir)
	files(dir)
	pid, err := stopDaemon(dir)
	proc.Check(err)
	sayf("stopped: daemon %d has ended\n", pid)
	files(dir)
	proc.Check(os.Remove(dir))
}

func files(dir string) {
	sayf("pid file: %s, socket: %s\n",
		there(dir, pidName), there(dir, sockName))
}

// starter is what -start does, in a process of its own. Should
// the demonstration be interrupted, the daemon ends by itself.
func starter(role, dir string) {
	pid := demoFork(dir)
	if pid == 0 {
		said, err := startDaemon(dir, time.Minute)
		if err != nil {
			said = err.Error()
		}
		sayf("%s %d: %s\n", role, os.Getpid(), said)
		stdio.Exit(0)
	}
	_, err := proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}

// demoFork removes the folder if there can be no child.
func demoFork(dir string) int {
	pid, err := proc.Fork()
	if err != nil {
		os.Remove(dir)
		proc.Check(err)
	}
	return pid
}

// there says whether the file exists.
func there(dir, name string) string {
	fd, err := unix.Open(filepath.Join(dir, name),
		unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return "gone"
	}
	unix.Close(fd)
	return "there"
}

// hangup starts a daemon from a terminal, and ends that terminal.
func hangup(dir string) {
	master, terminal := openPty()
	var started [2]int
	proc.Check(unix.Pipe2(started[:], unix.O_CLOEXEC))
	pid := demoFork(dir)
	if pid == 0 {
		unix.Close(master)
		proc.Check(proc.Signal(unix.SIGHUP, proc.Default))
		leadSession(terminal)
		said, err := startDaemon(dir, time.Minute)
		if err != nil {
			said = err.Error()
		}
		sayf("starter %d, on a terminal: %s\n", os.Getpid(), said)
		if err != nil {
			stdio.Exit(1)
		}
		proc.Write(started[1], []byte{1})
		for { // until SIGHUP
			unix.Pause()
		}
	}
	unix.Close(started[1]) // so that its end is seen
	receive(started[0])
	proc.Check(unix.Close(master))
	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	sayf("the terminal is gone, starter %d: %v\n", pid, status)
}

// reader reads from a descriptor, without the runtime's poller,
// which a forked child can not use.
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
