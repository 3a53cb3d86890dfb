//go:build linux

package main

import (
	_ "embed"

	"apue/ch8/proc"
)

// Exit is Exercise 8.1: Figure 8.3 with exit in place of _exit in
// the child. It is a C program, c/exit.c, which this one compiles
// and becomes.
//
// The book asks whether printf in the parent fails then, and how
// it can be made to.
//
// Linux today: exit runs the exit handlers and flushes the
// streams, and both are the parent's: the child writes what the
// parent had printed, and calls its handlers, which the parent
// will not call again. It does not close the streams, so printf
// goes on working. With fclose(stdout) in the child it gives −1,
// although descriptor 1, which is not in memory, is still open.
//
// Why not in Go: a vforked child of a Go process may not run the
// runtime's own exit, nor allocate, nor take a lock; ch8/stdio
// does the first two. C's library is what the exercise is about.
//
// To see it:
//
//	go run ./vfork exit          the streams are line buffered
//	go run ./vfork exit | cat    the child writes "before vfork"

//go:embed c/exit.c
var exitC []byte

func exit() { proc.RunC("exit", exitC) }
