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

	"golang.org/x/sys/unix"
)

// How the daemon is asked for its status, and stopped.

// daemonDir is the folder of the pid file and the socket.
func daemonDir() string {
	name := "apue-daemon-" + strconv.Itoa(os.Getuid())
	return filepath.Join(os.TempDir(), name)
}

// privateDir makes the folder. If there is one, it checks that only
// this user can write to it.
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
		return errors.New(dir + " is not a folder that only you " +
			"can write to: name another one with --dir")
	}
	return nil
}

// statusLine reads the daemon's status line from its socket.
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
// the pid file, and returns when that process has ended. It does
// not use the number in the file, because a daemon that was killed
// leaves its file behind.
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
	if lockHolder(f) != pid { // another process can have its pid
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
