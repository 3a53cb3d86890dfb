//go:build linux

package main

import (
	"os"
	"runtime"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Whose nice value it is: the child's of a fork, the thread's.

// resetOnFork asks that a negative value is not inherited.
func resetOnFork() {
	err := unix.SchedSetAttr(0, &unix.SchedAttr{
		Size: unix.SizeofSchedAttr, Nice: -3,
		Flags: unix.SCHED_FLAG_RESET_ON_FORK}, 0)
	if err != nil {
		say("SCHED_RESET_ON_FORK: cannot be tried: " +
			"it takes CAP_SYS_NICE")
		return
	}
	say("SCHED_RESET_ON_FORK: %d", niceValue())
	reap(child(func() {
		say("SCHED_RESET_ON_FORK, after a fork: %d", niceValue())
	}))
}

// threads gives one of two threads another value: not the first
// one, which is what a pid means. This process ends soon.
func threads() {
	runtime.LockOSThread()
	first := ofFirstThread()
	var other int
	change := func() {
		err := proc.Setpriority(unix.PRIO_PROCESS, 0, 13)
		proc.Check(err)
		other = niceValue()
	}
	if unix.Gettid() != os.Getpid() {
		change()
	} else {
		done := make(chan bool)
		go func() {
			runtime.LockOSThread() // and ends with the goroutine
			change()
			close(done)
		}()
		<-done
	}
	say("one thread: %d, another: %+d", other,
		ofFirstThread()-first)
}

// ofFirstThread is the nice value of the first thread.
func ofFirstThread() int {
	n, err := proc.Getpriority(unix.PRIO_PROCESS, os.Getpid())
	proc.Check(err)
	return n
}
