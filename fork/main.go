//go:build linux

// Without this line the runtime keeps files of the control group
// open. With it the first descriptor that a program opens is 3, as
// in C.
//go:debug containermaxprocs=0

// Fork runs the experiments of sections 8.2, 8.3 and 8.9: process
// identifiers, fork and race conditions.
//
//	go run ./fork              the first one, glob
//	go run ./fork list         the names of all
//	go run ./fork NAME         another one
//	go run ./fork NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("fork", []proc.Experiment{
		{Name: "glob", Run: glob, Ref: "§8.3, Fig. 8.1",
			Summary: "a child gets copies of the variables"},
		{Name: "returns", Run: returns, Ref: "§8.3",
			Summary: "fork is called once and returns twice"},
		{Name: "ids", Run: ids, Flags: idsFlags, Ref: "§8.2",
			Summary: "the ids of a process, and who gets them"},
		{Name: "memory", Run: memory, Ref: "§8.3",
			Summary: "which memory is copied, and which shared"},
		{Name: "offset", Run: offset, Flags: offsetFlags,
			Ref:     "§8.3, Fig. 8.2",
			Summary: "parent and child share a file's offset"},
		{Name: "descriptors", Run: descriptors,
			Ref:     "§8.3, Ex. 8.7",
			Summary: "what a close in one process does"},
		{Name: "interleave", Run: interleave,
			Flags: interleaveFlags, Ref: "§8.3",
			Summary: "two processes write, not synchronized"},
		{Name: "inherit", Run: inherit, Flags: inheritFlags,
			Ref: "§8.3", Summary: "what else a child inherits"},
		{Name: "differ", Run: differ, Ref: "§8.3",
			Summary: "what a child does not inherit"},
		{Name: "limit", Run: limit, Flags: limitFlags,
			Ref: "§8.3", Summary: "fork until it fails"},
		{Name: "uses", Run: uses, Flags: usesFlags,
			Ref:     "§8.3",
			Summary: "a server, and running a program"},
		{Name: "race", Run: race, Flags: raceFlags,
			Ref:     "§8.9, Fig. 8.12, 8.13",
			Summary: "which of the two writes first"},
		{Name: "clone", Run: clone, Ref: "§8.3",
			Summary: "flags decide what a child shares"},
	})
}
