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

	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// This file is what talks to the daemon.

// sayf prints at once: processes here print in turn.
func sayf(format string, args ...any) {
	stdio.Printf(format, args...)
	stdio.Stdout.Flush()
}

// daemonDir is the folder of pid file and socket.
func daemonDir() string {
	name := "apue-daemon-" + strconv.Itoa(os.Getuid())
	return filepath.Join(os.TempDir(), name)
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
	if s.Mode&unix.S_IFMT != unix.S_IFDIR || s.Mode&0o22 != 0 ||
		int(s.Uid) != os.Getuid() {
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
		return 0, errors.New("it is not running: no lock is held")
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
