package checks

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

var niceRun, weightsRun = watched(), watched("--weights", "--ms")

// Nice checks two processes on one processor.
var Nice = &lab.Experiment{
	Dir: "system", Name: "nice", Ref: "§8.16, Fig. 8.30",
	Title:    "two processes on one processor",
	Exercise: true,
	Task: `Two processes of one session, one made by the other, may run on one
and the same processor only. One has a nice value at least 10 above
the other's. They compute at the same time for at least 1 s of real
time, without sleeping, and end.`,
	Claims: []lab.Claim{
		{Name: "one-processor", Points: 2,
			Says: "both processes were confined to the same single processor",
			Why:  "because on two processors each would have one of its own, whatever its nice value",
			Hints: [3]string{
				"On how many processors could the two run?",
				"The set of allowed processors is inherited by fork.",
				"sched_setaffinity before the fork, or taskset in front",
			}, Judge: niceJudge(niceOneProcessor)},
		{Name: "one-session", Points: 1,
			Says: "both belong to one session, and to one autogroup where there is one",
			Why:  "because the kernel may divide the processor among sessions first",
			Hints: [3]string{
				"Did one of them make a session?",
				"Between two sessions the nice value may count for nothing: system/autogroup.",
				"no setsid",
			}, Judge: niceJudge(niceOneSession)},
		{Name: "nicer", Points: 2,
			Says: "the nice value of one is at least 10 above the other's",
			Why:  "because 10 steps make a clear difference",
			Hints: [3]string{
				"Which nice value does each of the two have?",
				"A child inherits the value: a change before the fork is one for both.",
				"nice(10) in the child",
			}, Judge: niceJudge(niceNicer)},
		{Name: "together", Points: 2,
			Says: "each of the two began before the other had used 0.1 s",
			Why:  "because only what runs at the same time competes",
			Hints: [3]string{
				"When did each of them begin to compute?",
				"A pipe can hold both until both are ready.",
				"Compute in both right after the fork.",
			}, Judge: niceJudge(niceTogether)},
		{Name: "less", Needs: []string{"one-processor", "one-session", "nicer", "together"}, Points: 3,
			Says: "when the first of them ended, the nicer one had at most half the processor time of the other",
			Why:  "because the kernel divides the processor by weights: 1024 for nice 0, 110 for 10",
			Hints: [3]string{
				"How much processor time did each of them get?",
				"10 steps of the nice value make about a ninth.",
				"Loops without a sleep, for a second or more of real time, in both.",
			}, Judge: niceJudge(niceLess)},
		ours("weights", "against nice 0 the shares of nice 5, 10 and 19 are as 335, 110 and 15 to 1024, within a factor of 1.5",
			"because these are the kernel's weights", niceWeights),
		lab.AsAskedClaim("nicer", niceRun, lab.Exclusion{Sentence: "without sleeping", Broken: niceSlept},
			lab.Exclusion{Sentence: "They compute at the same time for at least 1 s of real time", Broken: niceBrief}),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, child := nicePair(o)
		return lab.Pair(parent, child)
	},
	Moments: []lab.Moment{
		{Name: "nicer", Says: "One of the two raises its nice value: from now on it gets less of the processor where another process wants it.",
			At: niceRaised},
	},
	Questions: []lab.Question{{
		Name: "whose", Ask: "The child calls nice(10). Its parent had the nice value 0. Which values have the two then?",
		Answers: []string{"0 and 10: the child is nicer", "10 and 10", "10 and 0: the parent is nicer"},
		Right: func(o *lab.Observation) string {
			if e := niceRaised(o); e != nil && *e.Nice == 10 && o.Role(o.Process(e.TargetProcess)) == "child" {
				return "0 and 10: the child is nicer"
			}
			return ""
		},
		Why: "nice changes the value of the process that calls it. The higher value is the nicer one: it gets less.", Moment: "nicer",
	}, {
		Name: "confined", Ask: "A process confines itself to one processor, and forks then. On how many processors may the child run?",
		Answers: []string{"on one: it inherits that", "on all of them"},
		Right: func(o *lab.Observation) string {
			var first *trace.Event
			for _, e := range o.Events(trace.KindPriority) {
				if e.Call == "sched_setaffinity" && e.Errno == "" && first == nil {
					first = e
				}
			}
			if parent := o.Cast().Of("parent"); first == nil || parent == nil || first.Process != parent.Name {
				return ""
			}
			return "on one: it inherits that"
		},
		Why: "fork copies the set of allowed processors. So both compete for the same one.",
	}},
}

// niceRaised is the call with which one of two processes got a higher nice
// value while both were there; a value of a single thread is not theirs.
func niceRaised(o *lab.Observation) *trace.Event {
	c := o.Cast()
	parent, child := c.Of("parent"), c.Of("child")
	if parent == nil || child == nil {
		return nil
	}
	for _, e := range o.Events(trace.KindPriority) {
		theirs := e.TargetProcess == parent.Name || e.TargetProcess == child.Name
		if e.Call == "setpriority" && e.Errno == "" && e.Tid == 0 && e.Nice != nil && *e.Nice > 0 && theirs && lab.Alive(parent, e.Time) && lab.Alive(child, e.Time) {
			return e
		}
	}
	return nil
}

// nicePair finds the two that computed: the parent and its child, of
// which the one with less processor time, since it was made or made the
// other, had the most. Where the machine gave one of them next to nothing,
// it is the two whose nice values differ.
func nicePair(o *lab.Observation) (parent, child *trace.Process) {
	best := -1
	if len(o.Events(trace.KindSnapshot)) == 0 {
		return nicePriorities(o)
	}
	for _, p := range o.Processes() {
		for _, c := range lab.Made(p) {
			_, end, ok := niceFirstEnd(o, p, c)
			if !ok {
				continue
			}
			a, z := niceUsed(o, p, c, of(end, p)), usedMs(of(end, c))
			n := 10*min(a, z) + max(a, z)
			if of(end, p).StatNumber(19) != of(end, c).StatNumber(19) {
				n += 20
			}
			if n > best {
				parent, child, best = p, c, n
			}
		}
	}
	return parent, child
}

// nicePriorities finds them in a recording without snapshots: the child
// whose nice value was changed, and its parent.
func nicePriorities(o *lab.Observation) (parent, child *trace.Process) {
	for _, e := range o.Events(trace.KindPriority) {
		p := o.Process(e.Process)
		if e.TargetProcess != "" {
			p = o.Process(e.TargetProcess)
		}
		if e.Call == "setpriority" && e.Errno == "" && p != nil && p.Parent != nil {
			return p.Parent, p
		}
	}
	return nil, nil
}

// niceFirstEnd is the snapshot when the first of the two stopped
// computing: at its end, or when the other had ended.
func niceFirstEnd(o *lab.Observation, p, c *trace.Process) (first *trace.Process, e *trace.Event, ok bool) {
	first = c
	if p.Died >= 0 && (c.Died < 0 || p.Died < c.Died) {
		first = p
	}
	all := at(o, "exit", first.Name)
	if len(all) == 0 {
		return nil, nil, false
	}
	return first, all[len(all)-1], true
}

// niceStopped is when the first of the two stopped computing: at its end, or
// when the parent called what let it wait until the child had ended.
func niceStopped(o *lab.Observation, parent, child *trace.Process) int64 {
	first, _, ok := niceFirstEnd(o, parent, child)
	if !ok || first.Died < 0 {
		return -1
	}
	stopped := first.Died
	if first == parent {
		return stopped
	}
	for _, e := range o.EventsOf(parent, trace.KindWait, trace.KindRead, trace.KindPause, trace.KindPoll) {
		if e.Entered > child.Born && e.Entered < stopped && e.Time >= child.Died {
			stopped = e.Entered
		}
	}
	return stopped
}

// niceJudge calls a judge with the two processes and what /proc said of
// them when the first of them ended.
func niceJudge(f func(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(niceRun)
		parent, child := nicePair(o)
		if child == nil {
			if o.TimedOut {
				return o.Unfinished()
			}
			return o.Fail(o.Family(), "two processes are asked for, one made by the other")
		}
		_, end, _ := niceFirstEnd(o, parent, child)
		p, c := of(end, parent), of(end, child)
		if p == nil || c == nil {
			return o.Fail("one of the two had ended before the other began", "they are to compute at the same time")
		}
		return f(o, p, c)
	}
}

func niceOneProcessor(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict {
	a, z := p.Status("Cpus_allowed_list"), c.Status("Cpus_allowed_list")
	if a != z || strings.ContainsAny(a, "-,") {
		observed := "the two may run on more than one processor"
		if a != z {
			parent, child := nicePair(o)
			observed = fmt.Sprintf("%s may run on %s, and %s on %s", o.Who(parent), niceProcessors(a), o.Who(child), niceProcessors(z))
		}
		return o.Fail(observed, "each can have a processor of its own, and then the nice value decides nothing")
	}
	return o.Passed("both could run on processor %s only", a)
}

// niceProcessors says a list of processors of /proc.
func niceProcessors(list string) string {
	if strings.ContainsAny(list, "-,") {
		return "more than one processor"
	}
	return "processor " + list + " only"
}

func niceOneSession(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict {
	if a, z := p.Stat(6), c.Stat(6); a != z {
		return o.Fail("the two belong to different sessions", "the kernel may share the processor between sessions half and half, whatever the nice values are: system/autogroup")
	}
	if a, z := p["autogroup"], c["autogroup"]; a != z {
		return o.Fail("the two belong to different autogroups", "the kernel shares the processor between the groups first")
	}
	return o.Passed("both belong to session %s", p.Stat(6))
}

// niceBefore is the call by which the parent changed its nice value before it
// made the child; nil if there is none.
func niceBefore(o *lab.Observation, parent, child *trace.Process) *trace.Event {
	if parent == nil || child == nil {
		return nil
	}
	for _, e := range lab.Before(o.EventsOf(parent, trace.KindPriority), child.Born) {
		if (e.Call == "setpriority" || e.Call == "nice") && e.Errno == "" {
			return e
		}
	}
	return nil
}

// niceWhy says why the nice values of the two do not differ as they should.
// changed says that a call changed that of both.
func niceWhy(o *lab.Observation, parent, child *trace.Process) (why string, changed bool) {
	const group, user = 1, 2 // PRIO_PGRP, PRIO_USER
	why = "none of the two changed its nice value: nice, or setpriority"
	set := map[*trace.Process]string{} // by the last call of all for each
	for _, e := range o.Events(trace.KindPriority) {
		by := o.Process(e.Process)
		theirs := by == parent || by == child || e.TargetProcess == parent.Name || e.TargetProcess == child.Name
		if by == nil || !theirs {
			continue // another process may change the value of one of them: renice
		}
		place := lab.Where(e)
		switch {
		case isPolicy(e):
			why = o.Who(by) + " changed its scheduling policy" + place + ", which is not the nice value: nice, or setpriority"
		case e.Call != "setpriority":
		case e.Errno == "ESRCH":
			return fmt.Sprintf("the setpriority of %s%s failed with ESRCH: there is no process %d. Its arguments are PRIO_PROCESS, the process (0: the caller), the value", o.Who(by), place, e.Target), false
		case e.Errno == "EACCES" || e.Errno == "EPERM":
			return fmt.Sprintf("%s could not lower a nice value%s: the call failed with %s. Only a privileged process can lower one: raise one instead", o.Who(by), place, e.Errno), false
		case e.Errno != "":
			return fmt.Sprintf("the setpriority of %s%s failed with %s", o.Who(by), place, e.Errno), false
		case e.Which == group:
			return o.Who(by) + " changed the nice value of its whole process group" + place + ", which both belong to: PRIO_PROCESS changes that of one process", true
		case e.Which == user:
			return o.Who(by) + " changed the nice value of all processes of its user" + place + ": PRIO_PROCESS changes that of one process", true
		case e.Tid != 0:
			why = "a thread of " + o.Who(by) + " changed its own nice value" + place + ": that of the other threads stays as it is. One of the two processes has to be at least 10 above the other"
		default:
			if to := o.Process(e.TargetProcess); (to == parent || to == child) && e.Nice != nil {
				whose := "its nice value"
				if to != by {
					whose = "the nice value of " + o.Who(to)
				}
				when := ""
				if first, _, ok := niceFirstEnd(o, parent, child); ok && first.Died >= 0 && e.Time > first.Died {
					when = ", when " + o.Who(first) + " had ended"
				}
				set[to] = fmt.Sprintf("%s set %s to %d%s%s", o.Who(by), whose, *e.Nice, place, when)
			}
		}
	}
	if len(set) > 0 {
		both := slices.DeleteFunc([]string{set[parent], set[child]}, func(s string) bool { return s == "" })
		why = strings.Join(both, "; ") + ". One has to be at least 10 above the other while both compute"
	}
	return why, false
}

// niceStart is the nice value that the parent had when it made the child; −1
// if /proc was not read then.
func niceStart(o *lab.Observation, parent, child *trace.Process) int {
	if e := niceBirth(o, parent, child); e != nil {
		return of(e, parent).StatNumber(19)
	}
	return -1
}

// niceBirth is the look at /proc when the parent had made the child; nil if
// there was none.
func niceBirth(o *lab.Observation, parent, child *trace.Process) *trace.Event {
	for _, e := range at(o, "birth", parent.Name) {
		if of(e, child) != nil {
			return e
		}
	}
	return nil
}

func niceNicer(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict {
	a, z := p.StatNumber(19), c.StatNumber(19)
	parent, child := nicePair(o)
	raised := niceBefore(o, parent, child)
	if raised != nil && max(a, z)-min(a, z) < 10 {
		place := lab.Where(raised)
		return o.Fail(fmt.Sprintf("the nice values of parent and child are %d and %d", a, z),
			"the parent changed its nice value"+place+" before the fork, and the child inherited it: one of the two has to change its own after the fork")
	}
	why, changed := niceWhy(o, parent, child)
	if start := niceStart(o, parent, child); start > 9 && raised == nil && !changed {
		return lab.Cannot(fmt.Sprintf("the nice value is %d at the start, and 19 is the highest", start), "run the check with a lower nice value")
	}
	if d := a - z; d > -10 && d < 10 {
		return o.Fail(fmt.Sprintf("the nice values of parent and child are %d and %d", a, z), why)
	}
	return o.Passed("the nice values were %d and %d", a, z)
}

func niceTogether(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict {
	parent, child := nicePair(o)
	if e := niceBirth(o, parent, child); e != nil && e.Time <= child.Born+1e9 && usedMs(of(e, child)) == 0 {
		if n := usedMs(of(e, parent)); n >= 100 {
			return o.Fail(fmt.Sprintf("the parent had used %s when it made the child", seconds(n)), "the child began too late to compete")
		}
	}
	a, z := niceUsed(o, parent, child, p), usedMs(c)
	difference := c.StatNumber(19) - p.StatNumber(19)
	policy := nicePolicy(o, parent, child)
	switch {
	case min(a, z) < 2 && (a+z < 200 || niceExpected(a+z, max(difference, -difference)) < 10):
		return lab.Cannot(fmt.Sprintf("the two processes together got %d ms of the processor", a+z), "try again when the machine is less busy")
	case min(a, z) < 2 && policy != nil:
		return lab.Cannot(fmt.Sprintf("%s changed its scheduling policy%s, and one of the two got no processor time", o.Who(o.Process(policy.Process)), lab.Where(policy)), "leave the policy as it is")
	case min(a, z) < 2:
		return o.Fail(fmt.Sprintf("when the first one ended, the parent had used %s and the child %s", seconds(a), seconds(z)), cmp.Or(niceSlept(o), "one of the two had not begun: they ran one after the other"))
	}
	return o.Passed("both had begun before one of them had used 0.1 s")
}

// isPolicy reports whether the call changed a scheduling policy.
func isPolicy(e *trace.Event) bool { return e.Call == "sched_setscheduler" && e.Errno == "" }

// nicePolicy is the call by which one of the two changed its scheduling policy;
// nil if there is none.
func nicePolicy(o *lab.Observation, parent, child *trace.Process) *trace.Event {
	for _, e := range o.Events(trace.KindPriority) {
		if isPolicy(e) && (e.Process == parent.Name || e.Process == child.Name) {
			return e
		}
	}
	return nil
}

// niceUsed is the processor time of the parent, in ms, without that before it
// made the child, which does not compete.
func niceUsed(o *lab.Observation, parent, child *trace.Process, p trace.ProcFiles) int {
	if e := niceBirth(o, parent, child); e != nil {
		return usedMs(p) - usedMs(of(e, parent))
	}
	return usedMs(p)
}

// niceExpected is the processor time, of total in ms, that a process gets
// whose nice value is higher by the difference than the other's: each step
// makes its weight a fifth smaller. The kernel gives out 3 ms and more at a
// time, so that less than two or three of these says nothing.
func niceExpected(total, difference int) float64 {
	return float64(total) / (1 + math.Pow(1.25, float64(difference)))
}

// shares are the processor times, in ms, of the nicer process and of
// the other one when the first of them ended, and the real time since the
// child was made.
type shares struct{ nicer, other, difference, real int }

func niceShares(o *lab.Observation) (s shares, ok bool) {
	parent, child := nicePair(o)
	if child == nil {
		return s, false
	}
	_, end, ok := niceFirstEnd(o, parent, child)
	p, c := of(end, parent), of(end, child)
	if !ok || p == nil || c == nil {
		return s, false
	}
	// A parent that waits leaves the processor to its child, which gets no
	// more than all of it.
	stopped := min(niceStopped(o, parent, child), end.Time)
	alone := max(0, int((end.Time-stopped)/1e6))
	s = shares{max(0, usedMs(c)-alone), usedMs(p), c.StatNumber(19) - p.StatNumber(19), int((stopped - child.Born) / 1e6)}
	if s.difference < 0 {
		s = shares{s.other, s.nicer, -s.difference, s.real}
	}
	return s, true
}

func niceLess(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict {
	s, _ := niceShares(o)
	for _, needed := range []func(o *lab.Observation, p, c trace.ProcFiles) lab.Verdict{niceOneProcessor, niceOneSession, niceNicer, niceTogether} {
		if v := needed(o, p, c); v.Status != lab.Pass {
			return v // without it the shares say nothing
		}
	}
	switch {
	case s.nicer+s.other < 200:
		return lab.Cannot(fmt.Sprintf("the two processes together got %d ms of the processor", s.nicer+s.other), "try again when the machine is less busy")
	case 2*s.nicer > s.other && s.nicer+s.other < s.real/2:
		return lab.Cannot(fmt.Sprintf("the two processes together got %d ms of the processor in %d ms", s.nicer+s.other, s.real),
			"try again when the machine is less busy, with a program that makes fewer system calls while it computes: the recorder stops it at each")
	case 2*s.nicer > s.other:
		return o.Fail(fmt.Sprintf("the nicer one had used %s, and the other %s", seconds(s.nicer), seconds(s.other)), "the nicer one should have at most half of the other's time")
	}
	return o.Passed("the nicer one had used %d ms, and the other %d ms", s.nicer, s.other)
}

func niceSlept(o *lab.Observation) string {
	parent, child := nicePair(o)
	for _, e := range o.Events(trace.KindSleep, trace.KindNote, trace.KindPoll) {
		p := o.Process(e.Process)
		if e.Kind == trace.KindPoll && e.Result == 0 && e.Duration >= 10e6 && p != nil && (p == parent || p == child) {
			return fmt.Sprintf("%s waited for %s in %s%s", o.Who(p), seconds(int(e.Duration/1e6)), e.Call, lab.Where(e))
		}
		if strings.HasSuffix(e.Call, "nanosleep") && p != nil && (p == parent || p == child) {
			return o.Who(p) + " slept" + lab.Where(e)
		}
	}
	return ""
}

// niceBrief says that the two ran for less than 1 s at the same time. A
// tenth is for a parent that takes the time before it makes the child. Where
// the parent did not compute at all, other claims say so.
func niceBrief(o *lab.Observation) string {
	parent, child := nicePair(o)
	if child == nil {
		return ""
	}
	first, end, ok := niceFirstEnd(o, parent, child)
	if !ok || first.Died < 0 {
		return ""
	}
	if niceUsed(o, parent, child, of(end, parent)) >= 20 {
		if together := niceStopped(o, parent, child) - child.Born; together < 900e6 {
			return "the two computed at the same time for only " + seconds(int(together/1e6))
		}
		return ""
	}
	if first.Died-child.Born >= 900e6 {
		return ""
	}
	return fmt.Sprintf("the first of the two ended %s after the child was made", seconds(int((first.Died-child.Born)/1e6)))
}

// seconds says a number of milliseconds.
func seconds(ms int) string { return fmt.Sprintf("%.2f s", float64(ms)/1000) }

// niceWeights compares three pairs with the kernel's weights.
func niceWeights(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, weightsRun)
	if cannot != nil {
		return *cannot
	}
	weight := map[int]float64{5: 335, 10: 110, 19: 15}
	var seen []string
	for _, first := range o.Processes()[0].Children {
		if len(first.Children) != 1 {
			return o.Fail(o.Family(), "each pair is a process and its child")
		}
		_, end, ok := niceFirstEnd(o, first, first.Children[0])
		p, c := of(end, first), of(end, first.Children[0])
		if !ok || p == nil || c == nil {
			return o.Fail("/proc was not read at the end of a pair", "there is nothing to compare")
		}
		a, z, n := usedMs(p), usedMs(c), c.StatNumber(19)-p.StatNumber(19)
		if a+z < 200 || niceExpected(a+z, n) < 6 {
			return lab.Cannot(fmt.Sprintf("a pair of processes got %d ms of the processor", a+z), "try again when the machine is less busy")
		}
		got, want := float64(a)/float64(max(z, 1)), 1024/weight[n]
		if weight[n] == 0 || got < want/1.5 || got > want*1.5 {
			return o.Fail(fmt.Sprintf("with nice 0 against %d the times are %d and %d ms: %.1f to 1", n, a, z, got), fmt.Sprintf("the weights give %.1f to 1", want))
		}
		seen = append(seen, fmt.Sprintf("%d: %.1f to 1", n, got))
	}
	if len(seen) != 3 {
		return o.Fail(o.Family(), "three pairs should compete")
	}
	return o.Passed("nice 0 against %s", strings.Join(seen, ", "))
}
