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
// The book: who wants a child that it need not wait for, and that
// is no zombie when it ends, forks twice. The first child ends at
// once and is waited for; the second is then an orphan and gets a
// new parent, init, which waits for all of its children.
//
// Linux today: the new parent is the nearest ancestor that made
// itself a child subreaper, and init only if there is none, that
// of the pid namespace: under systemd --user or on WSL2 N is not
// 1, in a container with a pid namespace it is.
//
// The book has the second child sleep for two seconds, a guess.
// Ours reads a byte which the original sends when its wait has
// returned: by then the first child has ended, and its children
// have their new parent. The end of a pipe that the first child
// held would not do: a process that ends closes its descriptors
// before it gives its children away.
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
	var ready [2]int // from the original to the second child
	proc.Check(unix.Pipe2(ready[:], unix.O_CLOEXEC))

	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // the first child
		unix.Close(ready[1])
		firstChild(ready[0])
	}

	// The original waits for the first child, and is done.
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
		stdio.Exit(0) // the second child's parent ends here
	}

	// The second child goes on, and will be an orphan.
	if *book {
		proc.Sleep(2 * time.Second)
	} else {
		receive(ready)
	}
	stdio.Printf("second child, parent pid = %d\n", os.Getppid())
	stdio.Exit(0)
}

// receive returns when a byte has come, or the writer has ended.
func receive(fd int) byte {
	var b [1]byte
	for {
		_, err := unix.Read(fd, b[:])
		if err != unix.EINTR {
			proc.Check(err)
			return b[0]
		}
	}
}
