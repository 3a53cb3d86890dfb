//go:build linux

package main

import (
	"flag"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Interrupt is the function system as POSIX has it: with SIGINT and
// SIGQUIT ignored, and SIGCHLD blocked, in the caller while the
// command runs (§8.13, §10.18).
//
// The book: the interrupt and quit characters of the terminal go to
// all processes of the foreground group. Only the command is to be
// ended by them, not the program that waits for it. And a caller
// that catches SIGCHLD must not learn of a child that it did not
// make, and reap it before system does.
//
// Linux today: a caller that catches SIGCHLD gets one all the same,
// when system has unblocked the signal: Linux does not discard it
// when the child is reaped. A caller that ignores SIGCHLD gets −1
// and ECHILD, after the command has run.
//
// The caller here is a child of a fork: it has one thread, and its
// dispositions are the kernel's.
//
// To see it:
//
//	go run ./system interrupt
//	go run ./system interrupt --more     what else there is to it
//	go run ./system interrupt --terminal control-C on a terminal

var (
	interruptFlags = flag.NewFlagSet("interrupt", 0)
	moreSignals    = interruptFlags.Bool("more", false,
		"SIGCHLD caught, SIGCHLD ignored, SIGINT ignored before")
	onTerminal = interruptFlags.Bool("terminal", false,
		"type control-C while the command runs")
)

func interrupt() {
	switch {
	case *moreSignals:
		reap(child(childCaught))
		reap(child(childIgnored))
		reap(child(interruptIgnored))
	case *onTerminal:
		controlC("with signals handled", posixSystem)
		controlC("as in Figure 8.22", system)
	default:
		reap(child(func() {
			status, err := posixSystem("sleep 0.4")
			proc.Check(err)
			say("the command: %v", status)
		}))
	}
	stdio.Exit(0)
}

// posixSystem executes a command, with the signals handled.
func posixSystem(command string) (proc.WaitStatus, error) {
	ignore := proc.Action(proc.Ignore)
	var onInt, onQuit proc.SignalAction
	var chld, mask unix.Sigset_t
	chld.Val[0] = 1 << (unix.SIGCHLD - 1)
	proc.Check(proc.Sigaction(unix.SIGINT, &ignore, &onInt))
	proc.Check(proc.Sigaction(unix.SIGQUIT, &ignore, &onQuit))
	proc.Check(unix.PthreadSigmask(unix.SIG_BLOCK, &chld, &mask))
	restore := func() {
		proc.Sigaction(unix.SIGINT, &onInt, nil)
		proc.Sigaction(unix.SIGQUIT, &onQuit, nil)
		unix.PthreadSigmask(unix.SIG_SETMASK, &mask, nil)
	}

	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		restore()
		proc.Execl("/bin/sh", "sh", "-c", command)
		proc.Exit(127)
	}
	var status proc.WaitStatus
	if err == nil {
		_, err = proc.Waitpid(pid, &status, 0)
	}
	restore()
	return status, err
}

// childCaught catches SIGCHLD.
func childCaught() {
	proc.Check(proc.Catch(unix.SIGCHLD, proc.SA_RESTART))
	status, err := posixSystem("exit 0")
	n, _ := proc.Caught()
	say("SIGCHLD caught: %v, %s; caught after it: %d",
		status, result(err), n)
}

// childIgnored ignores SIGCHLD.
func childIgnored() {
	proc.Check(proc.Signal(unix.SIGCHLD, proc.Ignore))
	_, err := posixSystem("echo the command runs")
	say("SIGCHLD ignored: %s", result(err))
}

// interruptIgnored ignores SIGINT before the call.
func interruptIgnored() {
	proc.Check(proc.Signal(unix.SIGINT, proc.Ignore))
	_, err := posixSystem(
		"kill -INT $$; echo the command ignores SIGINT")
	say("SIGINT ignored before: %s", result(err))
}

// controlC has a caller run a command on a terminal of its own,
// types control-C when the command has begun, and says how the
// caller ended.
func controlC(what string,
	run func(string) (proc.WaitStatus, error)) {
	master, path := openPty()
	caller := child(func() {
		terminal := leadSession(path)
		unix.Close(master)
		proc.Check(unix.Dup3(terminal, 2, 0))
		proc.Signal(unix.SIGINT, proc.Default)
		status, err := run("echo >&2; exec sleep 60")
		say("%s: the command: %v, %s", what, status, result(err))
	})
	unix.Read(master, make([]byte, 64)) // the command has begun
	unix.Write(master, []byte{3})
	say("%s: the caller: %s", what, reap(caller).Short())
	unix.Close(master)
}
