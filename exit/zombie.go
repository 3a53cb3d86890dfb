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

// Zombie is Exercise 8.6: a child has ended and nobody has waited
// for it yet.
//
// The book: of a process that has ended the kernel keeps what its
// parent may ask for, at least the pid, the termination status
// and the CPU time, until the parent waits. Memory and open files
// are gone. ps calls such a process a zombie and shows state Z.
//
// Linux today: the same. /proc has it all, without ps. A signal
// sent to a zombie is taken and does nothing. If the parent ends
// first, the zombie is adopted like any orphan, and the adopter
// waits for it.
//
// The child is a zombie when waitid with WNOWAIT returns: it
// looks and leaves the child as it is. No sleep is needed.
//
// To see it:
//
//	go run ./exit zombie
//	go run ./exit zombie -handed    its parent ends first

var (
	zombieFlags = flag.NewFlagSet("zombie", 0)
	handed      = zombieFlags.Bool("handed", false,
		"the zombie's parent ends without waiting for it")
)

func zombie() {
	if *handed {
		handedOn()
		stdio.Exit(0)
	}
	pid := deadChild()
	say("parent %d: child %d is dead", os.Getpid(), pid)
	look(pid)
	say("kill -9 %d: %s", pid, result(unix.Kill(pid, unix.SIGKILL)))
	say("state %s", statField(pid, 3))

	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	say("waitpid: %v", status)
	say("kill -0 %d: %s", pid, result(unix.Kill(pid, 0)))
	_, err = os.Stat(fmt.Sprintf("/proc/%d", pid))
	say("/proc/%d: %s", pid, result(err))
	stdio.Exit(0)
}

// deadChild makes a child that uses 20 ms of CPU time and exits
// with 7, and returns when it is a zombie.
func deadChild() int {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		var used unix.Timespec
		for used.Nano() < 20e6 {
			unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &used)
		}
		stdio.Exit(7)
	}
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WEXITED|unix.WNOWAIT))
	return pid
}

// look prints what /proc still has of the process.
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

// handedOn has a middle process leave a zombie behind; we are its
// subreaper and so adopt the zombie.
func handedOn() {
	proc.Check(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1,
		0, 0, 0))
	middle, err := proc.Fork()
	proc.Check(err)
	if middle == 0 {
		pid := deadChild()
		say("middle %d: child %d is dead; I end", os.Getpid(), pid)
		stdio.Exit(0)
	}
	_, err = proc.Waitpid(middle, nil, 0)
	proc.Check(err)
	var status proc.WaitStatus
	pid, err := proc.Wait(&status)
	proc.Check(err)
	say("original %d: collects %d: %v", os.Getpid(), pid, status)
}

// say prints a line at once.
func say(format string, args ...any) {
	stdio.Printf(format+"\n", args...)
	stdio.Stdout.Flush()
}

// result is an error as a word.
func result(err error) string {
	if err == nil {
		return "succeeds"
	}
	if e, ok := err.(*os.PathError); ok {
		err = e.Err
	}
	return err.Error()
}
