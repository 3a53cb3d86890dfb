package checks

import (
	"bytes"
	"fmt"

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
writes at least one line to standard output, then ends with _exit.
After vfork has returned in the parent, the parent writes at least one
line.`,
	Claims: []lab.Claim{
		vforkedClaim(firstRun),
		{
			Name:   "child-first",
			Says:   "all that the child writes comes before the first thing that the parent writes after the vfork",
			Why:    "because the parent cannot run before the child has ended",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"Which process writes, and when? ch8 trace shows each write.",
				"A line in a buffer is written when the buffer is flushed, and a vforked child ends without a flush.",
				"write(STDOUT_FILENO, …) in the child, and again in the parent after vfork() returned.",
			},
			Judge: firstChildFirst,
		},
		{
			Name:   "suspended",
			Says:   "the thread that called vfork makes no system call before the child has ended, and is in state D while the child runs",
			Why:    "because CLONE_VFORK makes the kernel keep it until the child lets go of its memory",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"What does the parent do while the child runs?",
				"A parent in wait is in state S. A parent that is suspended by vfork is in state D.",
				"Call vfork(), not fork() with waitpid().",
			},
			Judge: firstSuspended,
		},
		lab.AsAskedClaim("vforked", firstRun, lab.Exclusion{Sentence: "then ends with _exit", Broken: firstEnds}),
	},
	Cast: parentAndChild,
	Moments: []lab.Moment{
		{
			Name: "vfork",
			Says: "From here on only the child runs. The thread that called vfork is in state D: it cannot even be stopped.",
			At:   birth,
		},
		{
			Name: "child-writes",
			Says: "The child writes while its parent stands still in vfork.",
			At: func(o *lab.Observation) *trace.Event {
				if _, c := vforkPair(o); c != nil {
					return firstOf(o.Writes(c))
				}
				return nil
			},
		},
		{
			Name: "resumed",
			Says: "The child has ended and let go of the memory: only now does vfork return in the parent.",
			At:   resumed,
		},
	},
	Questions: []lab.Question{
		{
			Name:    "first-line",
			Ask:     "Parent and child write a line each after the vfork. Whose line is first?",
			Answers: []string{"always the child's", "always the parent's", "either, it differs from run to run"},
			Right: func(o *lab.Observation) string {
				parent, child := vforkPair(o)
				if child == nil || len(o.Writes(child)) == 0 {
					return ""
				}
				later := lab.After(o.Writes(parent), child.Born)
				if len(later) == 0 || later[0].Time < o.Writes(child)[0].Time {
					return ""
				}
				return "always the child's"
			},
			Why:    "vfork returns in the parent only when the child has ended or executed a program.",
			Moment: "child-writes",
		},
		{
			Name:    "state",
			Ask:     "In which state does /proc show the parent while its vforked child runs?",
			Answers: []string{"R (running)", "S (sleeping)", "D (uninterruptible sleep)", "T (stopped)", "Z (zombie)"},
			Right: func(o *lab.Observation) string {
				_, child := vforkPair(o)
				if child == nil || child.Exit == nil || child.Exit.ParentState != "D" {
					return ""
				}
				return "D (uninterruptible sleep)"
			},
			Why:    "The kernel makes it wait for the child's memory to be free. No signal that it could handle ends that wait.",
			Moment: "vfork",
		},
	},
}

var firstRun = lab.Recorded(sandbox.Pipe)

func firstChildFirst(b *lab.Bench) lab.Verdict {
	o := b.Run(firstRun)
	parent, child := vforkPair(o)
	if child == nil {
		return o.Fail(o.Family(), "without a vforked child no process can run first")
	}
	childs, parents := o.Writes(child), lab.After(o.Writes(parent), child.Born)
	switch {
	case len(childs) == 0:
		if e := o.FailedWrite(child); e != nil {
			return o.Fail("the child wrote nothing: "+o.FailedCall(e), o.FailedMeans(e))
		}
		if said := o.ErrorLines(child); len(said) > 0 {
			return o.Fail("the child wrote "+lab.Quote(said)+" to standard error", "the line has to go to standard output (descriptor 1)")
		}
		return o.Fail("the child wrote nothing to standard output: it "+o.Ending(child), firstSilent(b, o, parent))
	case len(parents) == 0 && child.Exit == nil:
		return o.Fail("vfork did not return in the parent: it "+o.Standing(parent), "the parent cannot run before its child has ended. The child "+o.Standing(child))
	case len(parents) == 0:
		return o.Fail("the parent wrote nothing after the vfork",
			"without a line from the parent nothing shows that the child was first")
	}
	for _, x := range []struct {
		who    string
		writes []*trace.Event
	}{{"child", childs}, {"parent", parents}} {
		all := lab.AllTaken(x.writes)
		if !bytes.Contains(all, []byte("\n")) {
			return o.Fail(fmt.Sprintf("the %s wrote %s", x.who, lab.Quote(lab.Lines(all))),
				"this is not a whole line: it does not end in a newline")
		}
	}
	last := childs[len(childs)-1]
	if first := parents[0]; first.Time < last.Time {
		return o.Fail(fmt.Sprintf("the parent wrote %s before the child wrote %s",
			lab.Quote(lab.Lines(lab.Taken(first))), lab.Quote(lab.Lines(lab.Taken(last)))),
			firstWhoRan(first, child))
	}
	return o.Passed("the child's last write came before the parent's first")
}

// firstSilent says what became of the line of a child that wrote nothing.
func firstSilent(b *lab.Bench, o *lab.Observation, parent *trace.Process) string {
	pty := b.OnTerminal(o)
	if pty == nil {
		return "if it printed a line, that line stayed in the buffer, which _exit does not flush"
	}
	_, child := vforkPair(pty)
	for _, p := range o.Processes() {
		if lines := lab.Texts(o.Told(p)); p.Parent != nil && p.Parent.Name == o.Cast().Of("child").Name && len(lines) > 0 {
			return fmt.Sprintf("the vforked child made %s, which wrote %s: the vforked child has to write the line itself", o.Who(p), lab.Quote(lines))
		}
	}
	if child == nil || len(pty.Told(child)) == 0 {
		return "it wrote nothing on a terminal either, where a newline flushes the buffer: it did not come to code that prints a line, or the line has no newline"
	}
	text := pty.Told(child)[0].Text
	if lab.CountLine(lab.Texts(o.Told(parent)), text) > 0 {
		return fmt.Sprintf("it printed %q into the buffer, which it shares with its parent: _exit does not flush, and the parent wrote the line later", text)
	}
	return fmt.Sprintf("it printed %q into the buffer, which _exit does not flush", text)
}

// firstWhoRan says which thread of the parent wrote while the child ran.
func firstWhoRan(write *trace.Event, child *trace.Process) string {
	if write.Tid != child.Birth.Tid {
		return "another thread of the parent wrote it: vfork suspends only the thread that calls it"
	}
	return "the parent ran while the child did"
}

func firstSuspended(b *lab.Bench) lab.Verdict {
	o := b.Run(firstRun)
	parent, child := vforkPair(o)
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
			map[bool]string{true: "the parent ran while the child did", false: "the parent was in a call of its own while the child ran"}[s == "R"])
	}
	return o.Passed("the parent's thread was in state D when the child ended, and made no call before")
}

// firstEnds finds a child that did not end normally.
func firstEnds(o *lab.Observation) string {
	_, child := vforkPair(o)
	if child != nil && !lab.EndedNormally(child) {
		return "the child did not end with _exit: it " + o.Standing(child)
	}
	if child != nil {
		if flushes, known := lab.Flushes(child); known && flushes {
			return "the child " + o.Ending(child) + " instead of _exit: exit runs the parent's exit handlers and flushes the parent's streams"
		}
	}
	return ""
}
