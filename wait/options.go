//go:build linux

package main

import (
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
	pid, gate := child(7, false)
	stdio.Printf("the child %d is running\n", pid)
	poll("WNOHANG", pid, unix.WNOHANG)

	proc.Check(unix.Kill(pid, unix.SIGSTOP))
	// A look that waits until it has stopped, and leaves it so.
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WSTOPPED|unix.WNOWAIT))
	stdio.Printf("it is stopped\n")
	poll("WNOHANG", pid, unix.WNOHANG)
	poll("WUNTRACED", pid, unix.WNOHANG|unix.WUNTRACED)
	poll("WUNTRACED", pid, unix.WNOHANG|unix.WUNTRACED)

	proc.Check(unix.Kill(pid, unix.SIGCONT))
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WCONTINUED|unix.WNOWAIT))
	stdio.Printf("it is continued\n")
	poll("WUNTRACED", pid, unix.WNOHANG|unix.WUNTRACED)
	poll("WCONTINUED", pid, unix.WNOHANG|unix.WCONTINUED)
	poll("WCONTINUED", pid, unix.WNOHANG|unix.WCONTINUED)

	poll("0x100", pid, unix.WNOHANG|0x100)

	unix.Close(gate)
	// Wait until it is a zombie.
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WEXITED|unix.WNOWAIT))
	stdio.Printf("it is dead\n")
	poll("WNOHANG", pid, unix.WNOHANG)
	poll("WNOHANG", pid, unix.WNOHANG)
	stdio.Exit(0)
}

// poll asks without waiting and prints the answer.
func poll(name string, child, options int) {
	var status proc.WaitStatus
	pid, err := proc.Waitpid(child, &status, options)
	switch {
	case err != nil:
		stdio.Printf("  %-11s %s\n", name, errno(err))
	case pid == 0:
		stdio.Printf("  %-11s 0\n", name)
	default:
		stdio.Printf("  %-11s its pid, word %#x: %v\n",
			name, uint32(status), status)
	}
}
