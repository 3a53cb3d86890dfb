//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Inherit shows what a child inherits in addition to memory and
// open files: the first list of section 8.3.
//
// The book: real and effective ids, supplementary groups, process
// group, session, controlling terminal, the set-user-ID and
// set-group-ID flags, working and root directory, file mode mask,
// signal mask and dispositions, close-on-exec flags, environment,
// attached shared memory, memory mappings and resource limits.
//
// Linux today: the same. In a process the two flags are the saved
// ids. POSIX does not say what happens to the nice value; Linux
// inherits it. Caught signals are inherited too: the C twin shows
// it with a handler. proc.Fork resets them in the child, because
// the handlers of Go need the threads of its runtime.
//
// To see it:
//
//	go run ./fork inherit           what every user can set
//	go run ./fork inherit --root    what needs privileges

var (
	inheritFlags = flag.NewFlagSet("inherit", flag.ContinueOnError)
	inheritRoot  = inheritFlags.Bool("root", false,
		"show the attributes that only root can change")
)

func inherit() {
	rows := ordinary
	if *inheritRoot {
		rows = privileged
	}
	// SIGUSR1 is ignored, so that a default disposition, which a
	// row sets, is an unusual value.
	proc.Check(proc.Signal(unix.SIGUSR1, proc.Ignore))
	if !table("attribute", rows) {
		proc.Cannot("this user cannot set some of the " +
			"attributes: run it as root, outside a container")
	}
}

// variable is what the row of the environment sets.
const variable = "APUE"

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
	{name: "close-on-exec flags", set: makePair, get: pairFlags},
	{name: "environment",
		set: func() error {
			me := fmt.Sprint("set by ", os.Getpid())
			return os.Setenv(variable, me)
		},
		get: func() string { return os.Getenv(variable) },
		then: func() {
			os.Setenv(variable, "changed by the child")
		}},
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
