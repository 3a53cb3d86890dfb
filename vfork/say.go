//go:build linux

package main

import (
	"strconv"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// line is where say puts a line together. A vforked child may not
// allocate, and has no other memory than the parent's.
var line [256]byte

// say writes a line, "role pid: what", with one write(2): the same
// in a parent and in its vforked child.
func say(role string, pid int, what string) {
	b := append(line[:0], role...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(pid), 10)
	b = append(b, ": "...)
	b = append(b, what...)
	b = append(b, '\n')
	proc.Write(1, b)
}

// rawGetpid is getpid(2) for a vforked child.
func rawGetpid() (pid, _ uintptr, errno unix.Errno) {
	return unix.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
}
