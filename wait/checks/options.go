package checks

import (
	"fmt"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Options checks waitpid's options.
var Options = &lab.Experiment{
	Dir: "wait", Name: "options", Ref: "§8.6, Fig. 8.7",
	Title:    "WNOHANG, WUNTRACED, WCONTINUED",
	Exercise: true,
	Task: `WNOHANG on a running child returns 0 and the child is collected
later; a child that is stopped is seen with WUNTRACED, and when
continued with WCONTINUED, and collected when it ends. (Any stop
signal; waitid's WSTOPPED counts.)`,
	Claims: []lab.Claim{
		{
			Name:   "nohang-zero",
			Says:   "a wait with WNOHANG returns 0 while the child runs, and the child is collected later",
			Why:    "because WNOHANG asks without waiting, and 0 means: not yet",
			Points: 2,
			Hints: [3]string{
				"what did the child do while you asked: run, stand still, or nothing any more?",
				"with WNOHANG the call returns at once: the pid of a child that changed, 0 if none has, −1 if there is none",
				"waitpid(pid, &status, WNOHANG) while the child is kept running, by a pipe for example",
			},
			Judge: optionsNohang,
		},
		{
			Name:   "stop-seen",
			Says:   "a wait with WUNTRACED returns a child that is stopped",
			Why:    "because without that option only an end is reported",
			Points: 3,
			Hints: [3]string{
				"was a child stopped at all, and did anybody ask about stops?",
				"a stop is not an end: it is reported on request only, and once",
				"kill(pid, SIGSTOP), then waitpid(pid, &status, WUNTRACED) and WIFSTOPPED",
			},
			Judge: optionsStop,
		},
		{
			Name:   "continue-seen",
			Says:   "a wait with WCONTINUED returns a child that was continued",
			Why:    "because that too is reported on request only",
			Points: 3,
			Hints: [3]string{
				"what makes a stopped child run again, and who is told?",
				"SIGCONT ends the stop; the parent hears of it only with the option for it",
				"kill(pid, SIGCONT), then waitpid(pid, &status, WCONTINUED) and WIFCONTINUED",
			},
			Judge: optionsContinue,
		},
		{
			Name:   "all-collected",
			Says:   "every child is collected by its parent in the end",
			Why:    "because a report of a stop or a continue collects nobody",
			Points: 1,
			Hints: [3]string{
				"which of your waits returned an end?",
				"a child that was reported stopped or continued is still there, and has to be waited for",
				"one more waitpid(pid, &status, 0) at the end, for each child",
			},
			Judge: optionsCollected,
		},
		lab.AsAskedClaim(onPipe, optionsExcluded),
		{
			Name: "only-asked", Ours: true,
			Says:  "a stop is not reported without WUNTRACED, nor a continue without WCONTINUED",
			Judge: optionsOnlyAsked,
		},
		{
			Name: "once", Ours: true,
			Says:  "a stop is reported once, and so is a continue",
			Judge: optionsOnce,
		},
		{
			Name: "words", Ours: true,
			Says:  "the words are the stop signal above 0x7f (0x137f for SIGSTOP), and 0xffff",
			Judge: optionsWords,
		},
		{
			Name: "dead-or-none", Ours: true,
			Says:  "WNOHANG returns the pid of a dead child, and ECHILD when there is none",
			Judge: optionsDead,
		},
		{
			Name: "einval", Ours: true,
			Says:  "a bit that is no option is EINVAL",
			Judge: optionsEinval,
		},
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent := optionsParent(o)
		if parent == nil || len(parent.Children) == 0 {
			return nil
		}
		roles := map[string]string{parent.Name: "parent"}
		for i, c := range parent.Children {
			roles[c.Name] = "child"
			if len(parent.Children) > 1 {
				roles[c.Name] = fmt.Sprintf("child %d", i+1)
			}
		}
		return roles
	}),
}

// optionsParent is the process that used options most, or else the
// one with the most children.
func optionsParent(o *lab.Observation) *trace.Process {
	best, used := most(o), 0
	for _, p := range o.Processes() {
		n := 0
		for _, e := range o.Waits(p) {
			if e.Options&(wnohang|wuntraced|wcontinued) != 0 {
				n++
			}
		}
		if n > used && len(p.Children) > 0 {
			best, used = p, n
		}
	}
	return best
}

// asks reports whether the wait could return the child.
func asks(o *lab.Observation, e *trace.Event, c *trace.Process) bool {
	switch f, id := formOf(e); f {
	case onePid:
		return e.IDType == pPidfd || id == lab.Pid(c)
	case group:
		return groupAt(o, c.Name, e.Time) == id
	case ownGroup:
		return groupAt(o, c.Name, e.Time) == groupAt(o, e.Process, e.Time)
	}
	return true
}

// stopped reports whether the process was in a stop at that time.
func stopped(o *lab.Observation, p *trace.Process, t int64) bool {
	in := false
	for _, e := range o.Events(trace.KindStop, trace.KindContinue) {
		if e.Process == p.Name && e.Time <= t {
			in = e.Kind == trace.KindStop
		}
	}
	return in
}

func optionsNohang(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := optionsParent(o)
	seen, means := "no wait had WNOHANG", "without it a wait blocks until the child has changed"
	for _, e := range o.Waits(parent) {
		if e.Options&wnohang == 0 {
			continue
		}
		if e.Errno != "" || e.Result != 0 {
			if seen == "no wait had WNOHANG" {
				seen = fmt.Sprintf("a wait with WNOHANG returned %d %s", e.Result, e.Errno)
				means = "it was asked when the child had ended, or was gone"
			}
			continue
		}
		for _, c := range parent.Children {
			switch {
			case !asks(o, e, c) || !alive(c, e.Time):
			case stopped(o, c, e.Time):
				seen, means = "a wait with WNOHANG returned 0 when the child was stopped", "asked for was a running one"
			case c.Reaper != parent || c.Reaped < e.Time:
				seen, means = "a wait with WNOHANG returned 0, and the child was never collected", "0 says: not yet. The parent has to ask again"
			default:
				return o.Passed("%s returned 0 while %d was running", e.Call, lab.Pid(c))
			}
		}
	}
	return o.Fail(seen, means)
}

// report is the first wait of the parent that returned a stop, or
// a continue, of a child that had one.
func report(o *lab.Observation, parent *trace.Process, kind trace.Kind) (e *trace.Event, c *trace.Process) {
	for _, e := range o.Waits(parent) {
		w := proc.WaitStatus(e.Status)
		right := e.Options&wuntraced != 0 && w.Stopped() && !w.Continued()
		if kind == trace.KindContinue {
			right = e.Options&wcontinued != 0 && w.Continued()
		}
		if e.Result <= 0 || !right {
			continue
		}
		for _, c := range parent.Children {
			if c.Name == e.ResultProcess && happened(o, c, kind) != nil {
				return e, c
			}
		}
	}
	return nil, nil
}

// happened is the first stop or continue of the process.
func happened(o *lab.Observation, p *trace.Process, kind trace.Kind) *trace.Event {
	for _, e := range o.Events(kind) {
		if e.Process == p.Name {
			return e
		}
	}
	return nil
}

func optionsStop(b *lab.Bench) lab.Verdict {
	return optionsSeen(b, trace.KindStop, wuntraced, "stopped", "WUNTRACED")
}

func optionsContinue(b *lab.Bench) lab.Verdict {
	return optionsSeen(b, trace.KindContinue, wcontinued, "continued", "WCONTINUED")
}

func optionsSeen(b *lab.Bench, kind trace.Kind, option int, did, name string) lab.Verdict {
	o := b.Run(onPipe)
	parent := optionsParent(o)
	if e, c := report(o, parent, kind); e != nil {
		return o.Passed("%s returned %d with the word %#x", e.Call, lab.Pid(c), e.Status)
	}
	ever := false
	for _, c := range parent.Children {
		ever = ever || happened(o, c, kind) != nil
	}
	used := false
	for _, e := range o.Waits(parent) {
		used = used || e.Options&option != 0
	}
	switch {
	case !ever:
		return o.Fail("no child of the parent was "+did, "the signal was not sent, or the child had ended before")
	case !used:
		return o.Fail(fmt.Sprintf("a child was %s, and no wait had %s", did, name), "without the option this is not reported")
	}
	return o.Fail(fmt.Sprintf("a child was %s, and no wait with %s returned it", did, name), "the wait was over before, or it asked for another child")
}

func optionsCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := optionsParent(o)
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), "there is nobody to collect")
	}
	if c := uncollected(parent); c != nil {
		return o.Fail(who("a child", c)+" was never collected by its parent",
			"a 0, a stop or a continue is not the end: the child was left to somebody else")
	}
	return o.Passed("the parent collected all %d", len(parent.Children))
}

// optionsExcluded finds that there was no child, or a stop and a
// continue that were seen of different children only.
func optionsExcluded(o *lab.Observation) string {
	parent := optionsParent(o)
	if len(parent.Children) == 0 {
		return "there was no child"
	}
	stop, _ := report(o, parent, trace.KindStop)
	cont, _ := report(o, parent, trace.KindContinue)
	if stop == nil || cont == nil {
		return "" // which is what other claims are about
	}
	for _, c := range parent.Children {
		var seen [2]bool
		for _, e := range o.Waits(parent) {
			w := proc.WaitStatus(e.Status)
			if e.ResultProcess == c.Name && e.Result > 0 {
				seen[0] = seen[0] || w.Stopped() && !w.Continued()
				seen[1] = seen[1] || w.Continued()
			}
		}
		if seen[0] && seen[1] {
			return ""
		}
	}
	return fmt.Sprintf("%d was seen stopped and %d continued: the contract asks for one child that is both", stop.Result, cont.Result)
}

// between lists the parent's polls (WNOHANG) for the child in an
// interval, with all of the options has and none of lacks.
func between(o *lab.Observation, parent, c *trace.Process, from, to int64, has, lacks int) []*trace.Event {
	var out []*trace.Event
	for _, e := range o.Waits(parent) {
		if e.Time > from && e.Time < to && asks(o, e, c) && e.Options&wnohang != 0 && e.Options&has == has && e.Options&lacks == 0 {
			out = append(out, e)
		}
	}
	return out
}

// consumed is the wait that took the report away: no look.
func consumed(o *lab.Observation, parent *trace.Process, c *trace.Process, status func(proc.WaitStatus) bool) *trace.Event {
	for _, e := range o.Waits(parent) {
		if e.ResultProcess == c.Name && e.Options&wnowait == 0 && e.Result > 0 && status(proc.WaitStatus(e.Status)) {
			return e
		}
	}
	return nil
}

// optionsMoments are the stop, its report, the continue and its
// report.
func optionsMoments(o *lab.Observation) (parent, c *trace.Process, at [4]*trace.Event) {
	parent = optionsParent(o)
	for _, c = range parent.Children {
		at[0], at[2] = happened(o, c, trace.KindStop), happened(o, c, trace.KindContinue)
		at[1] = consumed(o, parent, c, proc.WaitStatus.Stopped)
		at[3] = consumed(o, parent, c, proc.WaitStatus.Continued)
		if at[0] != nil && at[1] != nil && at[2] != nil && at[3] != nil {
			return parent, c, at
		}
	}
	return parent, nil, at
}

func optionsOnlyAsked(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, c, at := optionsMoments(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "there is nothing to leave out")
	}
	quiet := between(o, parent, c, at[0].Time, at[1].Time, 0, wuntraced)
	quiet2 := between(o, parent, c, at[2].Time, at[3].Time, 0, wcontinued)
	if len(quiet) == 0 || len(quiet2) == 0 {
		return o.Fail("nobody asked without the option", "it can not be told what would have been reported")
	}
	for _, e := range append(quiet, quiet2...) {
		if e.Result != 0 {
			return o.Fail(fmt.Sprintf("a wait without the option returned %d", e.Result), "the change was reported to somebody who had not asked for it")
		}
	}
	return o.Passed("without the options the answers were 0")
}

func optionsOnce(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, c, at := optionsMoments(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "there is nothing to report twice")
	}
	again := between(o, parent, c, at[1].Time, at[2].Time, wuntraced, 0)
	again2 := between(o, parent, c, at[3].Time, c.Died, wcontinued, 0)
	if len(again) == 0 || len(again2) == 0 {
		return o.Fail("nobody asked a second time", "it can not be told what would have been reported")
	}
	for _, e := range append(again, again2...) {
		if e.Result != 0 {
			return o.Fail(fmt.Sprintf("the second wait returned %d", e.Result), "the change was reported twice")
		}
	}
	return o.Passed("the second answers were 0")
}

func optionsWords(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, c, at := optionsMoments(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "there are no words to look at")
	}
	want := uint32(at[0].Signal)<<8 | 0x7f
	if at[1].Status != want || at[3].Status != 0xffff || at[0].Signal != sigstop {
		return o.Fail(fmt.Sprintf("the words were %#x and %#x after a stop by signal %d", at[1].Status, at[3].Status, at[0].Signal), "the words do not say what happened")
	}
	return o.Passed("%#x and %#x", at[1].Status, at[3].Status)
}

func optionsDead(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, c, _ := optionsMoments(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "it is not the child of the experiment")
	}
	if c.Reap == nil || c.Reap.Options&wnohang == 0 || c.Reap.Entered < c.Died {
		return o.Fail("the dead child was not collected with WNOHANG", "it was collected in another way")
	}
	waits := o.Waits(parent)
	if last := waits[len(waits)-1]; last.Options&wnohang == 0 || last.Errno != "ECHILD" {
		return o.Fail(fmt.Sprintf("the last call returned %d %s", last.Result, last.Errno), "without a child WNOHANG does not give 0")
	}
	return o.Passed("the pid, then ECHILD")
}

func optionsEinval(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	known := wnohang | wuntraced | wcontinued | wexited | wnowait | wall | wclone | wnothread
	for _, e := range o.Waits(optionsParent(o)) {
		if e.Options&^known != 0 {
			if e.Errno == "EINVAL" {
				return o.Passed("%s with %#x failed with EINVAL", e.Call, e.Options)
			}
			return o.Fail(fmt.Sprintf("%s with %#x returned %d %s", e.Call, e.Options, e.Result, e.Errno), "an unknown bit was taken for an option")
		}
	}
	return o.Fail("no unknown bit was tried", "EINVAL was not seen")
}
