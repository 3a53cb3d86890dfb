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

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// What the daemon does after its exec. This is ordinary Go.

const (
	pidName  = "daemon.pid"
	sockName = "daemon.sock"
)

// serve answers on a socket in dir, until SIGTERM comes or life is
// over. It writes to descriptor 3 that it is ready, or why it
// cannot be.
func serve(dir string, life time.Duration) {
	if _, err := unix.FcntlInt(3, unix.F_GETFD, 0); err != nil {
		proc.Cannot("--serve writes to descriptor 3, which is " +
			"not open: use --start")
	}
	ready := os.NewFile(3, "ready")
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, unix.SIGTERM)

	pidFile, err := lockPidFile(filepath.Join(dir, pidName))
	if err != nil {
		fmt.Fprint(ready, err)
		os.Exit(1)
	}
	defer pidFile.Close() // so that the collector does not close it
	sock := filepath.Join(dir, sockName)
	os.Remove(sock) // left by a daemon that was killed
	listener, err := net.Listen("unix", sock)
	if err != nil {
		fmt.Fprint(ready, err)
		os.Remove(pidFile.Name())
		os.Exit(1)
	}
	os.Chmod(sock, 0o600) // because the umask is 0
	fmt.Fprintf(ready, "daemon %d is ready", os.Getpid())
	ready.Close()

	go answer(listener)
	var over <-chan time.Time
	if life > 0 {
		over = time.After(life)
	}
	select {
	case <-stop:
	case <-over:
	}
	listener.Close()          // removes the socket
	os.Remove(pidFile.Name()) // while it is locked
	os.Exit(0)
}

// lockPidFile creates the pid file and locks it. The kernel
// releases the lock when this process ends, in whatever way.
// Closing any descriptor of the file would release it too, so the
// file is opened once.
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
			f.Close() // the daemon before it has just removed it
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

// answer writes what this process is to every client.
func answer(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return // it is closed: the daemon stops
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
