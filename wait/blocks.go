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
// The book: wait blocks if all children are still running. It
// returns at once if a child has ended. It fails at once if there
// is no child. The pointer to the status may be NULL.
//
// Linux today: the same; the error is ECHILD. The program shows
// "at once" without a clock: the second child can end only after
// the wait for the third child has returned, so this wait did not
// wait for it.
//
// To see it:
//
//	go run ./wait blocks

func blocks() {
	runtime.LockOSThread() // so that this thread waits
	me, thread := os.Getpid(), unix.Gettid()

	first, err := proc.Fork()
	proc.Check(err)
	if first == 0 { // ends when the parent is blocked
		untilAsleep(me, thread)
		proc.Exit(1)
	}
	second, leave := child(2, false)

	// Both are running: this wait blocks until the first one ends.
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
	untilZombie(third)
	pid, err = proc.Wait(nil)
	proc.Check(err)
	stdio.Printf("one a zombie: wait(NULL) returned %d at once\n",
		pid)

	unix.Close(leave)
	_, err = proc.Waitpid(second, nil, 0)
	proc.Check(err)

	_, err = proc.Wait(&status)
	stdio.Printf("no child:     wait failed at once with %s\n",
		errno(err))
	stdio.Exit(0)
}
