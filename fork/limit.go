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
// which is a sign that something is wrong, or if the real user id
// has too many: its limit is CHILD_MAX.
//
// Linux today: both give EAGAIN. The user's limit is RLIMIT_NPROC
// (ulimit -u); root is exempt from it. The system's is the
// smallest of kernel.threads-max, of pids.max in each control
// group above, and of kernel.pid_max, which from Linux 6.14 on
// each pid namespace has for itself. A zombie counts.
//
// Each part is done in a throw-away child, under a user id or in
// a namespace that nobody else has: the machine does not feel it.
//
// To see it:
//
//	go run ./fork limit
//	go run ./fork limit -only user

var (
	limitFlags = flag.NewFlagSet("limit", flag.ContinueOnError)
	limitOnly  = limitFlags.String("only", "",
		"one `part`: user, root or system")
)

func limit() {
	done, known := 0, false
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"user", userLimit},
		{"root", rootExempt},
		{"system", systemLimit},
	} {
		if *limitOnly != "" && *limitOnly != part.name {
			continue
		}
		known = true
		pid, err := proc.Fork() // the throw-away child
		proc.Check(err)
		if pid == 0 {
			part.run()
			proc.Exit(0)
		}
		var status proc.WaitStatus
		_, err = proc.Waitpid(pid, &status, 0)
		proc.Check(err)
		if status == 0 {
			done++
		}
	}
	if !known {
		cannot("-only takes user, root or system")
	}
	if done == 0 {
		proc.Exit(2)
	}
}

// userLimit is about the processes of one real user id.
func userLimit() {
	if !ownUID() && unix.Unshare(unix.CLONE_NEWUSER) != nil {
		cannot("a user id of its own needs root or user namespaces")
	}
	proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC,
		&unix.Rlimit{Cur: 8, Max: 8}))
	fill("user", 12)
}

// rootExempt has a limit of 1, and is 1 already.
func rootExempt() {
	if os.Geteuid() != 0 {
		cannot("that root is exempt can be seen by root only")
	}
	proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC,
		&unix.Rlimit{Cur: 1, Max: 1}))
	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		proc.Exit(0)
	}
	fmt.Printf("root %d: limit 1, fork gives %s\n",
		os.Getpid(), word(err))
	if err == nil {
		_, err = proc.Waitpid(pid, nil, 0)
		proc.Check(err)
	}
}

// systemLimit is about all processes of a pid namespace, whose
// kernel.pid_max can not be less than 301.
func systemLimit() {
	var name unix.Utsname
	var major, minor int
	proc.Check(unix.Uname(&name))
	fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d",
		&major, &minor)
	if major < 6 || major == 6 && minor < 14 {
		cannot("before Linux 6.14 pid_max is the whole machine's")
	}
	const own = unix.CLONE_NEWPID
	if unix.Unshare(own) != nil &&
		unix.Unshare(own|unix.CLONE_NEWUSER) != nil {
		cannot("a pid namespace needs root or user namespaces")
	}
	pid, err := proc.Fork() // its first process
	proc.Check(err)
	if pid == 0 {
		const file = "/proc/sys/kernel/pid_max"
		if err := os.WriteFile(file, []byte("301"), 0); err != nil {
			cannot("the namespace's limit can not be set: " +
				err.Error())
		}
		fill("system", 1000)
		proc.Exit(0)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	proc.Exit(status.ExitStatus())
}

// cannot says in a sentence what this machine lacks.
func cannot(why string) {
	fmt.Fprintln(os.Stderr, "fork limit: "+why)
	proc.Exit(2)
}
