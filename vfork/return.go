//go:build linux

package main

import (
	_ "embed"

	"apue/ch8/proc"
)

// Return is Exercise 8.2: the child of a vfork returns from the
// function that called vfork. It is a C program, c/return.c. This
// program compiles it and executes it.
//
// The book: the child must not return from the function in which
// vfork was called. If it does, its next function call overwrites
// the stack frame of that function. When the parent then returns
// from the function, its return address is gone.
//
// Linux today: the parent dies of SIGSEGV, or does whatever the
// bytes on the stack make it do.
//
// Why not in Go: a Go function that wraps vfork would crash in the
// same way. Therefore proc.Vfork runs the child as a function that
// never returns: its frames lie below those of the parent.
//
// To see it:
//
//	go run ./vfork return

//go:embed c/return.c
var returnC []byte

func returns() { proc.RunC("return", returnC) }
