//go:build linux

// Without this line the runtime keeps files of the control group
// open. With it the first descriptor that a program opens is 3, as
// in C.
//go:debug containermaxprocs=0

// Wait runs the experiments of sections 8.6 to 8.8: wait, waitpid,
// waitid, wait3 and wait4.
//
//	go run ./wait              the first one, status
//	go run ./wait list         the names of all
//	go run ./wait NAME         another one
//	go run ./wait NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
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
			Summary: "SIGCHLD, and a wait that fails with EINTR",
		},
		{
			Name: "waitid", Ref: "§8.7, Fig. 8.9, 8.10",
			Run: waitid, Flags: waitidFlags,
			Summary: "the same with waitid: siginfo, not a word",
		},
		{
			Name: "rusage", Ref: "§8.8",
			Run: rusage, Flags: rusageFlags,
			Summary: "what a child has used: wait3, wait4",
		},
		{
			Name: "supervise", Ref: "§8.6",
			Run: supervise, Flags: superFlags,
			Summary: "a supervisor of workers, made to be copied",
		},
	})
}
