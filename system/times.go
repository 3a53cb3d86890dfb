//go:build linux

package main

import (
	"flag"
	"fmt"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Times asks how much processor time the caller and its children
// have used (Fig. 8.31).
//
// The book: times fills in the user and system time of the caller
// and of the children that it has waited for, in clock ticks, of
// which sysconf tells how many make a second. It returns the wall
// clock time since some point in the past: only the difference of
// two return values means something.
//
// Linux today: 100 ticks a second, whatever the kernel's timer
// does. A child's time is added when it is reaped, not when it
// ends; with it comes the time of the children that it reaped
// itself. The time of a child that is never waited for, because
// SIGCHLD is ignored, is lost.
//
// To see it:
//
//	go run ./system times
//	go run ./system times --more            whose time counts
//	go run ./system times --more --words    without numbers
//	go run ./system times --commands        as in Fig. 8.31

var (
	timesFlags = flag.NewFlagSet("times", 0)
	timesMore  = timesFlags.Bool("more", false,
		"whose time counts, what an exec keeps, the return value")
	timesCommands = timesFlags.Bool("commands", false,
		"the times of two commands, as in Figure 8.31")
	inWords = timesFlags.Bool("words", false,
		"say words instead of numbers")
)

// enough is how many ticks a child computes.
const enough = 20

func times() {
	if *timesCommands {
		commands()
		stdio.Exit(0)
	}
	if *timesMore {
		moreTimes()
		stdio.Exit(0)
	}
	before := ofChildren()
	pid := child(func() { compute(enough) })
	untilZombie(pid)
	dead := ofChildren()
	reap(pid)
	waited := ofChildren()
	stdio.Printf("before = %s, dead = %s, waited = %s\n",
		ticks(before), ticks(dead), ticks(waited))
	stdio.Exit(0)
}

// ofChildren is the processor time of the children that have been
// waited for, in clock ticks.
func ofChildren() int64 {
	var t unix.Tms
	unix.Times(&t)
	return int64(t.Cutime + t.Cstime)
}

// own is the caller's processor time in clock ticks.
func own() int64 {
	var t unix.Tms
	unix.Times(&t)
	return int64(t.Utime + t.Stime)
}

// compute uses a little more than that many clock ticks of
// processor time.
func compute(n int64) {
	for usedBy() < (n+1)*10e6 {
	}
}

// ticks is the number, or the word for it.
func ticks(n int64) string {
	switch {
	case !*inWords:
		return fmt.Sprint(n)
	case n < enough/2:
		return "next to nothing"
	}
	return "the time computed"
}

func moreTimes() {
	grown := func(what string, do func()) {
		before := ofChildren()
		reap(child(do))
		say("%s: %s", what, ticks(ofChildren()-before))
	}
	worker := func() int {
		return child(func() { compute(enough) })
	}
	grown("a grandchild that was reaped",
		func() { reap(worker()) })
	grown("a grandchild that was not reaped",
		func() { untilZombie(worker()) })
	reap(child(func() {
		proc.Check(proc.Signal(unix.SIGCHLD, proc.Ignore))
		proc.Waitpid(worker(), nil, 0) // ECHILD, when it ended
		say("a child with SIGCHLD ignored: %s",
			ticks(ofChildren()))
	}))
	reap(child(func() {
		compute(enough)
		say("own time: %s", ticks(own()))
		proc.Check(proc.Execl("/bin/sh", "sh", "-c",
			"echo after the exec"))
	}))
	wall()
}

// wall compares two return values of times.
func wall() {
	var t unix.Tms
	before, err := unix.Times(&t)
	proc.Check(err)
	proc.Sleep(200e6)
	after, err := unix.Times(&t)
	proc.Check(err)
	say("a sleep of 0.2 s took: %s",
		ticks(int64(after)-int64(before)))
}
