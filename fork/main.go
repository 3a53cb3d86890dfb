//go:build linux

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
		{Name: "glob", Ref: "§8.3, Fig. 8.1", Run: glob,
			Summary: "a child gets copies of variables and buffers"},
		{Name: "offset", Ref: "§8.3, Fig. 8.2", Run: offset, Flags: offsetFlags,
			Summary: "parent and child share the offset of an open file"},
	})
}
