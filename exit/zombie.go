//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Zombie is Exercise 8.6: a child has ended, and its parent has
// not waited for it yet.
//
// The book: for every process that has ended the kernel keeps at
// least the process id, the termination status and the processor
// time, until the parent waits for it. Its memory is released and
// its files are closed. Such a process is called a zombie, and ps
// shows its state as Z.
//
// Linux today: the same, and /proc shows it without ps. A signal
// to a zombie succeeds and changes nothing. If the parent ends
// first, the zombie is adopted like any orphan, and its new parent
// reaps it.
//
// waitid with WNOWAIT returns when the child is a zombie, and does
// not reap it. No sleep is needed.
//
// To see it:
//
//	go run ./exit zombie
//	go run ./exit zombie --ps         ps shows it too
//	go run ./exit zombie --adopted    its parent ends first

var (
	zombieFlags = flag.NewFlagSet("zombie", 0)
	adopted     = zombieFlags.Bool("adopted", false,
		"the parent of the zombie ends and does not wait")
	withPs = zombieFlags.Bool("ps", false,
		"run ps by system, as the exercise says")
)

func zombie() {
	if *adopted {
		adoptZombie()
		stdio.Exit(0)
	}
	pid := makeZombie()
	if *withPs {
		say("parent %d: child %d is a zombie", os.Getpid(), pid)
		system(fmt.Sprintf("ps -o pid,stat,comm -p %d", pid))
		reap(pid)
		stdio.Exit(0)
	}
	say("parent %d: child %d is dead", os.Getpid(), pid)
	look(pid)
	say("kill -9 %d: %s", pid, result(unix.Kill(pid, unix.SIGKILL)))
	say("state %s", statField(pid, 3))

	say("waitpid: %v", reap(pid))
	say("kill -0 %d: %s", pid, result(unix.Kill(pid, 0)))
	_, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	say("/proc/%d: %s", pid, result(err))
	stdio.Exit(0)
}

// makeZombie makes a child that uses 20 ms of processor time and
// exits with 7. It returns when the child is a zombie.
func makeZombie() int {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		var used unix.Timespec
		for used.Nano() < 20e6 {
			unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &used)
		}
		stdio.Exit(7)
	}
	untilZombie(pid)
	return pid
}

// look prints what /proc still shows of the process.
func look(pid int) {
	fds, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	cmdline := procFile(pid, "cmdline")
	memory := "no memory"
	if hasMemory(pid) {
		memory = "memory"
	}
	say("state %s, %s, %d descriptors, command line %q",
		statField(pid, 3), memory, len(fds), cmdline)
	say("parent %s, status word %s, some CPU time: %t",
		statField(pid, 4), statField(pid, 52),
		statField(pid, 14)+statField(pid, 15) != "00")
}

// adoptZombie makes a middle process, whose child becomes a zombie.
// The middle process ends, and this process adopts the zombie,
// because it is a subreaper.
func adoptZombie() {
	proc.Check(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1,
		0, 0, 0))
	middle, err := proc.Fork()
	proc.Check(err)
	if middle == 0 {
		pid := makeZombie()
		say("middle %d: child %d is a zombie; the middle ends",
			os.Getpid(), pid)
		stdio.Exit(0)
	}
	reap(middle)
	var status proc.WaitStatus
	pid, err := proc.Wait(&status)
	proc.Check(err)
	say("original %d: reaps %d: %v", os.Getpid(), pid, status)
}

// system runs a command in a shell, and waits for it.
func system(command string) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		proc.Execve("/bin/sh", []string{"sh", "-c", command},
			os.Environ())
		proc.Exit(127)
	}
	if reap(pid).ExitStatus() == 127 {
		proc.Cannot("there is no ps on this machine: " +
			"install the package procps")
	}
}
