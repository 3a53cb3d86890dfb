// Package checks says what the kernel must have done when an
// experiment of the folder wait has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"fmt"

	"apue/ch8/proc"
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

// word is the status with which the process ended; ok is false if
// it was not seen to end.
func word(p *trace.Process) (w proc.WaitStatus, ok bool) {
	if p.Exit == nil {
		return 0, false
	}
	return proc.WaitStatus(p.Exit.Status), true
}

// statusless reports whether the wait was given nowhere to store a
// status.
func statusless(e *trace.Event) bool { return e.NullStatus }

// alive reports whether the process had been born and not yet died
// at that time.
func alive(p *trace.Process, t int64) bool {
	return p.Born <= t && (p.Died < 0 || p.Died > t)
}

// held reports whether the process was at that time a child of its
// maker that nobody had collected: alive or a zombie.
func held(p *trace.Process, t int64) bool {
	return p.Born <= t && (p.Reaped < 0 || p.Reaped > t)
}

// most returns the process with the most children, the first one
// of several.
func most(o *lab.Observation) *trace.Process {
	var best *trace.Process
	for _, p := range o.Processes() {
		if best == nil || len(p.Children) > len(best.Children) {
			best = p
		}
	}
	return best
}

// uncollected finds a child that its parent did not collect.
func uncollected(parent *trace.Process) *trace.Process {
	for _, c := range parent.Children {
		if c.Reap == nil || c.Reaper != parent {
			return c
		}
	}
	return nil
}
