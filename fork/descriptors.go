//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Descriptors shows the two usual ways to handle descriptors after
// a fork, and Exercise 8.7.
//
// The book: either the parent waits for the child and does not
// touch its descriptors; or each of the two closes the ones that
// it does not use. A close in one process does not close the
// descriptor in the other. The close-on-exec flag belongs to a
// descriptor, not to the open file, and the child gets a copy.
//
// Linux today: the same. A reader of a pipe gets end of file when
// every copy of the write end is closed, in every process. The
// descriptor inside a directory stream has close-on-exec; one from
// open does not have it unless the program asks for it, as os.Open
// in Go does.
//
// To see it:
//
//	go run ./fork descriptors

func descriptors() {
	proc.Check(makePair()) // 50 with close-on-exec, 51 without
	touchNothing()
	perDescriptor()
	everyCopy()
	directories()
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

// perDescriptor changes the close-on-exec flags in the child.
func perDescriptor() {
	inChild(func() {
		say("child", "has close-on-exec flags %s", pairFlags())
		unix.FcntlInt(50, unix.F_SETFD, 0)
		unix.FcntlInt(51, unix.F_SETFD, unix.FD_CLOEXEC)
		say("child", "changed them to %s", pairFlags())
	})
	say("parent", "has close-on-exec flags %s", pairFlags())
}

// everyCopy is the second way: every process closes the write end
// in the end, and the parent reads.
func everyCopy() {
	var data [2]int
	proc.Check(unix.Pipe2(data[:], unix.O_NONBLOCK))
	var child [2]int
	var leave [2]pipe
	for i := range child {
		leave[i] = newPipe()
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			leave[i].onlyWaits()
			leave[i].wait()
			proc.Exit(0)
		}
		leave[i].onlyTells()
		child[i] = pid
	}
	end := func(i int) {
		leave[i].tell()
		reap(child[i])
	}
	tryRead(data[0], 3)
	end(0)
	tryRead(data[0], 2)
	unix.Close(data[1])
	tryRead(data[0], 1)
	end(1)
	tryRead(data[0], 0)
}

// tryRead reads from the empty pipe, without waiting.
func tryRead(fd, copies int) {
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
