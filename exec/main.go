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
// Several experiments execute this program again, under the name
// echoall or echoarg: then it prints its arguments, and as echoall
// its environment too.
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
	case "echoarg":
		printInterpreter()
		return
	case "echoids", "echoids-set":
		printIDs()
		return
	}
	proc.Main("exec", []proc.Experiment{
		{Name: "echoall", Run: echoall, Flags: echoallFlags,
			Ref:     "§8.10, Fig. 8.14 to 8.17",
			Summary: "another program in the same process"},
		{Name: "path", Run: path, Ref: "§8.10",
			Summary: "which file a name means"},
		{Name: "redirect", Run: redirect, Ref: "§8.3, §8.10",
			Summary: "what a child does before its exec"},
		{Name: "keeps", Run: keeps, Flags: keepsFlags,
			Ref:     "§8.10",
			Summary: "what an exec keeps"},
		{Name: "resets", Run: resets, Flags: resetsFlags,
			Ref:     "§8.10",
			Summary: "what an exec does not keep"},
		{Name: "signals", Run: signals, Ref: "§8.10",
			Summary: "signals and alarms across an exec"},
		{Name: "cloexec", Run: cloexec, Flags: cloexecFlags,
			Ref:     "§8.10, Ex. 8.7",
			Summary: "which descriptors stay open"},
		{Name: "report", Run: report, Flags: reportFlags,
			Ref:     "§8.10",
			Summary: "how to know that an exec worked"},
		{Name: "fails", Run: fails, Flags: failsFlags,
			Ref:     "§8.10",
			Summary: "an exec that fails changes nothing"},
		{Name: "limits", Run: limits, Ref: "§8.10",
			Summary: "how much can be handed on"},
		{Name: "fexecve", Run: fexecve, Ref: "§8.10",
			Summary: "the file that was opened"},
		{Name: "thread", Run: thread, Flags: threadFlags,
			Ref: "§8.10", Summary: "an exec by a thread"},
		{Name: "script", Run: script, Flags: scriptFlags,
			Ref:     "§8.12, Fig. 8.20, 8.21, Ex. 8.5",
			Summary: "an interpreter file"},
		{Name: "shebang", Run: shebang, Flags: shebangFlags,
			Ref:     "§8.12",
			Summary: "the first line, and its limits"},
	})
}
