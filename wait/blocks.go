//go:build linux

package main

import (
	"os"
	"runtime"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Blocks calls wait in the three situations of §8.6.
//
// The book: wait blocks if all children are still running,
// returns at once with the status of one that has ended, and
// fails at once if there is none. The pointer may be NULL.
//
// Linux today: the same; ECHILD is the failure. "At once" needs
// no clock: the second child can end only after the wait for the
// third has returned, so that this wait had nothing to wait for.
//
// To see it:
//
//	go run ./wait blocks

func blocks() {
	runtime.LockOSThread() // this thread will be the one asleep
	me, thread := os.Getpid(), unix.Gettid()

	first, err := proc.Fork()
	proc.Check(err)
	if first == 0 { // ends when the parent is blocked
		untilAsleep(me, thread)
		proc.Exit(1)
	}
	second, gate := child(2, false) // until the gate is closed

	// Both are running: this blocks until the first one ends.
	var status proc.WaitStatus
	pid, err := proc.Wait(&status)
	proc.Check(err)
	stdio.Printf("two running:  wait blocked, then returned %d\n",
		pid)
	stdio.Println(status)

	third, err := proc.Fork()
	proc.Check(err)
	if third == 0 {
		proc.Exit(3)
	}
	// Look until it is a zombie, and leave it one.
	proc.Check(proc.Waitid(unix.P_PID, third, nil,
		unix.WEXITED|unix.WNOWAIT))
	pid, err = proc.Wait(nil)
	proc.Check(err)
	stdio.Printf("one a zombie: wait(NULL) returned %d at once\n",
		pid)

	unix.Close(gate)
	_, err = proc.Waitpid(second, nil, 0)
	proc.Check(err)

	_, err = proc.Wait(&status)
	stdio.Printf("no child:     wait failed at once with %s\n",
		errno(err))
	stdio.Exit(0)
}
