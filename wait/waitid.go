//go:build linux

package main

import (
	"flag"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Waitid is the experiment status with waitid (§8.7, Fig. 8.9,
// 8.10; Exercise 8.3).
//
// The book: waitid gives the information in a siginfo structure.
// The first two arguments say which children to wait for, the
// options say for which changes. With WNOWAIT the child stays as
// it is, and a later wait can return it again.
//
// Linux today: the same. P_PIDFD (5.4) names the child by a
// descriptor, which never means another process later. The options
// must name at least one kind of change. The fourth child makes
// itself not dumpable, so it never leaves a core file.
//
// To see it:
//
//	go run ./wait waitid
//	go run ./wait waitid --stops    a child stops and continues

var (
	waitidFlags = flag.NewFlagSet("waitid", flag.ContinueOnError)
	showUID     = waitidFlags.Bool("uid", false,
		"print si_uid too, the real user id of the child")
	showStops = waitidFlags.Bool("stops", false,
		"wait for a stop and a continue instead of an end")
)

func waitid() {
	if *showStops {
		stopsAndContinues()
	}
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
		untilZombie(pid)
	}

	// There are four zombies: only the arguments decide which one
	// waitid returns.
	fd, err := unix.PidfdOpen(child[4], 0)
	if err != nil {
		stdio.Printf("P_PIDFD: %s\n", errno(err))
		reap(child[4])
	} else {
		compare("P_PIDFD", unix.P_PIDFD, fd)
		unix.Close(fd)
	}
	compare("P_PGID", unix.P_PGID, child[2])
	compare("P_PID", unix.P_PID, child[3])
	compare("P_ALL", unix.P_ALL, 0)

	fails := func(options int) string {
		return errno(proc.Waitid(unix.P_ALL, 0, nil, options))
	}
	stdio.Printf("no change named:  %s\n", fails(unix.WNOHANG))
	stdio.Printf("an unknown bit:   %s\n",
		fails(unix.WEXITED|0x100))
	stdio.Printf("no child left:    %s\n", fails(unix.WEXITED))
	stdio.Exit(0)
}

// compare prints what waitid says about a child, and then what
// waitpid says about the same end.
func compare(name string, idtype, id int) {
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
