//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// What several experiments of this folder use.

// say prints a line and flushes it.
func say(format string, args ...any) {
	stdio.Printf(format+"\n", args...)
	stdio.Stdout.Flush()
}

// child makes a child that does something and ends with exit
// status 0.
func child(do func()) int {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		do()
		proc.Exit(0)
	}
	return pid
}

// reap waits for the child and returns its termination status.
func reap(pid int) (status proc.WaitStatus) {
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	return status
}

// untilZombie returns when the child is a zombie. It does not reap
// the child.
func untilZombie(pid int) {
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WEXITED|unix.WNOWAIT))
}

// A gate is a pipe: who waits at it goes on when it is opened.
type gate [2]int

func newGate() (g gate) {
	proc.Check(unix.Pipe2(g[:], unix.O_CLOEXEC))
	return g
}

// wait returns when all other processes have closed their write
// ends: by open, or by their end.
func (g gate) wait() {
	unix.Close(g[1])
	unix.Read(g[0], make([]byte, 1))
	unix.Close(g[0])
}

func (g gate) open() {
	unix.Close(g[0])
	unix.Close(g[1])
}

// result says in words whether a call succeeded.
func result(err error) string {
	switch e := err.(type) {
	case nil:
		return "succeeds"
	case *os.PathError:
		err = e.Err
	case *os.SyscallError:
		err = e.Err
	}
	return err.Error()
}

// procFile is the text of /proc/PID/NAME without the newline at its
// end, or "" if it cannot be read.
func procFile(pid int, name string) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(b), "\n")
}

// computeFor computes for so many nanoseconds of real time.
func computeFor(ns int64) {
	var start, now unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &start)
	for now.Nano() < start.Nano()+ns {
		unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	}
}

// usedBy is the processor time of the caller in nanoseconds.
func usedBy() int64 {
	var used unix.Timespec
	unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &used)
	return used.Nano()
}

// usedByZombie is the processor time, in nanoseconds, that the
// kernel keeps of a zombie.
func usedByZombie(pid int) (ns int64) {
	fmt.Sscan(procFile(pid, "schedstat"), &ns)
	return ns
}

// oneProcessor confines the caller, and the children that it makes
// from then on, to the first processor that it may use.
func oneProcessor() {
	var may, one unix.CPUSet
	proc.Check(unix.SchedGetaffinity(0, &may))
	for cpu := 0; one.Count() == 0; cpu++ {
		if may.IsSet(cpu) {
			one.Set(cpu)
		}
	}
	proc.Check(unix.SchedSetaffinity(0, &one))
}

// unused is a user id, and a group id, that no account has.
const unused = 7000001

// becomeUnused gives the calling child, for good, a user id that no
// account has. It reports whether it was allowed to.
func becomeUnused(id int) bool {
	return proc.Setgroups(nil) == nil &&
		proc.Setresgid(id, id, id) == nil &&
		proc.Setresuid(id, id, id) == nil
}

// ids are the caller's real, effective and saved user id.
func ids() string {
	real, effective, saved := proc.Getresuid()
	return fmt.Sprintf("real %d, effective %d, saved %d",
		real, effective, saved)
}
