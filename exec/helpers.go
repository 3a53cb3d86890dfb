//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// What several experiments of this folder use.

// say prints a line after the role and the pid of the process that
// prints it.
func say(role, format string, args ...any) {
	fmt.Printf("%s %d: %s\n", role, os.Getpid(),
		fmt.Sprintf(format, args...))
}

// childThat makes a child that does something, which normally ends
// in an exec, and returns the child's pid.
func childThat(does func()) int {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		does()
		proc.Exit(0)
	}
	return pid
}

// inChild is childThat, and reaps the child.
func inChild(does func()) proc.WaitStatus {
	return reap(childThat(does))
}

// reap waits for the child and returns its termination status.
func reap(pid int) (status proc.WaitStatus) {
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	return status
}

// failed ends a child whose exec has failed, with the exit status
// that a shell has for it: 127 if there is no such file, else 126.
func failed(err error) {
	fmt.Fprintln(os.Stderr, err)
	if errors.Is(err, unix.ENOENT) {
		proc.Exit(127)
	}
	proc.Exit(126)
}

// name is the name of the error number in err, or "success".
func name(err error) string {
	var n unix.Errno
	if !errors.As(err, &n) {
		return "success"
	}
	return unix.ErrnoName(n)
}

// self is the pathname of this program.
func self() string {
	path, err := os.Executable()
	proc.Check(err)
	return path
}

// newFolder makes a folder, and a function that removes it.
func newFolder() (folder string, remove func()) {
	folder, err := os.MkdirTemp("", "apue-exec-")
	proc.Check(err)
	return folder, func() { os.RemoveAll(folder) }
}

// linkSelf gives this program another name in a folder.
func linkSelf(folder, name string) string {
	path := filepath.Join(folder, name)
	proc.Check(os.Symlink(self(), path))
	return path
}

// newPipe makes a pipe whose descriptors are closed by an exec.
func newPipe() (read, write int) {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	return p[0], p[1]
}
