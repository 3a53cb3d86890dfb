//go:build linux

package main

import (
	"errors"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Zombies shows what it costs not to wait for children.
//
// The book: if a long-running program forks children and does not
// wait for them, they become zombies.
//
// Linux today: a zombie keeps its pid, and it counts against
// RLIMIT_NPROC of its real uid like a living process (and against
// pid_max and a pids control group). When zombies have used up the
// limit, fork fails with EAGAIN. Each wait makes room for one more
// process. Root is exempt from this limit. Therefore the program
// takes a uid that no other process has; if it is not root, it
// makes a user namespace, in which the kernel counts anew.
//
// To see it:
//
//	go run ./exit zombies

// maxProcesses is the limit: this process and its zombies.
const maxProcesses = 10

func zombies() {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid > 0 {
		stdio.Exit(reap(pid).ExitStatus())
	}

	limit := unix.Rlimit{Cur: maxProcesses, Max: maxProcesses}
	err = takeUnusedUID()
	if err == nil {
		err = unix.Prlimit(0, unix.RLIMIT_NPROC, &limit, nil)
	}
	if err != nil {
		proc.Cannot("it cannot get a user id of its own (%v)"+
			runElsewhere, err)
	}
	zombies, err := zombiesUntilItFails()
	if err == nil {
		proc.Cannot("no limit stopped it, because this user is " +
			"exempt" + runElsewhere)
	}
	if len(zombies) == 0 {
		proc.Cannot("this user has too many processes already" +
			runElsewhere)
	}
	say("counter %d: %d zombies, and fork: %s",
		os.Getpid(), len(zombies), result(errors.Unwrap(err)))
	for _, pid := range zombies {
		proc.Check(unix.Kill(pid, 0)) // each still has its pid
	}

	reap(zombies[0])
	more, _ := zombiesUntilItFails()
	say("one reaped: room for %d", len(more))
	for _, pid := range append(zombies[1:], more...) {
		reap(pid)
	}
	again, _ := zombiesUntilItFails()
	say("all reaped: room for %d", len(again))
	for range again {
		_, err := proc.Wait(nil)
		proc.Check(err)
	}
	stdio.Exit(0)
}

const runElsewhere = ": run it as root, or where user namespaces " +
	"are allowed"

// zombiesUntilItFails makes children that end at once, until fork
// fails. It does not reap them. If there is no limit it stops in
// the end and returns no error.
func zombiesUntilItFails() (pids []int, err error) {
	for range 2 * maxProcesses {
		pid, err := proc.Fork()
		if err != nil {
			return pids, err
		}
		if pid == 0 {
			proc.Exit(0)
		}
		pids = append(pids, pid)
		untilZombie(pid)
	}
	return pids, nil
}

// takeUnusedUID takes a user id that no other process has, or makes
// a user namespace, in which the kernel counts anew (Linux 5.14).
// It uses the bare system call, which changes one thread: a forked
// child has only one.
func takeUnusedUID() error {
	pid := uintptr(os.Getpid())
	// The second id is for a container that has only 65,536 ids.
	for _, uid := range []uintptr{1<<30 + pid, 40000 + pid%20000} {
		_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID,
			uid, uid, uid)
		if errno == 0 {
			return nil
		}
	}
	return os.NewSyscallError("unshare",
		unix.Unshare(unix.CLONE_NEWUSER))
}
