package checks

import (
	"fmt"
	"slices"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Sigchld checks the asynchronous side of wait.
var Sigchld = &lab.Experiment{
	Dir: "wait", Name: "sigchld", Ref: "§8.6",
	Title: "the signal of a child's end, and EINTR",
	Claims: []lab.Claim{
		{
			Name:   "codes",
			Says:   "the parent gets a SIGCHLD when a child stops, is continued and ends, and its si_code says which",
			Points: 1,
			Hints: [3]string{
				"how often is a parent told of a child that stops, goes on and exits?",
				"the kernel sends SIGCHLD at each change and puts CLD_STOPPED, CLD_CONTINUED, CLD_EXITED, CLD_KILLED or CLD_DUMPED into si_code",
				"sigaction with SA_SIGINFO; one SIGCHLD at a time, as pending ones merge",
			},
			Judge: sigchldCodes,
		},
		{
			Name:   "nocldstop",
			Says:   "with SA_NOCLDSTOP a child that stops and is continued sends nothing; its end does",
			Points: 1,
			Hints: [3]string{
				"which of the three do most programs want?",
				"the flag belongs to the disposition of SIGCHLD",
				"sigaction(SIGCHLD) with SA_NOCLDSTOP",
			},
			Judge: sigchldNoStop,
		},
		{
			Name:   "at-once",
			Says:   "a wait called because of CLD_EXITED, CLD_KILLED or CLD_DUMPED returns that child without waiting",
			Points: 1,
			Hints: [3]string{
				"what is the child when this signal arrives?",
				"the signal is sent when the child has become a zombie",
				"waitpid in answer to the signal, with another child still running",
			},
			Judge: sigchldAtOnce,
		},
		{
			Name:   "no-promise",
			Says:   "a SIGCHLD because of a stop promises nothing to a plain wait",
			Points: 1,
			Hints: [3]string{
				"would wait return after every SIGCHLD?",
				"a stop is a change, but no end: wait would go on waiting",
				"waitpid with WNOHANG, and without WUNTRACED, after CLD_STOPPED",
			},
			Judge: sigchldNoPromise,
		},
		{
			Name:   "merge",
			Says:   "of three children that end while SIGCHLD is blocked one signal comes, and all three can be collected",
			Points: 1,
			Hints: [3]string{
				"does a handler run as often as children end?",
				"a signal that is pending already is not made pending again",
				"in a handler: waitpid with WNOHANG, until it returns 0 or fails",
			},
			Judge: sigchldMerge,
		},
		{
			Name:   "ignored",
			Says:   "with SIGCHLD ignored a child leaves no zombie; wait blocks until all are gone, and fails with ECHILD",
			Points: 1,
			Hints: [3]string{
				"ignoring is the default of SIGCHLD. Is asking for it the same?",
				"SIG_IGN, set by a call, tells the kernel that no status is wanted",
				"signal(SIGCHLD, SIG_IGN), then wait",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return sigchldGone(b, 8) },
		},
		{
			Name:   "nocldwait",
			Says:   "with SA_NOCLDWAIT the same is so, though SIGCHLD is caught, and on Linux still sent",
			Points: 1,
			Hints: [3]string{
				"can one have the signal without the zombie?",
				"the flag says that no status is wanted; on Linux the signal still comes",
				"sigaction(SIGCHLD) with SA_NOCLDWAIT",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return sigchldGone(b, sigchldUnwanted) },
		},
		{
			Name:   "eintr",
			Says:   "a caught signal interrupts a wait, which fails with EINTR; the child stays to be waited for",
			Points: 1,
			Hints: [3]string{
				"where does a process go on after a signal handler?",
				"a call that blocks is given up for the handler",
				"sigaction without SA_RESTART; a signal during the wait; errno",
			},
			Judge: sigchldEintr,
		},
		{
			Name:   "restart",
			Says:   "a signal caught with SA_RESTART does not make the wait fail",
			Points: 1,
			Hints: [3]string{
				"who has to call wait again after the handler?",
				"with the flag the kernel enters the call again by itself",
				"sigaction with SA_RESTART",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return sigchldGoesOn(b, 13) },
		},
		{
			Name:   "ignored-signal",
			Says:   "an ignored signal does not interrupt the wait",
			Points: 1,
			Hints: [3]string{
				"is there anything to interrupt the wait for?",
				"a signal that is ignored is thrown away when it is sent",
				"signal(SIGUSR1, SIG_IGN)",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return sigchldGoesOn(b, 14) },
		},
	},
	Moments:   sigchldMoments,
	Questions: sigchldQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent := most(o)
		roles := map[string]string{parent.Name: "parent"}
		if parent.Parent != nil {
			roles[parent.Parent.Name] = "original"
		}
		for i, c := range parent.Children {
			if i < len(sigchldKids) {
				roles[c.Name] = sigchldKids[i]
			}
		}
		return roles
	}),
}

// sigchldKids are the parent's children in the order of their
// birth.
var sigchldKids = []string{
	"idle child", "stopping child", "killed child", "aborting child",
	"merged child 1", "merged child 2", "merged child 3",
	"quietly stopping child",
	"ignored child 1", "ignored child 2",
	"unwanted child 1", "unwanted child 2",
	"interrupting child", "restarting child", "last child",
}

// sigchldUnwanted is where those are that leave no zombie because
// of SA_NOCLDWAIT.
const sigchldUnwanted = 10

// sigchldFamily is the parent with its fifteen children.
func sigchldFamily(o *lab.Observation) (parent *trace.Process, kids []*trace.Process, bad *lab.Verdict) {
	parent = most(o)
	if len(parent.Children) != len(sigchldKids) {
		v := o.Fail(fmt.Sprintf("the parent made %d children", len(parent.Children)), "the experiment has fifteen: it did not run to its end")
		return nil, nil, &v
	}
	for i, c := range parent.Children {
		if c.Exit == nil {
			v := o.Fail(who(sigchldKids[i], c)+" was not seen to end", "the experiment did not run to its end")
			return nil, nil, &v
		}
	}
	return parent, parent.Children, nil
}

// told lists the SIGCHLDs that the parent got from the child.
func told(o *lab.Observation, parent, c *trace.Process) (events []*trace.Event, codes []int) {
	for _, e := range o.Events(trace.KindSignal) {
		if e.Process == parent.Name && e.Signal == lab.SIGCHLD && e.SenderProcess == c.Name {
			events, codes = append(events, e), append(codes, e.SiCode)
		}
	}
	return events, codes
}

func sigchldCodes(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	abort := lab.CldKilled
	if w, _ := lab.Word(kids[3]); w.CoreDump() {
		abort = lab.CldDumped
	}
	for i, want := range map[int][]int{1: {lab.CldStopped, lab.CldContinued, lab.CldExited}, 2: {lab.CldKilled}, 3: {abort}} {
		if _, codes := told(o, parent, kids[i]); !slices.Equal(codes, want) {
			return o.Fail(fmt.Sprintf("the SIGCHLDs from %s had the codes %v, not %v", who(sigchldKids[i], kids[i]), codes, want),
				"a change of the child was not announced, or as another one")
		}
	}
	return o.Passed("stop, continue and exit came as CLD_STOPPED, CLD_CONTINUED and CLD_EXITED, the deaths by signal as CLD_KILLED or CLD_DUMPED")
}

func sigchldNoStop(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	c := kids[7]
	if happened(o, c, trace.KindStop) == nil || happened(o, c, trace.KindContinue) == nil {
		return o.Fail(who("the child", c)+" did not stop and go on", "there was nothing to announce")
	}
	if _, codes := told(o, parent, c); !slices.Equal(codes, []int{lab.CldExited}) {
		return o.Fail(fmt.Sprintf("the SIGCHLDs from %s had the codes %v", who("the child", c), codes), "SA_NOCLDSTOP leaves out stops and continues, and nothing else")
	}
	return o.Passed("it stopped and was continued; only CLD_EXITED came")
}

func sigchldMerge(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	var signals []*trace.Event
	for _, c := range kids[4:7] {
		events, _ := told(o, parent, c)
		signals = append(signals, events...)
	}
	for _, c := range kids[4:7] {
		if c.Reaper != parent || len(signals) > 0 && c.Died > signals[0].Time {
			return o.Fail(who("one of the three", c)+" ended after the signal, or was not collected", "it was not shown what becomes of many SIGCHLDs")
		}
	}
	if len(signals) != 1 {
		return o.Fail(fmt.Sprintf("%d SIGCHLDs came", len(signals)), "a standard signal is pending once or not at all")
	}
	return o.Passed("3 ended, 1 SIGCHLD came, 3 were collected")
}

func sigchldAtOnce(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	idle := kids[0]
	for _, i := range []int{1, 2, 3} {
		c := kids[i]
		events, codes := told(o, parent, c)
		name := who(sigchldKids[i], c)
		switch {
		case len(events) == 0 || codes[len(codes)-1] > lab.CldDumped:
			return o.Fail("no SIGCHLD told of the end of "+name, "nothing called for a wait")
		case c.Reaper != parent || c.Reap.Entered < events[len(events)-1].Time:
			return o.Fail("the wait that returned "+name+" was not called after the signal", "it cannot be told whether the wait had to wait")
		case c.Died > c.Reap.Entered || !lab.Alive(idle, c.Reap.Time):
			return o.Fail(name+" was no zombie when the wait for it was entered", "a SIGCHLD for an end comes after the end")
		}
	}
	return o.Passed("each was a zombie when the wait was entered, and the idle child ran on")
}

func sigchldNoPromise(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	events, codes := told(o, parent, kids[1])
	if len(events) < 2 || codes[0] != lab.CldStopped {
		return o.Fail("no SIGCHLD told of the stop", "there was nothing to call wait for")
	}
	tried := between(o, parent, kids[1], events[0].Time, events[1].Time, 0, lab.WUNTRACED)
	if len(tried) == 0 {
		return o.Fail("no wait without WUNTRACED was tried after CLD_STOPPED", "it cannot be told whether it would have blocked")
	}
	for _, e := range tried {
		if e.Result != 0 {
			return o.Fail(fmt.Sprintf("a wait without WUNTRACED returned %d", e.Result), "the stop was reported to somebody who had not asked for it")
		}
	}
	return o.Passed("WNOHANG returned 0 after CLD_STOPPED: a plain wait would have blocked")
}

// sigchldGone judges the two children from first on, which leave
// no zombie.
func sigchldGone(b *lab.Bench, first int) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	x, y := kids[first], kids[first+1]
	if x.Reap != nil || y.Reap != nil {
		return o.Fail("a wait returned one of the two children", "it had left a zombie with a status")
	}
	a, _ := told(o, parent, x)
	b1, _ := told(o, parent, y)
	if n, wanted := len(a)+len(b1), first == sigchldUnwanted; n > 0 != wanted {
		return o.Fail(fmt.Sprintf("%d SIGCHLDs came for the two", n), "an ignored SIGCHLD is not sent; with SA_NOCLDWAIT Linux sends it all the same")
	}
	gone := false
	for _, e := range o.Events(trace.KindKill) {
		gone = gone || e.Process == y.Name && e.Target == lab.Pid(x) && e.Errno == "ESRCH"
	}
	if !gone {
		return o.Fail(fmt.Sprintf("%d was not found gone while its parent lived", lab.Pid(x)), "a dead child that can still be sent a signal is a zombie")
	}
	for _, e := range o.Waits(parent) {
		if e.Entered < x.Died && e.Time >= y.Died && x.Died < y.Died {
			if e.Errno != "ECHILD" {
				return o.Fail(fmt.Sprintf("the wait returned %d %s", e.Result, e.Errno), "there was no status to return")
			}
			return o.Passed("%d was gone while %d ran; the wait went on until that had ended too, and failed with ECHILD", lab.Pid(x), lab.Pid(y))
		}
	}
	return o.Fail("no wait was entered before both ended and left after", "wait did not block until all were gone")
}

// sent is the SIGUSR1 that the child sent to the parent.
func sent(o *lab.Observation, parent, c *trace.Process) *trace.Event {
	for _, e := range o.Events(trace.KindKill) {
		if e.Process == c.Name && e.TargetProcess == parent.Name && e.Signal == 10 && e.Errno == "" {
			return e
		}
	}
	return nil
}

func sigchldEintr(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	c := kids[12]
	kill := sent(o, parent, c)
	if kill == nil {
		return o.Fail("no signal was sent", "nothing could interrupt the wait")
	}
	for _, e := range o.Waits(parent) {
		if e.Errno == "EINTR" && e.Entered < kill.Time && e.Time < c.Died {
			if c.Reaper != parent {
				return o.Fail("the child was not collected after the interruption", "EINTR changes nothing about the child: it waits to be waited for")
			}
			return o.Passed("%s failed with EINTR, and the next one returned the child", e.Call)
		}
	}
	return o.Fail("no wait failed with EINTR", "the signal came at another time, or was not caught")
}

// sigchldGoesOn judges a wait that the signal does not end.
func sigchldGoesOn(b *lab.Bench, i int) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids, bad := sigchldFamily(o)
	if bad != nil {
		return *bad
	}
	c := kids[i]
	kill := sent(o, parent, c)
	if kill == nil || c.Reap == nil || c.Reap.Entered > kill.Time {
		return o.Fail("no signal came during the wait for the child", "there was nothing that could interrupt it")
	}
	for _, e := range o.Waits(parent) {
		if e.Errno == "EINTR" && e.Time > c.Born {
			return o.Fail("the wait failed with EINTR", "the kernel should have gone on with it")
		}
	}
	return o.Passed("the signal came while the wait was under way, and that wait returned the child")
}

// sigchldMoments are where to stop in a run of the experiment.
var sigchldMoments = []lab.Moment{
	{
		Name: "stopped",
		Says: "The child only stops, and its parent gets SIGCHLD all the same. A wait would block now.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Signal == lab.SIGCHLD && e.SiCode == lab.CldStopped }, trace.KindSignal),
	},
	{
		Name: "exited",
		Says: "The child has ended: SIGCHLD with the code CLD_EXITED.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Signal == lab.SIGCHLD && e.SiCode == lab.CldExited }, trace.KindSignal),
	},
}

// sigchldQuestions are what to ask before it is shown.
var sigchldQuestions = []lab.Question{
	{
		Name:    "three",
		Ask:     "Three children end while SIGCHLD is blocked. How many SIGCHLDs are delivered afterwards?",
		Answers: []string{"none", "one", "three"},
		Right:   lab.Says("one", "three have exited    1 SIGCHLD"),
		Why:     "A signal that is pending already is not made pending once more. So a handler has to wait until no dead child is left.",
	},
	{
		Name:    "stop",
		Ask:     "A child stops. Does its parent get SIGCHLD?",
		Answers: []string{"yes, unless it asked for SA_NOCLDSTOP", "no, only an end is announced"},
		Right: lab.If("yes, unless it asked for SA_NOCLDSTOP", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.Signal == lab.SIGCHLD && e.SiCode == lab.CldStopped }, trace.KindSignal)(o) != nil
		}),
		Why:    "SIGCHLD tells of every change of state. Its code says which.",
		Moment: "stopped",
	},
}
