//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Status shows what arrives at the parent of what a child gave to
// exit, and of the signal that ended it.
//
// The book: the argument of exit is the exit status. The kernel
// makes of it the termination status, when the process ends; a
// process that a signal ended has only that. wait tells which of
// the two it was, and the exit status or the signal's number.
//
// Linux today: of the exit status the low 8 bits arrive, in the
// second byte of the word; the signal's number is in the low 7
// bits, and bit 8 says that there is a core file. waitid has room
// for more and gets no more.
//
// To see it:
//
//	go run ./exit status

var exits = []int{
	-1, 0, 1, 42, 127, 128, 255, 256, 257, 1000, 0x5a5a5a5a,
}

func status() {
	// No core files: children inherit the limit. It is 1 byte, as a
	// limit of 0 lets a core_pattern that is a pipe be fed, see
	// core(5). Where the hard limit is 0 it stays 0.
	err := unix.Setrlimit(unix.RLIMIT_CORE,
		&unix.Rlimit{Cur: 1, Max: 1})
	if err != unix.EPERM {
		proc.Check(err)
	}

	for _, n := range exits {
		w := endOf(func() { stdio.Exit(n) }, 0)
		say("exit(%d): word %#04x, exit status %d",
			n, uint32(w), w.ExitStatus())
	}
	same := true
	for sig := unix.Signal(1); sig <= 64; sig++ {
		if !terminates(sig) {
			continue
		}
		proc.Check(setDefault(sig))
		raised := endOf(func() { proc.Raise(sig) }, 0)
		sent := endOf(pause, sig)
		if sig < 32 {
			say("%s: raised, ended by %d; sent, ended by %d",
				unix.SignalName(sig), raised.TermSig(),
				sent.TermSig())
			continue
		}
		same = same && raised.TermSig() == int(sig) &&
			sent.TermSig() == int(sig)
	}
	say("signals 34 to 64: ended by that signal: %t", same)
	stdio.Exit(0)
}

// terminates reports whether the default action of sig ends the
// process. 32 and 33 are the C library's own.
func terminates(sig unix.Signal) bool {
	switch sig {
	case unix.SIGCHLD, unix.SIGURG, unix.SIGWINCH, // ignored
		unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU,
		unix.SIGCONT, 32, 33:
		return false
	}
	return true
}

// setDefault gives sig its default action, which children
// inherit, should we have been started with sig ignored.
func setDefault(sig unix.Signal) error {
	if sig == unix.SIGKILL {
		return nil
	}
	return proc.Signal(sig, proc.Default)
}

// endOf makes a child that ends like this, sends it the signal
// unless that is 0, and returns its termination status.
func endOf(end func(), sig unix.Signal) (w proc.WaitStatus) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		end()
		proc.Exit(99) // not reached
	}
	if sig != 0 {
		proc.Check(unix.Kill(pid, sig))
	}
	_, err = proc.Waitpid(pid, &w, 0)
	proc.Check(err)
	return w
}
