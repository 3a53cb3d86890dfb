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

// An attribute is one row of the tables of inherit and differ. The
// parent sets an unusual value, then both processes look which
// value they have.
type attribute struct {
	name  string
	set   func() error  // in the parent, before the fork
	get   func() string // in the child, then in the parent
	ready func()        // in the parent, before the child looks
	then  func()        // in the child, after it has looked
	bare  bool          // fork by the bare system call
}

const columns = "%-26s%-22s%s\n"

// table prints a row for each attribute, and reports whether every
// attribute could be set.
func table(title string, rows []attribute) bool {
	fmt.Printf(columns, title, "parent", "child")
	all := true
	for _, a := range rows {
		// Each row has a parent of its own, so that a row does not
		// change the next one.
		status := inChild(func() {
			if err := a.row(); err != nil {
				fmt.Printf("%-26s%s: %v\n", a.name,
					reason(err), err)
				proc.Exit(2)
			}
		})
		all = all && status == 0
	}
	return all
}

// reason says why an attribute could not be set. EINVAL is the
// error for an id that a user namespace does not have.
func reason(err error) string {
	if errors.Is(err, fs.ErrPermission) ||
		errors.Is(err, unix.EINVAL) {
		return "needs root"
	}
	return "cannot be set"
}

// returned is what fork returned.
var returned int

// row sets the value, forks and prints the row. It runs in the
// parent. Its error is the error of setting the value.
func (a attribute) row() error {
	if err := a.set(); err != nil {
		return err
	}
	found, look := newPipe(), newPipe()

	pid, err := a.fork()
	proc.Check(err)
	returned = pid
	if pid == 0 {
		found.onlyTells()
		look.onlyWaits()
		a.child(found[1], look)
	}
	found.onlyWaits()
	look.onlyTells()
	if a.ready != nil {
		a.ready()
	}
	look.tell()
	inChild := readAll(found[0])
	fmt.Printf(columns, a.name, a.get(), inChild)
	unix.Close(look[1]) // now the child may end
	reap(pid)
	return nil
}

// child waits until it may look, writes what it finds, and ends
// when the row is printed.
func (a attribute) child(found int, look pipe) {
	look.wait()
	proc.Write(found, []byte(a.get()))
	if a.then != nil {
		a.then()
	}
	unix.Close(found)
	proc.Read(look[0], make([]byte, 1)) // end of file
	proc.Exit(0)
}

func (a attribute) fork() (int, error) {
	if !a.bare {
		return proc.Fork()
	}
	// proc.Fork makes the kernel reset all handlers, because they
	// belong to the Go runtime. This process was forked, so it has
	// one thread and no such handler: the bare call is enough.
	pid, _, errno := unix.RawSyscall(unix.SYS_CLONE,
		uintptr(unix.SIGCHLD), 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(pid), nil
}

// readAll reads until no process has the write end open.
func readAll(fd int) string {
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
