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

// What the tables of inherit and differ do with signals.

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

// catch has SIGUSR1 caught by nobody: the address is no function's
// and is not called, for nobody sends the signal.
func catch() error {
	return proc.Signal(unix.SIGUSR1, proc.Disposition(1<<16))
}

// disposition says what will happen when the signal arrives.
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

// field is a line of /proc/self/status.
func field(name string) string {
	text, err := os.ReadFile("/proc/self/status")
	proc.Check(err)
	_, rest, _ := strings.Cut(string(text), "\n"+name+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}
