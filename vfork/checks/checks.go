// Package checks says what the kernel must have done when an
// experiment of the folder vfork has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"apue/internal/lab"
	"apue/internal/trace"
)

// Flags of Linux (linux/sched.h), with the same values everywhere:
// a recording is checked on any system.
const (
	cloneVM    = 0x100
	clonePidfd = 0x1000
	cloneVfork = 0x4000
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

// isVfork reports whether the child was made by a vfork: with
// CLONE_VM and CLONE_VFORK, whatever the call. The child that Go's
// os package makes to try out pidfds, which sends no signal, is not
// the program's.
func isVfork(c *trace.Process) bool {
	const both = cloneVM | cloneVfork
	probe := c.Birth.Flags&(both|clonePidfd|0xff) == both|clonePidfd
	return c.Birth.Kind == trace.KindVfork && c.Birth.Flags&both == both && !probe
}

// pair finds the parent and the child of the experiment: a vfork
// whose child did not exec, better one after which the parent
// prints, best one whose child did something. Where there is none it is any vfork, and then any child,
// so that a message can show what was done in its place.
func pair(o *lab.Observation) (parent, child *trace.Process) {
	best := 0
	for _, p := range o.Processes() {
		for _, c := range p.Children {
			rank := 1
			if isVfork(c) {
				rank = 2
				if !lab.Execed(c) {
					rank = 3
					if len(after(o.Writes(p), c.Resumed)) > 0 {
						rank = 4
					}
					if len(o.Writes(c)) > 0 || counted(o, c) {
						rank++
					}
				}
			}
			if rank > best {
				best, parent, child = rank, p, c
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

// vforkPair is the pair if it was a vfork whose child did not exec.
func vforkPair(o *lab.Observation) (parent, child *trace.Process) {
	parent, child = pair(o)
	if child == nil || !isVfork(child) || lab.Execed(child) {
		return nil, nil
	}
	return parent, child
}

// after are the events later than t.
func after(events []*trace.Event, t int64) []*trace.Event {
	for i, e := range events {
		if e.Time > t {
			return events[i:]
		}
	}
	return nil
}

// parentAndChild names the pair for the tree of a message.
func parentAndChild(o *lab.Observation) map[string]string {
	roles := map[string]string{}
	if parent, child := pair(o); child != nil {
		roles[parent.Name], roles[child.Name] = "parent", "child"
	}
	return roles
}

// needsVfork makes a claim a consequence of the claim vforked.
func needsVfork(c lab.Claim) lab.Claim {
	c.Needs = []string{"vforked"}
	return c
}

// vforkedClaim is the claim vforked of both exercises.
func vforkedClaim(run lab.Run) lab.Claim {
	return lab.Claim{
		Name:   "vforked",
		Says:   "the program itself calls vfork, or clone with CLONE_VM and CLONE_VFORK, and the child does not exec",
		Why:    "because only that call runs the child in the parent's memory while the parent is suspended",
		Points: 2,
		Hints: [3]string{
			"which call made the child? The tree of ch8 trace names it",
			"fork copies the memory, a thread is no process, and posix_spawn and system vfork for a child that execs",
			"call vfork() itself, and let the child end with _exit()",
		},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(run)
			parent, child := pair(o)
			switch {
			case child == nil:
				return o.Fail(o.Family(), "there was no vfork: nobody ran in the parent's memory")
			case !isVfork(child):
				return o.Fail(o.Family(), notVfork(child))
			case lab.Execed(child):
				return o.Fail(o.Family(), "a child that executes another program leaves the parent's memory: this is what system and posix_spawn do")
			}
			return o.Passed("%s made %s by %s with CLONE_VM and CLONE_VFORK", parent.Name, child.Name, child.Birth.Call)
		},
	}
}

// notVfork says what another way to make a child does not do.
func notVfork(c *trace.Process) string {
	if c.Birth.Flags&cloneVM != 0 {
		return "without CLONE_VFORK the parent is not suspended: both run in the same memory at once"
	}
	if c.Birth.Flags&cloneVfork != 0 {
		return "without CLONE_VM the child has a copy of the parent's memory: the parent is suspended, and finds nothing changed"
	}
	return "that child has a copy of the parent's memory, and the parent runs on"
}
