//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Signals shows what an exec does to signals and alarms.
//
// The book: signals that are ignored stay ignored. Signals that
// are caught are set to their default, because the handler is not
// in the new program. The signal mask, pending signals and the
// time left until an alarm stay.
//
// Linux today: the same. SIGCHLD ignored stays ignored too, which
// POSIX leaves open: a program can be started in such a way that
// its waits find no child.
//
// The new program must not be a Go program: the Go runtime catches
// nearly every signal when it starts.
//
// To see it:
//
//	go run ./exec signals

func signals() {
	read, write := newPipe() // end of file at the exec
	pid := childThat(func() {
		proc.Check(proc.Signal(unix.SIGUSR1, proc.Ignore))
		proc.Check(proc.Catch(unix.SIGUSR2, 0))
		proc.Check(proc.Signal(unix.SIGALRM, proc.Default))
		block(unix.SIGTERM)
		proc.Check(unix.Kill(os.Getpid(), unix.SIGTERM))
		_, err := unix.Setitimer(unix.ITIMER_REAL,
			unix.MakeItimerval(0, time.Second))
		proc.Check(err)
		say("child", "before: %s", states(os.Getpid()))
		failed(proc.Execlp("sleep", "sleep", "5"))
	})
	unix.Close(write)
	proc.Read(read, make([]byte, 1))
	fmt.Printf("child %d: after:  %s\n", pid, states(pid))
	say("parent", "%v", reap(pid))
}

// block adds a signal to the signal mask.
func block(sig unix.Signal) {
	var set unix.Sigset_t
	set.Val[0] = 1 << (sig - 1)
	proc.Check(unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
}

// states says what /proc says about the three signals.
func states(pid int) string {
	disposition := func(sig unix.Signal) string {
		switch {
		case inSet(pid, "SigIgn", sig):
			return "ignored"
		case inSet(pid, "SigCgt", sig):
			return "caught"
		}
		return "default"
	}
	term := "not pending"
	if inSet(pid, "SigBlk", unix.SIGTERM) &&
		inSet(pid, "ShdPnd", unix.SIGTERM) {
		term = "pending"
	}
	return fmt.Sprintf("USR1 %s, USR2 %s, TERM %s",
		disposition(unix.SIGUSR1), disposition(unix.SIGUSR2), term)
}

// inSet says whether the signal is in a set of /proc/PID/status.
func inSet(pid int, line string, sig unix.Signal) bool {
	set, _ := strconv.ParseUint(statusLine(pid, line), 16, 64)
	return set>>(sig-1)&1 == 1
}

// statusLine is the value of a line of /proc/PID/status.
func statusLine(pid int, line string) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(b), "\n"+line+":")
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}
