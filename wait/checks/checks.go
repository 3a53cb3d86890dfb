// Package checks says what the kernel must have done when an
// experiment of the folder wait has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"fmt"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{
	Status,
	Pids,
	Options,
	Blocks,
	Sigchld,
	Waitid,
	Rusage,
	Supervise,
}

// onPipe is the run that these checks look at.
var onPipe = lab.Recorded(sandbox.Pipe)

// who names a process for a sentence: its role and its pid.
func who(role string, p *trace.Process) string {
	return fmt.Sprintf("%s (%d)", role, lab.Pid(p))
}

// most returns the process of the suite's own program that made most
// children: the parent of the experiment. Exercises choose theirs by what
// it did.
func most(o *lab.Observation) *trace.Process {
	var best *trace.Process
	for _, p := range o.Processes() {
		if best == nil || len(p.Children) > len(best.Children) {
			best = p
		}
	}
	return best
}

// unreaped finds a child that its parent did not reap.
func unreaped(parent *trace.Process) *trace.Process {
	for _, c := range parent.Children {
		if c.Reap == nil || c.Reaper != parent {
			return c
		}
	}
	return nil
}
