//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Background shows what happens to the jobs of a shell when their
// terminal goes away: a job in the foreground, one in the
// foreground with nohup, one in the background, and a daemon.
//
// The book, sections 9.6 and 10.2: when a terminal is
// disconnected, the kernel sends SIGHUP to the session leader.
// When a session leader ends, the kernel sends SIGHUP to every
// process in the foreground process group.
//
// Linux today: the same, and it sends SIGHUP to no other process.
// It does not send it to a job in a group of its own (cmd &). But
// a shell can: bash sends SIGHUP to its jobs when it gets one,
// dash does not. nohup only ignores the signal. These three jobs
// are still in the old session; a daemon is not.
//
// This program plays the terminal window: it has the master of the
// pseudo-terminal. It is the subreaper, so it can wait for all.
//
// To see it:
//
//	go run ./doublefork background
//	go run ./doublefork background --shell bash    a real shell

// A job is one of the processes that are started.
type job struct {
	role string
	pid  int
}

func background() {
	if *shellName != "" {
		realShell(*shellName)
		return
	}
	err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	proc.Check(err)
	master, terminal := openPty()
	var ready, end [2]int
	proc.Check(unix.Pipe2(ready[:], unix.O_CLOEXEC))
	proc.Check(unix.Pipe2(end[:], unix.O_CLOEXEC))

	leader, err := proc.Fork()
	proc.Check(err)
	if leader == 0 {
		unix.Close(master)
		unix.Close(end[1])
		playShell(leadSession(terminal), ready[1], end[0])
	}
	unix.Close(ready[1])
	// Each job writes its number and its pid when it is ready.
	all := []job{{role: "session leader"},
		{role: "foreground job"}, {role: "nohup job"},
		{role: "background job"}, {role: "daemon"}}
	for range all {
		var i, pid int
		_, err := fmt.Fscanf(reader(ready[0]), "%d %d\n", &i, &pid)
		allStarted(err)
		all[i].pid = pid
	}
	for _, j := range all {
		session, err := unix.Getsid(j.pid)
		proc.Check(err)
		group, err := unix.Getpgid(j.pid)
		proc.Check(err)
		sayf("%s %d: group %d, session %d\n",
			j.role, j.pid, group, session)
	}

	proc.Check(unix.Close(master)) // the terminal hangs up
	for _, j := range all[:2] {
		report(j, 0)
	}
	for _, j := range all[2:] {
		report(j, unix.WNOHANG)
	}
	unix.Close(end[1]) // now the others end
	for _, j := range all[2:] {
		report(j, 0)
	}
}

// report waits for the job and prints its termination status.
func report(j job, options int) {
	var status proc.WaitStatus
	pid, err := proc.Waitpid(j.pid, &status, options)
	proc.Check(err)
	if pid == 0 {
		sayf("%s %d: still runs\n", j.role, j.pid)
	} else {
		sayf("%s %d: %v\n", j.role, j.pid, status)
	}
}

// playShell starts the jobs as a shell does.
func playShell(terminal, ready, end int) {
	proc.Check(proc.Signal(unix.SIGHUP, proc.Default))
	run := func(i int) {
		line := fmt.Sprintf("%d %d\n", i, os.Getpid())
		proc.Write(ready, []byte(line))
		unix.Close(ready)
		receive(end)
		proc.Exit(0)
	}
	child := func(do func()) int {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			do()
		}
		return pid
	}
	foreground := child(func() { run(1) })
	proc.Check(unix.Setpgid(foreground, foreground))
	proc.Check(unix.IoctlSetPointerInt(terminal,
		unix.TIOCSPGRP, foreground))

	nohup := child(func() {
		proc.Check(proc.Signal(unix.SIGHUP, proc.Ignore))
		run(2)
	})
	proc.Check(unix.Setpgid(nohup, foreground))

	alone := child(func() { run(3) })
	proc.Check(unix.Setpgid(alone, alone))

	first := child(func() {
		_, err := unix.Setsid()
		proc.Check(err)
		child(func() { run(4) })
		proc.Exit(0)
	})
	_, err := proc.Waitpid(first, nil, 0)
	proc.Check(err)

	run(0) // all are in their groups now; SIGHUP will end it
}
