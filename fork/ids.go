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

// Ids shows the ids of processes, and how the kernel assigns them:
// section 8.2.
//
// The book: every process has a unique id. When a process is gone
// its id can be used again, but most systems delay that, so that
// a new process is not mistaken for the old one. 0 is usually the
// scheduler, a part of the kernel. 1 is init, an ordinary user
// process with superuser privileges, which never dies. On some
// systems 2 is the page daemon. The functions that return an id
// have no error return.
//
// Linux today: the kernel counts up to pid_max, then begins again
// at 300. It skips an id that a process, a zombie, a process group
// or a session still has. 2 is kthreadd, the parent of the threads
// of the kernel. A container has a pid namespace of its own: there
// 1 is another process, its parent id is 0, and 2 is any process.
//
// To see it:
//
//	go run ./fork ids                our ids
//	go run ./fork ids --here         processes 0, 1 and 2
//	go run ./fork ids --namespace    in a pid namespace of our own

var (
	idsFlags = flag.NewFlagSet("ids", flag.ContinueOnError)
	idsHere  = idsFlags.Bool("here", false,
		"show what the processes 0, 1 and 2 are on this machine")
	idsSpace = idsFlags.Bool("namespace", false,
		"choose the next id, in a pid namespace of our own")
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
		reap(pid) // now its id is free
		if pid == last {
			twice++
		}
		last = pid
	}
	say("parent", "%d children in turn, ids given twice in a row: "+
		"%d", children, twice)
}

// sayIDs prints what the six functions return. None can fail.
func sayIDs(role string) {
	say(role, "parent %d, real uid %d, effective uid %d",
		unix.Getppid(), unix.Getuid(), unix.Geteuid())
	say(role, "real gid %d, effective gid %d",
		unix.Getgid(), unix.Getegid())
}

// pfKthread is PF_KTHREAD, a flag in /proc/PID/stat: this process
// is a thread of the kernel.
const pfKthread = 0x200000

// absent says what it means that /proc has no file for a process.
// Process 1 always exists: if its file cannot be read, /proc hides
// the processes of other users (mount option hidepid).
func absent(pid int, err error) string {
	_, hidden := os.ReadFile("/proc/1/stat")
	if err = errors.Unwrap(err); err != unix.ENOENT ||
		pid > 0 && hidden != nil {
		return "cannot be seen"
	}
	return "is not a process"
}

// here prints what the processes 0, 1 and 2 are.
func here() {
	for pid := range 3 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			fmt.Printf("%d %s\n", pid, absent(pid, err))
			continue
		}
		// The name may contain spaces and parentheses.
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
