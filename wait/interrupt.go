//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// leaveNone waits for two children, which end one after the other.
func leaveNone() {
	me, first := os.Getpid(), 0
	for range 2 {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			// Wait until the other one has left without a trace.
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

// interrupt has a child send SIGUSR1 to the waiting parent.
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
		collect(pid)
		return
	}
	stdio.Printf("  %-20s wait goes on\n", what)
}
