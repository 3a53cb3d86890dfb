//go:build linux

package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// The part of waitid about a child that stops and continues: the
// options of Figure 8.10 that are not about an end.

func stopsAndContinues() {
	pid, leave := child(7, false)
	look("running, WNOHANG", pid, unix.WEXITED|unix.WNOHANG)

	proc.Check(unix.Kill(pid, unix.SIGSTOP))
	look("stopped, WSTOPPED", pid, unix.WSTOPPED)
	look("again, WNOHANG", pid, unix.WSTOPPED|unix.WNOHANG)

	proc.Check(unix.Kill(pid, unix.SIGCONT))
	look("continued, WCONTINUED", pid, unix.WCONTINUED)
	look("again, WNOHANG", pid, unix.WCONTINUED|unix.WNOHANG)

	unix.Close(leave)
	look("ended, WEXITED", pid, unix.WEXITED)
	stdio.Exit(0)
}

// look calls waitid and prints what it returned. If no child has
// changed, WNOHANG makes waitid return with si_pid 0.
func look(what string, pid, options int) {
	var info proc.Siginfo
	err := proc.Waitid(unix.P_PID, pid, &info, options)
	switch {
	case err != nil:
		stdio.Printf("%-22s %s\n", what, errno(err))
	case info.Pid == 0:
		stdio.Printf("%-22s si_pid 0\n", what)
	default:
		stdio.Printf("%-22s si_pid %d, %s, si_status %d\n", what,
			info.Pid, cld[info.Code], info.Status)
	}
	stdio.Stdout.Flush()
}
