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
// a time. What comes out depends on when the kernel switches from
// one to the other. With TELL and WAIT one goes first. When such a
// program runs three times in a row and the parent does not wait
// for its child, the child of one run writes into the next.
//
// Linux today: the same. Who runs first after a fork is not
// specified; mostly it is the parent. With -nowait the switch at
// the worst moment is not left to chance: pipes make it happen.
//
// To see it:
//
//	go run ./fork race                  the parent first
//	go run ./fork race -free -n 200     nobody in particular
//	go run ./fork race -three           three runs in a row
//	go run ./fork race -three -nowait   and the parent does not wait

var (
	raceFlags = flag.NewFlagSet("race", flag.ContinueOnError)
	raceN     = raceFlags.Int("n", 1, "how many runs")
	raceFree  = raceFlags.Bool("free", false,
		"no TELL and no WAIT: count what happens")
	raceThree = raceFlags.Bool("three", false,
		"three runs in a row")
	raceNowait = raceFlags.Bool("nowait", false,
		"in them the parent does not wait for its child")
)

const (
	fromParent = "output from parent\n"
	fromChild  = "output from child\n"
)

func race() {
	switch {
	case *raceFree:
		free()
	case *raceThree && *raceNowait:
		threeMixed()
	case *raceThree:
		for range 3 {
			inProcess(parentFirst)
		}
	default:
		for range *raceN {
			parentFirst()
		}
	}
}

// parentFirst is Figure 8.13, with a parent that waits.
func parentFirst() {
	parent := newBell()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		parent.waits()
		parent.wait() // WAIT_PARENT: the parent goes first
		charatatime(1, fromChild)
		proc.Exit(0)
	}
	charatatime(1, fromParent)
	parent.tell() // TELL_CHILD
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	parent.close()
}

// threeMixed is Exercise 8.4: the run is over for the shell when
// the parent is. Its child is in the middle of its line when the
// next parent writes.
func threeMixed() {
	var next, done bell // of the child of the run before
	for i := range 3 {
		half, myNext, myDone := newBell(), newBell(), newBell()
		inProcess(func() {
			charatatime(1, fromParent)
			if i > 0 { // the old child ends its line now
				next.tell()
				done.wait()
			}
			pid, err := proc.Fork()
			proc.Check(err)
			if pid == 0 {
				const middle = len(fromChild) / 2
				charatatime(1, fromChild[:middle])
				half.tell()
				myNext.waits()
				myNext.wait()
				charatatime(1, fromChild[middle:])
				myDone.tell()
			}
		})
		half.waits()
		half.wait()
		next, done = myNext, myDone
		next.tells()
		done.waits()
	}
	next.tell()
	done.wait()
}

// free is Figure 8.12, again and again, into a pipe.
func free() {
	count := map[string]int{}
	for range *raceN {
		out := newBell() // here only a pipe
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			charatatime(out[1], fromChild)
			proc.Exit(0)
		}
		charatatime(out[1], fromParent)
		_, err = proc.Waitpid(pid, nil, 0)
		proc.Check(err)
		text := make([]byte, 2*len(fromParent))
		n, err := proc.Read(out[0], text)
		proc.Check(err)
		count[string(text[:n])]++
		out.close()
	}
	parent := count[fromParent+fromChild]
	child := count[fromChild+fromParent]
	fmt.Printf("%d runs: %d parent first, %d child first, "+
		"%d mixed\n", *raceN, parent, child, *raceN-parent-child)
}
