//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How the rows of inherit and differ set and read signals.

func blockSome() error {
	return block(unix.SIGUSR1, unix.SIGWINCH)
}

// block adds signals to the signal mask.
func block(sigs ...unix.Signal) error {
	set := sigset(sigs...)
	return unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil)
}

func sigset(sigs ...unix.Signal) (set unix.Sigset_t) {
	for _, s := range sigs {
		set.Val[0] |= 1 << (s - 1)
	}
	return set
}

func blocked() string {
	var set unix.Sigset_t
	unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set)
	return fmt.Sprintf("%016x", set.Val[0])
}

// catch sets a handler for SIGUSR1. There is no function at this
// address: it is never called, because no process sends SIGUSR1.
func catch() error {
	return proc.Signal(unix.SIGUSR1, proc.Disposition(1<<16))
}

// disposition says what happens when the signal is delivered.
func disposition(sig unix.Signal) string {
	switch {
	case has("SigIgn", sig):
		return unix.SignalName(sig) + " ignored"
	case has("SigCgt", sig):
		return unix.SignalName(sig) + " caught"
	}
	return unix.SignalName(sig) + " default"
}

// has reports whether the signal is in a set of /proc/self/status.
func has(name string, sig unix.Signal) bool {
	set, err := strconv.ParseUint(field(name), 16, 64)
	proc.Check(err)
	return set>>(sig-1)&1 == 1
}

// field is the value of a line of /proc/self/status.
func field(name string) string {
	text, err := os.ReadFile("/proc/self/status")
	proc.Check(err)
	_, rest, _ := strings.Cut(string(text), "\n"+name+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}
