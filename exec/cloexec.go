//go:build linux

package main

import (
	"flag"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Cloexec shows which descriptors an exec closes.
//
// The book: an open descriptor stays open across an exec, unless
// it has the close-on-exec flag. An open directory must be closed
// by an exec: opendir sets the flag (Exercise 8.7).
//
// Linux today: the same. O_CLOEXEC sets the flag when a file is
// opened, so that no exec of another thread comes in between. A
// close has effects: the record locks of a process on a file are
// lost when it closes any descriptor of this file. So an exec can
// lose a lock that was taken through a descriptor that stays open.
//
// To see it:
//
//	go run ./exec cloexec
//	go run ./exec cloexec --opendir
//	go run ./exec cloexec --lock
//	go run ./exec cloexec --leak
//	go run ./exec cloexec --failed

var (
	cloexecFlags   = flag.NewFlagSet("cloexec", 0)
	cloexecOpendir = cloexecFlags.Bool("opendir", false,
		"Exercise 8.7: a directory stream, and open")
	cloexecLock = cloexecFlags.Bool("lock", false,
		"a record lock that the exec loses")
	cloexecLeak = cloexecFlags.Bool("leak", false,
		"the write end of a pipe that stays open")
	cloexecFailed = cloexecFlags.Bool("failed", false,
		"an exec that fails")
)

func cloexec() {
	switch {
	case *cloexecOpendir:
		directories()
	case *cloexecLock:
		losesLock()
	case *cloexecLeak:
		leaks()
	case *cloexecFailed:
		failedKeeps()
	default:
		twoDescriptors()
	}
}

// twoDescriptors has 50, with close-on-exec, and 51, without.
func twoDescriptors() {
	const name = "data.txt"
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_CREAT|
		unix.O_TRUNC|unix.O_CLOEXEC, 0o644)
	if err != nil {
		err = &os.PathError{Op: "open", Path: name, Err: err}
	}
	proc.Check(err)
	_, err = proc.Write(fd, []byte("data\n"))
	proc.Check(err)
	proc.Check(unix.Dup3(fd, 50, unix.O_CLOEXEC))
	proc.Check(unix.Dup3(fd, 51, 0))
	unix.Close(fd)

	say("parent", "%s", open(50, 51))
	status := inChild(func() { executeLook("50", "51") })
	say("parent", "%v", status)
	say("parent", "%s", open(50, 51))
	unix.Unlink(name)
}

// executeLook executes a shell, which looks which of the
// descriptors it has.
func executeLook(fds ...string) {
	look := `for fd do
	[ -e /proc/$$/fd/$fd ] && state=open || state=closed
	said="$said${said:+, }$fd is $state"
done
echo "child $$: after the exec, $said"`
	argv := append([]string{"sh", "-c", look, "sh"}, fds...)
	failed(proc.Execv("/bin/sh", argv))
}
