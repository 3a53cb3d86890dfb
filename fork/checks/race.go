package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// Race checks the programs of Figures 8.12 and 8.13.
var Race = &lab.Experiment{
	Dir: "fork", Name: "race", Ref: "§8.9, Fig. 8.12, 8.13",
	Title:     "who writes first, and how to decide it",
	Moments:   raceMoments,
	Questions: raceQuestions,
	Claims: append([]lab.Claim{
		{
			Name:   "told",
			Says:   "with TELL and WAIT, in 20 runs, the parent writes all its characters before the child writes its first",
			Why:    "because the child reads from a pipe until its parent has written to it",
			Ref:    "§8.9, Fig. 8.13",
			Points: 2,
			Hints: [3]string{
				"what does the child wait for?",
				"a read from an empty pipe blocks until somebody writes",
				"pipe() before the fork, read() in the child, write() in the parent",
			},
			Judge: raceTold,
		},
		{
			Name:   "complete",
			Says:   "without them each character arrives once all the same, in whatever order",
			Why:    "because a race is about order: no write is lost",
			Ref:    "§8.9, Fig. 8.12",
			Points: 1,
			Hints: [3]string{
				"is anything missing in the garbled output?",
				"each write(2) is done, and the kernel chooses when",
				"count the writes of both",
			},
			Judge: raceComplete,
		},
		{
			Name:   "three",
			Says:   "three runs in a row stay apart when each parent waits for its child",
			Why:    "because the run is over only when the child is",
			Ref:    "§8.9, Ex. 8.4",
			Points: 1,
			Hints: [3]string{
				"when does the shell start the next run?",
				"it waits for its own child, not for that one's child",
				"waitpid() in the parent before it ends",
			},
			Judge: raceThree,
		},
		{
			Name:   "mixes",
			Says:   "when the parent does not wait, the child of one run writes on after the parent of the next has begun",
			Why:    "because nobody waits for that child",
			Ref:    "§8.9, Ex. 8.4",
			Points: 2,
			Hints: [3]string{
				"whom does the shell wait for?",
				"the parent ends, the run is over for the shell, and the child still writes",
				"ch8 trace -- shows whose writes come between whose",
			},
			Judge: raceMixes,
		},
	}, raceMore...),
}

func raceRun(args ...string) lab.Run {
	r := lab.Recorded(sandbox.Pipe)
	r.Args = args
	return r
}

const (
	raceParent = "output from parent\n"
	raceChild  = "output from child\n"
)

// A racer is a process that wrote one of the two lines, one
// character at a time, and when.
type racer struct {
	p           *trace.Process
	first, last int64
}

// racers are the processes that wrote the line, and nothing else
// of its length, to whatever descriptor, so often.
func racers(o *lab.Observation, line string) (all []racer) {
	for _, p := range o.Processes() {
		var text []byte
		var at []int64
		for _, e := range o.Events(trace.KindWrite) {
			if e.Process == p.Name && e.Result == 1 && string(e.Data) != "." {
				text, at = append(text, e.Data...), append(at, e.Time)
			}
		}
		for len(text) >= len(line) && string(text[:len(line)]) == line {
			all = append(all, racer{p, at[0], at[len(line)-1]})
			text, at = text[len(line):], at[len(line):]
		}
	}
	return all
}

func raceTold(b *lab.Bench) lab.Verdict {
	const runs = 20
	o := b.Run(raceRun("-n", fmt.Sprint(runs)))
	parents, children := racers(o, raceParent), racers(o, raceChild)
	if len(parents) != runs || len(children) != runs {
		return o.Fail(fmt.Sprintf("%d parents and %d children wrote their line", len(parents), len(children)),
			"a line is missing or was not written one character at a time")
	}
	for i, c := range children {
		if c.first < parents[i].last {
			return o.Fail(fmt.Sprintf("in run %d the child wrote before its parent was done", i+1),
				"the child did not wait to be told")
		}
		if i+1 < runs && parents[i+1].first < c.last {
			return o.Fail(fmt.Sprintf("run %d began before the child of run %d was done", i+2, i+1),
				"the parent did not wait for its child")
		}
	}
	return o.Passed("in each of %d runs the parent's last write came before the child's first", runs)
}

var raceCounts = show.Pattern(`^(\d+) runs: (\d+) parent first, (\d+) child first, (\d+) mixed$`)

func raceComplete(b *lab.Bench) lab.Verdict {
	const runs = 20
	o := b.Run(raceRun("-free", "-n", fmt.Sprint(runs)))
	parents, children := racers(o, raceParent), racers(o, raceChild)
	if len(parents) != runs || len(children) != runs {
		return o.Fail(fmt.Sprintf("%d parents and %d children wrote their whole line", len(parents), len(children)),
			"a write was lost")
	}
	for _, l := range o.Lines() {
		if m := raceCounts().FindStringSubmatch(l); m != nil && number(m[1]) == runs &&
			number(m[2])+number(m[3])+number(m[4]) == runs {
			return o.Passed("both wrote all of their line %d times; mixed: %s", runs, m[4])
		}
	}
	return o.Fail("it said "+lab.Quote(lab.Lines(o.Stdout)), "it did not count its runs")
}

func raceThree(b *lab.Bench) lab.Verdict {
	o := b.Run(raceRun("-three"))
	parents, children := racers(o, raceParent), racers(o, raceChild)
	if len(parents) != 3 || len(children) != 3 {
		return o.Fail(o.Family(), "there were not three runs with two lines each")
	}
	for i, c := range children {
		switch {
		case c.first < parents[i].last:
			return o.Fail(fmt.Sprintf("in run %d the child wrote before its parent was done", i+1), "it did not wait to be told")
		case i < 2 && parents[i+1].first < c.last:
			return o.Fail(fmt.Sprintf("run %d began before the child of run %d was done", i+2, i+1), "its parent did not wait for it")
		case c.p.Reaper != c.p.Parent:
			return o.Fail(c.p.Name+" was not collected by its parent", "its parent did not wait for it")
		}
	}
	return o.Passed("each run's child was done, and collected by its parent, before the next run began")
}

func raceMixes(b *lab.Bench) lab.Verdict {
	o := b.Run(raceRun("-three", "-nowait"))
	parents, children := racers(o, raceParent), racers(o, raceChild)
	if len(parents) != 3 || len(children) != 3 {
		return o.Fail(o.Family(), "there were not three runs with two lines each")
	}
	for i, c := range children {
		switch {
		case c.p.Reaper == c.p.Parent:
			return o.Fail(c.p.Name+" was collected by its parent", "its parent waited for it")
		case i < 2 && (parents[i+1].first < c.first || parents[i+1].last > c.last):
			return o.Fail(fmt.Sprintf("the parent of run %d did not write while the child of run %d was in its line", i+2, i+1),
				"the runs stayed apart")
		}
	}
	return o.Passed("the next run's parent wrote its line in the middle of the old child's, twice")
}

// raceMoments are where to stop in a run of the experiment.
var raceMoments = []lab.Moment{
	{
		Name: "fork",
		Says: "Both processes are about to print. Nothing but TELL and WAIT says which of them is first.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "told",
		Says: "The first line is complete before the other process begins: it waited until it was told.",
		At:   lab.AtLine("output from"),
	},
}

// raceQuestions are what to ask before it is shown.
var raceQuestions = []lab.Question{
	{
		Name:    "mixed",
		Ask:     "Both processes print their line letter by letter, with TELL and WAIT. Can the lines mix?",
		Answers: []string{"yes, in some runs", "no, one process waits until the other has told it"},
		Right: lab.If("no, one process waits until the other has told it", func(o *lab.Observation) bool {
			return strings.Contains(string(o.Stdout), "output from parent\n") && strings.Contains(string(o.Stdout), "output from child\n")
		}),
		Why:    "WAIT reads from a pipe into which the other process writes when it is done.",
		Moment: "told",
	},
	{
		Name:    "sleep",
		Ask:     "Instead of TELL and WAIT the child sleeps for a second. Is the order then sure?",
		Answers: []string{"yes", "no, a sleep is only a guess"},
		Right:   lab.If("no, a sleep is only a guess", func(o *lab.Observation) bool { return len(o.Events(trace.KindFork, trace.KindClone)) > 0 }),
		Why:     "On a busy machine the other process may take longer than any time that you choose.",
		Moment:  "fork",
	},
}
