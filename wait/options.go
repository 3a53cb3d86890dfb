//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Options shows the options of waitpid (Fig. 8.7): WNOHANG,
// WUNTRACED and WCONTINUED.
//
// The book: with WNOHANG waitpid does not block, it returns 0.
// With WUNTRACED it also returns the status of a child that has
// stopped, once for each stop. With WCONTINUED it also returns the
// status of a child that has continued.
//
// Linux today: the same. The word of a stop is 0x137f: the signal
// (SIGSTOP is 19, 0x13), then 0x7f. The word of a continue is
// 0xffff. Without these options waitpid reports no stop and no
// continue. An unknown option is EINVAL.
//
// To see it:
//
//	go run ./wait options

func options() {
	pid, leave := child(7, false)
	stdio.Printf("the child %d is running\n", pid)
	ask("WNOHANG", pid, unix.WNOHANG)

	proc.Check(unix.Kill(pid, unix.SIGSTOP))
	// WNOWAIT: return when it has stopped, but do not report it.
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WSTOPPED|unix.WNOWAIT))
	stdio.Printf("it is stopped\n")
	ask("WNOHANG", pid, unix.WNOHANG)
	ask("WUNTRACED", pid, unix.WNOHANG|unix.WUNTRACED)
	ask("WUNTRACED", pid, unix.WNOHANG|unix.WUNTRACED)

	proc.Check(unix.Kill(pid, unix.SIGCONT))
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WCONTINUED|unix.WNOWAIT))
	stdio.Printf("it is continued\n")
	ask("WUNTRACED", pid, unix.WNOHANG|unix.WUNTRACED)
	ask("WCONTINUED", pid, unix.WNOHANG|unix.WCONTINUED)
	ask("WCONTINUED", pid, unix.WNOHANG|unix.WCONTINUED)

	ask("0x100", pid, unix.WNOHANG|0x100)

	unix.Close(leave)
	untilZombie(pid)
	stdio.Printf("it is dead\n")
	ask("WNOHANG", pid, unix.WNOHANG)
	ask("WNOHANG", pid, unix.WNOHANG)
	stdio.Exit(0)
}

// ask calls waitpid, which does not wait, and prints what it
// returned.
func ask(name string, child, options int) {
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
