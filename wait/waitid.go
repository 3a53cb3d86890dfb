//go:build linux

package main

import (
	"flag"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Waitid does the status experiment with waitid (§8.7, Fig. 8.9,
// 8.10; Exercise 8.3).
//
// The book: what a child has to tell comes in a siginfo, in parts
// in place of one word. The first two arguments select children,
// the options say for which changes to wait; with WNOWAIT the
// child stays as it is and can be waited for again.
//
// Linux today: the same, and P_PIDFD (5.4) selects by a
// descriptor, which can not come to mean another process. At
// least one kind of change has to be named. The fourth child has
// made itself undumpable: it never leaves a core file, whatever
// the machine is told to do with them.
//
// To see it:
//
//	go run ./wait waitid

var (
	waitidFlags = flag.NewFlagSet("waitid", flag.ContinueOnError)
	showUID     = waitidFlags.Bool("uid", false,
		"print si_uid, the child's real user id, too")
)

func waitid() {
	ends := []func(){
		1: func() { proc.Exit(7) },
		2: func() { unix.Setpgid(0, 0); proc.Abort() },
		3: func() { proc.Raise(unix.SIGFPE) },
		4: func() {
			unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
			proc.Abort()
		},
	}
	var child [5]int
	for n := 1; n <= 4; n++ {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			ends[n]()
		}
		child[n] = pid
		// Wait until it is a zombie, and leave it one.
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
	}

	// Four zombies: each selection finds its own.
	fd, err := unix.PidfdOpen(child[4], 0)
	if err != nil {
		stdio.Printf("P_PIDFD: %s\n", errno(err))
		collect(child[4])
	} else {
		inform("P_PIDFD", unix.P_PIDFD, fd)
		unix.Close(fd)
	}
	inform("P_PGID", unix.P_PGID, child[2])
	inform("P_PID", unix.P_PID, child[3])
	inform("P_ALL", unix.P_ALL, 0)

	bad := func(options int) string {
		return errno(proc.Waitid(unix.P_ALL, 0, nil, options))
	}
	stdio.Printf("no change named:  %s\n", bad(unix.WNOHANG))
	stdio.Printf("an unknown bit:   %s\n", bad(unix.WEXITED|0x100))
	stdio.Printf("no child left:    %s\n", bad(unix.WEXITED))
	stdio.Exit(0)
}

// inform looks at a child, prints what waitid tells of it, and
// then what waitpid makes of the same end.
func inform(name string, idtype, id int) {
	var info proc.Siginfo
	err := proc.Waitid(idtype, id, &info, unix.WEXITED|unix.WNOWAIT)
	if err != nil {
		stdio.Printf("%s: %s\n", name, errno(err))
		return
	}
	stdio.Printf("%s: si_pid %d, %s, si_status %d\n",
		name, info.Pid, cld[info.Code], info.Status)
	if *showUID {
		stdio.Printf("si_uid of %d is %d\n", info.Pid, info.UID)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(info.Pid, &status, 0)
	proc.Check(err)
	stdio.Printf("  waitpid: 0x%04x, %v\n", uint32(status), status)
}
