//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Handlers shows which exit handlers run, and in which order.
//
// The book: exit calls the functions registered with atexit in
// the reverse order of their registration, each as many times as
// it was registered. _exit does not call them. A process that a
// signal ends does not call them either.
//
// Linux today: the same. The kernel does not know the handlers:
// they are a list in the memory of the process. fork copies the
// list with the memory, and exec discards it. In this program the
// list belongs to ch8/stdio, in the C twin to the C library.
//
// Each process writes its own lines, with write(2), so that the
// recorder sees which process runs a handler.
//
// To see it:
//
//	go run ./exit handlers

func handlers() {
	register("A")
	register("B")

	childEnds("exit", func() {
		register("B") // once more
		register("C") // only in the child
		stdio.Exit(0)
	})
	childEnds("_exit", func() { proc.Exit(0) })
	childEnds("signal", func() { proc.Raise(unix.SIGTERM) })
	stdio.Exit(0) // calls the parent's handlers
}

// register registers a handler that writes its name.
func register(name string) {
	writeLine("registers", name)
	stdio.Atexit(func() { writeLine("runs", name) })
}

// childEnds makes a child that ends in this way, and reaps it.
func childEnds(way string, end func()) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		writeLine("a child, ends by", way)
		end()
	}
	reap(pid)
}

// writeLine writes a line with write(2).
func writeLine(what, name string) {
	line := fmt.Sprintf("%d %s %s\n", os.Getpid(), what, name)
	_, err := proc.Write(1, []byte(line))
	proc.Check(err)
}
