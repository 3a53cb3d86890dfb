//go:build linux

package main

import (
	"flag"
	"fmt"
	"runtime"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Nice has two processes compute at the same time on one
// processor, with different nice values (Fig. 8.30).
//
// The book: the process with the higher nice value gets less of
// the processor; on a system with one processor the counters of
// the two show how much less.
//
// Linux today: on more than one processor nothing shows, unless
// both are confined to the same one, which this program does. The
// shares are as the kernel's weights: 1024 for nice 0, 335 for 5,
// 110 for 10, 15 for 19.
//
// To see it:
//
//	go run ./system nice
//	go run ./system nice --ms         with the times
//	go run ./system nice --weights    5, 10 and 19 against 0

var (
	niceFlags = flag.NewFlagSet("nice", 0)
	niceMs    = niceFlags.Bool("ms", false,
		"print the processor times, in milliseconds")
	weights = niceFlags.Bool("weights", false,
		"nice 5, 10 and 19, one after the other, against nice 0")
)

func nice() {
	if *weights {
		fromZero(0)
		for _, n := range []int{5, 10, 19} {
			compete(n, 500e6)
		}
		stdio.Exit(0)
	}
	fromZero(19) // or with the one that it has
	compete(10, 1100e6)
	stdio.Exit(0)
}

// compete makes a process that makes another one, nicer by n. They
// compute at the same time, for ns of real time, on one processor.
func compete(n int, ns int64) {
	reap(child(func() {
		oneProcessor()
		ready, g := newGate(), newGate()
		pid := child(func() {
			_, err := proc.Nice(n)
			proc.Check(err)
			ready.open()
			g.wait()
			computeFor(ns)
		})
		ready.wait()
		g.open()
		computeFor(ns + 200e6) // longer than the child
		used := usedBy()
		untilZombie(pid)
		nicer := usedByZombie(pid)
		say("nice +0: %s", share(used, used+nicer))
		say("nice +%d: %s", n, share(nicer, used+nicer))
		reap(pid)
	}))
}

// share is the processor time, or the word for it as a part of all.
func share(used, all int64) string {
	switch {
	case *niceMs:
		return fmt.Sprintf("%d ms", used/1e6)
	case used > all/2:
		return "the larger share"
	}
	return "the smaller share"
}

// fromZero gives the caller the nice value 0, so that there is room
// above it. Without privilege it stays, and most is the highest one
// that is low enough. The value is the thread's, so that the caller
// keeps its thread.
func fromZero(most int) {
	runtime.LockOSThread()
	start := niceValue()
	if start == 0 ||
		proc.Setpriority(unix.PRIO_PROCESS, 0, 0) == nil {
		return
	}
	if start > most {
		proc.Cannot("the nice value is %d here, and only root "+
			"can lower it: start it from a shell where it is "+
			"at most %d", start, most)
	}
}

// niceValue is the caller's.
func niceValue() int {
	n, err := proc.Getpriority(unix.PRIO_PROCESS, 0)
	proc.Check(err)
	return n
}
