//go:build linux

package main

import (
	"flag"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Rusage shows what wait3 and wait4 return about the resources
// that a child has used (§8.8).
//
// The book: they return a summary of the resources used by the
// child that ended and by all its child processes.
//
// Linux today: of the children of the child, only those that it
// has waited for. The resources of a child are added to
// RUSAGE_CHILDREN of its parent when the parent reaps it, not when
// it ends. If no process waits for a child, its time is lost.
//
// To see it:
//
//	go run ./wait rusage --ms
//	go run ./wait rusage --all    page faults, sleeps, signals

var (
	rusageFlags = flag.NewFlagSet("rusage", flag.ContinueOnError)
	showMs      = rusageFlags.Bool("ms", false,
		"print numbers: processor times in milliseconds")
	showAll = rusageFlags.Bool("all", false,
		"other resources than processor time")
)

// computed is how long a child computes.
const computed = 60 // ms

func rusage() {
	if *showAll {
		allFields()
	}
	// The worker computes itself.
	worker := childThat(compute)
	untilZombie(worker)
	var children, usage unix.Rusage
	unix.Getrusage(unix.RUSAGE_CHILDREN, &children)
	say("the worker is a zombie, RUSAGE_CHILDREN", &children)
	_, err := proc.Wait4(-1, nil, 0, &usage) // as wait3 does
	proc.Check(err)
	unix.Getrusage(unix.RUSAGE_CHILDREN, &children)
	say("the worker is reaped, RUSAGE_CHILDREN", &children)
	say("wait3 said of the worker", &usage)

	// This boss waits for its child, which computes.
	boss := childThat(func() { reap(childThat(compute)) })
	_, err = proc.Wait4(boss, nil, 0, &usage)
	proc.Check(err)
	say("wait4 said of the boss that waited", &usage)

	// This boss does not, although its child ends first.
	boss = childThat(func() { untilZombie(childThat(compute)) })
	_, err = proc.Wait4(boss, nil, 0, &usage)
	proc.Check(err)
	say("wait4 said of the boss that did not wait", &usage)
	stdio.Exit(0)
}

// childThat makes a child that does something and exits.
func childThat(does func()) int {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		does()
		proc.Exit(0)
	}
	return pid
}

// compute uses the processor for 60 ms.
func compute() {
	var self unix.Rusage
	for ms(&self) < computed {
		unix.Getrusage(unix.RUSAGE_SELF, &self)
	}
}

// ms is the processor time, in user mode and in the kernel.
func ms(u *unix.Rusage) int64 {
	return (u.Utime.Nano() + u.Stime.Nano()) / 1e6
}

// say prints a line and flushes it, so that the recorder can read
// /proc at that moment.
func say(what string, u *unix.Rusage) {
	switch {
	case *showMs:
		stdio.Printf("%s: %d ms\n", what, ms(u))
	case ms(u) < computed/2:
		stdio.Printf("%s: almost nothing\n", what)
	default:
		stdio.Printf("%s: the time computed\n", what)
	}
	stdio.Stdout.Flush()
}
