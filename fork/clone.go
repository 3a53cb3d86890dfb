//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Clone makes the same child four times, with other flags.
//
// The book mentions clone as a call of Linux with which the caller
// controls what parent and child share; fork and vfork are special
// cases of it.
//
// Linux today: the same. CLONE_FILES shares the descriptor table,
// CLONE_FS the working directory, the root and the umask, CLONE_VM
// the memory. Without a flag the child gets a copy. A thread is a
// child with all of them and CLONE_THREAD.
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
		// The parent of a row is a process of its own.
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			shared(row.name, row.flags)
			proc.Exit(0)
		}
		_, err = proc.Waitpid(pid, nil, 0)
		proc.Check(err)
	}
}

// shared makes a child with the flags and looks what it has changed
// in its parent.
func shared(name string, flags int) {
	counter = 6
	proc.Check(unix.Chdir("/dev"))
	root, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	proc.Check(err)
	next, err := unix.Dup(1) // the number that the child will get
	proc.Check(err)
	unix.Close(next)

	child := func() { // the same in each row, by bare calls
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
		// This process was forked: it has one thread, so that the
		// bare call will do.
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
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)

	_, err = unix.FcntlInt(uintptr(next), unix.F_GETFD, 0)
	cwd, _ := unix.Getwd()
	fmt.Printf("%s: parent %d, child %d\n", name, os.Getpid(), pid)
	fmt.Printf("    table of files %s, directory %s, memory %s\n",
		whose(err == nil), whose(cwd == "/"), whose(counter == 7))
}

// whose says whether the parent saw what its child had done.
func whose(seen bool) string {
	if seen {
		return "shared"
	}
	return "own"
}
