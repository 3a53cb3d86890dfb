//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Sigchld is the asynchronous side of wait (§8.6, 10.7).
//
// The book: when a child changes, its parent gets SIGCHLD, which
// is ignored by default. Called because a child has ended, wait
// returns at once. A caught signal may interrupt a wait: EINTR.
//
// Linux today: the signal says what happened (si_code, CLD_*);
// stops and continues are left out with SA_NOCLDSTOP. With
// SIG_IGN, which is not the default, or SA_NOCLDWAIT no zombie
// stays: wait blocks until all children are gone and fails with
// ECHILD. SA_RESTART has the kernel enter the wait again.
//
// Go's runtime catches signals on any thread: so a forked child,
// which has one thread, is the parent here.
//
// To see it:
//
//	go run ./wait sigchld

var open unix.Sigset_t // the signal mask without SIGCHLD

func sigchld() {
	parent, err := proc.Fork()
	proc.Check(err)
	if parent != 0 {
		collect(parent)
		return
	}
	// Pending SIGCHLDs merge into one: it is blocked except where
	// the parent waits for exactly one.
	var mask unix.Sigset_t
	mask.Val[0] = 1 << (unix.SIGCHLD - 1)
	proc.Check(unix.PthreadSigmask(unix.SIG_BLOCK, &mask, nil))

	stdio.Printf("SIGCHLD is caught:\n")
	catch(unix.SIGCHLD, proc.SA_RESTART)
	idle, gate := child(0, false)
	stopAndExit(true)
	die("is killed", func() {
		unix.Kill(os.Getpid(), unix.SIGKILL)
	})
	die("aborts", proc.Abort)
	merge()

	stdio.Printf("with SA_NOCLDSTOP:\n")
	catch(unix.SIGCHLD, proc.SA_NOCLDSTOP)
	stopAndExit(false)
	unix.Close(gate)
	collect(idle)

	stdio.Printf("SIGCHLD is ignored:\n")
	proc.Check(proc.Signal(unix.SIGCHLD, proc.Ignore))
	leaveNone()
	stdio.Printf("with SA_NOCLDWAIT:\n")
	catch(unix.SIGCHLD, proc.SA_NOCLDWAIT)
	leaveNone()
	next("still, it is told")

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

// next waits for one SIGCHLD and prints what it said.
func next(what string) {
	for n, _ := proc.Caught(); ; {
		unix.Pselect(0, nil, nil, nil, nil, &open)
		if now, info := proc.Caught(); now > n {
			stdio.Printf("  %-20s %s\n", what, cld[info.Code])
			return
		}
	}
}

// cld names the codes.
var cld = []string{"", "CLD_EXITED", "CLD_KILLED", "CLD_DUMPED",
	"CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"}

// die has a child that a signal ends.
func die(what string, how func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		how()
	}
	next("a child " + what)
	collect(pid)
}

// merge has three children end before SIGCHLD is let through.
func merge() {
	var pids [3]int
	for i := range pids {
		pid, gate := child(0, false)
		unix.Close(gate)
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
		pids[i] = pid
	}
	old, _ := proc.Caught() // let through what is pending
	unix.Pselect(0, nil, nil, nil, &unix.Timespec{}, &open)
	n, _ := proc.Caught()
	for _, pid := range pids {
		collect(pid)
	}
	stdio.Printf("  three have exited    %d SIGCHLD\n", n-old)
}

// stopAndExit has a child that stops, is continued and exits.
func stopAndExit(told bool) {
	pid, gate := child(7, true)
	if told {
		next("a child stops")
		got, _ := proc.Waitpid(pid, nil, unix.WNOHANG)
		stdio.Printf("  then wait would block (WNOHANG: %d)\n", got)
	}
	proc.Waitpid(pid, nil, unix.WUNTRACED)
	unix.Kill(pid, unix.SIGCONT)
	if told {
		next("it is continued")
	}
	proc.Waitpid(pid, nil, unix.WCONTINUED)
	unix.Close(gate)
	next("it exits")
	collect(pid)
}
