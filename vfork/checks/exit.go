package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Exit checks Exercise 8.1.
var Exit = &lab.Experiment{
	Dir: "vfork", Name: "exit", Ref: "§8.4, Ex. 8.1",
	Title: "a vforked child that calls exit instead of _exit",
	CMain: true,
	Claims: []lab.Claim{
		{
			Name:   "child-flushes",
			Says:   "on a pipe it is the child that writes the line which its parent had printed before",
			Why:    "because exit flushes the streams, and they lie in the memory of both",
			Points: 2,
			Hints: [3]string{
				"whose buffer does exit flush?",
				"a stream is memory of the process, and the child runs in the parent's",
				"ch8 trace shows which process writes the line",
			},
			Judge: exitChildFlushes,
		},
		{
			Name:   "handler-once",
			Says:   "the exit handler runs once, in the child, and not again when the parent exits",
			Why:    "because the list of handlers is in the shared memory too, and exit empties it",
			Points: 2,
			Hints: [3]string{
				"how many processes call exit here, and how often does the handler run?",
				"exit takes each handler off the list before it calls it",
				"count the handler's lines; getpid() in it tells who called",
			},
			Judge: exitHandlerOnce,
		},
		{
			Name:   "still-prints",
			Says:   "after that the parent's next print still arrives",
			Why:    "because exit flushes the streams and does not close them",
			Points: 1,
			Hints: [3]string{
				"does exit close stdout?",
				"the kernel closes the child's descriptors; the stream in memory is only flushed",
				"look at printf's return value in the parent",
			},
			Judge: exitStillPrints,
		},
		{
			Name:   "fclose-fails",
			Says:   "after fclose(stdout) in a child the parent's print fails, although the parent's descriptor 1 is open",
			Why:    "because the stream is shared and the descriptor is not",
			Points: 2,
			Hints: [3]string{
				"what would make printf fail in the parent?",
				"a closed stream is closed for both; a closed descriptor only for the child",
				"fclose(stdout) in the child, then printf() and write(1, …) in the parent",
			},
			Judge: exitFcloseFails,
		},
	},
	Moments:   exitMoments,
	Questions: exitQuestions,
	Cast:      lab.ByName(exitRoles),
}

// exitPair are the parent and its first and second vforked child.
func exitPair(o *lab.Observation) (parent, first, second *trace.Process) {
	for _, p := range o.Processes() {
		var kids []*trace.Process
		for _, c := range p.Children {
			if lab.IsVfork(c) && !lab.Execed(c) {
				kids = append(kids, c)
			}
		}
		if len(kids) == 2 {
			return p, kids[0], kids[1]
		}
	}
	return nil, nil, nil
}

func exitRoles(o *lab.Observation) map[string]string {
	roles := map[string]string{}
	if parent, first, second := exitPair(o); parent != nil {
		roles[parent.Name], roles[first.Name], roles[second.Name] = "parent", "first child", "second child"
	}
	return roles
}

const exitFamily = "there were not two vforked children of one parent"

func exitChildFlushes(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, first, _ := exitPair(o)
	switch {
	case parent == nil:
		return o.Fail(o.Family(), exitFamily)
	case lab.CountLine(lab.Lines(o.Wrote(first)), "before vfork") != 1,
		lab.CountLine(o.Lines(), "before vfork") != 1:
		return o.Fail(fmt.Sprintf("the first child wrote %s", lab.Quote(lab.Lines(o.Wrote(first)))),
			"its exit did not flush what the parent had printed, or somebody else did too")
	}
	return o.Passed("the child wrote %q, which its parent had printed", "before vfork")
}

func exitHandlerOnce(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, first, _ := exitPair(o)
	if parent == nil {
		return o.Fail(o.Family(), exitFamily)
	}
	calls := 0
	for _, l := range o.Lines() {
		if strings.HasPrefix(l, "handler: ") {
			calls++
		}
	}
	want := fmt.Sprintf("handler: called in process %d", lab.Pid(first))
	if calls != 1 || lab.CountLine(lab.Lines(o.Wrote(first)), want) != 1 {
		return o.Fail(fmt.Sprintf("the handler ran %d times; the first child wrote %s", calls, lab.Quote(lab.Lines(o.Wrote(first)))),
			"it did not run once, in the child")
	}
	return o.Passed("the handler's line was written once, by the child")
}

func exitStillPrints(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, _, second := exitPair(o)
	if parent == nil {
		return o.Fail(o.Family(), exitFamily)
	}
	for _, e := range o.Writes(parent) {
		if e.Time < second.Born && strings.Contains(string(lab.Taken(e)), "after exit\n") {
			return o.Passed("the parent wrote %q after the child's exit", "after exit")
		}
	}
	return o.Fail(fmt.Sprintf("the parent wrote %s", lab.Quote(lab.Lines(o.Wrote(parent)))),
		"the child's exit closed the parent's stream")
}

func exitFcloseFails(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, _, second := exitPair(o)
	if parent == nil {
		return o.Fail(o.Family(), exitFamily)
	}
	closed := false
	for _, e := range o.Events(trace.KindClose) {
		closed = closed || e.Process == second.Name && e.Fd == 1 && e.Errno == ""
	}
	later := lab.After(o.Writes(parent), second.Resumed)
	gave := fmt.Sprintf("parent %d: after fclose in the child printf gave -1", lab.Pid(parent))
	said := slices.ContainsFunc(later, func(e *trace.Event) bool { return lab.CountLine(lab.Lines(lab.Taken(e)), gave) > 0 })
	switch {
	case !closed:
		return o.Fail("the second child did not close descriptor 1", "it did not call fclose(stdout)")
	case strings.Contains(string(o.Stdout), "after fclose\n"):
		return o.Fail(fmt.Sprintf("%q arrived", "after fclose"), "the parent's stream was not closed by the child's fclose")
	case len(later) == 0:
		return o.Fail("the parent wrote nothing after the fclose", "nothing shows that its descriptor 1 is open")
	case !said:
		return o.Fail(fmt.Sprintf("after the fclose the parent wrote %s", lab.Quote(lab.Lines(lab.Taken(later[0])))), "printf did not fail in the parent")
	}
	return o.Passed("the parent's printf gave -1 and nothing of it arrived, and a write to its descriptor 1 did")
}

// exitMoments are where to stop in a run of the experiment.
var exitMoments = []lab.Moment{
	{
		Name: "flush",
		Says: "The child calls exit. It flushes the stream, whose buffer is the parent's too: the parent's line leaves from the child.",
		At:   lab.AtLine("before vfork"),
	},
	{
		Name: "after",
		Says: "The parent prints again: the stream is flushed, not closed.",
		At:   lab.AtLine("after exit"),
	},
}

// exitQuestions are what to ask before it is shown.
var exitQuestions = []lab.Question{
	{
		Name:    "who-writes",
		Ask:     "The parent prints a line into the buffer and calls vfork. The child calls exit. Which process writes the line?",
		Answers: []string{"the parent", "the child", "both"},
		Right: lab.If("the child", func(o *lab.Observation) bool {
			e := lab.AtLine("before vfork")(o)
			return e != nil && lab.IsVfork(o.Process(e.Process))
		}),
		Why:    "The buffer is in the memory that both share, and exit flushes it.",
		Moment: "flush",
	},
	{
		Name:    "handlers",
		Ask:     "How often does an exit handler run that the parent registered?",
		Answers: []string{"once, in the child", "twice, once in each process", "never"},
		Right:   lab.If("once, in the child", func(o *lab.Observation) bool { return strings.Count(string(o.Stdout), "handler: called") == 1 }),
		Why:     "exit takes a handler off the list before it calls it, and the list is shared too.",
		Moment:  "flush",
	},
}
