//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// Doublefork runs the experiments at the end of section 8.6, the
// double fork, and daemons.
//
//	go run ./doublefork              the first one, doublefork
//	go run ./doublefork list         what there is
//	go run ./doublefork NAME [-h]    another one
//
// Exit status 2: it was asked for something that it can not do,
// and standard error says in one sentence what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("doublefork", []proc.Experiment{
		{
			Name: "doublefork", Ref: "§8.6, Fig. 8.8",
			Run:     doublefork,
			Summary: "a grandchild that nobody here must wait for",
			Flags:   doubleforkFlags,
		},
		{
			Name: "daemon", Ref: "§8.6, §13.3", Run: daemon,
			Summary: "a process that belongs to no terminal",
			Flags:   daemonFlags,
		},
		{
			Name: "background", Ref: "§8.6, §9.6, §10.2",
			Run:     background,
			Flags:   backgroundFlags,
			Summary: "jobs, nohup, a daemon: their terminal goes",
		},
		{
			Name: "nozombies", Ref: "§8.6, §10.7", Run: nozombies,
			Summary: "200 jobs with zombies, and 400 without",
			Flags:   nozombiesFlags,
		},
	})
}
