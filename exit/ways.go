//go:build linux

package main

import (
	_ "embed"
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Ways makes a child for each way in which a process can end.
//
// The book: five ways are normal: return from main; exit; _exit or
// _Exit; return of the last thread from its start routine;
// pthread_exit from the last thread. Three are abnormal: abort; a
// signal; cancellation of the last thread. In each case the parent
// gets a status word, for which one of the four macros of Figure
// 8.4 is true.
//
// Linux today: when the last thread is cancelled, the process ends
// normally, with exit status 0. The value of a last thread that
// returns is lost too. The si_code of a signal says where it came
// from: SI_TKILL (raise, abort), SI_USER (kill), or another code
// for each kind of fault that the kernel found.
//
// The threads of a Go program belong to its runtime. The C program
// does the three ways that need threads, if there is a compiler.
//
// To see it:
//
//	go run ./exit ways

//go:embed c/ways.c
var waysC []byte

func ways() {
	if endsBy("return from main", func() {}) {
		return
	}
	endsBy("exit(1)", func() { stdio.Exit(1) })
	endsBy("_exit(2)", func() { proc.Exit(2) })
	endsBy("abort", proc.Abort)
	endsBy("raise(SIGTERM)", func() { proc.Raise(unix.SIGTERM) })
	endsBy("kill from the parent", pause)
	endsBy("a nil pointer", fault)
	proc.RunC("ways", waysC, "--threads")
}

// endsBy makes a child that ends in this way, reaps it and prints
// its status. It returns true in the child, if end returns.
func endsBy(name string, end func()) bool {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		end()
		return true
	}
	if name == "kill from the parent" {
		proc.Check(unix.Kill(pid, unix.SIGTERM))
	}
	status := reap(pid)
	kind, n := "normal, exit status", status.ExitStatus()
	if status.Signaled() {
		kind, n = "abnormal, signal", status.TermSig()
	}
	say("%-22s %d: %s %d", name, pid, kind, n)
	return false
}

// null is a nil pointer.
var null *int

func fault() { os.Exit(*null) }
