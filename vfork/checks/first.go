package checks

import (
	"bytes"
	"fmt"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// First checks that the child of a vfork runs first.
var First = &lab.Experiment{
	Dir: "vfork", Name: "first", Ref: "§8.4",
	Title:    "the child of a vfork runs first, and its parent not at all",
	Exercise: true,
	Task: `The child of a vfork (or of clone with CLONE_VM and CLONE_VFORK)
runs for at least 0.2 s, sleeping allowed, writes at least one line
to standard output, then ends with _exit. After vfork returned the
parent writes at least one line.`,
	Claims: []lab.Claim{
		vforkedClaim(firstRun),
		{
			Name:   "child-first",
			Says:   "all that the child writes comes before the first thing that the parent writes after the vfork",
			Why:    "because the parent can not run before the child has ended",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"who writes, and when? ch8 trace shows each write",
				"a line in a buffer is written when it is flushed, and a vforked child ends without a flush",
				"write(STDOUT_FILENO, …) in the child, and again in the parent after vfork() returned",
			},
			Judge: firstChildFirst,
		},
		{
			Name:   "suspended",
			Says:   "the thread that called vfork makes no system call before the child has ended, and is in state D meanwhile",
			Why:    "because CLONE_VFORK makes the kernel keep it until the child lets go of its memory",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"what does the parent do while the child runs?",
				"a waiting parent is in wait, in state S; a suspended one is still in vfork, in state D",
				"call vfork(), not fork() with waitpid()",
			},
			Judge: firstSuspended,
		},
		needsVfork(lab.AsAskedClaim(firstRun, firstLongEnough)),
	},
	Cast: lab.ByName(parentAndChild),
}

var firstRun = lab.Recorded(sandbox.Pipe)

func firstChildFirst(b *lab.Bench) lab.Verdict {
	o := b.Run(firstRun)
	parent, child := pair(o)
	if child == nil {
		return o.Fail(o.Family(), "without a child there is nobody to run first")
	}
	childs, parents := o.Writes(child), after(o.Writes(parent), child.Born)
	switch {
	case len(childs) == 0:
		return o.Fail("the child wrote nothing",
			"it wrote no line, or left it in a buffer, which _exit does not flush")
	case len(parents) == 0:
		return o.Fail("the parent wrote nothing after the vfork",
			"without a line of the parent nothing shows that the child was first")
	}
	for _, x := range []struct {
		who    string
		writes []*trace.Event
	}{{"child", childs}, {"parent", parents}} {
		all := lab.AllTaken(x.writes)
		if !bytes.Contains(all, []byte("\n")) {
			return o.Fail(fmt.Sprintf("the %s wrote %s", x.who, lab.Quote(lab.Lines(all))),
				"that is no whole line: it does not end in a newline")
		}
	}
	last := childs[len(childs)-1]
	if first := parents[0]; first.Time < last.Time {
		return o.Fail(fmt.Sprintf("the parent wrote %s before the child wrote %s",
			lab.Quote(lab.Lines(lab.Taken(first))), lab.Quote(lab.Lines(lab.Taken(last)))),
			"the parent, or a thread of it, ran while the child did")
	}
	return o.Passed("the child's last write came before the parent's first")
}

func firstSuspended(b *lab.Bench) lab.Verdict {
	o := b.Run(firstRun)
	parent, child := pair(o)
	if child == nil || child.Exit == nil {
		return o.Fail(o.Family(), "no child was seen to run and end")
	}
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		begun := e.Time
		if e.Kind == trace.KindWait {
			begun = e.Entered
		}
		// An event without a call, like a signal's, is not of the
		// thread's own doing.
		own := e.Process == parent.Name && e.Tid == child.Birth.Tid && e.Call != ""
		if own && e != child.Birth && begun > child.Born && begun < child.Died {
			return o.Fail(fmt.Sprintf("the parent's thread called %s while the child ran", e.Call),
				"it was not suspended: its child was not made by a vfork")
		}
	}
	if s := child.Exit.ParentState; s != "D" {
		return o.Fail(fmt.Sprintf("when the child ended, its parent was not suspended in a vfork (state %q)", s),
			"the parent ran, or slept in a call of its own, while the child did")
	}
	return o.Passed("the parent's thread was in state D when the child ended, and made no call before")
}

// firstLongEnough finds what the contract excludes: a child that
// ends too soon, or not by _exit.
func firstLongEnough(o *lab.Observation) string {
	_, child := pair(o)
	const asked = 200e6 // ns
	switch {
	case child == nil || child.Exit == nil:
		return "no child ran and ended: " + o.Family()
	case !proc.WaitStatus(child.Exit.Status).Exited():
		return "the child did not call _exit: it was " + lab.Ended(child.Exit.Status)
	case child.Died-child.Born < asked:
		return fmt.Sprintf("the child ran for %.2f s, less than the 200 ms that are asked", float64(child.Died-child.Born)/1e9)
	}
	return ""
}
