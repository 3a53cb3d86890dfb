//go:build linux

package main

import (
	"flag"
	"os"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Doublefork is the program of Figure 8.8.
//
// The book: who wants a child that it need not wait for, and that
// is no zombie when it ends, forks twice. The first child ends at
// once and is waited for; the second is then an orphan and gets a
// new parent, init, which waits for all of its children.
//
// Linux today: the new parent is the nearest ancestor that made
// itself a child subreaper, and init only if there is none: under
// systemd --user, in a container or on WSL2 N is not 1.
//
// The book has the second child sleep for two seconds, a guess.
// Ours waits for the end of its parent, with a pidfd: that is
// ready when the parent has ended and its children have their
// new one.
//
// To see it:
//
//	go run ./doublefork
//	go run ./doublefork -book    sleeps as the book does

var (
	doubleforkFlags = flag.NewFlagSet("doublefork", 0)
	book            = doubleforkFlags.Bool("book", false,
		"sleep two seconds, as the book does")
)

func doublefork() {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // the first child
		firstChild()
	}

	// The original waits for the first child, and is done.
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	stdio.Exit(0)
}

func firstChild() {
	parent, err := unix.PidfdOpen(os.Getpid(), 0)
	proc.Check(err)
	pid, err := proc.Fork()
	proc.Check(err)
	if pid > 0 {
		stdio.Exit(0) // the second child's parent ends here
	}

	// The second child goes on, and will be an orphan.
	if *book {
		proc.Sleep(2 * time.Second)
	} else {
		ended(parent)
	}
	stdio.Printf("second child, parent pid = %d\n", os.Getppid())
	stdio.Exit(0)
}

// ended returns when the process that pidfd refers to has ended.
func ended(pidfd int) {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if err != unix.EINTR {
			proc.Check(err)
			return
		}
	}
}
