package checks

import (
	"fmt"

	"apue/internal/lab"
)

// The claims about the other direction of Figure 8.13, and about the
// last question of Exercise 8.4.
var raceMore = []lab.Claim{
	{
		Name:   "child-told",
		Says:   "with TELL_PARENT and WAIT_CHILD, in 20 runs, the child writes all its characters before the parent writes its first",
		Why:    "because the parent reads from a pipe until its child has written to it",
		Ref:    "§8.9, Fig. 8.13",
		Points: 1,
		Hints: [3]string{
			"Which process reads from the pipe now?",
			"The handshake works in both directions.",
			"Run it with --child.",
		},
		Judge: raceChildTold,
	},
	{
		Name:   "both-told",
		Says:   "when both have told and waited, everything that either of them writes later comes after all that both have written before",
		Why:    "because each waits for the other",
		Ref:    "§8.9, Fig. 8.13",
		Points: 1,
		Hints: [3]string{
			"How many 1 come before the first 2?",
			"Two handshakes together are a barrier.",
			"Run it with --both.",
		},
		Judge: raceBothTold,
	},
	{
		Name:   "child-first-three",
		Says:   "three runs in a row, child first, are never mixed, although the parent does not wait",
		Why:    "because the parent writes after its child, and ends after that",
		Ref:    "§8.9, Ex. 8.4",
		Points: 1,
		Hints: [3]string{
			"When is a run over for the shell?",
			"The parent cannot end before its child has written.",
			"Run it with --three --child.",
		},
		Judge: raceChildThree,
	},
}

func raceChildTold(b *lab.Bench) lab.Verdict {
	const runs = 20
	o := b.Run(raceRun("--child", "-n", fmt.Sprint(runs)))
	parents, children := racers(o, raceParent), racers(o, raceChild)
	if len(parents) != runs || len(children) != runs {
		return o.Fail(fmt.Sprintf("%d parents and %d children wrote their line", len(parents), len(children)), "a line is missing")
	}
	for i, p := range parents {
		if p.first < children[i].last {
			return o.Fail(fmt.Sprintf("in run %d the parent wrote before its child was done", i+1), "the parent did not wait to be told")
		}
	}
	return o.Passed("in each of %d runs the child's last write came before the parent's first", runs)
}

func raceBothTold(b *lab.Bench) lab.Verdict {
	o := b.Run(raceRun("--both"))
	last, writers := map[string]int64{}, map[string]map[string]bool{"1": {}, "2": {}}
	first := int64(-1)
	for _, e := range o.Writes(o.Processes()[0]) {
		raceNote(string(e.Data), e.Process, e.Time, last, writers, &first)
	}
	for _, c := range o.Processes()[0].Children {
		for _, e := range o.Writes(c) {
			raceNote(string(e.Data), e.Process, e.Time, last, writers, &first)
		}
	}
	switch {
	case len(writers["1"]) != 2 || len(writers["2"]) != 2:
		return o.Fail(o.Family(), "two processes should write both digits")
	case first < last["1"]:
		return o.Fail("a 2 was written before the last 1", "a process did not wait for the other")
	}
	return o.Passed("every 2, of both, was written after every 1 of both")
}

// raceNote notes who wrote a digit, when a 1 was written last, and when
// a 2 first.
func raceNote(digit, process string, t int64, last map[string]int64, writers map[string]map[string]bool, first *int64) {
	if w := writers[digit]; w != nil {
		w[process] = true
		last[digit] = max(last[digit], t)
	}
	if digit == "2" && (*first < 0 || t < *first) {
		*first = t
	}
}

func raceChildThree(b *lab.Bench) lab.Verdict {
	o := b.Run(raceRun("--three", "--child"))
	parents, children := racers(o, raceParent), racers(o, raceChild)
	if len(parents) != 3 || len(children) != 3 {
		return o.Fail(o.Family(), "there were not three runs with two lines each")
	}
	for i, p := range parents {
		switch {
		case p.first < children[i].last:
			return o.Fail(fmt.Sprintf("in run %d the parent wrote before its child was done", i+1), "the lines are mixed")
		case i < 2 && children[i+1].first < p.last:
			return o.Fail(fmt.Sprintf("the child of run %d wrote before the parent of run %d was done", i+2, i+1), "the runs are mixed")
		case children[i].p.Reaper == children[i].p.Parent:
			return o.Fail(o.Who(children[i].p)+" was reaped by its parent", "the parent should not wait here")
		}
	}
	return o.Passed("child and parent wrote in turn, three times, and no parent waited for its child")
}
