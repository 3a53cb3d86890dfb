//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// timedCommands are run as in Figure 8.31. The second one computes
// in the background, and its shell does not wait for that.
var timedCommands = []string{
	"sleep 0.5",
	"while :; do :; done & sleep 0.5; kill $!",
}

// commands prints real time and processor time of commands.
func commands() {
	for _, command := range timedCommands {
		var t unix.Tms
		start, err := unix.Times(&t)
		proc.Check(err)
		before := t.Cutime + t.Cstime
		reap(child(func() {
			proc.Check(proc.Execl("/bin/sh", "sh", "-c", command))
		}))
		end, err := unix.Times(&t)
		proc.Check(err)
		say("%s: real: %s, processor: %s", command,
			realTime(int64(end)-int64(start)),
			ticks(int64(t.Cutime+t.Cstime-before)))
	}
}

// realTime is the number, or the word for it.
func realTime(n int64) string {
	if *inWords && n >= 50 {
		return "0.5 s or more"
	}
	return fmt.Sprint(n)
}
