package checks

import (
	"fmt"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Blocks checks wait's three situations.
var Blocks = &lab.Experiment{
	Dir: "wait", Name: "blocks", Ref: "§8.6",
	Title: "wait blocks, returns at once, or fails at once",
	Claims: []lab.Claim{
		{
			Name:   "blocks",
			Says:   "entered while all children run, wait returns only when one of them has ended",
			Points: 1,
			Hints: [3]string{
				"what can wait return while nobody has ended?",
				"the caller sleeps in the kernel until a child's end wakes it",
				"wait(&status), entered before the child ends",
			},
			Judge: blocksBlocks,
		},
		{
			Name:   "zombie-at-once",
			Says:   "with a zombie among the children, wait returns it without waiting for anything",
			Points: 1,
			Hints: [3]string{
				"what is left to wait for when a child is dead already?",
				"the status is kept in the zombie, and wait takes it from there",
				"waitid with WEXITED | WNOWAIT, to know that it is one; then wait",
			},
			Judge: blocksZombie,
		},
		{
			Name:   "no-child",
			Says:   "without a child wait fails with ECHILD",
			Points: 1,
			Hints: [3]string{
				"who could end, for wait to return?",
				"nobody could ever wake a caller that has no child: it is told so",
				"one wait more than there are children; look at errno",
			},
			Judge: blocksEchild,
		},
		{
			Name:   "null-status",
			Says:   "the pointer for the status may be NULL",
			Points: 1,
			Hints: [3]string{
				"what if only the end matters, and not how?",
				"the kernel stores the status only if it is told where",
				"wait(NULL)",
			},
			Judge: blocksNull,
		},
	},
	Moments:   blocksMoments,
	Questions: blocksQuestions,
	Cast:      ordinalRoles,
}

// running lists the children that are alive at that time.
func running(parent *trace.Process, t int64) (kids []*trace.Process) {
	for _, c := range parent.Children {
		if lab.Alive(c, t) {
			kids = append(kids, c)
		}
	}
	return kids
}

func blocksBlocks(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	for _, c := range parent.Children {
		e := c.Reap
		if e == nil || c.Reaper != parent || e.Entered > c.Died || len(running(parent, e.Entered)) < 2 {
			continue
		}
		for _, other := range parent.Children {
			if lab.Held(other, e.Entered) && !lab.Alive(other, e.Entered) {
				return o.Fail(who("a child", other)+" was a zombie when the wait was entered", "there was nothing to block for")
			}
		}
		if e.Time < c.Died {
			return o.Fail(fmt.Sprintf("%s returned %d before it had ended", e.Call, lab.Pid(c)), "a wait cannot know a status that does not exist yet")
		}
		return o.Passed("%s was entered while %d children ran, and returned after %d had ended", e.Call, len(running(parent, e.Entered)), lab.Pid(c))
	}
	return o.Fail("no wait was entered while two children ran", "it was not shown that wait blocks")
}

func blocksZombie(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	for _, c := range parent.Children {
		e := c.Reap
		if e == nil || c.Reaper != parent || e.WaitPid != -1 || c.Died > e.Entered {
			continue
		}
		// The one that runs is freed by the parent, later.
		if left := running(parent, e.Time); len(left) > 0 {
			return o.Passed("%s returned the zombie %d while %d was running", e.Call, lab.Pid(c), lab.Pid(left[0]))
		}
	}
	return o.Fail("no wait for any child returned one that was a zombie already, while another one ran",
		"it was not shown that wait does not block then")
}

func blocksEchild(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	for _, e := range o.Waits(parent) {
		if e.Result >= 0 {
			continue
		}
		for _, c := range parent.Children {
			if lab.Held(c, e.Time) {
				return o.Fail(who("a child", c)+" was still there when a wait failed", "the parent had something to wait for")
			}
		}
		if e.Errno != "ECHILD" {
			return o.Fail("the wait without a child failed with "+e.Errno, "ECHILD is what wait(2) promises")
		}
		return o.Passed("%s failed with ECHILD", e.Call)
	}
	return o.Fail("no wait failed", "there was none when no child was left")
}

func blocksNull(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	for _, e := range o.Waits(most(o)) {
		if e.Call == "wait4" && e.NullStatus && e.WaitPid == -1 && e.Reaps() {
			return o.Passed("%s with NULL returned %d", e.Call, e.Result)
		}
	}
	return o.Fail("no wait with NULL returned a child", "it was not shown that NULL is allowed")
}

// blocksMoments are where to stop in a run of the experiment.
var blocksMoments = []lab.Moment{
	{
		Name: "blocked",
		Says: "Both children run, so the wait blocks until one of them ends.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Result > 0 }, trace.KindWait),
	},
	{
		Name: "zombie",
		Says: "The child was a zombie before the wait was called: the wait returns it at once.",
		At:   blocksAtOnce,
	},
	{
		Name: "echild",
		Says: "No child is left: the wait fails at once.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "ECHILD" }, trace.KindWait),
	},
}

// blocksQuestions are what to ask before it is shown.
var blocksQuestions = []lab.Question{
	{
		Name:    "zombie",
		Ask:     "A child is a zombie already. How long does the wait block?",
		Answers: []string{"not at all", "until the next child ends", "for ever"},
		Right:   lab.If("not at all", func(o *lab.Observation) bool { return blocksAtOnce(o) != nil }),
		Why:     "The status is there, so the kernel returns it at once.",
		Moment:  "zombie",
	},
	{
		Name:    "none",
		Ask:     "A process without children calls wait. What happens?",
		Answers: []string{"it blocks for ever", "it returns 0", "it fails with ECHILD"},
		Right: lab.If("it fails with ECHILD", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "ECHILD" }, trace.KindWait)(o) != nil
		}),
		Why:    "There is nothing to wait for.",
		Moment: "echild",
	},
}

// blocksAtOnce is the wait that reaped a child which had ended before.
func blocksAtOnce(o *lab.Observation) *trace.Event {
	for _, p := range o.Processes() {
		if p.Reap != nil && p.Reap.Entered > p.Died {
			return p.Reap
		}
	}
	return nil
}
