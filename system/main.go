//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// System runs the experiments of sections 8.13 to 8.17: the
// function system, process accounting, who is logged in, the nice
// value, and process times.
//
//	go run ./system              the first one, system
//	go run ./system list         the names of all
//	go run ./system NAME         another one
//	go run ./system NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("system", []proc.Experiment{
		{Name: "system", Ref: "§8.13, Fig. 8.22, 8.23",
			Run: runSystem, Flags: systemFlags,
			Summary: "a command in a child, and its status"},
		{Name: "interrupt", Ref: "§8.13, §10.18",
			Run: interrupt, Flags: interruptFlags,
			Summary: "signals while the command runs"},
		{Name: "hole", Ref: "§8.13, Fig. 8.24, 8.25", Run: hole,
			Flags:   holeFlags,
			Summary: "system in a set-user-ID program"},
		{Name: "account", Ref: "§8.14, Fig. 8.26 to 8.29",
			Run: account, Flags: accountFlags,
			Summary: "the kernel's record of each process"},
		{Name: "login", Ref: "§8.15", Run: login,
			Summary: "who is logged in, and who says so"},
		{Name: "priority", Ref: "§8.16", Run: priority,
			Summary: "the rules of the nice value"},
		{Name: "nice", Ref: "§8.16, Fig. 8.30", Run: nice,
			Flags:   niceFlags,
			Summary: "two processes on one processor"},
		{Name: "autogroup", Ref: "§8.16", Run: autogroup,
			Flags:   autogroupFlags,
			Summary: "the nice value across sessions"},
		{Name: "times", Ref: "§8.17, Fig. 8.31", Run: times,
			Flags:   timesFlags,
			Summary: "processor time in clock ticks"},
	})
}
