//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Priority shows the rules of the nice value (§8.16), each in a
// child that is thrown away: a plain user cannot take a raised
// nice value back.
//
// The book: nice adds its argument to the nice value; a value out
// of range is silently put at the end of the range; −1 is a legal
// value, so errno has to be looked at. Only a privileged process
// can lower it. getpriority and setpriority do the same for a
// process, a process group or a user. Whether a child inherits the
// value is left to the system.
//
// Linux today: the value is the thread's. It is inherited by fork
// and kept by exec. The library's nice calls setpriority, and the
// kernel's getpriority returns 20 − nice.
//
// To see it:
//
//	go run ./system priority

func priority() {
	fromZero(9)
	reap(child(func() {
		start := niceValue()
		n, err := proc.Nice(3)
		say("nice(3): %+d, %s", n-start, result(err))
		n, err = proc.Nice(100)
		say("nice(100): %d, %s", n, result(err))
	}))
	reap(child(minusOne))
	reap(child(denied))
	reap(child(group))
	reap(child(inherit))
	reap(child(resetOnFork))
	threads()
	stdio.Exit(0)
}

// minusOne has nice return −1 without an error.
func minusOne() {
	err := proc.Setpriority(unix.PRIO_PROCESS, 0, -3)
	if err != nil {
		say("from −3: cannot be tried: it takes CAP_SYS_NICE")
		return
	}
	n, err := proc.Nice(2)
	say("from −3, nice(2): %d, %s", n, result(err))
}

// denied lacks the privilege.
func denied() {
	g := newGate()
	other := child(func() {
		becomeUnused(unused + 1)
		g.wait()
	})
	defer reap(other)
	defer g.open()
	root := unix.Getuid() == 0
	proc.Check(unix.Setrlimit(unix.RLIMIT_NICE, &unix.Rlimit{}))
	proc.Check(proc.Setpriority(unix.PRIO_PROCESS, 0, 10))
	if root && !becomeUnused(unused) {
		say("without privilege: cannot be tried: " +
			"it takes CAP_SETUID")
		return
	}
	_, err := proc.Nice(-1)
	say("without privilege, nice(-1): %s", result(err))
	err = proc.Setpriority(unix.PRIO_PROCESS, 0, 9)
	say("setpriority(itself, 9): %s", result(err))
	if root {
		err = proc.Setpriority(unix.PRIO_PROCESS, other, 19)
		say("setpriority(another user's, 19): %s", result(err))
	}
}

// group has two children with different values in its process
// group.
func group() {
	proc.Check(unix.Setpgid(0, 0))
	g := newGate()
	for _, n := range []int{12, 15} {
		pid := child(func() { g.wait() })
		proc.Check(proc.Setpriority(unix.PRIO_PROCESS, pid, n))
	}
	proc.Check(proc.Setpriority(unix.PRIO_PROCESS, 0, 17))
	n, err := proc.Getpriority(unix.PRIO_PGRP, 0)
	say("a group of 12, 15 and 17: %d, %s", n, result(err))
	err = proc.Setpriority(unix.PRIO_PGRP, 0, 18)
	say("setpriority(the group, 18): %s", result(err))
	g.open()
	proc.Wait(nil)
	proc.Wait(nil)
}

// inherit forks, and executes a program.
func inherit() {
	proc.Check(proc.Setpriority(unix.PRIO_PROCESS, 0, 11))
	reap(child(func() {
		say("after a fork: %d", niceValue())
		err := proc.Execl("/bin/sh", "sh", "-c",
			"echo after an exec")
		proc.Check(err)
	}))
}
