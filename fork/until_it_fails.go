//go:build linux

package main

import (
	"errors"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// takeUnusedUID takes a user id that no other process has. It uses
// the bare system call, which changes one thread: a forked child
// has only one.
func takeUnusedUID() bool {
	pid := uintptr(os.Getpid())
	// The second id is for a container that has only 65,536 ids.
	for _, uid := range []uintptr{1<<30 + pid, 40000 + pid%20000} {
		_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID,
			uid, uid, uid)
		if errno == 0 {
			return true
		}
	}
	return false
}

// forkUntilItFails makes at most max children. Then it tries again
// with all of them dead, and with all of them reaped.
func forkUntilItFails(part string, max int) {
	leave := newPipe()
	var pids []int
	var err error
	for len(pids) < max && err == nil {
		var pid int
		if pid, err = proc.Fork(); err != nil {
			break
		}
		if pid == 0 { // lives until its parent closes the pipe
			leave.onlyWaits()
			proc.Read(leave[0], make([]byte, 1))
			proc.Exit(0)
		}
		pids = append(pids, pid)
	}
	if len(pids) == 0 {
		// Before Linux 5.14 a user namespace did not count for
		// itself: the limit is on all processes of the user.
		proc.Cannot("this user has too many processes already: " +
			"run it as root, or on Linux 5.14 or newer")
	}
	say(part, "%d children, fork gives %s", len(pids), result(err))
	unix.Close(leave[1])
	if err == nil {
		proc.Cannot("no limit stopped it: root of the machine is " +
			"exempt, run it as another user")
	}
	for _, pid := range pids { // until all are zombies
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
	}
	say(part, "%d zombies, fork gives %s", len(pids), forkOnce())
	for range pids {
		_, err := proc.Wait(nil)
		proc.Check(err)
	}
	say(part, "all reaped, fork gives %s", forkOnce())
}

// forkOnce forks, reaps the child and says what fork gave.
func forkOnce() string {
	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		proc.Exit(0)
	}
	if err == nil {
		reap(pid)
	}
	return result(err)
}

// result is the name of fork's error, or "a child".
func result(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	return "a child"
}
