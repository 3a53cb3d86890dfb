//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Fails shows why an exec fails, and that it then changes nothing.
//
// The book: exec returns −1 on an error, and does not return on
// success.
//
// Linux today: the same process goes on after a failed exec, with
// its memory, its handlers and its descriptors. Root needs an
// execute bit too. If a process has exceeded the limit of
// processes of its user id by setuid, exec tells it: EAGAIN (3.1).
//
// To see it:
//
//	go run ./exec fails
//	go run ./exec fails --nproc   as root

var (
	failsFlags = flag.NewFlagSet("fails", flag.ContinueOnError)
	failsNproc = failsFlags.Bool("nproc", false,
		"exceed the limit of processes by setuid")
)

func fails() {
	if *failsNproc {
		overLimit()
		return
	}
	folder, remove := newFolder()
	defer remove()
	proc.Check(os.Chdir(folder))
	writeFile("plain", "#!/bin/sh\n", 0o644)
	writeFile("empty", "", 0o755)
	writeFile("text", "no interpreter\n", 0o755)
	writeFile("busy", "#!/bin/sh\n", 0o755)
	openFile("busy", unix.O_WRONLY|unix.O_CLOEXEC)
	proc.Check(os.Mkdir("dir", 0o700))
	writeFile("link0", "#!/bin/sh\n", 0o755)
	for i := range 41 {
		proc.Check(os.Symlink(fmt.Sprint("link", i),
			fmt.Sprint("link", i+1)))
	}

	try := func(what, path string) {
		err := proc.Execve(path, []string{"x"}, nil)
		fmt.Printf("%-28s %s\n", what, name(err))
	}
	try("no such file", "nothing")
	try("no execute permission", "plain")
	try("a directory", "dir")
	try("a path through a file", "plain/x")
	try("41 links in a row", "link41")
	try("a name of 256 bytes", strings.Repeat("x", 256))
	try("an empty file", "empty")
	try("text without #!", "text")
	try("a file open for writing", "busy")
	_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, 1, 0, 0)
	fmt.Printf("%-28s %s\n", "a bad address", name(errno))
	say("process", "still runs this program")

	var status [2]int
	for i, path := range []string{"nothing", "plain"} {
		status[i] = inChild(func() {
			os.Stderr.Close() // the table has the errors already
			failed(proc.Execl(path, "x"))
		}).ExitStatus()
	}
	fmt.Printf("%-28s %d, %d\n", "exit status of two children",
		status[0], status[1])
}

// overLimit takes the user id of another process, in a child whose
// limit of processes is 0. setuid succeeds; the exec fails.
func overLimit() {
	const uid = 7000001
	goOn, leave := newPipe()
	ready, isReady := newPipe()
	other := childThat(func() {
		unix.Close(leave)
		if proc.Setresuid(uid, uid, uid) != nil {
			return
		}
		proc.Write(isReady, []byte("."))
		proc.Read(goOn, make([]byte, 1))
	})
	unix.Close(isReady)
	n, err := proc.Read(ready, make([]byte, 1))
	proc.Check(err)
	if n != 1 {
		reap(other)
		proc.Cannot("it takes CAP_SETUID: run it as root")
	}
	inChild(func() {
		none := unix.Rlimit{}
		proc.Check(unix.Setrlimit(unix.RLIMIT_NPROC, &none))
		proc.Check(proc.Setresuid(uid, uid, uid))
		err := proc.Execl("/bin/true", "true")
		fmt.Printf("%-28s %s\n", "over the limit of processes",
			name(err))
	})
	unix.Close(leave)
	reap(other)
}
