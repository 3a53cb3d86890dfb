//go:build linux

package main

import (
	"errors"
	"flag"
	"os"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Doublefork is the program of Figure 8.8.
//
// The book: if a process does not want to wait for a child, and
// the child must not become a zombie, it forks twice. The first
// child ends at once and is reaped. The second child is then an
// orphan, and init, its new parent, waits for it.
//
// Linux today: the new parent is the nearest ancestor that made
// itself a child subreaper. If there is none, it is init of the
// pid namespace. So the number printed is often not 1 under
// systemd --user or on WSL2; in a container it is 1.
//
// In the book the second child sleeps for two seconds, which is a
// guess. Here it reads a byte, which the original sends after its
// wait has returned. Then the first child has ended, and its child
// has the new parent. It would not be enough to wait for end of
// file on a pipe that the first child held: a process that ends
// closes its descriptors before its children are adopted.
//
// To see it:
//
//	go run ./doublefork
//	go run ./doublefork doublefork --book    sleeps, as in the book

var (
	doubleforkFlags = flag.NewFlagSet("doublefork", 0)
	book            = doubleforkFlags.Bool("book", false,
		"the second child sleeps for two seconds, as in the book")
)

func doublefork() {
	var ready [2]int // from the original to the second child
	proc.Check(unix.Pipe2(ready[:], unix.O_CLOEXEC))

	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // the first child
		unix.Close(ready[1])
		firstChild(ready[0])
	}

	// The original reaps the first child. It has no other child.
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	_, err = proc.Waitpid(-1, nil, 0)
	if errors.Is(err, unix.ECHILD) {
		stdio.Printf("original, no other child to wait for\n")
		stdio.Stdout.Flush()
	}
	_, err = proc.Write(ready[1], []byte{1})
	proc.Check(err)
	stdio.Exit(0)
}

func firstChild(ready int) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid > 0 {
		stdio.Exit(0) // the parent of the second child ends
	}

	// This is the second child, which will be an orphan.
	if *book {
		proc.Sleep(2 * time.Second)
	} else {
		receive(ready)
	}
	stdio.Printf("second child, parent pid = %d\n", os.Getppid())
	stdio.Exit(0)
}
