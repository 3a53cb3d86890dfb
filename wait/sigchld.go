//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Sigchld shows the signal that a parent gets when a child changes
// (§8.6, §10.7).
//
// The book: when a child ends, the kernel sends SIGCHLD to its
// parent. By default the signal is ignored. If a program calls wait
// because it got SIGCHLD, wait returns at once. A signal that is
// caught can interrupt a wait: it fails with EINTR.
//
// Linux today: the signal says what happened (si_code, CLD_*). It
// is not sent for a stop or a continue with SA_NOCLDSTOP. With
// SIG_IGN, which is not the default, or with SA_NOCLDWAIT, a child
// leaves no zombie: wait blocks until all children are gone, and
// fails with ECHILD. With SA_RESTART the kernel restarts the wait.
//
// In a Go program any thread can get a signal. Therefore the parent
// here is a forked child, which has one thread.
//
// To see it:
//
//	go run ./wait sigchld

var empty unix.Sigset_t // the signal mask without SIGCHLD

func sigchld() {
	parent, err := proc.Fork()
	proc.Check(err)
	if parent != 0 {
		reap(parent)
		return
	}
	// If several SIGCHLD are pending, one is delivered. So SIGCHLD
	// is blocked, except when the parent waits for exactly one.
	var mask unix.Sigset_t
	mask.Val[0] = 1 << (unix.SIGCHLD - 1)
	proc.Check(unix.PthreadSigmask(unix.SIG_BLOCK, &mask, nil))

	stdio.Printf("SIGCHLD is caught:\n")
	catch(unix.SIGCHLD, proc.SA_RESTART)
	idle, leave := child(0, false)
	stopAndExit(true)
	childEnds("is killed", func() {
		unix.Kill(os.Getpid(), unix.SIGKILL)
	})
	childEnds("aborts", proc.Abort)
	threeAtOnce()

	stdio.Printf("with SA_NOCLDSTOP:\n")
	catch(unix.SIGCHLD, proc.SA_NOCLDSTOP)
	stopAndExit(false)
	unix.Close(leave)
	reap(idle)

	stdio.Printf("SIGCHLD is ignored:\n")
	proc.Check(proc.Signal(unix.SIGCHLD, proc.Ignore))
	waitForTwo()
	stdio.Printf("with SA_NOCLDWAIT:\n")
	catch(unix.SIGCHLD, proc.SA_NOCLDWAIT)
	waitForTwo()
	next("SIGCHLD comes still")

	proc.Check(proc.Signal(unix.SIGCHLD, proc.Default))
	stdio.Printf("SIGUSR1 arrives during a wait:\n")
	catch(unix.SIGUSR1, 0)
	interrupt("caught")
	catch(unix.SIGUSR1, proc.SA_RESTART)
	interrupt("caught, SA_RESTART")
	proc.Check(proc.Signal(unix.SIGUSR1, proc.Ignore))
	interrupt("ignored")
	stdio.Exit(0)
}

func catch(sig unix.Signal, flags int) {
	proc.Check(proc.Catch(sig, flags))
}

// next waits for one SIGCHLD and prints its si_code.
func next(what string) {
	for n, _ := proc.Caught(); ; {
		unix.Pselect(0, nil, nil, nil, nil, &empty)
		if now, info := proc.Caught(); now > n {
			stdio.Printf("  %-20s %s\n", what, cld[info.Code])
			return
		}
	}
}

// cld are the names of the codes.
var cld = []string{"", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED",
	"CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"}

// childEnds makes a child that a signal ends, and reaps it.
func childEnds(what string, end func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		end()
	}
	next("a child " + what)
	reap(pid)
}

// stopAndExit makes a child that stops, continues and exits.
// signalled says whether the parent gets SIGCHLD for the stop.
func stopAndExit(signalled bool) {
	pid, leave := child(7, true)
	if signalled {
		next("a child stops")
		got, _ := proc.Waitpid(pid, nil, unix.WNOHANG)
		stdio.Printf("  then wait would block (WNOHANG: %d)\n", got)
	}
	proc.Waitpid(pid, nil, unix.WUNTRACED)
	unix.Kill(pid, unix.SIGCONT)
	if signalled {
		next("it is continued")
	}
	proc.Waitpid(pid, nil, unix.WCONTINUED)
	unix.Close(leave)
	next("it exits")
	reap(pid)
}
