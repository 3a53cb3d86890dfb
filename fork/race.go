//go:build linux

package main

import (
	"flag"
	"fmt"

	"apue/ch8/proc"
)

// Race is the programs of Figures 8.12 and 8.13, and Exercise 8.4.
//
// The book: parent and child both write a line, one character at
// a time. The output depends on when the kernel switches from one
// to the other. With TELL and WAIT one of them goes first. If such
// a program runs three times in a row, parent first, and the
// parent does not wait for its child, then the child of one run
// can write into the output of the next run.
//
// Linux today: the same. Nothing says which process runs first
// after a fork; mostly the parent does. With --three --nowait the
// switch comes at the worst moment in every run: pipes force it.
//
// To see it:
//
//	go run ./fork race                    the parent first
//	go run ./fork race --child            the child first
//	go run ./fork race --both             each waits for the other
//	go run ./fork race --free -n 200      no order
//	go run ./fork race --three            three runs in a row
//	go run ./fork race --three --nowait   without a wait
//	go run ./fork race --three --child    the child first, no wait

var (
	raceFlags = flag.NewFlagSet("race", flag.ContinueOnError)
	raceN     = raceFlags.Int("n", 1, "how many runs")
	raceChild = raceFlags.Bool("child", false,
		"the child writes first: TELL_PARENT and WAIT_CHILD")
	raceBoth = raceFlags.Bool("both", false,
		"each tells the other, and waits for the other")
	raceFree = raceFlags.Bool("free", false,
		"no TELL and no WAIT: count what happens")
	raceThree = raceFlags.Bool("three", false,
		"three runs in a row")
	raceNowait = raceFlags.Bool("nowait", false,
		"with --three: the parent does not wait for its child")
)

const (
	fromParent = "output from parent\n"
	fromChild  = "output from child\n"
)

func race() {
	if *raceN < 1 || *raceN > 1_000_000 {
		proc.Cannot("-n takes a number from 1 to 1000000")
	}
	switch {
	case *raceFree:
		countOrders()
	case *raceThree && *raceChild:
		threeChildFirst()
	case *raceThree && *raceNowait:
		threeMixed()
	case *raceThree:
		for range 3 {
			oneRun(parentFirst)
		}
	default:
		run := parentFirst
		if *raceChild {
			run = func() { reap(childFirst()) }
		}
		if *raceBoth {
			run = bothWait
		}
		for range *raceN {
			run()
		}
	}
}

// parentFirst is Figure 8.13, and the parent waits for its child.
func parentFirst() {
	parent := newPipe()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		parent.onlyWaits()
		parent.wait() // WAIT_PARENT
		charatatime(1, fromChild)
		proc.Exit(0)
	}
	charatatime(1, fromParent)
	parent.tell() // TELL_CHILD
	reap(pid)
	parent.close()
}

// childFirst is the other direction. It returns the child's pid.
func childFirst() int {
	child := newPipe()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		charatatime(1, fromChild)
		child.tell() // TELL_PARENT
		proc.Exit(0)
	}
	child.onlyWaits()
	child.wait() // WAIT_CHILD
	charatatime(1, fromParent)
	return pid
}

// charatatime writes each character with a write of its own, so
// that the kernel can switch between any two characters.
func charatatime(fd int, s string) {
	for i := range len(s) {
		_, err := proc.Write(fd, []byte(s[i:i+1]))
		proc.Check(err)
	}
}

// countOrders runs Figure 8.12 many times, with a pipe as output.
func countOrders() {
	count := map[string]int{}
	for range *raceN {
		count[mixedOutput()]++
	}
	parent := count[fromParent+fromChild]
	child := count[fromChild+fromParent]
	fmt.Printf("%s: %d parent first, %d child first, "+
		"%d mixed\n", runs(*raceN), parent, child,
		*raceN-parent-child)
}

// runs says "1 run", "2 runs".
func runs(n int) string {
	if n == 1 {
		return "1 run"
	}
	return fmt.Sprintf("%d runs", n)
}
