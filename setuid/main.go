//go:build linux

// The runtime would keep the files of a cgroup's limit open: the
// first descriptor of a program is 3 on every machine, as in C.
//go:debug containermaxprocs=0

// Setuid runs the experiments of section 8.11: how the user ids
// and group ids of a process change.
//
//	go run ./setuid              the first one, setid
//	go run ./setuid list         the names of all
//	go run ./setuid NAME         another one
//	go run ./setuid NAME -h      its options
//
// Exit status 2 means that the experiment cannot be done: standard
// error says in one sentence why, and what to do.
package main

import "apue/ch8/proc"

func main() {
	proc.Main("setuid", []proc.Experiment{
		{Name: "setid", Ref: "§8.11, Fig. 8.18", Run: setid,
			Flags:   setidFlags,
			Summary: "what a set-user-ID program gets"},
		{Name: "rules", Ref: "§8.11, Fig. 8.18, 8.19",
			Run: rules, Flags: rulesFlags,
			Summary: "which process can change which id"},
		{Name: "drop", Ref: "§8.11", Run: drop,
			Summary: "giving privileges up, in the right order"},
		{Name: "threads", Ref: "§8.11", Run: threads,
			Flags:   threadsFlags,
			Summary: "whose ids a call changes"},
	})
}
