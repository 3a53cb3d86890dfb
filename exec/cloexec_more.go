//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The other parts of cloexec.

// open says which of the descriptors this process has.
func open(fds ...int) string {
	var s []string
	for _, fd := range fds {
		state := "open"
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil {
			state = "closed"
		} else if flags&unix.FD_CLOEXEC != 0 {
			state = "open with the flag"
		}
		s = append(s, fmt.Sprintf("%d is %s", fd, state))
	}
	return strings.Join(s, ", ")
}

// directories is Exercise 8.7: os.Open does what opendir does.
func directories() {
	inChild(func() {
		dir, err := os.Open("/")
		proc.Check(err)
		fd, err := unix.Open("/", unix.O_RDONLY|
			unix.O_DIRECTORY, 0)
		proc.Check(err)
		stream := int(dir.Fd())
		say("child", "%s", open(stream, fd))
		executeLook(strconv.Itoa(stream), strconv.Itoa(fd))
	})
}

// leaks gives the write end of a pipe to a program that does not
// know of it, with the flag and without it.
func leaks() {
	// With the flag the read returns at the exec.
	pid, data, leave, _ := startCat(unix.O_CLOEXEC)
	n, err := proc.Read(data, make([]byte, 1))
	proc.Check(err)
	state := "runs"
	if got, _ := proc.Waitpid(pid, nil, unix.WNOHANG); got != 0 {
		state = "has ended"
	}
	say("parent", "with the flag: %s, and the program %s",
		readEnd(n, nil), state)
	unix.Close(leave)
	reap(pid)

	// Without it the read would block.
	pid, data, leave, atExec := startCat(0)
	proc.Check(unix.SetNonblock(data, true))
	proc.Read(atExec, make([]byte, 1)) // end of file: the exec
	n, err = unix.Read(data, make([]byte, 1))
	say("parent", "without it: %s, and the program runs",
		readEnd(n, err))
	unix.Close(leave)
	reap(pid)
	n, err = unix.Read(data, make([]byte, 1))
	say("parent", "without it: %s, and the program has ended",
		readEnd(n, err))
}

// startCat starts cat, which reads until leave is closed. It has
// the write end of the pipe data, if flag is not O_CLOEXEC. atExec
// gives end of file when the exec is done.
func startCat(flag int) (pid, data, leave, atExec int) {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], flag))
	input, leave := newPipe()
	atExec, done := newPipe()
	pid = childThat(func() {
		unix.Close(leave)
		unix.Close(p[0])
		proc.Check(unix.Dup3(input, 0, 0))
		failed(proc.Execlp("cat", "cat"))
	})
	for _, fd := range []int{p[1], input, done} {
		unix.Close(fd)
	}
	return pid, p[0], leave, atExec
}

// readEnd says what a read of the empty pipe returned.
func readEnd(n int, err error) string {
	if err == unix.EAGAIN {
		return "no end of file"
	}
	proc.Check(err)
	if n == 0 {
		return "end of file"
	}
	return "a byte"
}

// failedKeeps shows that an exec that fails closes nothing.
func failedKeeps() {
	inChild(func() {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|
			unix.O_CLOEXEC, 0)
		proc.Check(err)
		proc.Check(unix.Dup3(fd, 50, unix.O_CLOEXEC))
		say("child", "%s", open(50))
		err = proc.Execl("./nothing", "nothing")
		say("child", "exec failed with %s, %s", name(err),
			open(50))
	})
}
