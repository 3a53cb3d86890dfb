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

// Ids that no account has, user and group. In what is printed they
// are A, B and C.
const (
	idA = 7000001 + iota
	idB
	idC
)

// say prints a line and flushes it.
func say(format string, args ...any) {
	stdio.Printf(format+"\n", args...)
	stdio.Stdout.Flush()
}

// child has a child do something, and waits for it. A child that
// ends with exit status 2 has said what it cannot do.
func child(do func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		do()
		proc.Exit(0)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	if status.ExitStatus() == 2 {
		proc.Exit(2)
	}
}

// needs ends the program if the caller lacks the capability.
func needs(err error, capability string) {
	if err != nil {
		proc.Cannot("it takes %s (%s): run it as root",
			capability, result(err))
	}
}

// letter is the name of an id in what is printed.
func letter(id int) string {
	if id >= idA && id <= idC {
		return string(rune('A' + id - idA))
	}
	return fmt.Sprint(id)
}

// users are the caller's real, effective and saved user id.
func users() string {
	r, e, s := proc.Getresuid()
	return fmt.Sprintf("real %s, effective %s, saved %s",
		letter(r), letter(e), letter(s))
}

// groups are the same of the group ids.
func groups() string {
	r, e, s := proc.Getresgid()
	return fmt.Sprintf("real %s, effective %s, saved %s",
		letter(r), letter(e), letter(s))
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

// statusLine is the value of a line of /proc/self/status.
func statusLine(file, name string) string {
	b, err := os.ReadFile(file)
	proc.Check(err)
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// auxv is a value of the vector that the kernel gives a program.
func auxv(key uintptr) uintptr {
	vector, err := unix.Auxv()
	proc.Check(err)
	for _, pair := range vector {
		if pair[0] == key {
			return pair[1]
		}
	}
	return 0
}

// atSecure is AT_SECURE of linux/auxvec.h.
const atSecure = 23

// secure is 1 if the kernel tells the program not to trust what it
// was given.
func secure() uintptr { return auxv(atSecure) }

// uids are the caller's real, effective and saved user id.
func uids() [3]int {
	r, e, s := proc.Getresuid()
	return [3]int{r, e, s}
}

// gids are the same of the group ids.
func gids() [3]int {
	r, e, s := proc.Getresgid()
	return [3]int{r, e, s}
}

// triple is the three ids: real, effective, saved.
func triple(id [3]int) string {
	return letter(id[0]) + ", " + letter(id[1]) + ", " +
		letter(id[2])
}
