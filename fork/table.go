//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// An attribute is one row of the tables of inherit and differ: how
// a parent gets an unusual value of it, and what each of the two
// processes then finds in itself.
type attribute struct {
	name  string
	set   func() error  // in the parent, before the fork
	get   func() string // in the child, then in the parent
	ready func()        // in the parent, before the child looks
	then  func()        // in the child, when it has looked
	bare  bool          // by the bare system call, see caught
}

const columns = "%-26s%-22s%s\n"

// table makes a parent and a child for each attribute and prints
// what they find. It reports whether all could be set.
func table(title string, rows []attribute) bool {
	fmt.Printf(columns, title, "parent", "child")
	all := true
	for _, a := range rows {
		// The parent of a row is a process of its own: what it
		// sets is no business of the next row's.
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			if err := a.row(); err != nil {
				fmt.Printf("%-26s%s: %v\n", a.name, lacks(err), err)
				proc.Exit(2)
			}
			proc.Exit(0)
		}
		var status proc.WaitStatus
		_, err = proc.Waitpid(pid, &status, 0)
		proc.Check(err)
		all = all && status == 0
	}
	return all
}

// lacks says what the error of a set function tells: EPERM and
// EACCES that it takes root, and so does EINVAL, of an id that a
// user namespace does not have.
func lacks(err error) string {
	if errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, unix.EINVAL) {
		return "needs root"
	}
	return "can not be set"
}

// returned is what fork returned.
var returned int

// row is the parent: it sets the value, forks and prints the row.
// An error is that of setting the value.
func (a attribute) row() error {
	if err := a.set(); err != nil {
		return err
	}
	var told, leave [2]int
	proc.Check(unix.Pipe2(told[:], unix.O_CLOEXEC))
	proc.Check(unix.Pipe2(leave[:], unix.O_CLOEXEC))

	pid, err := a.fork()
	proc.Check(err)
	returned = pid
	if pid == 0 {
		unix.Close(told[0])
		unix.Close(leave[1])
		a.child(told[1], leave[0])
	}
	unix.Close(told[1])
	unix.Close(leave[0])
	if a.ready != nil {
		a.ready()
	}
	proc.Write(leave[1], []byte("."))
	his := untilEOF(told[0])
	fmt.Printf(columns, a.name, a.get(), his)
	unix.Close(leave[1]) // now the child may end
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	return nil
}

// child waits for its parent, says what it finds, and stays until
// the row is printed.
func (a attribute) child(told, leave int) {
	var byte1 [1]byte
	unix.Read(leave, byte1[:])
	proc.Write(told, []byte(a.get()))
	if a.then != nil {
		a.then()
	}
	unix.Close(told)
	unix.Read(leave, byte1[:])
	proc.Exit(0)
}

func (a attribute) fork() (int, error) {
	if !a.bare {
		return proc.Fork()
	}
	// proc.Fork has the kernel forget all handlers, for in Go they
	// are the runtime's. This process, forked itself, has one
	// thread and no handler, so that the bare call will do.
	pid, _, errno := unix.RawSyscall(unix.SYS_CLONE,
		uintptr(unix.SIGCHLD), 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(pid), nil
}

// untilEOF reads until nobody has the other end open any more.
func untilEOF(fd int) string {
	var all strings.Builder
	buf := make([]byte, 256)
	for {
		n, err := unix.Read(fd, buf)
		if n <= 0 || err != nil {
			return all.String()
		}
		all.Write(buf[:n])
	}
}
