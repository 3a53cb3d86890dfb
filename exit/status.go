//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Status shows which termination status the parent gets for an
// exit status, and for a signal.
//
// The book: the argument of exit is the exit status. When the
// process ends, the kernel converts it into the termination
// status. For a process that a signal ended, the kernel makes the
// termination status. wait gives it to the parent.
//
// Linux today: the second byte of the status word has the low 8
// bits of the exit status. The low 7 bits have the number of the
// signal, and the bit above them (0x80) says that a core file was
// made. waitid has a field for a whole number, but gets 8 bits.
//
// To see it:
//
//	go run ./exit status

var exits = []int{
	-1, 0, 1, 42, 127, 128, 255, 256, 257, 1000, 0x5a5a5a5a,
}

func status() {
	// The children inherit this limit, so they make no core files.
	// It is 1 byte, because a core_pattern that is a pipe is used
	// even with a limit of 0, see core(5). EPERM means that the
	// hard limit is 0 already.
	err := unix.Setrlimit(unix.RLIMIT_CORE,
		&unix.Rlimit{Cur: 1, Max: 1})
	if err != unix.EPERM {
		proc.Check(err)
	}

	for _, n := range exits {
		w := statusOf(func() { stdio.Exit(n) }, 0)
		say("exit(%d): word %#04x, exit status %d",
			n, uint32(w), w.ExitStatus())
	}
	same := true
	for sig := unix.Signal(1); sig <= 64; sig++ {
		if !terminates(sig) {
			continue
		}
		proc.Check(setDefault(sig))
		raised := statusOf(func() { proc.Raise(sig) }, 0)
		sent := statusOf(pause, sig)
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

// terminates says whether the default action of sig ends the
// process. The C library uses 32 and 33 for itself.
func terminates(sig unix.Signal) bool {
	switch sig {
	case unix.SIGCHLD, unix.SIGURG, unix.SIGWINCH, // ignored
		unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU,
		unix.SIGCONT, 32, 33:
		return false
	}
	return true
}

// setDefault gives sig its default action, which children inherit:
// this program can have been started with sig ignored.
func setDefault(sig unix.Signal) error {
	if sig == unix.SIGKILL {
		return nil
	}
	return proc.Signal(sig, proc.Default)
}

// statusOf makes a child that ends in this way, sends it the signal
// if sig is not 0, and returns its termination status.
func statusOf(end func(), sig unix.Signal) proc.WaitStatus {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		end()
		proc.Exit(99) // not reached
	}
	if sig != 0 {
		proc.Check(unix.Kill(pid, sig))
	}
	return reap(pid)
}
