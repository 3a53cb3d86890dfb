//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// Wait runs the experiments of sections 8.6 to 8.8: wait, waitpid,
// waitid, wait3 and wait4.
//
//	go run ./wait              the first one, status
//	go run ./wait list         what there is
//	go run ./wait NAME [-h]    another one
//
// Exit status 2: it was asked for something that it can not do,
// and standard error says in one sentence what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("wait", []proc.Experiment{
		{
			Name: "status", Ref: "§8.6, Fig. 8.5, 8.6",
			Run:     status,
			Summary: "three ways to end, three statuses",
		},
		{
			Name: "pids", Ref: "§8.6", Run: pids,
			Summary: "which child: a pid, any, a process group",
		},
		{
			Name: "options", Ref: "§8.6, Fig. 8.7", Run: options,
			Summary: "WNOHANG, WUNTRACED, WCONTINUED",
		},
		{
			Name: "blocks", Ref: "§8.6", Run: blocks,
			Summary: "wait blocks, returns or fails at once",
		},
		{
			Name: "sigchld", Ref: "§8.6", Run: sigchld,
			Summary: "the signal of a child's end, and EINTR",
		},
		{
			Name: "waitid", Ref: "§8.7, Fig. 8.9, 8.10",
			Run: waitid, Flags: waitidFlags,
			Summary: "the same statuses, in parts, with waitid",
		},
		{
			Name: "rusage", Ref: "§8.8",
			Run: rusage, Flags: rusageFlags,
			Summary: "what a child has used: wait3, wait4",
		},
		{
			Name: "supervise", Ref: "§8.6",
			Run: supervise, Flags: superFlags,
			Summary: "a prefork supervisor, real enough to copy",
		},
	})
}
