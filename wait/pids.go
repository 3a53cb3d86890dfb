//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Pids shows every form of the first argument of waitpid (§8.6).
//
// The book: a pid means this child only; −1 any child; 0 any child
// in the process group of the caller; −g any child in the process
// group g. It is an error if the process or the group does not
// exist, or is not a child of the caller.
//
// Linux today: the same. 0 means the group that the caller has at
// the time of the call. The error is always ECHILD. All children
// are zombies before the first call, so only the argument decides
// which child a call returns.
//
// To see it:
//
//	go run ./wait pids

func pids() {
	sibling, leave := child(0, false)
	parent, err := proc.Fork()
	proc.Check(err)
	if parent == 0 {
		pidsParent(sibling)
		stdio.Exit(0)
	}
	reap(parent)
	unix.Close(leave)
	reap(sibling)
}

// pidsParent makes six children; child n exits with n. The first
// four are in its process group, the others in a group of their
// own.
func pidsParent(sibling int) {
	var child [7]int
	for n := 1; n <= 6; n++ {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			if n == 5 {
				unix.Setpgid(0, 0)
			} else if n == 6 {
				unix.Setpgid(0, child[5])
			}
			proc.Exit(n)
		}
		child[n] = pid
		untilZombie(pid)
	}
	group, oldGroup := child[5], unix.Getpgrp()
	stdio.Printf("parent %d: six zombies, 1 to 4 in its group,\n"+
		"5 and 6 in group %d\n", os.Getpid(), group)

	waitFor("waitpid(child 3)", child[3])
	waitFor("waitpid(0)", 0)
	waitFor("waitpid(-group of 5)", -group)
	proc.Check(unix.Setpgid(0, group))
	stdio.Printf("the parent joins the group of 5 and 6\n")
	waitFor("waitpid(0)", 0)
	waitFor("waitpid(-1)", -1)

	var status proc.WaitStatus
	pid, err := proc.Wait(&status)
	printWait("wait()", pid, status, err)

	stdio.Printf("none of these is a child to wait for:\n")
	waitFor("waitpid(child 3)", child[3])
	waitFor("waitpid(parent itself)", os.Getpid())
	waitFor("waitpid(its parent)", os.Getppid())
	waitFor("waitpid(its sibling)", sibling)
	waitFor("waitpid(pid 1)", 1)
	waitFor("waitpid(-its old group)", -oldGroup)
	waitFor("waitpid(-no group)", -child[3])
	waitFor("waitpid(-1)", -1)
}

// waitFor calls waitpid and prints what it returned.
func waitFor(call string, pid int) {
	var status proc.WaitStatus
	got, err := proc.Waitpid(pid, &status, 0)
	printWait(call, got, status, err)
}

func printWait(call string, pid int,
	status proc.WaitStatus, err error) {
	if err != nil {
		stdio.Printf("%-23s %s\n", call, errno(err))
		return
	}
	stdio.Printf("%-23s child %d (pid %d)\n",
		call, status.ExitStatus(), pid)
}
