//go:build linux

package main

import (
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Differ shows what a child does not inherit: the second list of
// section 8.3.
//
// The book: the return value of fork, the process id and the
// parent process id; the child's tms_utime, tms_stime, tms_cutime
// and tms_cstime are 0; file locks are not inherited; pending
// alarms are cleared; the set of pending signals is empty.
//
// Linux today: the same. alarm and ITIMER_REAL are one timer; the
// two other interval timers and POSIX timers are not inherited
// either. The book means the record locks of fcntl, which belong
// to a process. A lock of flock belongs to the open file
// description, so both have it. Of all threads the child has only
// the one that called fork.
//
// To see it:
//
//	go run ./fork differ

func differ() {
	table("what differs", []attribute{
		{name: "fork's return value", set: setNothing,
			get: func() string { return fmt.Sprint(returned) }},
		{name: "process ID", set: setNothing,
			get: func() string { return fmt.Sprint(os.Getpid()) }},
		{name: "parent process ID", set: setNothing,
			get: func() string { return fmt.Sprint(os.Getppid()) }},
		{name: "tms_utime",
			set: func() error { return spend(utime) },
			get: func() string { return ticks(utime) }},
		{name: "tms_stime",
			set: func() error { return spend(stime) },
			get: func() string { return ticks(stime) }},
		{name: "tms_cutime",
			set: func() error { return spendInChild(utime) },
			get: func() string { return ticks(cutime) }},
		{name: "tms_cstime",
			set: func() error { return spendInChild(stime) },
			get: func() string { return ticks(cstime) }},
		{name: "record lock", set: lockRecord, get: record},
		{name: "alarm (ITIMER_REAL)",
			set:   timer(unix.ITIMER_REAL, unix.SIGALRM),
			ready: func() { untilPending(unix.SIGALRM, nil) },
			get:   rings(unix.SIGALRM, nil)},
		{name: "ITIMER_VIRTUAL",
			set:   timer(unix.ITIMER_VIRTUAL, unix.SIGVTALRM),
			ready: func() { untilPending(unix.SIGVTALRM, utime) },
			get:   rings(unix.SIGVTALRM, utime)},
		{name: "ITIMER_PROF",
			set:   timer(unix.ITIMER_PROF, unix.SIGPROF),
			ready: func() { untilPending(unix.SIGPROF, utime) },
			get:   rings(unix.SIGPROF, utime)},
		{name: "POSIX timer", set: posixTimer,
			ready: func() { untilPending(unix.SIGUSR2, nil) },
			get:   posixRings},
		{name: "pending signals", set: sendSelf, get: pending},
	})
	// The first process has several threads, those of Go. A forked
	// one would not.
	threads := attribute{name: "threads", set: setNothing,
		get: func() string {
			if field("Threads") == "1" {
				return "1"
			}
			return "several"
		}}
	proc.Check(threads.row())

	// This lock is not a difference: both have it.
	table("what does not", []attribute{
		{name: "flock lock", set: lockFile, get: locked},
	})
}

func setNothing() error { return nil }

// delay is the time after which the timers send their signals.
const delay = 20 * time.Millisecond

// timer sets an interval timer. Its signal is blocked, so that it
// stays pending.
func timer(which unix.ItimerWhich, sig unix.Signal) func() error {
	return func() error {
		block(sig)
		_, err := unix.Setitimer(which,
			unix.MakeItimerval(0, delay))
		return err
	}
}

// untilPending returns when the signal is pending. Meanwhile it
// uses the processor if the timer counts that, or it sleeps.
func untilPending(sig unix.Signal, counts *clock) {
	for !has("ShdPnd", sig) {
		if counts != nil {
			counts.work()
		} else {
			proc.Sleep(time.Millisecond)
		}
	}
}

// rings says whether the signal of the timer is pending. When it
// looks, more time has passed, or been used, than the timer needs.
func rings(sig unix.Signal, counts *clock) func() string {
	return func() string {
		if counts != nil && !has("ShdPnd", sig) {
			spend(counts)
		}
		if has("ShdPnd", sig) {
			return "rings"
		}
		return "does not ring"
	}
}

// timerID is the id of the POSIX timer. It is valid only in the
// process that made the timer.
var timerID int

func posixTimer() (err error) {
	block(unix.SIGUSR2)
	timerID, err = proc.Timer(unix.SIGUSR2, delay)
	return err
}

func posixRings() string {
	if _, err := proc.TimerLeft(timerID); err != nil {
		return "there is none"
	}
	return rings(unix.SIGUSR2, nil)()
}
