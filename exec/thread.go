//go:build linux

package main

import (
	"flag"
	"os"
	"runtime"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Thread executes a program from a thread that is not the first
// one of its process.
//
// The book: an exec replaces the whole process, and its pid stays.
//
// Linux today: the exec ends all other threads, and none of them
// runs a cleanup function. The thread that called exec goes on as
// the only one, with the pid as its thread id. The signal mask is
// that of the calling thread.
//
// A forked child of a Go program has one thread. So the child here
// executes this program again, and then has a whole runtime.
//
// To see it:
//
//	go run ./exec thread

var (
	threadFlags = flag.NewFlagSet("thread", flag.ContinueOnError)
	threadCall  = threadFlags.Bool("call", false,
		"be the child (the program executes this)")
)

func thread() {
	if *threadCall {
		callFromThread()
	}
	status := inChild(func() {
		failed(proc.Execl(self(), "exec", "thread", "--call"))
	})
	say("parent", "%v", status)
}

// callFromThread makes threads that sleep, and one that calls exec.
func callFromThread() {
	runtime.LockOSThread() // the first thread stays here
	for range 3 {
		go func() {
			runtime.LockOSThread()
			defer say("child", "a cleanup function runs")
			time.Sleep(time.Hour)
		}()
	}
	go func() {
		runtime.LockOSThread()
		block(unix.SIGUSR1)
		other := "another thread than the first"
		if unix.Gettid() == os.Getpid() {
			other = "the first thread"
		}
		say("child", "%s calls exec", other)
		failed(proc.Execl("/bin/sh", "sh", "-c",
			`echo "child $$: the new program runs"`))
	}()
	time.Sleep(time.Hour)
}
