//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// ownUID takes a user id that nobody has. In a forked child there
// is one thread, so that a raw call changes the whole process.
func ownUID() bool {
	pid := uintptr(os.Getpid())
	// The second one for a container that has 65,536 ids.
	for _, uid := range []uintptr{1<<30 + pid, 40000 + pid%20000} {
		_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID,
			uid, uid, uid)
		if errno == 0 {
			return true
		}
	}
	return false
}

// fill forks till it fails, and says what the dead count for.
func fill(who string, most int) {
	var gate [2]int
	proc.Check(unix.Pipe2(gate[:], unix.O_CLOEXEC))
	var pids []int
	var err error
	for len(pids) < most && err == nil {
		var pid int
		if pid, err = proc.Fork(); err != nil {
			break
		}
		if pid == 0 { // it lives until the gate is opened
			unix.Close(gate[1])
			proc.Read(gate[0], make([]byte, 1))
			proc.Exit(0)
		}
		pids = append(pids, pid)
	}
	if len(pids) == 0 {
		// Before Linux 5.14 a user namespace had no count of its
		// own: these are all processes of the user.
		cannot("the user's other processes count too")
	}
	me := os.Getpid()
	fmt.Printf("%s %d: %d children, fork gives %s\n",
		who, me, len(pids), word(err))
	unix.Close(gate[1])
	if err == nil {
		cannot("the limit does not bind the machine's root")
	}
	for _, pid := range pids { // all dead, none collected
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
	}
	fmt.Printf("%s %d: %d zombies, fork gives %s\n",
		who, me, len(pids), try())
	for range pids {
		_, err := proc.Wait(nil)
		proc.Check(err)
	}
	fmt.Printf("%s %d: all collected, fork gives %s\n",
		who, me, try())
}

// try forks once and says what it gave.
func try() string {
	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		proc.Exit(0)
	}
	if err == nil {
		proc.Waitpid(pid, nil, 0)
	}
	return word(err)
}

// word is the error's name, or "a child".
func word(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return unix.ErrnoName(errno)
	}
	return "a child"
}
