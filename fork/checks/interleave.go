package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Interleave checks that unsynchronised output is complete. In what
// order it comes is reported and never judged.
var Interleave = &lab.Experiment{
	Dir: "fork", Name: "interleave", Ref: "§8.3",
	Title: "parent and child write with nobody in step",
	Claims: []lab.Claim{
		{
			Name:   "complete",
			Says:   "whatever the order, all that both wrote to a file is there: the offset has moved by every byte",
			Why:    "because each write locks the one offset, takes its place there and moves it",
			Points: 1,
			Hints: [3]string{
				"two processes write at the same instant: can one cover the other's byte?",
				"both write at the one offset of the open file, which each write moves",
				"compare the size of the file with the sum of what write() returned",
			},
			Judge: interleaveComplete,
		},
		{
			Name:   "both-ways",
			Says:   "parent and child of each run write at the same time as far as they can tell: neither waits for the other before it has written",
			Points: 1,
			Hints: [3]string{
				"who decides which of the two runs first?",
				"after fork both are runnable, and the scheduler picks",
				"no wait, no pipe, no signal between fork() and the last write()",
			},
			Judge: interleaveUnsynchronised,
		},
	},
	Moments:    interleaveMoments,
	Questions:  interleaveQuestions,
	MomentArgs: []string{"--runs", "2", "--letters", "12"},
	Cast:       lab.ByName(childRoles),
}

// interleaveRuns are the writes to the scratch files, run by run,
// with the child of the run.
func interleaveRuns(o *lab.Observation) (children []*trace.Process, writes map[string][]*trace.Event) {
	writes = map[string][]*trace.Event{}
	first := o.Processes()[0]
	children = lab.Forked(first)
	run := ""
	for _, e := range o.Events(trace.KindFork, trace.KindClone, trace.KindWrite) {
		switch {
		case e.Kind != trace.KindWrite && e.Process == first.Name:
			run = e.ChildProcess
		case strings.Contains(e.Path, "/interleave."):
			writes[run] = append(writes[run], e)
		}
	}
	return children, writes
}

func interleaveComplete(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	children, writes := interleaveRuns(o)
	var runs, letters, parents, kids int
	text := strings.Join(o.Lines(), "\n")
	fmt.Sscanf(text, "%d runs, %d letters from each side in each\narrived: %d of the parents, %d of the children", &runs, &letters, &parents, &kids)
	if len(children) < 2 || runs != len(children) {
		return o.Fail(fmt.Sprintf("%d children were made; the program printed %q", len(children), text), "each run makes one child")
	}
	sum := map[bool]int{}
	first, mixed := 0, 0
	for _, c := range children {
		var total, end int64
		order := ""
		for _, e := range writes[c.Name] {
			if e.Result != int64(len(e.Data)) || e.Result < 1 {
				return o.Fail(fmt.Sprintf("%s wrote %d bytes: %s", e.Process, e.Result, or(e.Errno, "not all")), "a write was not complete")
			}
			total += e.Result
			end = max(end, e.FilePos)
			sum[e.Process == c.Name] += int(e.Result)
			if who := map[bool]string{true: "c", false: "p"}[e.Process == c.Name]; !strings.HasSuffix(order, who) {
				order += who
			}
		}
		if total != end || total == 0 {
			return o.Fail(fmt.Sprintf("in the run of %s %d bytes were written, and the offset came to %d", c.Name, total, end), "one process wrote over what the other had written")
		}
		switch {
		case order == "pc":
			first++
		case order != "cp":
			mixed++
		}
	}
	if sum[false] != runs*letters || sum[true] != runs*letters || parents != sum[false] || kids != sum[true] {
		return o.Fail(fmt.Sprintf("the parents wrote %d bytes, the children %d; the program printed %q", sum[false], sum[true], text), "something was lost, or not written")
	}
	v := o.Passed("%d bytes written by the parents, %d by the children, and every offset ended at their sum", sum[false], sum[true])
	return v.Remark("of %d recorded runs the parent wrote all first in %d, the two were mixed in %d", runs, first, mixed)
}

func interleaveUnsynchronised(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	children, writes := interleaveRuns(o)
	if len(children) == 0 {
		return o.Fail(o.Family(), "there is nobody to mix with")
	}
	for _, c := range children {
		var last, his *trace.Event
		for _, e := range writes[c.Name] {
			if e.Process == c.Name {
				his = e
			} else {
				last = e
			}
		}
		switch {
		case last == nil:
			return o.Fail("the parent wrote nothing beside "+c.Name, "there was nothing to mix")
		case his == nil:
			return o.Fail(c.Name+" wrote nothing beside its parent", "there was nothing to mix")
		case c.Reap == nil || c.Reap.Entered < last.Time:
			return o.Fail("the parent waited for "+c.Name+" before it wrote", "the order was decided, and not left to the scheduler")
		}
		if told := interleaveTold(o, c, max(last.Time, his.Time)); told != "" {
			return o.Fail(told, "one could wait for the other, and then the order was not left to the scheduler")
		}
	}
	return o.Passed("in %d runs the parent waited after its last byte only, and neither had a pipe, a signal or a stop to wait for", len(children))
}

// interleaveTold finds what parent and child could have told each
// other with before both had written.
func interleaveTold(o *lab.Observation, c *trace.Process, until int64) string {
	for _, e := range o.Events(trace.KindPipe, trace.KindKill, trace.KindStop, trace.KindWait) {
		parents, childs := e.Process == c.Parent.Name, e.Process == c.Name
		switch {
		case e.Time > until:
			return ""
		case e.Kind == trace.KindPipe && (parents || childs):
			return e.Process + " made a pipe"
		case e.Time < c.Born:
		case e.Kind == trace.KindKill && (parents && e.TargetProcess == c.Name || childs && e.TargetProcess == c.Parent.Name):
			return e.Process + " sent a signal to " + e.TargetProcess
		case e.Kind == trace.KindStop && (parents || childs):
			return e.Process + " was stopped"
		case e.Kind == trace.KindWait && childs:
			return e.Process + " waited for a process"
		}
	}
	return ""
}

// interleaveMoments are where to stop in a run of the experiment.
var interleaveMoments = []lab.Moment{
	{
		Name: "fork",
		Says: "Both processes now have the same open file. Nothing says which of them writes next.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "complete",
		Says: "All letters of both arrived, in an order that differs from run to run.",
		At:   lab.AtLine("arrived: "),
	},
}

// interleaveQuestions are what to ask before it is shown.
var interleaveQuestions = []lab.Question{
	{
		Name:    "lost",
		Ask:     "Parent and child write to one descriptor at the same time. Is anything lost?",
		Answers: []string{"no: each write is made at the shared offset", "yes: they overwrite each other"},
		Right:   lab.If("no: each write is made at the shared offset", func(o *lab.Observation) bool { return lab.AtLine("arrived: ")(o) != nil }),
		Why:     "Both use one open file description, and each write moves its offset.",
		Moment:  "complete",
	},
	{
		Name:    "order",
		Ask:     "Which of the two writes first after the fork?",
		Answers: []string{"always the parent", "always the child", "the kernel decides, and no program may rely on it"},
		Right:   lab.If("the kernel decides, and no program may rely on it", func(o *lab.Observation) bool { return len(o.Events(trace.KindFork, trace.KindClone)) > 0 }),
		Why:     "fork makes no promise. A program that needs an order has to make one, with a pipe or a signal.",
		Moment:  "fork",
	},
}
