//go:build linux

// Without this line the runtime keeps files of the control group
// open. With it the first descriptor that a program opens is 3, as
// in C.
//go:debug containermaxprocs=0

// Exec runs the experiments of sections 8.10 and 8.12: the exec
// functions, and interpreter files.
//
//	go run ./exec              the first one, echoall
//	go run ./exec list         the names of all
//	go run ./exec NAME         another one
//	go run ./exec NAME -h      its options
//
// Several experiments execute this program again under the name
// echoall: then it prints its arguments and its environment.
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
package main

import (
	"os"
	"path/filepath"

	"apue/ch8/proc"
)

func main() {
	switch filepath.Base(append(os.Args, "")[0]) {
	case "echoall", ".": // "." if there is no argument
		printArguments()
		return
	}
	proc.Main("exec", []proc.Experiment{
		{Name: "echoall", Run: echoall, Flags: echoallFlags,
			Ref:     "§8.10, Fig. 8.14 to 8.17",
			Summary: "another program in the same process"},
	})
}
