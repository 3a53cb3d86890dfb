//go:build linux

package main

import (
	_ "embed"

	"apue/ch8/proc"
)

// Exit is Exercise 8.1: Figure 8.3 with exit instead of _exit in
// the child. It is a C program, c/exit.c. This program compiles it
// and executes it.
//
// The book asks whether printf in the parent then fails, and how
// the child can make it fail.
//
// Linux today: exit runs the exit handlers and flushes the streams
// of the parent. So the child writes what the parent has printed,
// and calls the parent's handlers; the parent does not call them
// again. exit does not close the streams, so printf still works.
// After fclose(stdout) in the child printf returns −1, although
// descriptor 1 is still open: descriptors are not shared.
//
// Why not in Go: the child of a vfork in a Go program must not
// allocate or take a lock, and ch8/stdio does both. The exercise
// is about the C library.
//
// To see it:
//
//	go run ./vfork exit          the streams are line buffered
//	go run ./vfork exit | cat    the child writes "before vfork"

//go:embed c/exit.c
var exitC []byte

func exit() { proc.RunC("exit", exitC) }
