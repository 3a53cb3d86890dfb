//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Report tells the parent whether the exec of its child worked.
//
// The book: exec returns only if it fails. The flag close-on-exec
// closes a descriptor when an exec succeeds.
//
// Linux today: the same, and the two together are how programs
// learn of a failed exec. The child has the write end of a pipe,
// with close-on-exec. If the exec fails, the child writes errno to
// the pipe. If it succeeds, the kernel closes the write end, and
// the parent reads end of file, while the new program runs. The
// child of a vfork can store errno in its parent's memory instead.
// os/exec of Go and subprocess of Python use the pipe.
//
// To see it:
//
//	go run ./exec report
//	go run ./exec report --vfork    in memory instead of a pipe

var (
	reportFlags = flag.NewFlagSet("report", flag.ContinueOnError)
	reportVfork = reportFlags.Bool("vfork", false,
		"use vfork, and the parent's memory")
)

func report() {
	start := startWithPipe
	if *reportVfork {
		start = startWithVfork
	}
	start("./nothing", "nothing")
	start("/bin/sleep", "sleep", "0.3")
}

// startWithPipe starts a program, says whether the exec worked, and
// waits for the end of the program.
func startWithPipe(path string, argv ...string) {
	read, write := newPipe()
	pid := childThat(func() {
		unix.Close(read)
		err := proc.Execv(path, argv)
		var errno unix.Errno
		errors.As(err, &errno)
		b := binary.NativeEndian.AppendUint32(nil, uint32(errno))
		proc.Write(write, b)
		proc.Exit(127)
	})
	unix.Close(write)
	b := make([]byte, 4)
	n, err := proc.Read(read, b)
	proc.Check(err)
	if n == 4 {
		worked(int(binary.NativeEndian.Uint32(b)))
	} else {
		worked(0)
	}
	unix.Close(read)
	reap(pid)
}

// startWithVfork does the same with vfork. The parent runs again
// when the exec has succeeded, or the child has ended.
func startWithVfork(path string, argv ...string) {
	program, err := proc.NewImage(path, argv, os.Environ())
	proc.Check(err)
	errno := 0
	pid, err := proc.Vfork(func() {
		errno = int(program.Exec())
		proc.Exit(127)
	})
	proc.Check(err)
	worked(errno)
	reap(pid)
}

// worked prints the line about the exec.
func worked(errno int) {
	if errno == 0 {
		fmt.Println("exec worked")
		return
	}
	fmt.Printf("exec failed: errno = %d\n", errno)
}
