//go:build linux

package main

import (
	"os"
	"path/filepath"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// The demonstration: a daemon from its start to its end.

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
	if err != nil { // the starter has printed why
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

// starter does what --start does, in a process of its own. The
// daemon ends after a minute, even if this program is interrupted.
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

// demoFork forks. If that fails it removes the folder.
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

// hangup starts a daemon from a terminal, then hangs up the
// terminal.
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
	unix.Close(started[1]) // or receive would not see its end
	receive(started[0])
	proc.Check(unix.Close(master))
	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	sayf("the terminal is gone, starter %d: %v\n", pid, status)
}
