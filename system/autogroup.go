//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Autogroup has two processes of different sessions compete for one
// processor, with nice values as different as possible (§8.16).
//
// The book: the nice value decides about a process's share of the
// processor.
//
// Linux today: since 2.6.38 the kernel can put the processes of
// each session into a group of their own, and divides the
// processor among the groups first. The nice value then counts
// only within a session: two processes of different sessions get
// half each, whatever their nice values are. The number in
// /proc/PID/autogroup weighs the group as a whole. This holds
// where the sysctl kernel.sched_autogroup_enabled is 1, for
// processes in the root CPU control group.
//
// To see it:
//
//	go run ./system autogroup
//	go run ./system autogroup --ms    with the times

var (
	autogroupFlags = flag.NewFlagSet("autogroup", 0)
	autogroupMs    = autogroupFlags.Bool("ms", false,
		"print the processor times, in milliseconds")
)

// sysctl tells whether the kernel makes such groups.
const sysctl = "/proc/sys/kernel/sched_autogroup_enabled"

func autogroup() {
	on, err := os.ReadFile(sysctl)
	if err != nil || strings.TrimSpace(string(on)) != "1" {
		proc.Cannot("the kernel groups no sessions here: " +
			"sysctl kernel.sched_autogroup_enabled is not 1")
	}
	fromZero(9)
	membership()
	between("sessions", newSession, 0, 0, 19)
	between("the second group +10", newSession, 10, 0, 0)
	reap(child(func() {
		newSession()
		between("one session", func() {}, 0, 0, 10)
	}))
	stdio.Exit(0)
}

// groupOf is the number of the process's group.
func groupOf(pid int) string {
	name, _, _ := strings.Cut(procFile(pid, "autogroup"), " ")
	return name
}

// membership forks, and makes a session.
func membership() {
	before := groupOf(os.Getpid())
	reap(child(func() {
		say("a fork: the same group: %t",
			groupOf(os.Getpid()) == before)
		_, err := unix.Setsid()
		proc.Check(err)
		say("setsid: another group: %t",
			groupOf(os.Getpid()) != before)
	}))
}

// newSession makes the caller the leader of a session.
func newSession() {
	_, err := unix.Setsid()
	proc.Check(err)
}

// between makes two processes, which compute on one processor, each
// in a new session or both in the caller's. The weight is written
// to the group of the second.
func between(what string, session func(), weight int,
	nices ...int) {
	oneProcessor()
	ready, g := newGate(), newGate()
	var pids []int
	for i, n := range nices {
		pids = append(pids, child(func() {
			session()
			_, err := proc.Nice(n)
			proc.Check(err)
			if i == 1 && weight != 0 {
				weigh(weight)
			}
			ready.open()
			g.wait()
			computeFor(500e6)
		}))
	}
	ready.wait() // until both are ready
	g.open()
	var used [2]int64
	for i, pid := range pids {
		untilZombie(pid)
		used[i] = usedByZombie(pid)
	}
	for i, pid := range pids {
		say("%s, nice +%d: %s", what, nices[i],
			half(used[i], used[0]+used[1]))
		reap(pid)
	}
}

// weigh gives the caller's group another weight.
func weigh(n int) {
	proc.Check(os.WriteFile("/proc/self/autogroup",
		[]byte(fmt.Sprint(n)), 0))
}

// half is the processor time, or the word for it as a part of all.
func half(used, all int64) string {
	switch {
	case *autogroupMs:
		return fmt.Sprintf("%d ms", used/1e6)
	case used < all/3:
		return "the smaller share"
	case used > all*2/3:
		return "the larger share"
	}
	return "about half"
}
