//go:build linux

// Without this line the runtime keeps files of the control group
// open. With it the first descriptor that a program opens is 3, as
// in C.
//go:debug containermaxprocs=0

// Exit runs the experiments of section 8.5: how a process ends,
// and what remains of it.
//
//	go run ./exit              the first one, stdio
//	go run ./exit list         the names of all
//	go run ./exit NAME         another one
//	go run ./exit NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("exit", []proc.Experiment{
		{
			Name: "stdio", Ref: "§8.5", Run: buffers,
			Summary: "exit flushes and calls handlers",
		},
		{
			Name: "orphan", Ref: "§8.5", Run: orphan,
			Flags:   orphanFlags,
			Summary: "a child whose parent ends is adopted",
		},
		{
			Name: "zombie", Ref: "§8.5, Ex. 8.6", Run: zombie,
			Flags:   zombieFlags,
			Summary: "what remains of a child that ended",
		},
		{
			Name: "ways", Ref: "§8.5", Run: ways,
			Summary: "a child for each way a process can end",
		},
		{
			Name: "handlers", Ref: "§8.5, §7.3", Run: handlers,
			Summary: "which exit handlers run, and in which order",
		},
		{
			Name: "status", Ref: "§8.5", Run: status,
			Summary: "exit status and termination status",
		},
		{
			Name: "kernel", Ref: "§8.5", Run: kernel,
			Summary: "what the kernel does when a process ends",
		},
		{
			Name: "zombies", Ref: "§8.5", Run: zombies,
			Summary: "zombies count against the limits",
		},
	})
}
