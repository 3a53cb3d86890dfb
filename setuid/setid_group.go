//go:build linux

package main

import (
	"fmt"
	"os"
	"slices"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The part of setid that a user without privilege can see: a
// set-group-ID file of another group that the user is in. The file
// has no name (O_TMPFILE), so no other process can execute it, and
// it is gone when it is closed.

// withoutPrivilege executes a plain file and, if the user is in a
// second group, set-group-ID files of that group. An unprivileged
// recorder makes the kernel ignore the bit. It does nothing if the
// folder for set-id files could be made, or for root.
func withoutPrivilege(noFolder error) {
	if noFolder == nil || unix.Getuid() == 0 {
		return
	}
	if why := noUnnamed(); why != "" {
		say("a set-group-ID file cannot be tried: %s", why)
		return
	}
	held("a plain file", -1, func() {})
	groups, err := unix.Getgroups()
	proc.Check(err)
	i := slices.IndexFunc(groups, func(g int) bool {
		return g != 0 && g != unix.Getegid()
	})
	if i < 0 {
		say("a set-group-ID file takes a second group: " +
			"this user is in one group only")
		return
	}
	say("the second group: %d", groups[i])
	held("set-group-ID", groups[i], func() {})
	held("no_new_privs", groups[i], noNewPrivs)
}

// noUnnamed says why such a file cannot be made, or why its bit has
// no effect.
func noUnnamed() string {
	fd, err := unix.Open(os.TempDir(),
		unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o700)
	if err != nil {
		return "O_TMPFILE: " + result(err)
	}
	var fs unix.Statfs_t
	proc.Check(unix.Fstatfs(fd, &fs))
	unix.Close(fd)
	if fs.Flags&unix.ST_NOSUID != 0 {
		return "the folder for temporary files has nosuid"
	}
	n, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	proc.Check(err)
	if n != 0 {
		return "no_new_privs is set"
	}
	return ""
}

// noNewPrivs has the caller's execs give no more privileges.
func noNewPrivs() {
	proc.Check(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
}

// unnamed is a copy of this program without a name, open for
// reading, with the set-group-ID bit if a group is given.
func unnamed(group int) int {
	program, err := os.ReadFile("/proc/self/exe")
	proc.Check(err)
	out, err := unix.Open(os.TempDir(),
		unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o700)
	proc.Check(err)
	for len(program) > 0 {
		n, err := unix.Write(out, program)
		proc.Check(err)
		program = program[n:]
	}
	mode := uint32(0o700)
	if group > 0 {
		// In this order, because a chown clears the bits.
		proc.Check(unix.Fchown(out, -1, group))
		mode = unix.S_ISGID | 0o710
	}
	proc.Check(unix.Fchmod(out, mode))
	// A file that is open for writing cannot be executed.
	fd, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", out),
		unix.O_RDONLY|unix.O_CLOEXEC, 0)
	proc.Check(err)
	proc.Check(unix.Close(out))
	return fd
}
