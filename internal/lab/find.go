package lab

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
func Pid(p *trace.Process) int { return cmp.Or(p.NSpid, p.Pid) }

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
	Text  string
	Time  int64 // ns since the start, of the write with its last words
	Write *trace.Event
}

// Told are the lines that the process wrote to the standard output of
// the program. The newline may come later than the words.
func (o *Observation) Told(p *trace.Process) []Line {
	return linesOf(o.Writes(p))
}

// ToldAround are the lines that the process wrote until time t and
// those that it wrote later. cut is the text at the end of the former
// that had no newline yet, "" if there is none.
func (o *Observation) ToldAround(p *trace.Process, t int64) (before []Line, cut string, after []Line) {
	writes := o.Writes(p)
	early := Before(writes, t)
	before, after = linesOf(early), linesOf(After(writes, t))
	if all := AllTaken(early); len(all) > 0 && all[len(all)-1] != '\n' {
		cut = before[len(before)-1].Text
		before = before[:len(before)-1]
	}
	return before, cut, after
}

// linesOf are the lines of the writes, without white space at their
// ends. The last one need not have a newline.
func linesOf(writes []*trace.Event) (all []Line) {
	var l Line
	begun := false
	for _, e := range writes {
		for part := range strings.SplitAfterSeq(string(Taken(e)), "\n") {
			text, ended := strings.CutSuffix(part, "\n")
			if text != "" {
				l.Text, l.Time, l.Write, begun = l.Text+text, e.Time, e, true
			}
			if ended {
				if !begun {
					l.Time, l.Write = e.Time, e
				}
				all, l, begun = append(all, l), Line{}, false
			}
		}
	}
	if begun {
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
// the writes which arrived as its output, or else of a write to what the
// recorder calls its standard output, or else of the first write to 1. (A
// wrapper's helpers have pipes of their own there, and a child a file.)
func (o *Observation) stdoutPath() string {
	first := ""
	arrived := len(bytes.ReplaceAll(o.Stdout, []byte("\r\n"), []byte("\n")))
	// All may have gone through duplicates of it.
	for _, duplicates := range []bool{false, true} {
		var paths []string
		sum, standard := map[string]int{}, map[string]bool{}
		for _, e := range o.Events(trace.KindWrite) {
			if e.Fd != 1 && !duplicates || e.Path == "" {
				continue
			}
			if _, seen := sum[e.Path]; !seen {
				paths = append(paths, e.Path)
			}
			sum[e.Path] += max(int(e.Result), 0)
			standard[e.Path] = standard[e.Path] || e.Object == "standard output"
		}
		// Another file may have got as many bytes.
		for _, named := range []bool{true, false} {
			for _, p := range paths {
				if sum[p] == arrived && arrived > 0 && standard[p] == named {
					return p
				}
			}
		}
		if !duplicates && len(paths) > 0 {
			first = paths[0]
		}
	}
	for _, e := range o.Events(trace.KindWrite) {
		if e.Object == "standard output" && e.Path != "" {
			return e.Path
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

// noChild is what was seen of a program with one process.
const noChild = "the program made no child"

// Family says in a sentence which processes there were and which process
// made each of them.
func (o *Observation) Family() string {
	const most = 6
	born := slices.DeleteFunc(slices.Clone(o.Processes()), func(p *trace.Process) bool { return p.Birth == nil })
	if len(born) == 0 {
		return noChild
	}
	if own := slices.DeleteFunc(slices.Clone(born), IsProbe); len(own) > 0 {
		born = own
	}
	var s []string
	for i, p := range born {
		if i == most {
			s = append(s, fmt.Sprintf("and %d more processes", len(born)-most))
			break
		}
		how := string(p.Birth.Kind)
		switch vfork := p.Birth.Kind == trace.KindVfork; {
		case !vfork && inParentsMemory(p):
			how = "clone with CLONE_VM"
		case vfork && !inParentsMemory(p):
			how = "clone with CLONE_VFORK and without CLONE_VM"
		}
		what := fmt.Sprintf("%s made %s by %s", o.Who(p.Parent), o.Who(p), how)
		if Execed(p) {
			what = fmt.Sprintf("%s used %s to make %s, which executed %s", o.Who(p.Parent), how, o.Who(p), show.Line(p.Exec.Path))
		}
		s = append(s, what)
	}
	return strings.Join(s, "; ")
}

// GlobLine is the line that the programs of Figures 8.1 and 8.3
// print: the pid, the global variable and the local one.
var GlobLine = Require("pid = P, glob = G, var = V")

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

// An Exclusion is a sentence of a task that a program may break
// without failing any other claim.
type Exclusion struct {
	Sentence string // as it stands in the task, or a part of it
	// Broken returns what was seen that breaks it, or "".
	Broken func(*Observation) string
}

// Remarked is the claim with a remark where it passes: what remark says of the
// run; "" is none.
func (c Claim) Remarked(run Run, remark func(*Observation) string) Claim {
	judge := c.Judge
	c.Judge = func(b *Bench) Verdict {
		v := judge(b)
		if v.Status != Pass {
			return v
		}
		if said := remark(b.Run(run)); said != "" {
			v = v.Remark("%s", said)
		}
		return v
	}
	return c
}

// AsAskedClaim is the last claim of every exercise: nothing was done that
// the task excludes. needs may name a claim without which it cannot be
// judged.
func AsAskedClaim(needs string, run Run, exclusions ...Exclusion) Claim {
	return Claim{
		Name:  "as-asked",
		Needs: strings.Fields(needs), NotAlone: true,
		Says:   "the program does nothing that the task excludes, and all of its processes end by themselves",
		Points: 1,
		Hints: [3]string{
			"Read the task once more. What does it exclude?",
			"The tree in the message shows every process that the program made, and how it ended.",
			"ch8 trace -- CMD lists what the program did, line by line.",
		},
		Excludes: exclusions,
		Judge:    AsAsked(run, exclusions...),
	}
}

// AsAsked judges that claim.
func AsAsked(run Run, exclusions ...Exclusion) func(*Bench) Verdict {
	return func(b *Bench) Verdict {
		o := b.Run(run)
		if o.TimedOut || o.Flooded || len(o.Leftovers) > 0 {
			means := "every process of the program has to end by itself"
			for _, p := range o.Processes() {
				if p.Exit == nil && !o.Flooded {
					means += "; " + o.Who(p) + " " + o.Standing(p)
					break
				}
			}
			if busy := o.busiest(); busy != "" {
				means += "; " + busy
			}
			return o.Fail("these processes were still running "+o.WhenStopped()+": "+cmp.Or(Names(o.Leftovers), "none"), means)
		}
		for _, x := range exclusions {
			if seen := x.Broken(o); seen != "" {
				v := o.Fail(seen, fmt.Sprintf("the task says: %q", x.Sentence))
				if otherwise := o.Unrecorded(); otherwise != "" {
					v = v.Remark("%s", otherwise)
				}
				if on := o.ranOn(); on != "" {
					v = v.Remark("%s", on)
				}
				return v
			}
		}
		v := o.Passed("nothing that the task excludes was done, and all processes ended by themselves")
		if otherwise := o.Unrecorded(); otherwise != "" {
			v = v.Remark("%s", otherwise)
		}
		if slept := o.slept(); slept != "" && !b.Experiment.SleepsAllowed {
			v = v.Remark("%s. If the sleep is there to make one process run after another, it is not reliable: a wait, a pipe or a signal is", slept)
		}
		if on := o.ranOn(); on != "" {
			v = v.Remark("%s", on)
		}
		if open := o.unended(); open != "" {
			v = v.Remark("%s", open)
		}
		return v
	}
}

// unended names a process of the program whose output did not end with a
// newline; "" if there is none.
func (o *Observation) unended() string {
	for _, p := range o.Processes() {
		wrote := o.Wrote(p)
		if Execed(p) || len(wrote) == 0 || wrote[len(wrote)-1] == '\n' {
			continue
		}
		lines := Texts(o.Told(p))
		return fmt.Sprintf("the last line of %s, %q, does not end with a newline: what is printed next stands on the same line", o.Who(p), lines[len(lines)-1])
	}
	return ""
}

// slept says which process of the program slept first; "" if none did.
func (o *Observation) slept() string {
	for _, p := range o.Processes() {
		if Execed(p) || p.Exec != nil && filepath.Base(p.Exec.Path) == "sleep" {
			continue // the sleep of a helper, or of sleep(1), orders nothing here
		}
		for _, e := range o.EventsOf(p, trace.KindSleep) {
			// Shorter ones are those of a loop that polls.
			if long := time.Duration(e.Duration); long >= 50*time.Millisecond {
				return fmt.Sprintf("%s sleeps for %s%s", o.Who(p), length(e.Duration), atSource(e))
			}
		}
	}
	return ""
}

// ranOn says that a child went on in code that was meant for its parent:
// it called fork where its parent made its next child. "" if none did. The
// same line of a helper function says nothing: both may have called it.
func (o *Observation) ranOn() string {
	for _, p := range o.Processes() {
		if p.Parent == nil || p.Birth == nil {
			continue
		}
		for _, c := range p.Children {
			place := Place(c.Birth)
			if place == "" || !slices.Contains([]string{"main", "main.main", "<module>"}, c.Birth.Source.Func) {
				continue
			}
			for _, sibling := range p.Parent.Children {
				if sibling.Birth != nil && sibling.Born > p.Born && Place(sibling.Birth) == place {
					return fmt.Sprintf("%s ran on into its parent's code: it called fork at %s, as its parent did. A child has to end before that", o.Who(p), place)
				}
			}
		}
	}
	return ""
}

// Sorted returns a sorted copy.
func Sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
