// Package checks says what the kernel must have done when an
// experiment of the folder vfork has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"apue/internal/lab"
	"apue/internal/trace"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{
	Glob,
	First,
	Exec,
	Private,
	Deadlock,
	Exit,
	Return,
	Cost,
}

// pair finds the parent and the child of the experiment. A vfork comes
// before another way to make a child, a child that did not exec before
// one that did, then counts whether the child did something, and whether
// the parent printed after it. Where there is no vfork it is any child,
// so that a message can show what was done instead.
func pair(o *lab.Observation) (parent, child *trace.Process) {
	best := 0
	for _, p := range o.Processes() {
		for _, c := range p.Children {
			if lab.IsProbe(c) {
				continue
			}
			score := 1
			if lab.IsVfork(c) {
				score += 16
			}
			if !lab.Execed(c) {
				score += 8
			}
			if len(o.Writes(c)) > 0 || counted(o, c) {
				score += 4
			}
			if len(lab.After(o.Writes(p), c.Resumed)) > 0 {
				score += 2
			}
			if score > best {
				best, parent, child = score, p, c
			}
		}
	}
	return parent, child
}

// counted reports whether a word of the parent's memory that was 6
// when the child was made was 7 when the parent ran again.
func counted(o *lab.Observation, child *trace.Process) bool {
	for _, e := range o.Events(trace.KindVforkDone) {
		for _, w := range e.Words {
			if e.ChildProcess == child.Name && w.Before == 6 && w.After == 7 {
				return true
			}
		}
	}
	return false
}

// castPair are the parent and the child of the run's cast.
func castPair(o *lab.Observation) (parent, child *trace.Process) {
	return o.Cast().Of("parent"), o.Cast().Of("child")
}

// vforkPair is the pair if it was a vfork whose child did not exec.
func vforkPair(o *lab.Observation) (parent, child *trace.Process) {
	parent, child = castPair(o)
	if child == nil || !lab.IsVfork(child) || lab.Execed(child) {
		return nil, nil
	}
	return parent, child
}

// parentAndChild is the cast of an experiment with one vfork.
func parentAndChild(o *lab.Observation) lab.Cast { return lab.Pair(pair(o)) }

// birth is the event that made the child of the cast.
func birth(o *lab.Observation) *trace.Event {
	if c := o.Cast().Of("child"); c != nil {
		return c.Birth
	}
	return nil
}

// resumed is the event in which the parent of the cast runs again after
// the vfork.
func resumed(o *lab.Observation) *trace.Event {
	_, child := castPair(o)
	for _, e := range o.Events(trace.KindVforkDone) {
		if child != nil && e.ChildProcess == child.Name {
			return e
		}
	}
	return nil
}

// firstOf is the first of the events, nil if there is none.
func firstOf(events []*trace.Event) *trace.Event {
	if len(events) == 0 {
		return nil
	}
	return events[0]
}

// vforkedClaim is the claim vforked of both exercises.
func vforkedClaim(run lab.Run) lab.Claim {
	return lab.Claim{
		Name:   "vforked",
		Says:   "the program itself calls vfork, or clone with CLONE_VM and CLONE_VFORK, and the child does not exec",
		Why:    "because only that call runs the child in the parent's memory while the parent is suspended",
		Points: 2,
		Hints: [3]string{
			"Which call made the child? ch8 trace names it.",
			"fork copies the memory, a thread is not a process, and posix_spawn and system use vfork for a child that execs.",
			"Call vfork() itself, and let the child end with _exit().",
		},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(run)
			_, child := castPair(o)
			switch {
			case child == nil:
				return o.Fail(o.Family(), o.WhyNoChildBy("vfork"))
			case !lab.IsVfork(child):
				return o.Fail(o.Family(), notVfork(child))
			case lab.Execed(child):
				return o.Fail(o.Family(), "a child that executes another program leaves the parent's memory: this is what system and posix_spawn do")
			}
			return o.Passed("the parent made the child by %s with CLONE_VM and CLONE_VFORK", child.Birth.Call)
		},
	}
}

// notVfork says what another way to make a child does not do.
func notVfork(c *trace.Process) string {
	if c.Birth.Flags&lab.CloneVM != 0 {
		return "without CLONE_VFORK the parent is not suspended: both run in the same memory at once"
	}
	if c.Birth.Flags&lab.CloneVfork != 0 {
		return "without CLONE_VM the child has a copy of the parent's memory: the parent is suspended, and finds nothing changed when it runs again"
	}
	return "that child has a copy of the parent's memory, and the parent runs on"
}
