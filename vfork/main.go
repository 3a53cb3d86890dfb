//go:build linux

// Without this line the runtime keeps files of the control group
// open. With it the first descriptor that a program opens is 3, as
// in C.
//go:debug containermaxprocs=0

// Vfork runs the experiments of section 8.4: vfork.
//
//	go run ./vfork              the first one, glob
//	go run ./vfork list         the names of all
//	go run ./vfork NAME         another one
//	go run ./vfork NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
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
			Summary: "the child runs first, its parent waits",
		},
		{
			Name: "exec", Ref: "§8.4", Run: exec,
			Summary: "the parent runs again at the child's exec",
		},
		{
			Name: "private", Ref: "§8.4", Run: private,
			Summary: "what parent and child do not share",
		},
		{
			Name: "deadlock", Ref: "§8.4", Run: deadlock,
			Summary: "a child that waits for its parent",
		},
		{
			Name: "exit", Ref: "§8.4, Ex. 8.1", Run: exit,
			Summary: "a child that calls exit instead of _exit",
		},
		{
			Name: "return", Ref: "§8.4, Ex. 8.2", Run: returns,
			Summary: "a child that returns from the function",
		},
		{
			Name: "cost", Ref: "§8.4", Run: cost, Flags: costFlags,
			Summary: "what fork copies and vfork does not copy",
		},
	})
}
