//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Zombies shows what unreaped children cost.
//
// The book: a zombie keeps a place in the table of processes. A
// long-running program that forks has to wait for its children,
// or they become zombies.
//
// Linux today: a zombie holds its pid, and it counts against
// RLIMIT_NPROC of its real uid as a living process does (and
// against pid_max and a pids cgroup). With the limit used up by
// the dead alone, fork fails with EAGAIN; each wait gives one
// place back. Root is exempt from the limit, so all this happens
// in a process with a uid that nobody else has; who is not root
// gets one in a user namespace of its own.
//
// To see it:
//
//	go run ./exit zombies

// places is the limit: ourselves and the zombies.
const places = 10

func zombies() {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid > 0 {
		var w proc.WaitStatus
		_, err := proc.Waitpid(pid, &w, 0)
		proc.Check(err)
		stdio.Exit(w.ExitStatus())
	}

	limit := unix.Rlimit{Cur: places, Max: places}
	err = ownUID()
	if err == nil {
		err = unix.Prlimit(0, unix.RLIMIT_NPROC, &limit, nil)
	}
	if err != nil {
		sorry("there is no uid to count the processes of: %v", err)
	}
	dead, err := fill()
	if err == nil {
		sorry("nothing limits processes here: this user is exempt")
	}
	if len(dead) == 0 {
		sorry("this user has too many processes already")
	}
	say("counter %d: %d zombies, and fork: %s",
		os.Getpid(), len(dead), result(errors.Unwrap(err)))
	for _, pid := range dead {
		proc.Check(unix.Kill(pid, 0)) // each still has its pid
	}

	_, err = proc.Waitpid(dead[0], nil, 0)
	proc.Check(err)
	more, _ := fill()
	say("one reaped: room for %d", len(more))
	for _, pid := range append(dead[1:], more...) {
		_, err := proc.Waitpid(pid, nil, 0)
		proc.Check(err)
	}
	again, _ := fill()
	say("all reaped: room for %d", len(again))
	for range again {
		_, err := proc.Wait(nil)
		proc.Check(err)
	}
	stdio.Exit(0)
}

// fill makes children that end at once and does not wait for
// them, until fork fails. It gives up, without an error, when
// there is no limit.
func fill() (dead []int, err error) {
	for range 2 * places {
		pid, err := proc.Fork()
		if err != nil {
			return dead, err
		}
		if pid == 0 {
			proc.Exit(0)
		}
		dead = append(dead, pid)
		err = proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT)
		proc.Check(err)
	}
	return dead, nil
}

// ownUID makes this process the only one of its user: root takes
// a uid that nobody has, others a user namespace of their own,
// where the kernel counts anew (Linux 5.14). In a forked child
// there is one thread, so a raw call changes the whole process.
func ownUID() error {
	pid := uintptr(os.Getpid())
	// The second one for a container that has 65,536 ids.
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

// sorry ends the program because the machine can not do it.
func sorry(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "zombies: "+format+
		"; run it as root, or where user namespaces are allowed\n",
		args...)
	proc.Exit(2)
}
