package lab

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// Recorded is the run that most checks ask for: recorded, with
// every descriptor's writes and names.
func Recorded(stdout sandbox.Stdout) Run {
	return Run{Stdout: stdout, Trace: record.Options{Files: true}}
}

// Pid is the process's pid as the program sees it: what it prints
// and what wait returns to it.
func Pid(p *trace.Process) int { return pid(p) }

// Wrote returns the bytes that the process wrote to the standard
// output of the program, through whatever descriptor, as far as
// the kernel took them.
func (o *Observation) Wrote(p *trace.Process) []byte {
	return AllTaken(o.Writes(p))
}

// AllTaken are the bytes of these writes, one after the other.
func AllTaken(writes []*trace.Event) (b []byte) {
	for _, e := range writes {
		b = append(b, Taken(e)...)
	}
	return b
}

// Writes are the process's successful writes to the standard
// output of the program.
func (o *Observation) Writes(p *trace.Process) []*trace.Event {
	var writes []*trace.Event
	for _, e := range o.outputWrites() {
		if e.Process == p.Name {
			writes = append(writes, e)
		}
	}
	return writes
}

// outputWrites are all successful writes to the standard output of the
// program.
func (o *Observation) outputWrites() []*trace.Event {
	out := o.stdoutPath()
	var writes []*trace.Event
	for _, e := range o.Events(trace.KindWrite) {
		if e.Result > 0 && (e.Path == out && out != "" || out == "" && e.Fd == 1) {
			writes = append(writes, e)
		}
	}
	return writes
}

// A Line is one that a process wrote, without trailing white space, and
// when it was complete.
type Line struct {
	Text string
	Time int64 // ns since the start, of the write with its last words
}

// Told are the lines that the process wrote to the standard output of
// the program. The newline may come later than the words.
func (o *Observation) Told(p *trace.Process) (all []Line) {
	var l Line
	for _, e := range o.Writes(p) {
		for part := range strings.SplitAfterSeq(string(Taken(e)), "\n") {
			text, ended := strings.CutSuffix(part, "\n")
			if text != "" {
				l.Text, l.Time = l.Text+text, e.Time
			}
			if ended {
				all, l = append(all, l), Line{}
			}
		}
	}
	if l.Text != "" {
		all = append(all, l)
	}
	for i := range all {
		all[i].Text = strings.TrimRight(all[i].Text, " \t\r\v\f")
	}
	return all
}

// Taken are the bytes of a write that the kernel took.
func Taken(e *trace.Event) []byte {
	return e.Data[:min(max(int(e.Result), 0), len(e.Data))]
}

// stdoutPath is what descriptor 1 of the program names: that of
// the writes which arrived as its output, or else of the first
// write to it. (A wrapper's helpers have pipes of their own there.)
func (o *Observation) stdoutPath() string {
	first := ""
	arrived := len(bytes.ReplaceAll(o.Stdout, []byte("\r\n"), []byte("\n")))
	// All may have gone through duplicates of it.
	for _, duplicates := range []bool{false, true} {
		var paths []string
		sum := map[string]int{}
		for _, e := range o.Events(trace.KindWrite) {
			if e.Fd != 1 && !duplicates || e.Path == "" {
				continue
			}
			if _, seen := sum[e.Path]; !seen {
				paths = append(paths, e.Path)
			}
			sum[e.Path] += max(int(e.Result), 0)
		}
		for _, p := range paths {
			if sum[p] == arrived {
				return p
			}
		}
		if !duplicates && len(paths) > 0 {
			first = paths[0]
		}
	}
	return first
}

// Made returns the children that p made since its last exec: those
// of the program itself, and not of a wrapper that became it.
func Made(p *trace.Process) []*trace.Process {
	if p.Exec == nil {
		return p.Children
	}
	var c []*trace.Process
	for _, q := range p.Children {
		if q.Born > p.Exec.Time {
			c = append(c, q)
		}
	}
	return c
}

// Forked returns the children of p that a real fork made: a copy
// of p, whatever call it was, without p's memory.
func Forked(p *trace.Process) []*trace.Process {
	var c []*trace.Process
	for _, q := range Made(p) {
		if !inParentsMemory(q) {
			c = append(c, q)
		}
	}
	return c
}

// inParentsMemory reports whether the child was made without a
// memory of its own. CLONE_VM decides, and not CLONE_VFORK, which
// only suspends the parent; kcmp may be refused, and is asked
// because the flags of a foreign architecture's call are not seen.
func inParentsMemory(p *trace.Process) bool {
	return p.Birth.Flags&CloneVM != 0 || p.Birth.SameVM != nil && *p.Birth.SameVM
}

// Execed reports whether the process executed another program
// after its birth.
func Execed(p *trace.Process) bool { return p.Exec != nil && p.Birth != nil }

// Family says in a sentence which processes there were and who
// made whom: the observation behind many a failure.
func (o *Observation) Family() string {
	all := o.Processes()
	if len(all) <= 1 {
		return "the program made no child"
	}
	var s []string
	for _, p := range all[1:] {
		how := string(p.Birth.Kind)
		switch vfork := p.Birth.Kind == trace.KindVfork; {
		case !vfork && inParentsMemory(p):
			how = "clone with CLONE_VM"
		case vfork && !inParentsMemory(p):
			how = "clone with CLONE_VFORK and without CLONE_VM"
		}
		what := fmt.Sprintf("%s made %s by %s", p.Parent.Name, p.Name, how)
		if Execed(p) {
			what += ", which executed " + show.Line(p.Exec.Path)
		}
		s = append(s, what)
	}
	return strings.Join(s, "; ")
}

// GlobLine is the line that the programs of Figures 8.1 and 8.3
// print: the pid, the global variable and the local one.
var GlobLine = regexp.MustCompile(`^pid = (\d+), glob = (-?\d+), var = (-?\d+)$`)

// GlobSaid returns the pid, glob and var of each such line that the
// process printed.
func GlobSaid(o *Observation, p *trace.Process) [][3]int { return GlobsIn(o.Wrote(p)) }

// GlobsIn returns them of each such line in b.
func GlobsIn(b []byte) (said [][3]int) {
	for _, l := range Lines(b) {
		m := GlobLine.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		var n [3]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[i+1])
		}
		said = append(said, n)
	}
	return said
}

// Quote quotes lines for a sentence.
func Quote(lines []string) string {
	if len(lines) == 0 {
		return "nothing"
	}
	var q []string
	for _, l := range lines {
		q = append(q, fmt.Sprintf("%q", l))
	}
	return strings.Join(q, ", ")
}

// CountLine counts how often the line is among the lines.
func CountLine(lines []string, line string) int {
	n := 0
	for _, l := range lines {
		if l == line {
			n++
		}
	}
	return n
}

// AsAsked is the claim as-asked of every exercise, whose contract
// excludes more than its other claims tell. Each of the
// exclusions returns what it saw, or "".
func AsAsked(run Run, exclusions ...func(*Observation) string) func(*Bench) Verdict {
	return func(b *Bench) Verdict {
		o := b.Run(run)
		if o.TimedOut || o.Flooded || len(o.Leftovers) > 0 {
			when := "when the time was over: "
			if o.Flooded {
				when = "when the run was ended for its output: "
			}
			return o.Fail("these were still running "+when+cmp.Or(Names(o.Leftovers), "none"),
				"every process of the program has to end by itself")
		}
		for _, seen := range exclusions {
			if s := seen(o); s != "" {
				return o.Fail(s, "the contract excludes this: ch8 task "+b.Experiment.ID())
			}
		}
		v := o.Passed("nothing that the contract excludes was done, and all processes ended by themselves")
		if slept := o.slept(); slept != "" {
			v = v.Remark("%s: if that is to give an order, it is a guess, and a busy machine guesses otherwise; wait, a pipe or a signal make it certain", slept)
		}
		return v
	}
}

// slept is the first sleep of the first process that slept, "" if none
// did. Which of two came first in time may be luck.
func (o *Observation) slept() string {
	for _, p := range o.Processes() {
		for _, e := range o.Events(trace.KindNote) {
			if e.Process == p.Name && e.Call == "clock_nanosleep" {
				return e.Note
			}
		}
	}
	return ""
}

// AsAskedClaim is that claim, for the table of an exercise.
func AsAskedClaim(run Run, exclusions ...func(*Observation) string) Claim {
	return Claim{
		Name:   "as-asked",
		Says:   "the program does nothing that its contract excludes, and all of its processes end by themselves",
		Points: 1,
		Hints: [3]string{
			"read the assignment once more: what does it rule out?",
			"the tree in the message shows every process the program made, and how it ended",
			"ch8 trace -- CMD lists what the program did, line by line",
		},
		Judge: AsAsked(run, exclusions...),
	}
}

// Sorted returns a sorted copy.
func Sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
