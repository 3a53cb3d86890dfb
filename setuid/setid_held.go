//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How a program is looked at while it waits for the end of a pipe:
// a recorder without privilege would make the kernel ignore its
// set-group-ID bit.

var isHeld = setidFlags.Bool("held", false,
	"for this program too: wait for the end of the input")

// waitIfHeld is for the program that is executed: its parent looks
// at it meanwhile.
func waitIfHeld() {
	if *isHeld {
		unix.Read(0, make([]byte, 1))
	}
}

// held executes this program in a child, from an unnamed file, and
// looks at it in /proc while it waits for the end of a pipe. Then
// the program prints its ids.
func held(what string, group int, before func()) {
	fd := unnamed(group)
	var executed, hold [2]int
	proc.Check(unix.Pipe2(executed[:], unix.O_CLOEXEC))
	proc.Check(unix.Pipe2(hold[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		before()
		proc.Check(unix.Dup3(hold[0], 0, 0))
		executeFile(fd, what)
	}
	unix.Close(executed[1])
	unix.Close(hold[0])
	// The exec closes the child's copy: the end of the file.
	unix.Read(executed[0], make([]byte, 1))
	file := fmt.Sprintf("/proc/%d/status", pid)
	line := func(name string) string {
		words := strings.Fields(statusLine(file, name))
		return name + " " + strings.Join(words, " ")
	}
	say("%s, held: %s, %s, %s", what, line("Uid"), line("Gid"),
		line("Groups"))
	unix.Close(executed[0])
	unix.Close(hold[1])
	proc.Waitpid(pid, nil, 0)
}

// executeFile replaces the calling child by the program in the open
// file, which waits for the end of its standard input, and prints
// its ids.
func executeFile(fd int, what string) {
	proc.Check(proc.Fexecve(fd, []string{"setid", "setid",
		"-held", "-inside", what}, os.Environ()))
}
