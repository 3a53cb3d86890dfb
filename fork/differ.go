//go:build linux

package main

import (
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Differ shows in what a child is not like its parent: the second
// list of section 8.3.
//
// The book: fork's return value, the process ids and parent
// process ids; the child's tms_utime, tms_stime, tms_cutime and
// tms_cstime are 0; file locks of the parent are not inherited;
// pending alarms are cleared and pending signals are none.
//
// Linux today: the same. Alarm and ITIMER_REAL are one timer; the
// two others and POSIX timers are not inherited either. The file
// locks meant are those of fcntl, which belong to a process: one
// of flock belongs to the open file description, and so to both.
// Of many threads only the one that called fork is in the child.
//
// To see it:
//
//	go run ./fork differ

func differ() {
	table("what differs", []attribute{
		{name: "fork's return value", set: nothing,
			get: func() string { return fmt.Sprint(returned) }},
		{name: "process ID", set: nothing,
			get: func() string { return fmt.Sprint(os.Getpid()) }},
		{name: "parent process ID", set: nothing,
			get: func() string { return fmt.Sprint(os.Getppid()) }},
		{name: "tms_utime", set: func() error { return use(utime) },
			get: func() string { return ticks(utime) }},
		{name: "tms_stime", set: func() error { return use(stime) },
			get: func() string { return ticks(stime) }},
		{name: "tms_cutime",
			set: func() error { return let(utime) },
			get: func() string { return ticks(cutime) }},
		{name: "tms_cstime",
			set: func() error { return let(stime) },
			get: func() string { return ticks(cstime) }},
		{name: "record lock", set: lockRecord, get: record},
		{name: "alarm (ITIMER_REAL)",
			set:   timer(unix.ITIMER_REAL, unix.SIGALRM),
			ready: func() { wait(unix.SIGALRM, nil) },
			get:   rings(unix.SIGALRM, nil)},
		{name: "ITIMER_VIRTUAL",
			set:   timer(unix.ITIMER_VIRTUAL, unix.SIGVTALRM),
			ready: func() { wait(unix.SIGVTALRM, utime) },
			get:   rings(unix.SIGVTALRM, utime)},
		{name: "ITIMER_PROF",
			set:   timer(unix.ITIMER_PROF, unix.SIGPROF),
			ready: func() { wait(unix.SIGPROF, utime) },
			get:   rings(unix.SIGPROF, utime)},
		{name: "POSIX timer", set: posixTimer,
			ready: func() { wait(unix.SIGUSR2, nil) },
			get:   posixRings},
		{name: "pending signals", set: sendSelf, get: pending},
	})
	// Only the first process has several threads: Go's own.
	threads := attribute{name: "threads", set: nothing,
		get: func() string {
			if field("Threads") == "1" {
				return "1"
			}
			return "several"
		}}
	proc.Check(threads.row())

	// And what looks like a difference and is none.
	table("what does not", []attribute{
		{name: "flock lock", set: lockFile, get: locked},
	})
}

func nothing() error { return nil }

// soon is when the timers ring.
const soon = 20 * time.Millisecond

// timer sets an interval timer whose signal stays pending.
func timer(which unix.ItimerWhich, sig unix.Signal) func() error {
	return func() error {
		block(sig)
		_, err := unix.Setitimer(which, unix.MakeItimerval(0, soon))
		return err
	}
}

// wait waits, or works, until the signal is pending.
func wait(sig unix.Signal, work *clock) {
	for !has("ShdPnd", sig) {
		if work != nil {
			work.work()
		} else {
			proc.Sleep(time.Millisecond)
		}
	}
}

// rings says whether the timer's signal is pending, in a process
// that has lived, or worked, for longer than it takes.
func rings(sig unix.Signal, work *clock) func() string {
	return func() string {
		if work != nil && !has("ShdPnd", sig) {
			use(work)
		}
		if has("ShdPnd", sig) {
			return "rings"
		}
		return "does not ring"
	}
}

// posix is the timer's id; it means nothing in another process.
var posix int

func posixTimer() (err error) {
	block(unix.SIGUSR2)
	posix, err = proc.Timer(unix.SIGUSR2, soon)
	return err
}

func posixRings() string {
	if _, err := proc.TimerLeft(posix); err != nil {
		return "there is none"
	}
	return rings(unix.SIGUSR2, nil)()
}
