package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Handlers checks whose exit handlers run, and in which order.
var Handlers = &lab.Experiment{
	Dir: "exit", Name: "handlers", Ref: "§8.5, §7.3",
	Title: "whose exit handlers run, and in which order",
	Claims: []lab.Claim{
		{
			Name:   "reverse",
			Says:   "exit calls the handlers in the reverse order of their registration, each once for each time it was registered",
			Why:    "because what was set up last is to be taken down first",
			Points: 2,
			Hints: [3]string{
				"which handler runs first?",
				"the handlers are a stack; a function that was registered twice is on it twice",
				"atexit",
			},
			Judge: handlersReverse,
		},
		{
			Name:   "inherited",
			Says:   "a forked child runs the handlers its parent had registered before the fork; its own the parent does not run",
			Why:    "because the list of handlers is memory, of which the child has a copy",
			Points: 2,
			Hints: [3]string{
				"where is the list of handlers kept?",
				"fork copies all memory; what one side registers afterwards the other never sees",
				"atexit before fork",
			},
			Judge: handlersInherited,
		},
		{
			Name:   "not-by-_exit",
			Says:   "_exit calls none",
			Why:    "because it goes to the kernel, which knows of no handlers",
			Points: 1,
			Hints: [3]string{
				"who calls the handlers: the kernel or the library?",
				"exit is a function of the library that ends in _exit",
				"_exit",
			},
			Judge: handlersNone("_exit", func(w proc.WaitStatus) bool { return w == 0 }),
		},
		{
			Name:   "not-by-signal",
			Says:   "a process that a signal ends calls none",
			Why:    "because it never comes back from the kernel",
			Points: 1,
			Hints: [3]string{
				"does a process learn that SIGTERM ends it?",
				"the default action is the kernel's; no code of the process runs",
				"raise",
			},
			Judge: handlersNone("signal", proc.WaitStatus.Signaled),
		},
	},
	Moments:   handlersMoments,
	Questions: handlersQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "parent"}
		for _, p := range o.Processes() {
			if how, ok := handlersTold(o, p, "a child, ends by"); ok {
				roles[p.Name] = how[0] + " child"
			}
		}
		return roles
	}),
}

// handlersTold are the names in the lines "PID WHAT NAME" that the
// process wrote; ok is false when there is none.
func handlersTold(o *lab.Observation, p *trace.Process, what string) (names []string, ok bool) {
	for _, l := range lab.Lines(o.Wrote(p)) {
		if name, yes := strings.CutPrefix(l, fmt.Sprintf("%d %s ", lab.Pid(p), what)); yes {
			names = append(names, name)
		}
	}
	return names, len(names) > 0
}

// handlersChild is the child that ends so.
func handlersChild(o *lab.Observation, how string) *trace.Process {
	for _, p := range o.Processes() {
		if told, _ := handlersTold(o, p, "a child, ends by"); slices.Equal(told, []string{how}) {
			return p
		}
	}
	return nil
}

func handlersReverse(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := o.Processes()[0]
	child := handlersChild(o, "exit")
	if child == nil {
		return o.Fail(o.Family(), "no child ended by exit")
	}
	registered, _ := handlersTold(o, parent, "registers")
	for _, p := range []*trace.Process{child, parent} {
		list := slices.Clone(registered)
		if p == child {
			own, _ := handlersTold(o, child, "registers")
			list = append(list, own...)
		}
		slices.Reverse(list)
		if ran, _ := handlersTold(o, p, "runs"); len(list) < 2 || !slices.Equal(ran, list) {
			return o.Fail(fmt.Sprintf("%s ran %v", lab.Quote([]string{p.Name}), ran), fmt.Sprintf("in reverse order it would be %v", list))
		}
	}
	ran, _ := handlersTold(o, child, "runs")
	return o.Passed("the child ran %s", strings.Join(ran, ", "))
}

func handlersInherited(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := o.Processes()[0]
	child := handlersChild(o, "exit")
	if child == nil {
		return o.Fail(o.Family(), "no child ended by exit")
	}
	theirs, _ := handlersTold(o, parent, "registers")
	own, _ := handlersTold(o, child, "registers")
	ran, _ := handlersTold(o, child, "runs")
	parentRan, _ := handlersTold(o, parent, "runs")
	for _, name := range theirs {
		if !slices.Contains(own, name) && !slices.Contains(ran, name) {
			return o.Fail(fmt.Sprintf("the child did not run %s", name), "its parent had registered it before the fork")
		}
	}
	mine := 0
	for _, name := range own {
		if slices.Contains(theirs, name) {
			continue
		}
		mine++
		if slices.Contains(parentRan, name) {
			return o.Fail(fmt.Sprintf("the parent ran %s", name), "only the child had registered it")
		}
	}
	if len(theirs) == 0 || mine == 0 || len(parentRan) == 0 {
		return o.Fail("parent and child did not both register and run handlers", "there is nothing to compare")
	}
	return o.Passed("the child ran its parent's too, the parent none of the child's")
}

func handlersNone(how string, ended func(proc.WaitStatus) bool) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(onPipe)
		child := handlersChild(o, how)
		if child == nil || child.Exit == nil {
			return o.Fail(o.Family(), "no child ended by "+how)
		}
		ran, any := handlersTold(o, child, "runs")
		registered, _ := handlersTold(o, child.Parent, "registers")
		switch {
		case !ended(proc.WaitStatus(child.Exit.Status)):
			return o.Fail("the child: "+trace.StatusText(child.Exit.Status), "it was to end by "+how)
		case len(registered) == 0:
			return o.Fail("no handler was registered", "there was none to be called")
		case any:
			return o.Fail(fmt.Sprintf("the child ran %v", ran), "no handler runs")
		}
		return o.Passed("it had inherited %d handlers and ran none: %s", len(registered), trace.StatusText(child.Exit.Status))
	}
}

// handlersMoments are where to stop in a run of the experiment.
var handlersMoments = []lab.Moment{
	{
		Name: "exit",
		Says: "exit calls the handlers in the reverse order of their registration: the last one first.",
		At:   lab.AtLine("runs C"),
	},
	{
		Name: "parent",
		Says: "The parent ends later, and runs its own handlers. It does not run those that the child registered.",
		At:   lab.AtEnd("parent"),
	},
}

// handlersQuestions are what to ask before it is shown.
var handlersQuestions = []lab.Question{
	{
		Name:    "order",
		Ask:     "Handlers A, B and C were registered in this order. Which one runs first?",
		Answers: []string{"A", "B", "C"},
		Right:   lab.Says("C", "runs C"),
		Why:     "exit takes the handlers from the end of the list.",
		Moment:  "exit",
	},
	{
		Name:    "inherit",
		Ask:     "The parent registered A and B and then forked. Does the child run them?",
		Answers: []string{"yes, when it calls exit", "no, a child starts without handlers"},
		Right: lab.If("yes, when it calls exit", func(o *lab.Observation) bool {
			for _, p := range o.Processes()[1:] {
				if strings.Contains(string(o.Wrote(p)), "runs A") {
					return true
				}
			}
			return false
		}),
		Why:    "The list of handlers is memory of the process, and fork copies memory.",
		Moment: "exit",
	},
}
