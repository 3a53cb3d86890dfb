//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Handlers shows whose exit handlers run, and in which order.
//
// The book: exit calls the functions registered with atexit in
// the reverse order of their registration, each as many times as
// it was registered. A forked child has its parent's. _exit and a
// death by signal call none.
//
// Linux today: the kernel knows nothing of handlers; they are a
// list in the memory of the process, which fork copies with the
// rest and exec throws away. The list here is that of ch8/stdio,
// the one in the C twin glibc's.
//
// Every line is written with write(2) by the process that it is
// about, so that the recorder sees who wrote it.
//
// To see it:
//
//	go run ./exit handlers

func handlers() {
	register("A")
	register("B")

	// The same handler once more, and one in the child only.
	ends("exit", func() {
		register("B")
		register("C")
		stdio.Exit(0)
	})
	ends("_exit", func() { proc.Exit(0) })
	ends("signal", func() { proc.Raise(unix.SIGTERM) })
	stdio.Exit(0) // and here the parent's own run
}

// register registers a handler that tells its name.
func register(name string) {
	tell("registers", name)
	stdio.Atexit(func() { tell("runs", name) })
}

// ends makes a child that ends like this, and waits for it.
func ends(how string, end func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		tell("a child, ends by", how)
		end()
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}

// tell writes a line at once.
func tell(what, name string) {
	line := fmt.Sprintf("%d %s %s\n", os.Getpid(), what, name)
	_, err := proc.Write(1, []byte(line))
	proc.Check(err)
}
