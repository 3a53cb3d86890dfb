package checks

import (
	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Return checks Exercise 8.2.
var Return = &lab.Experiment{
	Dir: "vfork", Name: "return", Ref: "§8.4, Ex. 8.2",
	Title: "a vforked child that returns from the function that called vfork",
	CMain: true,
	Claims: []lab.Claim{
		{
			Name:   "child-returns",
			Says:   "the child of a vfork returns from the function, runs on and ends with status 0",
			Why:    "because for the child, which is first, the stack is whole",
			Points: 1,
			Hints: [3]string{
				"which of the two returns first?",
				"the child runs on the parent's stack as the parent left it",
				"return in the child, call another function, then _exit(0)",
			},
			Judge: returnChild,
		},
		{
			Name:   "parent-dies",
			Says:   "the parent, when it runs again, dies of a signal",
			Why:    "because the child's next call wrote over the frames that the parent has to return through",
			Points: 2,
			Needs:  []string{"child-returns"},
			Hints: [3]string{
				"what does the parent find on its stack?",
				"a return address is in the frame; the frame of the child's next call lies over it",
				"wait for the parent, and look at WTERMSIG",
			},
			Judge: returnParent,
		},
	},
	Moments:   returnMoments,
	Questions: returnQuestions,
	Cast: func(o *lab.Observation) lab.Cast {
		c := parentAndChild(o)
		if parent := c.Of("parent"); parent != nil {
			c = c.With("original", parent.Parent)
		}
		return c
	},
}

// returnPair is the forked parent and its vforked child.
func returnPair(o *lab.Observation) (parent, child *trace.Process) {
	parent, child = vforkPair(o)
	if child == nil || parent.Birth == nil || child.Exit == nil || parent.Exit == nil {
		return nil, nil
	}
	return parent, child
}

func returnChild(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	_, child := returnPair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "there was no forked process with a vforked child")
	case child.Exit.Status != 0:
		return o.Fail("the child ended otherwise: "+lab.Ended(child.Exit.Status), "it did not get as far as its _exit(0)")
	}
	return o.Passed("the child ended with status 0")
}

func returnParent(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, child := returnPair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "there was no forked process with a vforked child")
	case parent.Died < child.Died:
		return o.Fail("the parent ended before its child", "it was not its return that ended it")
	case !proc.WaitStatus(parent.Exit.Status).Signaled():
		return o.Fail("the parent "+lab.Ended(parent.Exit.Status), "it found its stack as it had left it")
	}
	v := o.Passed("the parent was %s after its child had ended", lab.Ended(parent.Exit.Status))
	if s := proc.WaitStatus(parent.Exit.Status).TermSig(); s != 11 {
		v = v.Remark("it was not SIGSEGV: what the parent finds on its stack is not foreseeable")
	}
	return v
}

// returnMoments are where to stop in a run of the experiment.
var returnMoments = []lab.Moment{
	{
		Name: "child",
		Says: "The child returned from the function that called vfork, ran on, and ended.",
		At:   lab.AtEnd("child"),
	},
	{
		Name: "parent",
		Says: "The parent returns through a stack that the child has overwritten, and dies of a signal.",
		At:   lab.AtEnd("parent"),
	},
}

// returnQuestions are what to ask before it is shown.
var returnQuestions = []lab.Question{
	{
		Name:    "which",
		Ask:     "A vforked child returns from the function that called vfork. Which process suffers?",
		Answers: []string{"the child", "the parent", "neither"},
		Right: lab.If("the parent", func(o *lab.Observation) bool {
			p := o.Cast().Of("parent")
			if p == nil {
				return false
			}
			w, ok := lab.Word(p)
			return ok && w.Signaled()
		}),
		Why:    "The child runs first and on the parent's stack. Its next calls write over the frame to which the parent has to return.",
		Moment: "parent",
	},
	{
		Name:    "child-status",
		Ask:     "How does the child end?",
		Answers: []string{"normally, with status 0", "of SIGSEGV (11)", "it never ends"},
		Right: lab.If("normally, with status 0", func(o *lab.Observation) bool {
			c := o.Cast().Of("child")
			return c != nil && c.Exit != nil && c.Exit.Status == 0
		}),
		Why:    "For the child the stack is whole when it returns.",
		Moment: "child",
	},
}
