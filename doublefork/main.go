//go:build linux

// Without this line the runtime keeps files of the control group
// open. With it the first descriptor that a program opens is 3, as
// in C.
//go:debug containermaxprocs=0

// Doublefork runs the experiments of the end of section 8.6: the
// double fork, and daemons.
//
//	go run ./doublefork              the first one, doublefork
//	go run ./doublefork list         the names of all
//	go run ./doublefork NAME         another one
//	go run ./doublefork NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("doublefork", []proc.Experiment{
		{
			Name: "doublefork", Ref: "§8.6, Fig. 8.8",
			Run:     doublefork,
			Summary: "a grandchild that is adopted",
			Flags:   doubleforkFlags,
		},
		{
			Name: "daemon", Ref: "§8.6, §13.3", Run: daemon,
			Summary: "a process without a terminal",
			Flags:   daemonFlags,
		},
		{
			Name: "background", Ref: "§8.6, §9.6, §10.2",
			Run:     background,
			Flags:   backgroundFlags,
			Summary: "jobs and a daemon when the terminal goes",
		},
		{
			Name: "nozombies", Ref: "§8.6, §10.7", Run: nozombies,
			Summary: "three ways to start 200 jobs",
			Flags:   nozombiesFlags,
		},
	})
}
