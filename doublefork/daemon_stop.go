//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// This file is what talks to the daemon: status, stop, and the
// demonstration that does it all.

// sayf prints at once: processes here print in turn.
func sayf(format string, args ...any) {
	stdio.Printf(format, args...)
	stdio.Stdout.Flush()
}

// daemonDir is the folder of pid file and socket.
func daemonDir() string {
	return filepath.Join(os.TempDir(), "apue-daemon-"+strconv.Itoa(os.Getuid()))
}

// privateDir makes the folder, or makes sure that it is ours.
func privateDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if !errors.Is(err, os.ErrExist) {
		return err
	}
	var s unix.Stat_t
	if err := unix.Lstat(dir, &s); err != nil {
		return err
	}
	if s.Mode&unix.S_IFMT != unix.S_IFDIR || s.Mode&0o22 != 0 || int(s.Uid) != os.Getuid() {
		return errors.New(dir + " is no folder of yours alone")
	}
	return nil
}

// statusLine asks the daemon what it is.
func statusLine(dir string) (string, error) {
	c, err := net.Dial("unix", filepath.Join(dir, sockName))
	if err != nil {
		return "", fmt.Errorf("no daemon answers: %w", err)
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	return string(b), err
}

// stopDaemon sends SIGTERM to the process that holds the lock of
// the pid file and waits for its end. It does not believe the
// number in the file, which may be left from a process long dead.
func stopDaemon(dir string) (pid int, err error) {
	f, err := os.OpenFile(filepath.Join(dir, pidName), os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("it is not running: %w", err)
	}
	defer f.Close()
	if pid = lockHolder(f); pid == 0 {
		return 0, errors.New("it is not running: nobody has the lock")
	}
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(pidfd)
	if lockHolder(f) != pid { // the pid could be another's now
		return 0, errors.New("it has just ended")
	}
	err = unix.PidfdSendSignal(pidfd, unix.SIGTERM, nil, 0)
	if err != nil {
		return 0, err
	}
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		if _, err := unix.Poll(fds, -1); err != unix.EINTR {
			return pid, err
		}
	}
}

func lockHolder(f *os.File) int {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock)
	if err != nil || lock.Type == unix.F_UNLCK {
		return 0
	}
	return int(lock.Pid)
}

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
	proc.Check(err)
	sayf("%s", line)
	starter("second starter", dir)
	sayf("pid file: %s, socket: %s\n", there(dir, pidName), there(dir, sockName))
	pid, err := stopDaemon(dir)
	proc.Check(err)
	sayf("stopped: daemon %d has ended\n", pid)
	sayf("pid file: %s, socket: %s\n", there(dir, pidName), there(dir, sockName))
	proc.Check(os.Remove(dir))
}

// starter is what -start does, in a process of its own. Should
// the demonstration be interrupted, the daemon ends by itself.
func starter(role, dir string) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		said, err := startDaemon(dir, time.Minute)
		if err != nil {
			said = err.Error()
		}
		sayf("%s %d: %s\n", role, os.Getpid(), said)
		stdio.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}

// there says whether the file exists.
func there(dir, name string) string {
	fd, err := unix.Open(filepath.Join(dir, name), unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return "gone"
	}
	unix.Close(fd)
	return "there"
}
