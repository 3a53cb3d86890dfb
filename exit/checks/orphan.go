package checks

import (
	"fmt"
	"slices"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Orphan checks what becomes of a child whose parent ends.
var Orphan = &lab.Experiment{
	Dir: "exit", Name: "orphan", Ref: "§8.5",
	Title:    "a child whose parent ends gets a new one",
	Exercise: true,
	Task: `The parent makes a child and ends while the child runs, without
waiting for it. The child, once it has been adopted, prints

    parent pid = N

where N is its parent's pid as the child sees it then, and ends
normally. Any process of the program may be the subreaper that adopts
it.`,
	Claims: []lab.Claim{
		{
			Name:   "parent-first",
			Says:   "the parent ends while its child runs",
			Why:    "because only a process whose parent has ended is an orphan",
			Points: 2,
			Hints: [3]string{
				"Look at the tree: which process ends first?",
				"A parent that waits ends last. A child that does not wait for anything may have ended before its parent does.",
				"Let the parent call exit() after fork(). Let the child wait until its parent has ended: with poll() on a pidfd of the parent, or by comparing getppid() with the old parent's pid.",
			},
			Judge: orphanFirst,
		},
		{
			Name:   "adopted",
			Says:   "the child then has another parent: the nearest subreaper among its ancestors, or init",
			Why:    "because every process has a parent, and the kernel gives an orphan a new one when the old one ends",
			Points: 3,
			Needs:  []string{"parent-first"},
			Hints: [3]string{
				"Is the child still there when its parent ends?",
				"The kernel gives the children of a process a new parent when the whole process has ended, not when a thread of it has.",
				"The child has to outlive its parent: see the third hint of parent-first.",
			},
			Judge: orphanAdopted,
		},
		{
			Name:   "saw-it",
			Says:   "the child prints parent pid = N with the pid of that new parent, read after the adoption",
			Why:    "because getppid asks the kernel, which answers with the adopter from the adoption on",
			Points: 3,
			Needs:  []string{"adopted"},
			Hints: [3]string{
				"When does the child ask for its parent's pid, and what does it print?",
				"Before the adoption getppid returns the old parent. After it getppid returns the adopter, which is not pid 1 everywhere (ch8 doctor names it).",
				"Call getppid() after the parent's end, and print what it returns.",
			},
			Judge: orphanSaw,
		},
		lab.AsAskedClaim("", asking,
			lab.Exclusion{Sentence: "without waiting for it", Broken: orphanWaited},
			lab.Exclusion{Sentence: "The child, once it has been adopted, prints", Broken: orphanOthersPrint},
			lab.Exclusion{Sentence: "and ends normally", Broken: orphanEnds}),
		{
			Name: "named", Ours: true,
			Says: "the adopter that our program names is the one that /proc names",
			Why:  "because the parent in /proc/PID/status is the kernel's own answer",
			Hints: [3]string{
				"What does /proc/PID/comm say of the new parent?",
				"A process that made itself a child subreaper adopts the orphans among its descendants. init is the last resort.",
				"prctl(PR_SET_CHILD_SUBREAPER)",
			},
			Judge: orphanNamed,
		},
		{
			Name: "collected", Ours: true,
			Says: "the adopter is the nearest subreaper, and it reaps the orphan with its status, so that no zombie stays",
			Why:  "because the kernel tells the new parent of the end as it would have told the old one",
			Hints: [3]string{
				"Which process waits for an orphan?",
				"The adopter is its parent in every respect: it gets SIGCHLD and can wait.",
				"Run it with --subreaper.",
			},
			Judge: orphanCollected,
		},
	},
	Cast: func(o *lab.Observation) lab.Cast {
		child := orphanFind(o)
		if child == nil {
			return nil
		}
		return lab.Pair(child.Parent, child).With("original", child.Parent.Parent)
	},
	Moments: []lab.Moment{
		{
			Name: "parent-ends",
			Says: "The parent ends while its child runs. Now the child is an orphan.",
			At: func(o *lab.Observation) *trace.Event {
				if c := orphanChild(o); c != nil && lab.Adoption(c) != nil {
					return c.Parent.Exit
				}
				return nil
			},
		},
		{
			Name: "adopted",
			Says: "The kernel gives the child to the nearest subreaper among its ancestors, or else to init. It is never without a parent.",
			At: func(o *lab.Observation) *trace.Event {
				if c := orphanChild(o); c != nil {
					return lab.Adoption(c)
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "new-parent",
			Ask:     "The parent has ended. What does getppid return in the child now?",
			Answers: []string{"the old parent's pid, as before", "the pid of the process that adopted it", "0", "−1, because it has no parent"},
			Right: func(o *lab.Observation) string {
				c := orphanChild(o)
				if c == nil || lab.Adoption(c) == nil {
					return ""
				}
				for _, s := range orphanLine.Said(o, c) {
					switch s.Numbers[0] {
					case lab.Adoption(c).NewParentNSpid:
						return "the pid of the process that adopted it"
					case lab.Pid(c.Parent):
						return "the old parent's pid, as before"
					}
				}
				return ""
			},
			Why:    "Every process has a parent at all times. getppid asks the kernel for the one it has now.",
			Moment: "adopted",
		},
		{
			Name:    "who-ends-first",
			Ask:     "Which of the two ends first?",
			Answers: []string{"the parent", "the child"},
			Right: func(o *lab.Observation) string {
				c := orphanChild(o)
				switch {
				case c == nil || c.Died < 0 || c.Parent.Died < 0:
					return ""
				case c.Parent.Died < c.Died:
					return "the parent"
				}
				return "the child"
			},
			Why:    "The parent does not wait. A parent that waits for its child would end last.",
			Moment: "parent-ends",
		},
	},
}

var orphanLine = lab.Require("parent pid = N")

// orphanFind finds the child of the experiment: a process that some
// other one made and that executed no program; better one that printed
// the line, or something like it, then one that was adopted.
func orphanFind(o *lab.Observation) (child *trace.Process) {
	best := 0
	for _, p := range o.Processes() {
		if p.Parent == nil || lab.IsProbe(p) {
			continue
		}
		score := 1
		for _, l := range o.Told(p) {
			if _, ok := orphanLine.Match(l.Text); ok {
				score |= 16
			} else if orphanLine.Near(l.Text) != "" {
				score |= 8
			}
		}
		if !lab.Execed(p) {
			score += 4
		}
		if lab.Adoption(p) != nil {
			score += 2
		}
		if score > best {
			child, best = p, score
		}
	}
	return child
}

// orphanChild is the child of the run's cast.
func orphanChild(o *lab.Observation) *trace.Process { return o.Cast().Of("child") }

// orphanForever explains a child that waits for ever although it was
// adopted; "" if that is not what happened.
func orphanForever(o *lab.Observation, child *trace.Process) string {
	e := lab.Adoption(child)
	if child.Exit != nil || e == nil || e.NewParentNSpid == 1 {
		return ""
	}
	still := fmt.Sprintf("the child has a new parent, %s, and was still running at the end: ", adopterName(e))
	if asked := o.EventsOf(child, trace.KindGetppid); len(asked) > 0 && int(asked[0].Result) == e.NewParentNSpid {
		return still + fmt.Sprintf("it asked for its parent's pid for the first time after the adoption%s. A child that compares getppid() with this pid, or with 1, waits for ever. Compare it with the old parent's pid: the parent has to store it before the fork",
			lab.Where(asked[0]))
	}
	return still + "a child that waits until getppid() returns 1 waits for ever here, because its adopter is not process 1. Compare getppid() with the old parent's pid"
}

// adopterName is the pid and the name of the process that adopted.
func adopterName(e *trace.Event) string {
	if e.NewParentComm == "" {
		return fmt.Sprint(e.NewParentNSpid)
	}
	return fmt.Sprintf("%d (%s)", e.NewParentNSpid, e.NewParentComm)
}

func orphanFirst(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	child := orphanChild(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), o.WhyNoChild())
	case child.Parent.Died < 0:
		return o.Fail("the parent did not end: it "+o.Standing(child.Parent), "the child keeps its parent as long as the parent lives")
	case child.Died >= 0 && child.Died < child.Parent.Died:
		seen := fmt.Sprintf("the child (%d) ended before its parent (%d)", lab.Pid(child), lab.Pid(child.Parent))
		if child.Reaper == child.Parent {
			return o.Fail(seen, "it was never an orphan: its parent waited for it"+lab.Where(child.Reap))
		}
		return o.Fail(seen, "it was never an orphan: it did not wait until its parent had ended")
	}
	return o.Passed("the parent (%d) ended while the child (%d) ran", lab.Pid(child.Parent), lab.Pid(child))
}

func orphanAdopted(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	child := orphanChild(o)
	if child == nil {
		return o.Fail(o.Family(), "without a child no process can be adopted")
	}
	e := lab.Adoption(child)
	if e == nil || e.NewParent == e.OldParent {
		return o.Fail(fmt.Sprintf("the child (%d) had the same parent (%d) until it ended", lab.Pid(child), lab.Pid(child.Parent)),
			"its parent did not end before it, so it was not adopted")
	}
	return o.Passed("the child got a new parent, %s", adopterName(e))
}

func orphanSaw(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	child := orphanChild(o)
	if child == nil {
		return o.Fail(o.Family(), "without a child no process could print the pid of a new parent")
	}
	said := orphanLine.Said(o, child)
	e := lab.Adoption(child)
	switch {
	case len(said) == 0 && orphanForever(o, child) != "":
		return o.Fail(fmt.Sprintf("%s printed %s", o.Who(child), lab.Quote(lab.Texts(o.Told(child)))), orphanForever(o, child))
	case len(said) == 0:
		return o.Fail(orphanLine.Missing(b, o, child))
	case e == nil:
		return o.Fail(fmt.Sprintf("the child printed %q and was never adopted", said[0].Text),
			"there was no new parent that it could have seen")
	}
	last := said[len(said)-1]
	n, old, adopter := last.Numbers[0], lab.Pid(child.Parent), e.NewParentNSpid
	if n == adopter && last.Time < e.Time {
		return o.Fail(fmt.Sprintf("the child printed %q before the adoption; its parent then was %d", last.Text, old),
			"getppid cannot have returned this pid yet: it returns the parent that the process has when it is called")
	}
	if asked := o.NotAsked(child, n); n == adopter && asked != "" {
		return o.Fail(fmt.Sprintf("the child printed %q, and did not ask for its parent after it was adopted: %s", last.Text, asked),
			"the number is right here by chance: print what getppid() returns after the adoption")
	}
	if n == adopter {
		return o.Passed("it printed %d, the pid of its new parent", n)
	}
	means := "this process was never the child's parent: print what getppid() returns"
	switch {
	case n == old:
		means = "this is the old parent: getppid was called" + o.AskedEarly(child, n) + " before the adoption"
	case n == lab.Pid(child):
		means = "this is the child's own pid: call getppid(), not getpid()"
	case n == 1:
		means = "pid 1 adopts only where no ancestor is a subreaper: print what getppid() returns, and do not assume it"
	}
	return o.Fail(fmt.Sprintf("the child printed %q; its new parent was %s", last.Text, adopterName(e)), means)
}

// orphanWaited finds a parent that waits for its child.
func orphanWaited(o *lab.Observation) string {
	child := orphanChild(o)
	if child == nil {
		return ""
	}
	for _, w := range o.WaitsOf(child.Parent) {
		// 0 of WNOHANG means that there is such a child.
		looked := w.Result == 0 && w.Errno == "" && w.Asks(child) && !orphanForHelper(w, child)
		if w.Child == child || w.Form == lab.OnePid && w.ID == lab.Pid(child) || looked {
			return "the parent " + askedFor(w) + " its child" + lab.Where(w.Event)
		}
	}
	return ""
}

// orphanForHelper reports whether the wait asked for any child, or a group,
// when another child of the parent had ended already. A shell asks so, with
// WNOHANG, when it has reaped a command.
func orphanForHelper(w lab.Wait, child *trace.Process) bool {
	return w.Form != lab.OnePid && slices.ContainsFunc(child.Parent.Children, func(c *trace.Process) bool {
		return c != child && c.Died >= 0 && c.Died <= w.Time
	})
}

// askedFor is the verb for a wait: one with WNOHANG only looks.
func askedFor(w lab.Wait) string {
	if w.Options&lab.WNOHANG != 0 {
		return "asked, with WNOHANG, for"
	}
	return "waited for"
}

// orphanOthersPrint finds another process that prints the line.
func orphanOthersPrint(o *lab.Observation) string {
	for _, p := range o.Processes() {
		if said := orphanLine.Said(o, p); p != orphanChild(o) && len(said) > 0 {
			return fmt.Sprintf("%s printed %q", o.Who(p), said[0].Text)
		}
	}
	return ""
}

// orphanEnds finds a child that did not end normally.
func orphanEnds(o *lab.Observation) string {
	if c := orphanChild(o); c != nil && !lab.EndedNormally(c) {
		return "the child did not end normally: it " + o.Standing(c)
	}
	return ""
}

func orphanNamed(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	child := orphanChild(o)
	if child == nil || lab.Adoption(child) == nil {
		return o.Fail(o.Family(), "no process was adopted")
	}
	e := lab.Adoption(child)
	name, _ := o.Rest(child, fmt.Sprintf("child %d was adopted by ", lab.Pid(child)))
	switch {
	case e.NewParentNSpid != o.Adopter:
		return o.Fail(fmt.Sprintf("the kernel gave the child to %d (%s)", e.NewParentNSpid, e.NewParentComm),
			fmt.Sprintf("the nearest subreaper, or init, is %d (%s)", o.Adopter, o.AdopterComm))
	case name != e.NewParentComm && e.NewParentNSpid != 0:
		return o.Fail(fmt.Sprintf("the child says it was adopted by %q", name),
			fmt.Sprintf("the kernel calls the adopter %q", e.NewParentComm))
	}
	return o.Passed("%d (%s) is the adopter here", e.NewParentNSpid, e.NewParentComm)
}

func orphanCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(recorded("--subreaper"))
	child := orphanChild(o)
	if child == nil || lab.Adoption(child) == nil {
		return o.Fail(o.Family(), "no process was adopted")
	}
	e := lab.Adoption(child)
	original := o.Processes()[0]
	switch {
	case e.NewParentProcess != original.Name:
		return o.Fail(fmt.Sprintf("the kernel gave the child to %d (%s)", e.NewParentNSpid, e.NewParentComm),
			"a subreaper among the ancestors comes before init and before all that are farther away")
	case child.Reaper != original:
		return o.Fail("the adopter did not reap the child", "a parent that never waits leaves a zombie, adopter or not")
	case child.Exit == nil || child.Reap.Status != child.Exit.Status:
		return o.Fail(fmt.Sprintf("the adopter's wait returned %s", trace.StatusText(child.Reap.Status)),
			"the status is what the child ended with, whichever process reaps it")
	}
	return o.Passed("the original, its subreaper, reaped it: %s", trace.StatusText(child.Reap.Status))
}
