//go:build linux

package main

import (
	"errors"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Options tries waitpid's options (Fig. 8.7): WNOHANG, WUNTRACED
// and WCONTINUED.
//
// The book: with WNOHANG waitpid returns 0 in place of waiting;
// with WUNTRACED a stopped child has a status too, once for each
// stop, and with WCONTINUED one that was continued.
//
// Linux today: the same. The words are 0x137f (the signal,
// SIGSTOP is 19, above 0x7f) and 0xffff. Without the options
// stops and continues are never reported, and a bit that is no
// option is EINVAL. (On alpha, mips and parisc SIGSTOP has
// another number.)
//
// To see it:
//
//	go run ./wait options

func options() {
	gate := make([]int, 2)
	proc.Check(unix.Pipe2(gate, unix.O_CLOEXEC))

	child, err := proc.Fork()
	proc.Check(err)
	if child == 0 { // lives until the parent closes the gate
		unix.Close(gate[1])
		unix.Read(gate[0], make([]byte, 1))
		proc.Exit(7)
	}
	stdio.Printf("the child %d is running\n", child)
	poll("WNOHANG", child, unix.WNOHANG)

	proc.Check(unix.Kill(child, unix.SIGSTOP))
	// A look that waits until it has stopped, and leaves it so.
	proc.Check(proc.Waitid(unix.P_PID, child, nil,
		unix.WSTOPPED|unix.WNOWAIT))
	stdio.Printf("it is stopped\n")
	poll("WNOHANG", child, unix.WNOHANG)
	poll("WUNTRACED", child, unix.WNOHANG|unix.WUNTRACED)
	poll("WUNTRACED", child, unix.WNOHANG|unix.WUNTRACED)

	proc.Check(unix.Kill(child, unix.SIGCONT))
	proc.Check(proc.Waitid(unix.P_PID, child, nil,
		unix.WCONTINUED|unix.WNOWAIT))
	stdio.Printf("it is continued\n")
	poll("WUNTRACED", child, unix.WNOHANG|unix.WUNTRACED)
	poll("WCONTINUED", child, unix.WNOHANG|unix.WCONTINUED)
	poll("WCONTINUED", child, unix.WNOHANG|unix.WCONTINUED)

	poll("0x100", child, unix.WNOHANG|0x100)

	unix.Close(gate[1])
	// Wait until it is a zombie.
	proc.Check(proc.Waitid(unix.P_PID, child, nil,
		unix.WEXITED|unix.WNOWAIT))
	stdio.Printf("it is dead\n")
	poll("WNOHANG", child, unix.WNOHANG)
	poll("WNOHANG", child, unix.WNOHANG)
	stdio.Exit(0)
}

// poll asks without waiting and prints the answer.
func poll(name string, child, options int) {
	var status proc.WaitStatus
	pid, err := proc.Waitpid(child, &status, options)
	var errno unix.Errno
	switch {
	case errors.As(err, &errno):
		stdio.Printf("  %-11s %s\n", name, unix.ErrnoName(errno))
	case pid == 0:
		stdio.Printf("  %-11s 0\n", name)
	default:
		stdio.Printf("  %-11s its pid, word %#x: %v\n",
			name, uint32(status), status)
	}
}
