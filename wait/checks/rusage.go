package checks

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Rusage checks wait3 and wait4.
var Rusage = &lab.Experiment{
	Dir: "wait", Name: "rusage", Ref: "§8.8",
	Title: "what a child has used: wait3, wait4",
	Claims: append([]lab.Claim{
		{
			Name:   "own-time",
			Says:   "the rusage of a child has the processor time that /proc gave it when it ended",
			Points: 1,
			Hints: [3]string{
				"whose time does wait3 report?",
				"the kernel hands out the usage together with the status",
				"wait3(&status, 0, &usage); ru_utime and ru_stime",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return rusageSaid(b, 0, "wait3 said of the worker") },
		},
		{
			Name:   "waited-for",
			Says:   "it has the time of that child's own children too, if that child has waited for them",
			Points: 1,
			Hints: [3]string{
				"what of a grandchild's time?",
				"a collected child's time is added to its parent's account of children",
				"wait4(pid, &status, 0, &usage) on a child that waited for its own",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return rusageSaid(b, 1, "wait4 said of the boss that waited") },
		},
		{
			Name:   "not-waited-for",
			Says:   "it has nothing of a grandchild that nobody waited for, although that one ended first",
			Points: 1,
			Hints: [3]string{
				"where does the time of a zombie go when its parent ends?",
				"only a wait adds it to an account, and the process that adopts the zombie is the one that waits",
				"wait4 on a child that left a zombie behind",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return rusageSaid(b, 2, "wait4 said of the boss that did not wait") },
		},
		{
			Name:   "at-the-wait",
			Says:   "RUSAGE_CHILDREN grows when the child is waited for, and not when it ends",
			Points: 1,
			Hints: [3]string{
				"when is the sum made?",
				"a zombie keeps its own account until it is collected",
				"getrusage(RUSAGE_CHILDREN) before and after the wait; fields 16 and 17 of /proc/PID/stat",
			},
			Judge: rusageAtWait,
		},
	}, rusageMore...),
	Moments:   rusageMoments,
	Questions: rusageQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent := most(o)
		roles := map[string]string{parent.Name: "parent"}
		for i, c := range parent.Children {
			if i < 3 {
				role := []string{"worker", "waiting boss", "careless boss"}[i]
				roles[c.Name] = role
				for _, g := range c.Children {
					roles[g.Name] = role + "'s child"
				}
			}
		}
		return roles
	}),
}

// inMs is the run in which times are printed, and /proc read.
var inMs = lab.Run{
	Stdout: sandbox.Pipe, Args: []string{"-ms"}, Timeout: time.Minute,
	Trace: record.Options{Files: true, Snapshots: true},
}

// ticks adds two fields of stat that count clock ticks of 10 ms,
// as Linux shows them on every architecture of today.
func ticks(s trace.ProcState, n, m int) int {
	a, _ := strconv.Atoi(s.Files.Stat(n))
	b, _ := strconv.Atoi(s.Files.Stat(m))
	return 10 * (a + b)
}

// seenAt is the last look of /proc at the process up to a time.
func seenAt(o *lab.Observation, p *trace.Process, t int64) (last trace.ProcState, ok bool) {
	for _, e := range o.Events(trace.KindSnapshot) {
		if e.Time > t {
			break
		}
		for _, s := range e.Snapshot {
			if s.Process == p.Name {
				last, ok = s, true
			}
		}
	}
	return last, ok
}

// Times are compared as ticks of 10 ms and with what the last
// steps of a process may take.
const (
	slack = 30 // ms
	burnt = 60 // ms that a child computes
)

// rusageSaid compares what wait said of a child with /proc's last
// look at that child.
func rusageSaid(b *lab.Bench, n int, words string) lab.Verdict {
	o := b.Run(inMs)
	parent := most(o)
	if len(parent.Children) != 3 {
		return o.Fail(o.Family(), "there should be three children to ask about")
	}
	c := parent.Children[n]
	printed := -1
	for _, l := range o.Lines() {
		if rest, ok := strings.CutPrefix(l, words+": "); ok {
			printed, _ = strconv.Atoi(strings.TrimSuffix(rest, " ms"))
		}
	}
	s, ok := seenAt(o, c, c.Died)
	if printed < 0 || !ok || c.Reaper != parent {
		return o.Fail(fmt.Sprintf("of %d nothing was printed, or /proc was not read, or it was not collected", lab.Pid(c)), "there is nothing to compare")
	}
	own, kids := ticks(s, 14, 15), ticks(s, 16, 17)
	if d := printed - own - kids; d < -slack || d > slack {
		return o.Fail(fmt.Sprintf("the rusage of %d was %d ms; /proc/%d/stat had %d ms, and %d ms of its children", lab.Pid(c), printed, lab.Pid(c), own, kids), "it is not the time of that child and its collected children")
	}
	if n == 0 {
		if own < burnt-slack {
			return o.Fail(fmt.Sprintf("the worker used %d ms", own), "it did not compute")
		}
		return o.Passed("%d ms, and %d ms in /proc", printed, own)
	}
	if len(c.Children) != 1 {
		return o.Fail(fmt.Sprintf("%d had %d children", lab.Pid(c), len(c.Children)), "it should have one that computes")
	}
	g := c.Children[0]
	look, ok := seenAt(o, g, g.Died)
	waited := g.Reaper == c
	counted := kids >= burnt-slack
	switch {
	case !ok || ticks(look, 14, 15) < burnt-slack || g.Died > c.Died:
		return o.Fail(fmt.Sprintf("the grandchild %d used %d ms", lab.Pid(g), ticks(look, 14, 15)), "it did not compute, or ended too late")
	case waited != (n == 1):
		return o.Fail(fmt.Sprintf("%d waited for its child: %v", lab.Pid(c), waited), "that is the difference between the two")
	case counted != waited:
		return o.Fail(fmt.Sprintf("%d had %d ms of its children on its account", lab.Pid(c), kids), "a grandchild's time counts if, and only if, its parent waited for it")
	}
	return o.Passed("%d ms, of which %d ms were the grandchild's %d", printed, kids, ticks(look, 14, 15))
}

func rusageAtWait(b *lab.Bench) lab.Verdict {
	o := b.Run(inMs)
	parent := most(o)
	if len(parent.Children) == 0 || parent.Children[0].Reaper != parent {
		return o.Fail(o.Family(), "no child was waited for")
	}
	c := parent.Children[0]
	before, after := -1, -1
	for _, e := range o.Events(trace.KindSnapshot) {
		zombie, account := false, -1
		for _, s := range e.Snapshot {
			switch s.Process {
			case c.Name:
				zombie = s.Files.Stat(3) == "Z"
			case parent.Name:
				account = ticks(s, 16, 17)
			}
		}
		if zombie && e.Time > c.Died && e.Time < c.Reaped {
			before = account
		}
		if e.Time > c.Reaped && after < 0 {
			after = account
		}
	}
	if before != 0 || after < burnt-slack {
		return o.Fail(fmt.Sprintf("the account of children was %d ms while the child was a zombie, and %d ms after the wait", before, after), "it should be 0 before the wait, and have the child's time after it")
	}
	return o.Passed("0 ms while the child was a zombie, %d ms after the wait", after)
}

// rusageMoments are where to stop in a run of the experiment.
var rusageMoments = []lab.Moment{
	{
		Name: "zombie",
		Says: "The worker has computed and ended. As long as it is a zombie its time is in nobody's sum.",
		At:   lab.AtEnd("worker"),
	},
	{
		Name: "reaped",
		Says: "The wait adds the worker's time to RUSAGE_CHILDREN of its parent.",
		At:   lab.AtReap("worker"),
	},
}

// rusageQuestions are what to ask before it is shown.
var rusageQuestions = []lab.Question{
	{
		Name:    "when",
		Ask:     "When does RUSAGE_CHILDREN of the parent grow?",
		Answers: []string{"while the child runs", "when the child ends", "when the child is reaped"},
		Right: lab.If("when the child is reaped", func(o *lab.Observation) bool {
			return lab.AtLine("is a zombie, RUSAGE_CHILDREN: almost nothing")(o) != nil && lab.AtLine("is reaped, RUSAGE_CHILDREN: the time computed")(o) != nil
		}),
		Why:    "The kernel adds the times in the wait.",
		Moment: "reaped",
	},
	{
		Name:    "boss",
		Ask:     "A child has a child of its own and does not wait for it. Is that grandchild's time in the sum?",
		Answers: []string{"yes", "no"},
		Right:   lab.Says("no", "that did not wait: almost nothing"),
		Why:     "Only children that were waited for are counted, at each level.",
	},
}
