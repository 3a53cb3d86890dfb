//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Orphan shows a parent that ends before its child.
//
// The book: every process has a parent. When a process ends, the
// kernel looks for its children, and changes their parent to init,
// whose pid is 1. init waits for each of its children, so a child
// that it has adopted does not stay a zombie.
//
// Linux today: the new parent is the nearest living ancestor that
// made itself a child subreaper (prctl(2)). If there is none, it
// is init of the pid namespace. Under systemd --user or on WSL2
// its pid is often not 1; in a container it is 1. A program that
// waits for getppid() == 1 can wait for ever. A child that has
// been adopted is still called an orphan.
//
// The child waits for the end of its parent with a pidfd. The
// pidfd is ready after the children have their new parent.
//
// To see it:
//
//	go run ./exit orphan
//	go run ./exit orphan --subreaper    the program is the adopter

var (
	orphanFlags = flag.NewFlagSet("orphan", 0)
	subreaper   = orphanFlags.Bool("subreaper", false,
		"adopt the child and reap it")
)

func orphan() {
	if !*subreaper {
		orphanParent()
	}
	proc.Check(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1,
		0, 0, 0))
	parent, err := proc.Fork()
	proc.Check(err)
	if parent == 0 {
		orphanParent()
	}

	// Reap both: the parent, which is our child, and its child,
	// which we adopt.
	lines := ""
	for {
		var status proc.WaitStatus
		pid, err := proc.Wait(&status)
		if errors.Is(err, unix.ECHILD) {
			stdio.Printf("%s", lines)
			stdio.Exit(0)
		}
		proc.Check(err)
		role := "child"
		if pid == parent {
			role = "parent"
		}
		lines += fmt.Sprintf("original %d reaps %s %d: %v\n",
			os.Getpid(), role, pid, status)
	}
}

// orphanParent makes a child and ends without waiting for it.
func orphanParent() {
	parent, err := unix.PidfdOpen(os.Getpid(), 0)
	proc.Check(err)
	me := os.Getpid()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid > 0 {
		stdio.Printf("parent %d made child %d, and ends\n", me, pid)
		stdio.Exit(0)
	}

	untilEnded(parent)
	ppid := os.Getppid()
	stdio.Printf("parent pid = %d\n", ppid)
	stdio.Printf("child %d was adopted by %s\n",
		os.Getpid(), nameOf(ppid))
	stdio.Exit(7)
}

// untilEnded returns when the process of the pidfd has ended.
func untilEnded(pidfd int) {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if err != unix.EINTR {
			proc.Check(err)
			return
		}
	}
}

// nameOf is the name of the process in /proc/PID/comm.
func nameOf(pid int) string {
	if pid == 0 {
		return "a process outside this pid namespace"
	}
	comm := procFile(pid, "comm")
	if comm == "" {
		return "a process that /proc does not show"
	}
	return strings.TrimSpace(comm)
}
