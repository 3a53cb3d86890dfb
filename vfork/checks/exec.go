package checks

import (
	"apue/internal/lab"
	"apue/internal/trace"
)

// Exec checks when the parent of a vfork runs again.
var Exec = &lab.Experiment{
	Dir: "vfork", Name: "exec", Ref: "§8.4",
	Title: "the parent runs again when the child calls exec",
	Claims: []lab.Claim{
		{
			Name:   "vforked",
			Says:   "the child of a vfork executes a program",
			Points: 1,
			Hints: [3]string{
				"what is vfork made for?",
				"the child shares the parent's memory only until it calls exec",
				"vfork(), then execve() in the child",
			},
			Judge: execVforked,
		},
		{
			Name:   "at-the-exec",
			Says:   "the parent runs again after the exec and before the new program ends",
			Why:    "because the exec gives the child memory of its own",
			Points: 2,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"what does the parent wait for in a vfork: the child's end?",
				"it waits until the child lets go of the memory: by _exit or by exec",
				"ch8 trace shows the vfork-done between the exec and the exit",
			},
			Judge: execResumes,
		},
		{
			Name:   "own-memory",
			Says:   "parent and child are in one memory before the exec, and each in its own after it",
			Why:    "because exec makes a new address space and fills it with the new program",
			Points: 2,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"what becomes of the child's memory when it executes a program?",
				"exec replaces the address space; the shared one stays with the parent",
				"compare startstack and arg_start of both in /proc/PID/stat",
			},
			Judge: execOwnMemory,
		},
	},
	Moments:   execMoments,
	Questions: execQuestions,
	Cast:      lab.ByName(parentAndExeced),
}

// execPair finds the parent and the child of a vfork that executes.
func execPair(o *lab.Observation) (parent, child *trace.Process) {
	for _, p := range o.Processes() {
		for _, c := range p.Children {
			if lab.IsVfork(c) && lab.Execed(c) && child == nil {
				parent, child = p, c
			}
		}
	}
	return parent, child
}

func parentAndExeced(o *lab.Observation) map[string]string {
	roles := map[string]string{}
	if parent, child := execPair(o); child != nil {
		roles[parent.Name], roles[child.Name] = "parent", "child"
	}
	return roles
}

func execVforked(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	_, child := execPair(o)
	if child == nil {
		return o.Fail(o.Family(), "no child of a vfork executed a program")
	}
	return o.Passed("the child of a vfork executed %s", child.Exec.Path)
}

func execResumes(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, child := execPair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "no child of a vfork executed a program")
	case child.Resumed < child.Exec.Time:
		return o.Fail("the parent was not seen to run again after the exec",
			"it was not the exec that ended the vfork")
	case child.Died < child.Resumed:
		return o.Fail("the new program had ended when the parent ran again",
			"the parent waited for the child's end, not for its exec")
	}
	for _, e := range o.Writes(parent) {
		if e.Time > child.Exec.Time && e.Time < child.Died {
			return o.Passed("the parent ran again after the exec, and wrote before the new program ended")
		}
	}
	return o.Fail("the parent wrote nothing while the new program ran", "nothing shows that both run at once")
}

func execOwnMemory(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, child := execPair(o)
	if child == nil {
		return o.Fail(o.Family(), "no child of a vfork executed a program")
	}
	before, after := false, false
	for _, l := range looks(o, child) {
		p, c := l.of[parent.Name], l.of[child.Name]
		if p == nil || c == nil {
			continue
		}
		same := memory(p) == memory(c) && p.Stat(28) != "0"
		switch {
		case l.time < child.Exec.Time && !same:
			return o.Fail("parent and child were in different memory before the exec", "they did not share it")
		case l.time > child.Exec.Time && same:
			return o.Fail("parent and child were in the same memory after the exec", "the exec did not part them")
		case same:
			before = true
		default:
			after = true
		}
	}
	if !before || !after {
		return o.Fail("the child was not seen both before and after its exec", "nothing can be compared")
	}
	return o.Passed("their stacks, heaps and arguments lay at the same addresses before the exec, and not after it")
}

// execMoments are where to stop in a run of the experiment.
var execMoments = []lab.Moment{
	{
		Name: "vfork",
		Says: "The parent is suspended until the child leaves its memory.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.Flags&lab.CloneVfork != 0 }, trace.KindVfork),
	},
	{
		Name: "exec",
		Says: "The child executes a program and so gets a memory of its own: the parent runs again.",
		At: func(o *lab.Observation) *trace.Event {
			if c := o.Cast().Of("child"); c != nil {
				return c.Exec
			}
			return nil
		},
	},
}

// execQuestions are what to ask before it is shown.
var execQuestions = []lab.Question{
	{
		Name:    "resumes",
		Ask:     "When does the parent of a vfork run again?",
		Answers: []string{"at once", "when the child executes a program or ends", "only when the child ends"},
		Right: lab.If("when the child executes a program or ends", func(o *lab.Observation) bool {
			c := o.Cast().Of("child")
			return c != nil && c.Exec != nil && c.Resumed >= c.Exec.Time && c.Resumed < c.Died
		}),
		Why:    "Both give the borrowed memory back.",
		Moment: "exec",
	},
	{
		Name:    "memory",
		Ask:     "After the exec the new program changes its variables. Does the parent see it?",
		Answers: []string{"yes, the memory is still shared", "no, exec gave the child a memory of its own"},
		Right: lab.If("no, exec gave the child a memory of its own", func(o *lab.Observation) bool {
			c := o.Cast().Of("child")
			return c != nil && lab.Execed(c)
		}),
		Why:    "exec makes a new address space. The old one stays with the parent.",
		Moment: "exec",
	},
}
