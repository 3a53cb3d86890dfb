//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Ids shows the identifiers of processes and how the kernel gives
// them out: section 8.2.
//
// The book: every process has a unique id above 0. An id is used
// again when its process is gone, but most systems delay that, so
// that a new process is not taken for the old one. Id 0 is the
// scheduler, a part of the kernel; 1 is init, an ordinary user
// process with superuser rights, which never dies; on some
// systems 2 is the page daemon. None of the calls that ask for an
// id can fail.
//
// Linux today: the kernel goes up to pid_max and begins again, at
// 300. It skips what a process, also a zombie, or a process group
// or session still has. 2 is kthreadd, the parent of the kernel's
// threads. In a pid namespace of its own, such as a container,
// there is another 1, whose parent is "0", and 2 is any process.
//
// To see it:
//
//	go run ./fork ids               our ids
//	go run ./fork ids -here         who 0, 1 and 2 are here
//	go run ./fork ids -namespace    in a pid namespace of our own

var (
	idsFlags = flag.NewFlagSet("ids", flag.ContinueOnError)
	idsHere  = idsFlags.Bool("here", false,
		"say who the processes 0, 1 and 2 are on this machine")
	idsSpace = idsFlags.Bool("namespace", false,
		"ask for certain ids in a pid namespace of our own")
)

func ids() {
	switch {
	case *idsHere:
		here()
		return
	case *idsSpace:
		namespace()
		return
	}
	sayIDs("parent")
	inChild(func() { sayIDs("child") })

	const children = 100
	last, twice := 0, 0
	for range children {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			proc.Exit(0)
		}
		_, err = proc.Waitpid(pid, nil, 0) // its id is free
		proc.Check(err)
		if pid == last {
			twice++
		}
		last = pid
	}
	say("parent", "%d children in turn, ids given twice in a row: "+
		"%d", children, twice)
}

// sayIDs prints what the six calls return: they have no error.
func sayIDs(who string) {
	say(who, "parent %d, real uid %d, effective uid %d",
		unix.Getppid(), unix.Getuid(), unix.Geteuid())
	say(who, "real gid %d, effective gid %d",
		unix.Getgid(), unix.Getegid())
}

// pfKthread is PF_KTHREAD among the flags of /proc/PID/stat: a
// thread of the kernel.
const pfKthread = 0x200000

// unseen says what it means that a process has no file in /proc.
// With hidepid others' processes are not shown; 1 is always there.
func unseen(pid int, err error) string {
	_, hidden := os.ReadFile("/proc/1/stat")
	if err = errors.Unwrap(err); err != unix.ENOENT ||
		pid > 0 && hidden != nil {
		return "can not be seen"
	}
	return "is no process"
}

// here says who the processes 0, 1 and 2 are.
func here() {
	for pid := range 3 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			fmt.Printf("%d %s\n", pid, unseen(pid, err))
			continue
		}
		// The name may hold spaces and parentheses.
		open := strings.IndexByte(string(stat), '(')
		end := strings.LastIndexByte(string(stat), ')')
		name := string(stat[open+1 : end])
		var state string
		var ppid, group, session, tty, tpgid, flags int
		fmt.Sscan(string(stat[end+1:]), &state, &ppid, &group,
			&session, &tty, &tpgid, &flags)
		kind := "a user process"
		if flags&pfKthread != 0 {
			kind = "a thread of the kernel"
		}
		var info unix.Stat_t
		unix.Stat(fmt.Sprintf("/proc/%d", pid), &info)
		fmt.Printf("%d is %s: %s, uid %d, parent %d\n",
			pid, name, kind, info.Uid, ppid)
	}
}
