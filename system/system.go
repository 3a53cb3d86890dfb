//go:build linux

package main

import (
	"flag"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// RunSystem has commands executed by the function system of Figure
// 8.22, and prints their statuses as Figure 8.23 does.
//
// The book: system is a fork, an exec of the shell, and a waitpid.
// It returns the shell's termination status, as if the shell had
// exited with 127 where it could not be executed, and −1 if the
// fork fails. The child calls _exit, not exit, so that the copy of
// the parent's buffers is not flushed.
//
// Linux today: a command that cannot be executed is 126, and that
// the shell itself is missing looks like a command that is missing
// (127). A command that a signal ended is 128 + its number if the
// shell waited for it, and the signal itself if the shell executed
// the command in its own process. The C program shows what the
// library's system says: where no process can be made, glibc's
// returns 0x7f00 and not −1, and errno is EAGAIN.
//
// To see it:
//
//	go run ./system
//	go run ./system system --cases    the less usual statuses

var (
	systemFlags = flag.NewFlagSet("system", 0)
	showCases   = systemFlags.Bool("cases", false,
		"the less usual statuses")
)

func runSystem() {
	if *showCases {
		cases()
		stdio.Exit(0)
	}
	for _, command := range []string{"exit 0", "nosuchcommand",
		"exit 44", "kill -9 $$"} {
		status, err := system(command)
		proc.Check(err)
		say("%v", status)
	}
	stdio.Exit(0)
}

// system executes a command as Figure 8.22 does, without any
// handling of signals.
func system(command string) (proc.WaitStatus, error) {
	return systemBy("/bin/sh", command, proc.Exit)
}

// systemBy is system with another shell, and another way to end
// for a child that cannot execute it.
func systemBy(shell, command string, exit func(int)) (
	status proc.WaitStatus, err error) {
	pid, err := proc.Fork()
	if err != nil {
		return 0, err
	}
	if pid == 0 {
		proc.Execl(shell, "sh", "-c", command)
		exit(127)
	}
	_, err = proc.Waitpid(pid, &status, 0)
	return status, err
}

func cases() {
	try := func(what, shell, command string) {
		status, err := systemBy(shell, command, proc.Exit)
		proc.Check(err)
		say("%s: %v", what, status)
	}
	try("no such command", "/bin/sh", "nosuchcommand 2>&-")
	try("not executable", "/bin/sh", "/dev/null 2>&-")
	try("no shell", "/nonexistent/sh", "exit 0")
	try("the shell killed", "/bin/sh", "kill -9 $$")
	try("a child of the shell killed", "/bin/sh",
		"sh -c 'kill -9 $$' 2>&-; exit $?")
	noProcess()
	afterExec("_exit", proc.Exit)
	afterExec("exit", stdio.Exit)
}

// noProcess calls system where the kernel makes no more processes
// for the user.
func noProcess() {
	reap(child(func() {
		if unix.Getuid() == 0 && !becomeUnused(unused) {
			say("no process: cannot be tried: it takes CAP_SETUID")
			return
		}
		proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC,
			&unix.Rlimit{}))
		status, err := system("exit 0")
		if err != nil {
			say("no process: −1, %s", result(err))
			return
		}
		say("no process: %v (this user is exempt)", status)
	}))
}

// afterExec calls a system whose shell is missing, with text in
// the buffer of standard output.
func afterExec(name string, exit func(int)) {
	reap(child(func() {
		stdio.Printf("unflushed, then %s\n", name)
		_, err := systemBy("/nonexistent/sh", "exit 0", exit)
		proc.Check(err)
		stdio.Exit(0)
	}))
}
