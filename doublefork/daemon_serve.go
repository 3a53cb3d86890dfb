//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// This file is the daemon's life after its exec: ordinary Go.

const (
	pidName  = "daemon.pid"
	sockName = "daemon.sock"
)

// serve answers on a socket in dir until it is told to stop by
// SIGTERM, or life is over. It tells descriptor 3 that it is
// ready, or why it is not.
func serve(dir string, life time.Duration) {
	if _, err := unix.FcntlInt(3, unix.F_GETFD, 0); err != nil {
		fmt.Fprintln(os.Stderr, "daemon -serve reports to its "+
			"descriptor 3, which is not open: use -start")
		os.Exit(2)
	}
	ready := os.NewFile(3, "ready")
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM)

	pidFile, err := lockPidFile(filepath.Join(dir, pidName))
	if err != nil {
		fmt.Fprint(ready, err)
		os.Exit(1)
	}
	defer pidFile.Close() // keeps it from being collected
	sock := filepath.Join(dir, sockName)
	os.Remove(sock) // of one that was killed: we have the lock
	listener, err := net.Listen("unix", sock)
	if err != nil {
		fmt.Fprint(ready, err)
		os.Remove(pidFile.Name())
		os.Exit(1)
	}
	os.Chmod(sock, 0o600) // the umask is 0
	fmt.Fprintf(ready, "daemon %d is ready", os.Getpid())
	ready.Close()

	go answer(listener)
	var over <-chan time.Time
	if life > 0 {
		over = time.After(life)
	}
	select {
	case <-told:
	case <-over:
	}
	listener.Close()          // removes the socket
	os.Remove(pidFile.Name()) // while it is locked
	os.Exit(0)
}

// lockPidFile creates the pid file and takes its lock, which the
// kernel frees when this process ends, however it ends. Closing
// any descriptor of the file would free it too: it is opened once.
func lockPidFile(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		lock := unix.Flock_t{Type: unix.F_WRLCK}
		err = unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock)
		if err == unix.EAGAIN || err == unix.EACCES {
			unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock)
			return nil, fmt.Errorf("refused: it is running as %d",
				lock.Pid)
		} else if err != nil {
			return nil, err
		}
		if !sameFile(f, path) {
			f.Close() // the one before removed it as we opened it
			continue
		}
		if err := f.Truncate(0); err != nil {
			return nil, err
		}
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid())
		return f, err
	}
}

func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	b, err2 := os.Stat(path)
	return err == nil && err2 == nil && os.SameFile(a, b)
}

// answer tells everybody who connects what this process is.
func answer(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return // closed: it is told to stop
		}
		fmt.Fprintln(c, describe())
		c.Close()
	}
}

func describe() string {
	session, _ := unix.Getsid(0)
	tty := "none"
	if f, err := os.Open("/dev/tty"); err == nil {
		tty = "yes"
		f.Close()
	}
	dir, _ := os.Getwd()
	return fmt.Sprintf("daemon %d, parent %d, group %d, "+
		"session %d, tty %s, cwd %s, umask %s",
		os.Getpid(), os.Getppid(), syscall.Getpgrp(), session,
		tty, dir, statusField("Umask"))
}

// statusField is a field of /proc/self/status.
func statusField(name string) string {
	b, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
