//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Descriptors shows the two usual ways to go on after a fork, and
// Exercise 8.7.
//
// The book: either the parent waits and leaves its descriptors
// alone, and finds them as they are when the child has ended; or
// each of the two closes the ones it does not use. What is closed
// in one stays open in the other. The close-on-exec flag is
// copied too, and belongs to the descriptor, not to the file.
//
// Linux today: the same. A reader of a pipe gets to the end of the
// file only when every copy of the write end is closed, wherever
// forks have taken it. The descriptor inside opendir has
// close-on-exec, one of open has not; in Go os.Open asks for it.
//
// To see it:
//
//	go run ./fork descriptors

func descriptors() {
	proc.Check(twoCopies()) // 50 with close-on-exec, 51 without
	touchNothing()
	perDescriptor()
	everyCopy()
	directories()
}

// say prints a line of the parent or of a child.
func say(who, format string, args ...any) {
	fmt.Printf("%s %d: %s\n", who, os.Getpid(),
		fmt.Sprintf(format, args...))
}

// inChild does something in a child and waits for it.
func inChild(do func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		do()
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}

// touchNothing is the first way: the parent waits.
func touchNothing() {
	inChild(func() {
		unix.Close(50)
		say("child", "closed its descriptor 50")
	})
	_, err := proc.Write(50, []byte("open\n"))
	proc.Check(err)
	say("parent", "wrote to its descriptor 50")
}

// perDescriptor changes the flags in the child.
func perDescriptor() {
	inChild(func() {
		say("child", "has close-on-exec flags %s", flags())
		unix.FcntlInt(50, unix.F_SETFD, 0)
		unix.FcntlInt(51, unix.F_SETFD, unix.FD_CLOEXEC)
		say("child", "changed them to %s", flags())
	})
	say("parent", "has close-on-exec flags %s", flags())
}

// everyCopy is the second way: everybody closes the write end
// sooner or later, and the parent reads.
func everyCopy() {
	var pipe, leave, child, hold [2]int
	proc.Check(unix.Pipe2(pipe[:], unix.O_NONBLOCK))
	for i := range child {
		proc.Check(unix.Pipe2(leave[:], 0))
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			unix.Close(leave[1])
			unix.Read(leave[0], make([]byte, 1))
			proc.Exit(0)
		}
		unix.Close(leave[0])
		child[i], hold[i] = pid, leave[1]
	}
	end := func(i int) { // lets a child go
		proc.Write(hold[i], []byte("."))
		_, err := proc.Waitpid(child[i], nil, 0)
		proc.Check(err)
	}
	look(pipe[0], 3)
	end(0)
	look(pipe[0], 2)
	unix.Close(pipe[1])
	look(pipe[0], 1)
	end(1)
	look(pipe[0], 0)
}

// look reads from the pipe, which is empty, without waiting.
func look(fd, copies int) {
	n, err := unix.Read(fd, make([]byte, 1))
	if err == unix.EAGAIN {
		say("parent", "%d write ends, no end of file", copies)
		return
	}
	proc.Check(err)
	say("parent", "%d write ends, end of file: %d bytes", copies, n)
}

// directories opens the root directory in two ways: Exercise 8.7.
func directories() {
	dir, err := os.Open("/")
	proc.Check(err)
	fd, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0)
	proc.Check(err)
	library, _ := unix.FcntlInt(dir.Fd(), unix.F_GETFD, 0)
	call, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	say("parent", "close-on-exec of / from the library %d, "+
		"from open %d", library, call)
}
