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

// Orphan: a parent ends before its child.
//
// The book: a process always has a parent. When one ends, the
// kernel goes through all processes, and those whose parent it
// was get a new one, init, whose pid is 1. Init waits for every
// child it has, so an adopted one never stays a zombie.
//
// Linux today: the new parent is the nearest living ancestor that
// made itself a child subreaper (prctl(2)), and init only if
// there is none, that of the pid namespace. Under systemd --user
// or on WSL2 it is often not 1, in a container it is; a program
// that waits for getppid() == 1 may wait for ever. An adopted
// process is still called an orphan.
//
// The child waits for its parent's end with a pidfd: that is
// ready when the parent's children have their new parent.
//
// To see it:
//
//	go run ./exit orphan
//	go run ./exit orphan -subreaper    we are the adopter

var (
	orphanFlags = flag.NewFlagSet("orphan", 0)
	subreaper   = orphanFlags.Bool("subreaper", false,
		"adopt the child ourselves, and collect it")
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

	// Two ends to collect: our child's and the adopted one's.
	said := ""
	for {
		var status proc.WaitStatus
		pid, err := proc.Wait(&status)
		if errors.Is(err, unix.ECHILD) {
			stdio.Printf("%s", said)
			stdio.Exit(0)
		}
		proc.Check(err)
		who := "child"
		if pid == parent {
			who = "parent"
		}
		said += fmt.Sprintf("original %d collects %s %d: %v\n",
			os.Getpid(), who, pid, status)
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

	ended(parent)
	ppid := os.Getppid()
	stdio.Printf("parent pid = %d\n", ppid)
	stdio.Printf("child %d was adopted by %s\n",
		os.Getpid(), nameOf(ppid))
	stdio.Exit(7)
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

// nameOf is the process's name, as /proc/PID/comm has it.
func nameOf(pid int) string {
	if pid == 0 {
		return "a process outside of this pid namespace"
	}
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return "a process that /proc does not show"
	}
	return strings.TrimSpace(string(comm))
}
