//go:build linux

package main

import (
	"strconv"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// What the experiments of this folder use.

// line is the buffer of say. The child of a vfork must not
// allocate.
var line [256]byte

// say writes a line, "role pid: what", with one write(2). The
// parent and the child of a vfork may both call it.
func say(role string, pid int, what string) {
	b := append(line[:0], role...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(pid), 10)
	b = append(b, ": "...)
	b = append(b, what...)
	b = append(b, '\n')
	proc.Write(1, b)
}

// rawGetpid is getpid(2) for the child of a vfork.
func rawGetpid() (pid, _ uintptr, errno unix.Errno) {
	return unix.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
}
