//go:build linux

package main

import (
	"errors"
	"math"
	"os"
	"strconv"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The recipe, step by step.

// becomeDaemon makes a daemon of the calling process. It keeps the
// descriptor ready, and writes to it what fails, because standard
// error will be /dev/null.
func becomeDaemon(dir string, life time.Duration, ready int) {
	check := func(call string, err error) {
		if err != nil {
			proc.Write(ready, []byte(call+": "+err.Error()))
			proc.Exit(1)
		}
	}
	path, err := os.Executable()
	check("executable", err)

	_, err = unix.Setsid() // a session of its own, no terminal
	check("setsid", err)
	pid, err := proc.Fork() // it does not lead the session
	check("fork", err)
	if pid > 0 {
		proc.Exit(0)
	}

	check("chdir", unix.Chdir("/"))
	unix.Umask(0)
	null, err := unix.Open("/dev/null", unix.O_RDWR, 0)
	check("/dev/null", err)
	for fd := range 3 {
		check("dup3", unix.Dup3(null, fd, 0))
	}
	if ready != 3 {
		check("dup3", unix.Dup3(ready, 3, 0))
		ready = 3
	}
	_, err = unix.FcntlInt(3, unix.F_SETFD, 0)
	check("fcntl", err)
	check("close_range", closeFrom(4))

	args := []string{path, "daemon", "--serve",
		"--dir", dir, "--for", life.String()}
	check("exec", proc.Execve(path, args, os.Environ()))
}

// closeFrom closes the descriptors from first on.
func closeFrom(first int) error {
	err := unix.CloseRange(uint(first), math.MaxUint32, 0)
	if !errors.Is(err, unix.ENOSYS) {
		return err
	}
	return closeEach(first) // Linux before 5.9
}

// closeEach closes the descriptors from first on, one by one.
func closeEach(first int) error {
	open, err := os.ReadDir("/proc/self/fd")
	for _, e := range open {
		fd, _ := strconv.Atoi(e.Name())
		if fd >= first {
			unix.Close(fd)
		}
	}
	return err
}
