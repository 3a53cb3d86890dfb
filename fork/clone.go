//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Clone makes the same child four times, each time with other
// flags.
//
// The book: clone is a system call of Linux, more general than
// fork. The caller decides what parent and child share.
//
// Linux today: the same. CLONE_FILES shares the descriptor table;
// CLONE_FS the working directory, the root directory and the
// umask; CLONE_VM the memory. Without a flag the child gets a
// copy. A thread has all three flags and CLONE_THREAD.
//
// To see it:
//
//	go run ./fork clone

// counter is what the child changes in memory.
var counter int32

func clone() {
	both := unix.CLONE_VM | unix.CLONE_VFORK
	for _, row := range []struct {
		name  string
		flags int
	}{
		{"no flag", 0},
		{"CLONE_FILES", unix.CLONE_FILES},
		{"CLONE_FS", unix.CLONE_FS},
		{"CLONE_VM, VFORK", both},
	} {
		// Each row has a parent of its own.
		inChild(func() { shared(row.name, row.flags) })
	}
}

// shared makes a child with the flags, and looks what the child has
// changed in its parent.
func shared(name string, flags int) {
	counter = 6
	proc.Check(unix.Chdir("/dev"))
	root, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	proc.Check(err)
	next, err := unix.Dup(1) // the child's dup will return it too
	proc.Check(err)
	unix.Close(next)

	child := func() { // bare system calls: memory may be shared
		unix.RawSyscall(unix.SYS_DUP, 1, 0, 0)
		unix.RawSyscall(unix.SYS_FCHDIR, uintptr(root), 0, 0)
		counter++
		proc.Exit(0)
	}
	var pid int
	if flags&unix.CLONE_VM != 0 {
		pid, err = proc.Vfork(child)
		proc.Check(err)
	} else {
		// This process was forked, so it has one thread: the bare
		// system call is enough.
		r, _, errno := unix.RawSyscall6(unix.SYS_CLONE,
			uintptr(flags)|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if r == 0 && errno == 0 {
			child()
		}
		if errno != 0 {
			proc.Check(errno)
		}
		pid = int(r)
	}
	reap(pid)

	_, err = unix.FcntlInt(uintptr(next), unix.F_GETFD, 0)
	cwd, _ := unix.Getwd()
	fmt.Printf("%s: parent %d, child %d\n", name, os.Getpid(), pid)
	fmt.Printf("    table of files %s, directory %s, memory %s\n",
		kind(err == nil), kind(cwd == "/"), kind(counter == 7))
}

// kind says what it means that the parent sees the child's change,
// or does not.
func kind(seen bool) string {
	if seen {
		return "shared"
	}
	return "own"
}
