//go:build linux

package main

import (
	_ "embed"

	"apue/ch8/proc"
)

// Return is Exercise 8.2: the child of a vfork returns from the
// function that called it. It is a C program, c/return.c, which
// this one compiles and becomes.
//
// The book: the child must not return from the function in which
// vfork was called. It goes on, its next call writes its frame
// over the one it has left, and when the parent runs again and
// returns, there is nothing to return through.
//
// Linux today: the parent dies of SIGSEGV, or of whatever the
// bytes it finds there make it do.
//
// Why not in Go: every function that wraps vfork is this crash;
// the caller's frame has to survive the child. So proc.Vfork
// takes the child as a function, whose frames lie below its own,
// and which ends the process and never returns.
//
// To see it:
//
//	go run ./vfork return

//go:embed c/return.c
var returnC []byte

func returns() { proc.RunC("return", returnC) }
