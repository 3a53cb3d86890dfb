//go:build linux

package main

import (
	"os"
	"time"

	"apue/ch8/proc"
)

// First shows that the child of a vfork runs first, and alone.
//
// The book: vfork guarantees that the child runs first, until it
// calls exec or _exit; the parent resumes when it has.
//
// Linux today: the same. The thread that called vfork sleeps in
// state D; a signal can not wake it, only kill it. In a C program
// other threads run on; in this one the runtime has but one
// processor, which the sleeping thread holds.
//
// To see it:
//
//	go run ./vfork first
//	go run ./vfork first & sleep .5; ps -o pid,stat,args

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
