//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// Exit runs the experiments of section 8.5: how a process ends,
// and what becomes of it.
//
//	go run ./exit              the first one, stdio
//	go run ./exit list         what there is
//	go run ./exit NAME [-h]    another one
//
// Exit status 2: it was asked for something that it can not do,
// and standard error says in one sentence what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("exit", []proc.Experiment{
		{
			Name: "stdio", Ref: "§8.5", Run: buffers,
			Summary: "exit flushes, runs handlers; _exit does not",
		},
		{
			Name: "orphan", Ref: "§8.5", Run: orphan,
			Flags:   orphanFlags,
			Summary: "a child whose parent ends gets a new one",
		},
		{
			Name: "zombie", Ref: "§8.5, Ex. 8.6", Run: zombie,
			Flags:   zombieFlags,
			Summary: "what is left of a child that ended",
		},
		{
			Name: "ways", Ref: "§8.5", Run: ways,
			Summary: "a child for each way a process can end",
		},
		{
			Name: "handlers", Ref: "§8.5, §7.3", Run: handlers,
			Summary: "whose exit handlers run, and in which order",
		},
		{
			Name: "status", Ref: "§8.5", Run: status,
			Summary: "what arrives of an exit status, or a signal",
		},
		{
			Name: "kernel", Ref: "§8.5", Run: kernel,
			Summary: "what the kernel does however a process ends",
		},
		{
			Name: "zombies", Ref: "§8.5", Run: zombies,
			Summary: "unreaped children use up the places",
		},
	})
}
