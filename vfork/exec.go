//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Exec lets the child of a vfork execute a program that runs
// longer than the vfork.
//
// The book: vfork is meant for a child that calls exec at once. It
// does not copy the parent's memory, because the child does not
// need it. The parent resumes when the child calls exec or exit.
//
// Linux today: the same. At the exec the child gets memory of its
// own, and at this moment the parent resumes. It does not wait for
// the end of the new program. posix_spawn, system and popen work
// like this.
//
// To see it:
//
//	go run ./vfork exec

func exec() {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	sh, err := proc.NewImage("/bin/sh", []string{"sh", "-c",
		`read line; echo "child $$: sh got: $line"`}, os.Environ())
	proc.Check(err)

	say("parent", os.Getpid(), "calls vfork")
	pid, err := proc.Vfork(func() {
		me, _, _ := rawGetpid()
		say("child", int(me), "executes sh, which reads a line")
		unix.RawSyscall(unix.SYS_DUP3, uintptr(p[0]), 0, 0)
		sh.Exec()
		proc.Exit(127)
	})
	proc.Check(err)

	// sh still runs, because the line is not written yet.
	say("parent", os.Getpid(), "runs again, writes the line")
	_, err = proc.Write(p[1], []byte("hello\n"))
	proc.Check(err)
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	say("parent", os.Getpid(), "sh: "+status.String())
}
