//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Inherit shows what a child gets from its parent beside memory
// and open files: the first list of section 8.3.
//
// The book: real and effective ids, supplementary groups, process
// group, session, controlling terminal, the set-user-ID and
// set-group-ID flags, working and root directory, file mode mask,
// signal mask and dispositions, close-on-exec flags, environment,
// attached shared memory, memory mappings and resource limits.
//
// Linux today: the same. What is left of the two flags in a
// process are the saved ids. POSIX leaves the nice value to the
// system; Linux inherits it. Caught signals are inherited too, as
// the C twin shows with a handler; proc.Fork resets them in a
// child, because Go's handlers need the runtime's threads.
//
// To see it:
//
//	go run ./fork inherit          what anybody can set
//	go run ./fork inherit -root    what needs privileges

var (
	inheritFlags = flag.NewFlagSet("inherit", flag.ContinueOnError)
	inheritRoot  = inheritFlags.Bool("root", false,
		"the attributes whose value only root can change")
)

func inherit() {
	rows := ordinary
	if *inheritRoot {
		rows = privileged
	}
	// What a row sets has to be unusual: here SIGUSR1 is ignored.
	proc.Check(proc.Signal(unix.SIGUSR1, proc.Ignore))
	if !table("attribute", rows) {
		fmt.Fprintln(os.Stderr, "fork inherit: some of these need "+
			"privileges: run it as root, outside a container")
		os.Exit(2)
	}
}

// mood is the variable that the environment's row sets.
const mood = "MOOD"

var ordinary = []attribute{
	{name: "process group ID",
		set: func() error { return unix.Setpgid(0, 0) },
		get: func() string { return fmt.Sprint(unix.Getpgrp()) }},
	{name: "session ID", set: setsid, get: session},
	{name: "controlling terminal", set: newTerminal, get: terminal},
	{name: "working directory",
		set: func() error { return unix.Chdir("/") },
		get: func() string { d, _ := unix.Getwd(); return d }},
	{name: "file mode creation mask",
		set: func() error { unix.Umask(0o135); return nil },
		get: umask},
	{name: "signal mask", set: blockSome, get: blocked},
	{name: "ignored signal",
		set: func() error {
			return proc.Signal(unix.SIGUSR2, proc.Ignore)
		},
		get: func() string { return disposition(unix.SIGUSR2) }},
	{name: "default signal",
		set: func() error {
			return proc.Signal(unix.SIGUSR1, proc.Default)
		},
		get: func() string { return disposition(unix.SIGUSR1) }},
	{name: "caught signal", set: catch, bare: true,
		get: func() string { return disposition(unix.SIGUSR1) }},
	{name: "close-on-exec flags", set: twoCopies, get: flags},
	{name: "environment",
		set: func() error {
			me := fmt.Sprint("set by ", os.Getpid())
			return os.Setenv(mood, me)
		},
		get:  func() string { return os.Getenv(mood) },
		then: func() { os.Setenv(mood, "changed by the child") }},
	{name: "shared memory segment", set: attach,
		get: func() string { return string(segment[:5]) }},
	{name: "memory mapping", set: mapFile,
		get: func() string { return string(mapped[:5]) }},
	{name: "resource limit", set: limitFiles, get: fileLimit},
	{name: "nice value",
		set: func() error {
			return unix.Setpriority(unix.PRIO_PROCESS, 0, 17)
		},
		get: niceness},
}

var privileged = []attribute{
	{name: "real user ID",
		set: func() error { return setres(unix.SYS_SETRESUID, 0) },
		get: func() string { return fmt.Sprint(uids()[0]) }},
	{name: "effective user ID",
		set: func() error { return setres(unix.SYS_SETRESUID, 1) },
		get: func() string { return fmt.Sprint(uids()[1]) }},
	{name: "saved set-user-ID",
		set: func() error { return setres(unix.SYS_SETRESUID, 2) },
		get: func() string { return fmt.Sprint(uids()[2]) }},
	{name: "real group ID",
		set: func() error { return setres(unix.SYS_SETRESGID, 0) },
		get: func() string { return fmt.Sprint(gids()[0]) }},
	{name: "effective group ID",
		set: func() error { return setres(unix.SYS_SETRESGID, 1) },
		get: func() string { return fmt.Sprint(gids()[1]) }},
	{name: "saved set-group-ID",
		set: func() error { return setres(unix.SYS_SETRESGID, 2) },
		get: func() string { return fmt.Sprint(gids()[2]) }},
	{name: "supplementary groups",
		set: func() error {
			return unix.Setgroups([]int{7000004, 7000005})
		},
		get: groups},
	{name: "root directory", set: newRoot, get: root},
}
