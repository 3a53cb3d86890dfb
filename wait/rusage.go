//go:build linux

package main

import (
	"flag"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Rusage asks wait3 and wait4 what a child has used (§8.8).
//
// The book: they return a summary of the resources used by the
// child that ended and by all its child processes.
//
// Linux today: of its children only those that it waited for.
// What a child used is added to RUSAGE_CHILDREN of its parent
// when the parent collects it, not when it ends; and the time of
// one that nobody waited for is nobody's.
//
// To see it:
//
//	go run ./wait rusage -ms

var (
	rusageFlags = flag.NewFlagSet("rusage", flag.ContinueOnError)
	showMs      = rusageFlags.Bool("ms", false,
		"print processor times, in milliseconds")
)

// burnt is how long a child computes.
const burnt = 60 // ms

func rusage() {
	// One computes itself.
	worker := used(func() { burn() })
	// Look until it is a zombie, and leave it one.
	proc.Check(proc.Waitid(unix.P_PID, worker, nil,
		unix.WEXITED|unix.WNOWAIT))
	var mine, usage unix.Rusage
	unix.Getrusage(unix.RUSAGE_CHILDREN, &mine)
	say("the worker is a zombie, RUSAGE_CHILDREN", &mine)
	_, err := proc.Wait4(-1, nil, 0, &usage) // as wait3 does
	proc.Check(err)
	unix.Getrusage(unix.RUSAGE_CHILDREN, &mine)
	say("it has been waited for, RUSAGE_CHILDREN", &mine)
	say("wait3 said of the worker", &usage)

	// One has a child that computes, and waits for it.
	boss := used(func() {
		_, err := proc.Waitpid(used(burn), nil, 0)
		proc.Check(err)
	})
	_, err = proc.Wait4(boss, nil, 0, &usage)
	proc.Check(err)
	say("wait4 said of the boss, who waited", &usage)

	// One has such a child too, which ends first; it does not wait.
	careless := used(func() {
		proc.Check(proc.Waitid(unix.P_PID, used(burn), nil,
			unix.WEXITED|unix.WNOWAIT))
	})
	_, err = proc.Wait4(careless, nil, 0, &usage)
	proc.Check(err)
	say("wait4 said of the careless one", &usage)
	stdio.Exit(0)
}

// used makes a child that does something and exits.
func used(what func()) int {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		what()
		proc.Exit(0)
	}
	return pid
}

// burn computes until it has used its time.
func burn() {
	var self unix.Rusage
	for ms(&self) < burnt {
		unix.Getrusage(unix.RUSAGE_SELF, &self)
	}
}

// ms is the processor time, in the program and in the kernel.
func ms(u *unix.Rusage) int64 {
	return (u.Utime.Nano() + u.Stime.Nano()) / 1e6
}

// say writes a line at once, so that it can be seen in /proc what
// was so at that time.
func say(what string, u *unix.Rusage) {
	switch {
	case *showMs:
		stdio.Printf("%s: %d ms\n", what, ms(u))
	case ms(u) < burnt/2:
		stdio.Printf("%s: next to nothing\n", what)
	default:
		stdio.Printf("%s: the time computed\n", what)
	}
	stdio.Stdout.Flush()
}
