//go:build linux

package main

import (
	"flag"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Account turns process accounting on, runs the processes of Figure
// 8.28, and prints the records as Figure 8.29 does.
//
// The book: the kernel writes a record when a process ends, in the
// order of the ends. It starts a new record at a fork, not at an
// exec: of A that executes B, which executes C, there is one
// record, with C's name and the sum of the times. AFORK is set for
// a process that forked and never executed, ACORE for a core dump,
// AXSIG for a death by signal.
//
// Linux today: the record has 64 bytes (version 3), with pid,
// parent and the wait status. ACORE is set where a dump was tried,
// also if no file was written, so it is not the core bit. The
// record is there before the parent waits. Accounting belongs to a
// pid namespace, in which this program runs its processes; below
// 2 % free space the kernel writes nothing and says nothing.
//
// To see it, as root:
//
//	go run ./system account
//	go run ./system account --errors

var (
	accountFlags  = flag.NewFlagSet("account", 0)
	accountErrors = accountFlags.Bool("errors", false,
		"what acct refuses")
)

func account() {
	pid, err := proc.Clone(unix.CLONE_NEWPID | unix.CLONE_NEWNS)
	if err != nil {
		proc.Cannot("a pid namespace of its own takes "+
			"CAP_SYS_ADMIN (%v): run it as root", err)
	}
	if pid != 0 {
		os.Exit(reap(pid).ExitStatus())
	}
	rename("account")
	folder := smallFolder()
	file := folder + "/acct"
	if *accountErrors {
		refusals(folder)
		stdio.Exit(0)
	}
	fd, err := unix.Open(file, unix.O_CREAT|unix.O_RDONLY, 0o600)
	proc.Check(err)
	if err := proc.Acct(file); err != nil {
		proc.Cannot("accounting takes CAP_SYS_PACCT and a kernel "+
			"with CONFIG_BSD_PROCESS_ACCT (%v)", err)
	}
	processes()
	zombie := child(func() {})
	untilZombie(zombie)
	say("records, one child a zombie: %d", len(records(fd)))
	reap(zombie)
	proc.Check(proc.AcctOff())
	for _, r := range records(fd) {
		say("%s", r)
	}
	stdio.Exit(0)
}

// smallFolder mounts an empty file system of its own, with space.
func smallFolder() string {
	const path = "/mnt"
	proc.Check(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE,
		""))
	proc.Check(unix.Mount("apue", path, "tmpfs", 0, "size=1m"))
	return path
}

// processes ends four processes of Figure 8.28, and three programs
// that are one process, each after the one before it.
func processes() {
	reap(child(func() { proc.Exit(2) }))
	reap(child(func() {
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
		proc.Abort()
	}))
	reap(child(func() {
		proc.Check(proc.Execl("/bin/sh", "sh", "-c",
			"exec sh -c 'exec sleep 0'"))
	}))
	reap(child(func() { proc.Raise(unix.SIGKILL) }))
	reap(child(func() {
		unix.Mknod("/mnt/device", unix.S_IFCHR, 0x103)
	}))
}

// refusals tries what acct does not take.
func refusals(folder string) {
	for _, name := range []string{folder + "/nothing", folder,
		"/dev/null", "/proc/self/stat"} {
		err := proc.Acct(name)
		if result(err) == result(unix.EPERM) {
			proc.Cannot("accounting takes CAP_SYS_PACCT in the " +
				"first user namespace: run it as root")
		}
		say("acct %s: %s", name, result(err))
	}
	reap(child(func() {
		if becomeUnused(unused) {
			say("acct without privilege: %s",
				result(proc.AcctOff()))
		}
	}))
}
