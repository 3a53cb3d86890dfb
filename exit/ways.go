//go:build linux

package main

import (
	_ "embed"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Ways ends a child in each way there is.
//
// The book: five ways are normal: to return from main, to call
// exit, _exit or _Exit, the return of the last thread from its
// start routine, and its call of pthread_exit. Three are not: to
// call abort, to get a signal, and the cancellation of the last
// thread. Whatever it is, the parent's wait gets one status word,
// of which exactly one of four macros is true.
//
// Linux today: when the last thread is cancelled the process ends
// normally, with status 0; its value is lost as that of a thread
// that returns. Where a signal came from is in its si_code:
// SI_TKILL (raise, abort), SI_USER (kill), a code of its own for
// each fault that the kernel found.
//
// Go's threads belong to its runtime: the three ways that need
// one's own are done by the C program, where there is a compiler.
//
// To see it:
//
//	go run ./exit ways

//go:embed c/ways.c
var waysC []byte

func ways() {
	if way("return from main", func() {}) {
		return
	}
	way("exit(1)", func() { stdio.Exit(1) })
	way("_exit(2)", func() { proc.Exit(2) })
	way("abort", proc.Abort)
	way("raise(SIGTERM)", func() { proc.Raise(unix.SIGTERM) })
	way("kill from the parent", pause)
	way("a nil pointer", fault)
	proc.RunC("ways", waysC, "-threads")
}

// way makes a child that ends like this, waits for it and prints
// its status. It returns true in a child that came back.
func way(name string, end func()) bool {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		end()
		return true // to main
	}
	if name == "kill from the parent" {
		proc.Check(unix.Kill(pid, unix.SIGTERM))
	}
	var w proc.WaitStatus
	_, err = proc.Waitpid(pid, &w, 0)
	proc.Check(err)
	how := "normal, exit status"
	n := w.ExitStatus()
	if w.Signaled() {
		how, n = "abnormal, signal", w.TermSig()
	}
	say("%-22s %d: %s %d", name, pid, how, n)
	return false
}

// pause waits for a signal, as pause(2) does.
func pause() {
	for {
		unix.Ppoll(nil, nil, nil)
	}
}

// nowhere is nil.
var nowhere *int

func fault() { os.Exit(*nowhere) }
