package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"apue/internal/lab"
	"apue/internal/trace"
)

// interruptLong is the time that the command takes at least, by the task.
const interruptLong = int64(300 * time.Millisecond)

// interruptShell is the process that had a shell run the command of the task,
// and this shell: one that ran long enough, because it slept if one did, and
// of several the one that ran longest. The others are helpers.
func interruptShell(o *lab.Observation) (caller *trace.Process, found shell, ok bool) {
	var best [3]int64
	for _, p := range o.Processes() {
		for _, s := range shellsOf(o, p) {
			if under(o, s.Process) {
				continue
			}
			ran := [3]int64{0, 0, interruptRan(o, s)}
			if ran[2] >= interruptLong {
				ran[0] = 1
			}
			if sleeps(o, s.Process) {
				ran[1] = 1
			}
			if !ok || slices.Compare(ran[:], best[:]) > 0 {
				caller, found, ok, best = p, s, true, ran
			}
		}
	}
	return caller, found, ok
}

// interruptNone is the failure of a program without a shell as the task asks
// for it.
func interruptNone(o *lab.Observation) lab.Verdict {
	for _, e := range o.Events(trace.KindExec) {
		p := o.Process(e.Process)
		if e.Errno == "" && p.Birth != nil && strings.HasSuffix(filepath.Base(e.Path), "sh") {
			return o.Fail(fmt.Sprintf("%s executed %s with the arguments %s", o.Who(p), e.Path, lab.Quote(e.Argv[:min(6, len(e.Argv))])), shellMistake(e))
		}
	}
	return o.Fail("no process executed /bin/sh with sh, -c and a command; "+o.Family(), "one command is to be run by /bin/sh, named by this path, with the arguments sh and -c")
}

// interruptOthers names the helpers' commands.
func interruptOthers(o *lab.Observation) string {
	caller, s, _ := interruptShell(o)
	return otherCommands(o, caller, []shell{s})
}

// under reports whether the process descends from one that executed a shell:
// it is a part of that shell's command.
func under(o *lab.Observation, p *trace.Process) bool {
	for p = p.Parent; p != nil && p.Birth != nil; p = p.Parent {
		if _, ok := shellOf(o, p); ok {
			return true
		}
	}
	return false
}

// interruptRan is for how long the shell ran, until the end of the recording
// if it did not end.
func interruptRan(o *lab.Observation, s shell) int64 {
	if s.Died >= 0 {
		return s.Died - s.Born
	}
	return o.Recording.Events[len(o.Recording.Events)-1].Time - s.Born
}

// sleeps reports whether the process or one that it made slept for as long as
// the task asks for, or executed sleep.
func sleeps(o *lab.Observation, p *trace.Process) bool {
	if p.Exec != nil && filepath.Base(p.Exec.Path) == "sleep" {
		return true
	}
	for _, e := range o.EventsOf(p, trace.KindSleep) {
		if e.Duration >= interruptLong {
			return true
		}
	}
	return slices.ContainsFunc(p.Children, func(c *trace.Process) bool { return sleeps(o, c) })
}
