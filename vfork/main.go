//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// Vfork runs the experiments of section 8.4: vfork.
//
//	go run ./vfork              the first one, glob
//	go run ./vfork list         what there is
//	go run ./vfork NAME [-h]    another one
//
// Exit status 2: it was asked for something that it can not do,
// and standard error says in one sentence what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("vfork", []proc.Experiment{
		{
			Name: "glob", Ref: "§8.4, Fig. 8.3", Run: glob,
			Summary: "a child changes its parent's variables",
		},
		{
			Name: "first", Ref: "§8.4", Run: first,
			Summary: "the child runs first, its parent not at all",
		},
		{
			Name: "exec", Ref: "§8.4", Run: exec,
			Summary: "the parent runs again at the child's exec",
		},
		{
			Name: "private", Ref: "§8.4", Run: private,
			Summary: "what the child of a vfork does not share",
		},
		{
			Name: "deadlock", Ref: "§8.4", Run: deadlock,
			Summary: "a child that waits for its parent, for ever",
		},
		{
			Name: "exit", Ref: "§8.4, Ex. 8.1", Run: exit,
			Summary: "a child that calls exit in place of _exit",
		},
		{
			Name: "return", Ref: "§8.4, Ex. 8.2", Run: returns,
			Summary: "a child that returns, on its parent's stack",
		},
		{
			Name: "cost", Ref: "§8.4", Run: cost, Flags: costFlags,
			Summary: "what fork copies, and vfork does not",
		},
	})
}
