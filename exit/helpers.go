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

// result says in words whether a call succeeded.
func result(err error) string {
	if err == nil {
		return "succeeds"
	}
	if e, ok := err.(*os.PathError); ok {
		err = e.Err
	}
	return err.Error()
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

// pause waits for a signal, as pause(2) does.
func pause() {
	for {
		unix.Ppoll(nil, nil, nil)
	}
}

// procFile is the text of /proc/PID/NAME, or "" if it cannot be
// read.
func procFile(pid int, name string) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return ""
	}
	return string(b)
}

// statField is a field of /proc/PID/stat, counted from 1 as in
// proc(5), or "" if the process is gone. The name in field 2 may
// contain anything, so the others are counted after the last ")".
func statField(pid, n int) string {
	s := procFile(pid, "stat")
	f := strings.Fields(s[strings.LastIndex(s, ")")+1:])
	if n-3 >= len(f) {
		return ""
	}
	return f[n-3]
}

// hasMemory says whether the process has an address space.
func hasMemory(pid int) bool {
	return strings.Contains(procFile(pid, "status"), "VmSize:")
}
