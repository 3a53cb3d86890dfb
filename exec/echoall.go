//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
)

// Echoall is the programs of Figures 8.16 and 8.17.
//
// The book: an exec replaces the program of the process. The pid
// does not change. Of the seven functions three have a list of
// arguments (l), three a vector (v); two search PATH for the file
// (p); two take an environment (e), the others hand on that of the
// caller; fexecve takes a descriptor. argv[0] can be any string.
//
// Linux today: the same. Six of the functions are the system call
// execve; fexecve is execveat (3.19). A program without arguments
// gets an empty string as argv[0] (5.18).
//
// Go has one exec. The others are a few lines each, in ch8/proc.
//
// To see it:
//
//	go run ./exec echoall
//	go run ./exec echoall --seven    all seven functions
//	go run ./exec echoall --empty    no argument at all

var (
	echoallFlags = flag.NewFlagSet("echoall", flag.ContinueOnError)
	echoallSeven = echoallFlags.Bool("seven", false,
		"run all seven functions")
	echoallEmpty = echoallFlags.Bool("empty", false,
		"execute a program with an empty list of arguments")
)

func echoall() {
	switch {
	case *echoallSeven:
		seven()
		return
	case *echoallEmpty:
		withoutArguments()
		return
	}
	inChild(func() { // a pathname, a list and an environment
		failed(proc.Execle(self(),
			[]string{"USER=unknown", "PATH=/tmp"},
			"echoall", "myarg1", "MY ARG2"))
	})
	inChild(func() { // a name to search, and our environment
		failed(proc.Execlp("echo", "echoall", "only 1 arg"))
	})
}

// printArguments is Figure 8.17: it prints the arguments, and the
// environment.
func printArguments() {
	var lines strings.Builder
	for i, arg := range os.Args {
		if arg == "" {
			arg = `""`
		}
		fmt.Fprintf(&lines, "argv[%d]: %s\n", i, arg)
	}
	for _, s := range os.Environ() {
		fmt.Fprintln(&lines, s)
	}
	fmt.Print(lines.String())
}
