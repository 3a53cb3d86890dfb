//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// The rows of resets that need more than one look at /proc.

// handlersAreLost leaves a line in a buffer, and an exit handler.
func handlersAreLost() {
	inChild(func() {
		stdio.Atexit(func() { stdio.Printf("a handler ran\n") })
		stdio.Printf("a line in the buffer")
		failed(proc.Execl("/bin/sh", "sh", "-c",
			"echo 'handlers and buffers are gone'"))
	})
}

// savedIDs shows that the saved ids become the effective ones.
func savedIDs() {
	printKept([]kept{
		{name: "saved user ID", set: func() error {
			return proc.Setresuid(-1, -1, strangeID)
		}, get: idOf("Uid", 2)},
		{name: "saved group ID", set: func() error {
			return proc.Setresgid(-1, -1, strangeID)
		}, get: idOf("Gid", 2)},
	})
}

// The descriptors of sharedTable, and the shell that is executed:
// it changes the directory, says so, and waits.
const (
	probeFD = 60 + iota
	saysFD
	waitsFD
	shell = "cd /usr; echo >/dev/fd/61; read x </dev/fd/62"
)

// sharedTable makes a child that shares its table of descriptors
// and its working directory with the caller, and executes a shell.
// The caller has one thread, so the bare system call is enough.
func sharedTable() {
	hears, says := newPipe()
	waits, goOn := newPipe()
	proc.Check(unix.Dup3(says, saysFD, 0))
	proc.Check(unix.Dup3(waits, waitsFD, 0))
	image, err := proc.NewImage("/bin/sh",
		[]string{"sh", "-c", shell}, os.Environ())
	proc.Check(err)

	r, _, errno := unix.RawSyscall6(unix.SYS_CLONE,
		unix.CLONE_FILES|unix.CLONE_FS|uintptr(unix.SIGCHLD),
		0, 0, 0, 0, 0)
	if r == 0 && errno == 0 {
		unix.RawSyscall(unix.SYS_DUP3, uintptr(says), probeFD,
			unix.O_CLOEXEC)
		proc.Write(says, []byte{'b'}) // before the exec
		proc.Read(waits, make([]byte, 1))
		image.Exec()
		proc.Exit(127)
	}
	if errno != 0 {
		proc.Check(errno)
	}
	var b [1]byte
	_, err = proc.Read(hears, b[:])
	proc.Check(err)
	before := sharedOrOwn(isOpen("self"))
	proc.Write(goOn, b[:])
	_, err = proc.Read(hears, b[:]) // the shell runs
	proc.Check(err)
	after := sharedOrOwn(isOpen("self") == isOpen(fmt.Sprint(r)))
	fmt.Printf("%-26s%-24s%s\n", "table of descriptors", before,
		after)
	directory, _ := os.Getwd()
	fmt.Printf("%-26s%-24s%s\n", "working directory", "is shared",
		sharedOrOwn(directory == "/usr"))
	proc.Write(goOn, []byte{'\n'})
	reap(int(r))
}

// isOpen reports whether the process has the child's descriptor.
func isOpen(process string) bool {
	_, err := os.Lstat(fmt.Sprintf("/proc/%s/fd/%d", process,
		probeFD))
	return err == nil
}

func sharedOrOwn(shared bool) string {
	if shared {
		return "is shared"
	}
	return "is its own"
}
