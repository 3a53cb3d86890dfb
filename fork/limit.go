//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Limit forks until it fails.
//
// The book: fork fails if too many processes are in the system,
// which usually means that something else is wrong, or if the real
// user id has too many processes: its limit is CHILD_MAX.
//
// Linux today: both give EAGAIN. The limit of a user is
// RLIMIT_NPROC (ulimit -u); root is exempt from it. The limit of
// the system is the smallest of kernel.threads-max, of pids.max in
// each control group above, and of kernel.pid_max, which each pid
// namespace has for itself since Linux 6.14. A zombie counts.
//
// Each part runs in a child, with a user id or in a pid namespace
// that no other process has. No other program meets the limit.
//
// To see it:
//
//	go run ./fork limit
//	go run ./fork limit --only user
//	go run ./fork limit --max 5 --only user
//	go run ./fork limit --child-max

var (
	limitFlags = flag.NewFlagSet("limit", flag.ContinueOnError)
	limitOnly  = limitFlags.String("only", "",
		"run one `part`: user, root or system")
	limitMax = limitFlags.Int("max", 8,
		"how many processes the user may have: 2 to 1000")
	limitChildMax = limitFlags.Bool("child-max", false,
		"print what sysconf(_SC_CHILD_MAX) says")
)

func limit() {
	if *limitMax < 2 || *limitMax > 1000 {
		proc.Cannot("--max takes a number from 2 to 1000")
	}
	if *limitChildMax {
		childMax()
		return
	}
	done, known := 0, false
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"user", userLimit},
		{"root", rootIsExempt},
		{"system", systemLimit},
	} {
		if *limitOnly != "" && *limitOnly != part.name {
			continue
		}
		known = true
		if inChild(part.run) == 0 {
			done++
		}
	}
	if !known {
		proc.Cannot("--only takes user, root or system")
	}
	if done == 0 {
		proc.Exit(2)
	}
}

// userLimit limits the processes of a real user id.
func userLimit() {
	if !takeUnusedUID() && unix.Unshare(unix.CLONE_NEWUSER) != nil {
		proc.Cannot("it cannot get a user id of its own: run it " +
			"as root, or where user namespaces are allowed")
	}
	max := uint64(*limitMax)
	proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC,
		&unix.Rlimit{Cur: max, Max: max}))
	forkUntilItFails("user", *limitMax+4)
}

// rootIsExempt sets a limit of 1, which this process has reached.
func rootIsExempt() {
	if os.Geteuid() != 0 {
		proc.Cannot("only root can show that root is exempt: " +
			"run it as root")
	}
	proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC,
		&unix.Rlimit{Cur: 1, Max: 1}))
	say("root", "limit 1, fork gives %s", forkOnce())
}

// systemLimit limits the processes of a pid namespace. The kernel
// accepts no pid_max below 301.
func systemLimit() {
	var name unix.Utsname
	var major, minor int
	proc.Check(unix.Uname(&name))
	fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d",
		&major, &minor)
	if major < 6 || major == 6 && minor < 14 {
		proc.Cannot("before Linux 6.14 pid_max is a limit of the " +
			"whole machine: use --only user")
	}
	const own = unix.CLONE_NEWPID
	if unix.Unshare(own) != nil &&
		unix.Unshare(own|unix.CLONE_NEWUSER) != nil {
		proc.Cannot("it cannot make a pid namespace: run it as " +
			"root, or where user namespaces are allowed")
	}
	status := inChild(func() { // process 1 of the namespace
		const file = "/proc/sys/kernel/pid_max"
		if err := os.WriteFile(file, []byte("301"), 0); err != nil {
			proc.Cannot("it cannot set pid_max of its pid "+
				"namespace (%v): run it as root", err)
		}
		forkUntilItFails("system", 1000)
	})
	proc.Exit(status.ExitStatus())
}
