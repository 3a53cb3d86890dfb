//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// Fork runs the experiments of sections 8.2 and 8.3: process
// identifiers and fork.
//
//	go run ./fork              the first one, glob
//	go run ./fork list         what there is
//	go run ./fork NAME [-h]    another one
//
// Exit status 2: it was asked for something that it can not do,
// and standard error says in one sentence what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("fork", []proc.Experiment{
		{Name: "glob", Run: glob, Ref: "§8.3, Fig. 8.1",
			Summary: "a child gets copies of the variables"},
		{Name: "returns", Run: returns, Ref: "§8.3",
			Summary: "fork is called once and returns twice"},
		{Name: "ids", Run: ids, Flags: idsFlags, Ref: "§8.2",
			Summary: "what ids a process has, who gets which"},
		{Name: "memory", Run: memory, Ref: "§8.3",
			Summary: "which memory is copied, shared, and when"},
		{Name: "offset", Run: offset, Flags: offsetFlags,
			Ref:     "§8.3, Fig. 8.2",
			Summary: "parent and child share a file's offset"},
		{Name: "descriptors", Run: descriptors,
			Ref:     "§8.3, Ex. 8.7",
			Summary: "what a close after a fork does"},
		{Name: "interleave", Run: interleave,
			Flags: interleaveFlags, Ref: "§8.3",
			Summary: "two write, and nobody is in step"},
		{Name: "inherit", Run: inherit, Flags: inheritFlags,
			Ref: "§8.3", Summary: "what else a child inherits"},
		{Name: "differ", Run: differ, Ref: "§8.3",
			Summary: "in what a child is not like its parent"},
		{Name: "limit", Run: limit, Flags: limitFlags,
			Ref: "§8.3", Summary: "fork until it fails"},
		{Name: "uses", Run: uses, Flags: usesFlags,
			Ref:     "§8.3",
			Summary: "a server, and running a program"},
		{Name: "race", Run: race, Flags: raceFlags,
			Ref:     "§8.9, Fig. 8.12, 8.13",
			Summary: "who writes first, and how to decide it"},
		{Name: "clone", Run: clone, Ref: "§8.3",
			Summary: "the flags say what a child shares"},
	})
}
