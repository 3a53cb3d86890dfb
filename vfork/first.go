//go:build linux

package main

import (
	"os"
	"time"

	"apue/ch8/proc"
)

// First shows that the child of a vfork runs first.
//
// The book: vfork guarantees that the child runs first, until it
// calls exec or exit. Then the parent resumes.
//
// Linux today: the same. The thread that called vfork sleeps in
// state D: a signal cannot wake it, but SIGKILL can kill it. Other
// threads of the parent continue to run. In Go they are those that
// have a processor of the runtime (GOMAXPROCS); proc.Fork and
// proc.Vfork leave it only one, and the sleeping thread holds it.
//
// To see it:
//
//	go run ./vfork first

func first() {
	say("parent", os.Getpid(), "calls vfork")
	pid, err := proc.Vfork(func() {
		me, _, _ := rawGetpid()
		say("child", int(me), "runs first, for half a second")
		proc.Sleep(500 * time.Millisecond)
		say("child", int(me), "calls _exit")
		proc.Exit(0)
	})
	proc.Check(err)
	say("parent", os.Getpid(), "runs again")
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
