//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Parts of sigchld that wait for several children, or are
// interrupted.

// waitForTwo waits for two children, which end one after the other
// and leave no zombie.
func waitForTwo() {
	me, first := os.Getpid(), 0
	for range 2 {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			// Wait until nothing is left of the first child.
			for first != 0 && unix.Kill(first, 0) == nil {
				proc.Sleep(1e6)
			}
			untilAsleep(me, me)
			proc.Exit(0)
		}
		first = pid
	}
	_, err := proc.Wait(nil)
	stdio.Printf("  both are gone: wait fails: %s\n", errno(err))
}

// interrupt makes a child that sends SIGUSR1 to its parent, while
// the parent waits.
func interrupt(what string) {
	me := os.Getpid()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		untilAsleep(me, me)
		unix.Kill(me, unix.SIGUSR1)
		untilAsleep(me, me)
		proc.Exit(0)
	}
	_, err = proc.Wait4(pid, nil, 0, nil)
	if err != nil {
		stdio.Printf("  %-20s wait fails: %s\n", what, errno(err))
		reap(pid)
		return
	}
	stdio.Printf("  %-20s wait goes on\n", what)
}

// threeAtOnce lets three children end while SIGCHLD is blocked.
func threeAtOnce() {
	var pids [3]int
	for i := range pids {
		pid, leave := child(0, false)
		unix.Close(leave)
		untilZombie(pid)
		pids[i] = pid
	}
	old, _ := proc.Caught() // then unblock it for a moment
	unix.Pselect(0, nil, nil, nil, &unix.Timespec{}, &empty)
	n, _ := proc.Caught()
	for _, pid := range pids {
		reap(pid)
	}
	stdio.Printf("  three have exited    %d SIGCHLD\n", n-old)
}
