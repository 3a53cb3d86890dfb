package checks

import (
	"fmt"
	"math"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Options checks waitpid's options.
var Options = &lab.Experiment{
	Dir: "wait", Name: "options", Ref: "§8.6, Fig. 8.7",
	Title:    "WNOHANG, WUNTRACED, WCONTINUED",
	Exercise: true,
	Task: `A wait with WNOHANG, called while the child is running, returns 0, and
the child is reaped later. A child is stopped and the parent sees it
with WUNTRACED; the same child is continued and the parent sees it with
WCONTINUED; the parent reaps it when it ends. (Any stop signal will do,
and so will WSTOPPED of waitid.)`,
	Claims: []lab.Claim{
		{
			Name:   "nohang-zero",
			Says:   "a wait with WNOHANG returns 0 while the child runs, and the child is reaped later",
			Why:    "because WNOHANG asks without waiting, and 0 means that no child has changed state yet",
			Points: 2,
			Hints: [3]string{
				"What did the child do while you asked: run, stand still, or had it ended?",
				"With WNOHANG the call returns at once: the pid of a child that changed state, 0 if none has, −1 if there is none.",
				"waitpid(pid, &status, WNOHANG) while the child is kept running, by a pipe for example.",
			},
			Judge: optionsNohang,
		},
		{
			Name:   "stop-seen",
			Says:   "a wait with WUNTRACED returns a child that is stopped",
			Why:    "because without that option only an end is reported",
			Points: 3,
			Hints: [3]string{
				"Was a child stopped at all, and did any wait ask for stops?",
				"A stop is not an end: it is reported on request only, and once.",
				"kill(pid, SIGSTOP), then waitpid(pid, &status, WUNTRACED) and WIFSTOPPED.",
			},
			Judge: optionsStop,
		},
		{
			Name:   "continue-seen",
			Says:   "a wait with WCONTINUED returns a child that was continued",
			Why:    "because this too is reported on request only",
			Points: 3,
			Hints: [3]string{
				"What makes a stopped child run again, and how does the parent learn of it?",
				"SIGCONT ends the stop. The parent sees it only with the option for it.",
				"kill(pid, SIGCONT), then waitpid(pid, &status, WCONTINUED) and WIFCONTINUED.",
			},
			Judge: optionsContinue,
		},
		{
			Name:   "all-collected",
			Says:   "every child is reaped by its parent in the end",
			Why:    "because a wait that reports a stop or a continue reaps nothing",
			Points: 1,
			Hints: [3]string{
				"Which of your waits returned an end?",
				"A child that was reported stopped or continued is still there, and has to be waited for.",
				"One more waitpid(pid, &status, 0) at the end, for each child.",
			},
			Judge: optionsCollected,
		},
		lab.AsAskedClaim("", onPipe, lab.Exclusion{Sentence: "the same child is continued", Broken: optionsTwoChildren}),
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
			Says:  "a bit that is not an option is EINVAL",
			Judge: optionsEinval,
		},
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent := optionsFind(o)
		if parent == nil || len(parent.Children) == 0 {
			return nil
		}
		c := lab.Cast{}.With("parent", parent)
		if len(parent.Children) == 1 {
			return c.With("child", parent.Children[0])
		}
		return c.Numbered(parent.Children)
	},
	Moments: []lab.Moment{
		{
			Name: "not-yet",
			Says: "WNOHANG: the child is running, and the wait returns 0 at once. It means that no child has changed state yet.",
			At: func(o *lab.Observation) *trace.Event {
				return notYet(o)
			},
		},
		{
			Name: "stop-seen",
			Says: "The wait with WUNTRACED returns a child that has not ended: it is stopped, and its status says by which signal.",
			At: func(o *lab.Observation) *trace.Event {
				e, _ := report(o, optionsParent(o), trace.KindStop)
				return e
			},
		},
		{
			Name: "continue-seen",
			Says: "The wait with WCONTINUED returns the same child once more: SIGCONT has made it run again.",
			At: func(o *lab.Observation) *trace.Event {
				_, stopped := report(o, optionsParent(o), trace.KindStop)
				e, c := report(o, optionsParent(o), trace.KindContinue)
				if c != stopped {
					return nil
				}
				return e
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "nohang",
			Ask:     "The child is still running. What does waitpid(pid, &status, WNOHANG) return?",
			Answers: []string{"the child's pid", "0", "−1 with ECHILD", "nothing: it blocks"},
			Right: func(o *lab.Observation) string {
				if notYet(o) == nil {
					return ""
				}
				return "0"
			},
			Why:    "0 means that there is such a child, and that it has not changed state yet.",
			Moment: "not-yet",
		},
		{
			Name:    "stopped-word",
			Ask:     "SIGSTOP (19) stops the child, and a wait with WUNTRACED returns it. What is the status word?",
			Answers: []string{"0x0013", "0x1300", "0x137f", "0xffff"},
			Right: func(o *lab.Observation) string {
				if e, _ := report(o, optionsParent(o), trace.KindStop); e != nil && e.Status == 0x137f {
					return "0x137f"
				}
				return ""
			},
			Why:    "The low byte 0x7f marks a stop. The signal's number is in bits 8 to 15: 19 is 0x13.",
			Moment: "stop-seen",
		},
	},
}

// optionsFind finds the parent of the experiment: the process that used
// options most, or else the one with the most children. A process that
// executed a program, such as the shell of system(), is a helper.
func optionsFind(o *lab.Observation) (parent *trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		if lab.Execed(p) {
			continue
		}
		score := min(len(p.Children), 50)
		for _, w := range o.WaitsOf(p) {
			if w.Options&(lab.WNOHANG|lab.WUNTRACED|lab.WCONTINUED) != 0 && len(p.Children) > 0 {
				score += 100
			}
		}
		if score > best {
			parent, best = p, score
		}
	}
	return parent
}

// optionsParent is the parent of the run's cast; the first process where
// there is none.
func optionsParent(o *lab.Observation) *trace.Process { return pidsParent(o) }

func optionsNohang(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := optionsParent(o)
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), o.WhyNoChild())
	}
	seen, means := "no wait had WNOHANG: "+optionsWaits(o, parent), "without it a wait blocks until the child has changed"
	asked := false
	var left *trace.Process // was never reaped by its parent
	for _, w := range o.WaitsOf(parent) {
		if w.Options&lab.WNOHANG == 0 {
			continue
		}
		if w.Errno != "" || w.Result != 0 {
			if !asked {
				seen = fmt.Sprintf("a wait with WNOHANG returned %s%s", optionsResult(o, w), lab.Where(w.Event))
				switch {
				case w.Child == nil:
					means = "the parent asked when it had no child left to ask for"
				case o.Stopped(w.Child, w.Time):
					means = "the parent asked when the child was stopped"
				default:
					means = "the parent asked when the child had ended"
				}
			}
			asked = true
			continue
		}
		asked = true
		for _, c := range parent.Children {
			switch {
			case !w.Asks(c) || !lab.Alive(c, w.Time):
			case o.Stopped(c, w.Time):
				seen, means = "a wait with WNOHANG returned 0 when the child was stopped"+lab.Where(w.Event), "the task asks for this call while the child is running"
			case c.Exit == nil && o.CutShort():
				return o.Unfinished()
			case c.Reaper != parent || c.Reaped < w.Time:
				if o.AutoReaped(c) {
					return o.Fail("a wait with WNOHANG returned 0, and the child was never reaped: a later wait found no child",
						o.NoZombie(c)+": there is nothing to reap")
				}
				left = c
				continue
			default:
				v := o.Passed("%s returned 0 while %s was running", w.Call, o.Who(c))
				if optionsFree(o, parent, c) {
					v = v.Remark("%s did not wait for anything: unless it computes for long, it is a matter of chance that it was still running when the wait was called. Keep it running, by a pipe for example", o.Who(c))
				}
				return v
			}
		}
	}
	if left != nil {
		return o.Fail("a wait with WNOHANG returned 0, and the child was never reaped by the parent: it "+o.Standing(left),
			"0 means that no child has changed state yet. The parent has to ask again")
	}
	return o.Fail(seen, means)
}

// optionsFree reports whether the child ran to its end, or stopped itself,
// without a call that waits, and no other process stopped it: nothing kept it
// running until its parent asked.
func optionsFree(o *lab.Observation, parent, c *trace.Process) bool {
	if lab.Execed(c) || len(c.Children) > 0 {
		return false
	}
	for _, k := range o.EventsOf(parent, trace.KindKill) {
		if k.TargetProcess == c.Name && isStop(k.Signal) {
			return false
		}
	}
	return len(o.EventsOf(c, trace.KindSleep, trace.KindPoll, trace.KindPause, trace.KindRead, trace.KindAccept, trace.KindLock)) == 0
}

// optionsResult says what a wait returned.
func optionsResult(o *lab.Observation, w lab.Wait) string {
	switch {
	case w.Errno != "":
		return "−1 with " + w.Errno
	case w.Child == nil:
		return fmt.Sprint(w.Result)
	}
	what := "the end of " + o.Who(w.Child)
	if s := proc.WaitStatus(w.Status); s.Continued() {
		what = "a continue of " + o.Who(w.Child)
	} else if s.Stopped() {
		what = "a stop of " + o.Who(w.Child)
	}
	return fmt.Sprintf("%d, %s", w.Result, what)
}

// optionsWaits says which waits the parent made.
func optionsWaits(o *lab.Observation, parent *trace.Process) string {
	waits := o.WaitsOf(parent)
	if len(waits) == 0 {
		return "the parent called no wait that returned"
	}
	if len(waits) == 1 {
		return "the parent's only wait did not"
	}
	return fmt.Sprintf("none of the parent's %d waits did", len(waits))
}

// optionsStoppedItself says how the parent came to be stopped.
func optionsStoppedItself(o *lab.Observation, parent *trace.Process) string {
	for _, e := range o.EventsOf(parent, trace.KindKill) {
		if e.Errno == "" && e.Target <= 0 && isStop(e.Signal) {
			return fmt.Sprintf("the parent called %s with %d%s, which sends the signal to a whole group, and so to itself: name the child's pid", e.Call, e.Target, lab.Where(e))
		}
	}
	return "a stop signal came for the parent: send it to the child's pid only"
}

// optionsOthers says what the waits with the option returned instead.
func optionsOthers(o *lab.Observation, parent *trace.Process, option int, name string) string {
	s := "the waits with " + name + " returned"
	n := 0
	for _, w := range o.WaitsOf(parent) {
		if w.Options&option == 0 {
			continue
		}
		if n++; n > 3 {
			return s + ", and more"
		}
		if n > 1 {
			s += ","
		}
		s += " " + optionsResult(o, w) + lab.Where(w.Event)
	}
	return s
}

// report is the first wait of the parent that returned a stop, or
// a continue, of a child that had one.
func report(o *lab.Observation, parent *trace.Process, kind trace.Kind) (e *trace.Event, c *trace.Process) {
	for _, e := range o.Waits(parent) {
		w := proc.WaitStatus(e.Status)
		right := e.Options&lab.WUNTRACED != 0 && w.Stopped() && !w.Continued()
		if kind == trace.KindContinue {
			right = e.Options&lab.WCONTINUED != 0 && w.Continued()
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

// notYet is the first wait with WNOHANG that returned 0 while a child that
// it asked for was running.
func notYet(o *lab.Observation) *trace.Event {
	parent := optionsParent(o)
	for _, w := range o.WaitsOf(parent) {
		if w.Options&lab.WNOHANG == 0 || w.Errno != "" || w.Result != 0 {
			continue
		}
		for _, c := range parent.Children {
			changes := lab.Before(o.EventsOf(c, trace.KindStop, trace.KindContinue), w.Time)
			stopped := len(changes) > 0 && changes[len(changes)-1].Kind == trace.KindStop
			if lab.Alive(c, w.Time) && w.Asks(c) && !stopped {
				return w.Event
			}
		}
	}
	return nil
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
	return optionsSeen(b, trace.KindStop, lab.WUNTRACED, "stopped", "WUNTRACED")
}

func optionsContinue(b *lab.Bench) lab.Verdict {
	return optionsSeen(b, trace.KindContinue, lab.WCONTINUED, "continued", "WCONTINUED")
}

func optionsSeen(b *lab.Bench, kind trace.Kind, option int, did, name string) lab.Verdict {
	o := b.Run(onPipe)
	parent := optionsParent(o)
	if e, c := report(o, parent, kind); e != nil {
		v := o.Passed("%s returned %s with the word %#x", e.Call, o.Who(c), e.Status)
		if kind == trace.KindStop && optionsLucky(o, parent, c, e) {
			v = v.Remark("the wait with WNOHANG returned the stop when it was called for the first time%s. A stop takes some time: WNOHANG may as well have returned 0. If no loop asks again, leave WNOHANG out", lab.Where(e))
		}
		return v
	}
	var changed *trace.Process
	for _, c := range parent.Children {
		if changed == nil && happened(o, c, kind) != nil {
			changed = c
		}
	}
	if changed == nil && o.CutShort() && kind == trace.KindContinue && len(o.EventsOf(parent, trace.KindKill)) > 0 {
		return o.Unfinished()
	}
	if changed == nil {
		return o.Fail("no child of the parent was "+did, optionsNotSent(o, parent, kind))
	}
	seen := fmt.Sprintf("%s was %s", o.Who(changed), did)
	if parent.Exit == nil && o.Stopped(parent, math.MaxInt64) {
		return o.Fail(seen+", and so was the parent, which can wait for nothing then", optionsStoppedItself(o, parent))
	}
	used := false
	for _, w := range o.WaitsOf(parent) {
		if w.Options&option == 0 {
			continue
		}
		used = true
		if w.Child == changed && w.Took && w.Time > happened(o, changed, kind).Time {
			return o.Fail(fmt.Sprintf("%s, and the wait with %s returned its end%s", seen, name, lab.Where(w.Event)),
				optionsEndOnly(o, changed, w, kind))
		}
	}
	if standing := o.Standing(changed); changed.Exit == nil && !used {
		return o.Fail(fmt.Sprintf("%s, and no wait had %s; it %s", seen, name, standing), "without the option a wait does not return for this: the parent waits for an end that does not come")
	}
	if !used {
		return o.Fail(fmt.Sprintf("%s, and no wait had %s", seen, name), "without the option this is not reported")
	}
	for _, w := range o.WaitsOf(parent) {
		if w.Options&option != 0 && w.Errno == "ECHILD" && changed.Reaped >= 0 && w.Time > changed.Reaped {
			return o.Fail(fmt.Sprintf("%s, and the wait with %s failed with ECHILD%s", seen, name, lab.Where(w.Event)),
				"the parent asked when it had reaped the child already: ask between the signal and the child's end")
		}
		if w.Options&option != 0 && w.Time < happened(o, changed, kind).Time {
			return o.Fail(fmt.Sprintf("%s, and the wait with %s returned %s before that%s", seen, name, optionsResult(o, w), lab.Where(w.Event)),
				"the parent asked too early, and did not ask again")
		}
	}
	return o.Fail(fmt.Sprintf("%s, and no wait with %s returned it", seen, name), optionsOthers(o, parent, option, name))
}

// optionsEndOnly says why a wait returned the child's end, and not the stop
// or the continue before it.
func optionsEndOnly(o *lab.Observation, c *trace.Process, w lab.Wait, kind trace.Kind) string {
	if w.Entered > c.Died {
		return "it ended before the parent had asked, so that only the end was left to report: keep the child alive until the parent has seen the change"
	}
	for _, e := range o.Events(trace.KindKill) {
		if kind == trace.KindStop && e.Signal == lab.SIGCONT && e.TargetProcess == c.Name && e.Errno == "" && e.Time < w.Entered {
			return fmt.Sprintf("SIGCONT was sent%s before the parent asked: the child was running again, and a stop that is over is not reported. Wait for the stop first, and then continue the child", lab.Where(e))
		}
	}
	return "when the parent asked, the change was over, and was not reported any more: ask right after the signal"
}

// optionsLucky reports whether a wait with WNOHANG returned the stop of the
// child, and nothing in the recording made sure that it had stopped by then:
// the parent neither asked several times, nor had waited for something
// between the signal and the wait.
func optionsLucky(o *lab.Observation, parent, c *trace.Process, e *trace.Event) bool {
	if e.Options&lab.WNOHANG == 0 {
		return false
	}
	since := c.Born
	for _, k := range lab.Before(o.EventsOf(parent, trace.KindKill), e.Time) {
		if isStop(k.Signal) && k.Errno == "" {
			since = k.Time
		}
	}
	for _, x := range o.EventsOf(parent, trace.KindSleep, trace.KindPoll, trace.KindPause, trace.KindRead, trace.KindSignal, trace.KindWait) {
		if x.Kind == trace.KindWait && x != e && x.Options == e.Options && lab.Place(x) == lab.Place(e) && lab.Place(e) != "" {
			return false // a loop
		}
		if x != e && x.Time > since && x.Time < e.Time && !(x.Kind == trace.KindWait && x.Options&lab.WNOHANG != 0 && x.Options&lab.WUNTRACED == 0) {
			return false
		}
	}
	return true
}

// optionsNotSent says why no child was stopped, or continued.
func optionsNotSent(o *lab.Observation, parent *trace.Process, kind trace.Kind) string {
	for _, e := range o.Events(trace.KindKill) {
		stops := isStop(e.Signal)
		if kind == trace.KindContinue {
			stops = e.Signal == lab.SIGCONT
		}
		switch {
		case !stops:
		case e.Errno != "":
			return fmt.Sprintf("%s was sent and failed with %s%s: the child had ended", proc.SignalName(e.Signal), e.Errno, lab.Where(e))
		case optionsCancelled(o, e) != nil:
			return fmt.Sprintf("%s was sent%s, and SIGCONT%s before the child had stopped: wait for the stop, and then continue the child",
				proc.SignalName(e.Signal), lab.Where(e), lab.Where(optionsCancelled(o, e)))
		default:
			if c := o.Process(e.TargetProcess); c != nil && c.Died >= 0 && c.Died <= e.Time {
				return fmt.Sprintf("%s was sent%s, when the child had ended", proc.SignalName(e.Signal), lab.Where(e))
			}
			return fmt.Sprintf("%s was sent%s, and did not change the child", proc.SignalName(e.Signal), lab.Where(e))
		}
	}
	if kind == trace.KindContinue {
		return "no process sent SIGCONT"
	}
	for _, c := range parent.Children {
		if w, ok := lab.Word(c); ok && w.Signaled() {
			return fmt.Sprintf("no process sent a stop signal: %s %s", o.Who(c), o.Standing(c))
		}
	}
	return "no process sent a stop signal"
}

// isStop reports whether the signal stops a process.
func isStop(signal int) bool {
	return signal >= lab.SIGSTOP && signal <= 22 // SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU
}

// optionsCancelled is the SIGCONT that was sent after the stop signal, nil
// if there was none.
func optionsCancelled(o *lab.Observation, stop *trace.Event) *trace.Event {
	for _, e := range o.Events(trace.KindKill) {
		if e.Time > stop.Time && e.Signal == lab.SIGCONT && e.Target == stop.Target && stop.Signal != lab.SIGCONT {
			return e
		}
	}
	return nil
}

func optionsCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := optionsParent(o)
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), o.WhyNoChild())
	}
	if c := unreaped(parent); c != nil {
		if o.CutShort() && c.Exit == nil && !o.Stopped(c, math.MaxInt64) {
			return o.Unfinished()
		}
		return o.Fail(fmt.Sprintf("%s was never reaped by its parent: it %s", o.Who(c), o.Standing(c)), optionsUnreaped(o, parent, c))
	}
	return o.Passed("the parent reaped %s", counted(len(parent.Children), "child", "children"))
}

// optionsUnreaped says why no wait of the parent reaped the child: what the
// last one that asked for it returned.
func optionsUnreaped(o *lab.Observation, parent, c *trace.Process) string {
	if o.AutoReaped(c) {
		return o.NoZombie(c) + ": there is nothing to reap"
	}
	if c.Exit == nil && o.Stopped(c, math.MaxInt64) {
		return "a stopped process does not end: send it SIGCONT, and then wait for its end"
	}
	means := "no wait of the parent returned it: the parent has to wait for every child that it makes"
	for _, w := range o.WaitsOf(parent) {
		s := proc.WaitStatus(w.Status)
		switch {
		case w.Child == nil && w.Errno == "" && w.Asks(c):
			means = "the wait returned 0" + lab.Where(w.Event) + ", which means that the child has not changed state yet: the parent has to ask again until it has ended"
		case w.Child != c:
		case w.Options&lab.WNOWAIT != 0:
			means = "a look with WNOWAIT" + lab.Where(w.Event) + " reaps nothing: the child stays a zombie"
		case s.Stopped() || s.Continued():
			means = "the wait that reported a stop or a continue" + lab.Where(w.Event) + " reaped nothing: the parent has to wait until the child ends"
		}
	}
	return means
}

// optionsTwoChildren finds a stop and a continue that were seen of
// different children only.
func optionsTwoChildren(o *lab.Observation) string {
	parent := optionsParent(o)
	_, stopped := report(o, parent, trace.KindStop)
	_, continued := report(o, parent, trace.KindContinue)
	if stopped == nil || continued == nil {
		return "" // which is what other claims are about
	}
	for _, c := range parent.Children {
		var seen [2]bool
		for _, w := range o.WaitsOf(parent) {
			s := proc.WaitStatus(w.Status)
			if w.Child == c && w.Result > 0 {
				seen[0] = seen[0] || s.Stopped() && !s.Continued()
				seen[1] = seen[1] || s.Continued()
			}
		}
		if seen[0] && seen[1] {
			return ""
		}
	}
	return fmt.Sprintf("%s was seen stopped, and %s continued", o.Who(stopped), o.Who(continued))
}

// between lists the parent's polls (WNOHANG) for the child in an
// interval, with all of the options has and none of lacks.
func between(o *lab.Observation, parent, c *trace.Process, from, to int64, has, lacks int) []*trace.Event {
	var out []*trace.Event
	for _, w := range o.WaitsOf(parent) {
		if w.Time > from && w.Time < to && w.Asks(c) && w.Options&lab.WNOHANG != 0 && w.Options&has == has && w.Options&lacks == 0 {
			out = append(out, w.Event)
		}
	}
	return out
}

// consumed is the wait that took the report away: no look.
func consumed(o *lab.Observation, parent *trace.Process, c *trace.Process, status func(proc.WaitStatus) bool) *trace.Event {
	for _, e := range o.Waits(parent) {
		if e.ResultProcess == c.Name && e.Options&lab.WNOWAIT == 0 && e.Result > 0 && status(proc.WaitStatus(e.Status)) {
			return e
		}
	}
	return nil
}

// optionsReports are the stop, its report, the continue and its
// report.
func optionsReports(o *lab.Observation) (parent, c *trace.Process, at [4]*trace.Event) {
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
	parent, c, at := optionsReports(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "there is nothing to leave out")
	}
	quiet := between(o, parent, c, at[0].Time, at[1].Time, 0, lab.WUNTRACED)
	quiet2 := between(o, parent, c, at[2].Time, at[3].Time, 0, lab.WCONTINUED)
	if len(quiet) == 0 || len(quiet2) == 0 {
		return o.Fail("no wait asked without the option", "the run does not show what would have been reported")
	}
	for _, e := range append(quiet, quiet2...) {
		if e.Result != 0 {
			return o.Fail(fmt.Sprintf("a wait without the option returned %d", e.Result), "the change was reported to a wait that had not asked for it")
		}
	}
	return o.Passed("without the options the answers were 0")
}

func optionsOnce(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, c, at := optionsReports(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "there is nothing to report twice")
	}
	again := between(o, parent, c, at[1].Time, at[2].Time, lab.WUNTRACED, 0)
	again2 := between(o, parent, c, at[3].Time, c.Died, lab.WCONTINUED, 0)
	if len(again) == 0 || len(again2) == 0 {
		return o.Fail("no wait asked a second time", "the run does not show what would have been reported")
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
	_, c, at := optionsReports(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "there are no words to look at")
	}
	want := uint32(at[0].Signal)<<8 | 0x7f
	if at[1].Status != want || at[3].Status != 0xffff || at[0].Signal != lab.SIGSTOP {
		return o.Fail(fmt.Sprintf("the words were %#x and %#x after a stop by signal %d", at[1].Status, at[3].Status, at[0].Signal), "the words do not say what happened")
	}
	return o.Passed("%#x and %#x", at[1].Status, at[3].Status)
}

func optionsDead(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, c, _ := optionsReports(o)
	if c == nil {
		return o.Fail("no stop and continue were both reported", "it is not the child of the experiment")
	}
	if c.Reap == nil || c.Reap.Options&lab.WNOHANG == 0 || c.Reap.Entered < c.Died {
		return o.Fail("the dead child was not reaped with WNOHANG", "it was reaped in another way")
	}
	waits := o.Waits(parent)
	if last := waits[len(waits)-1]; last.Options&lab.WNOHANG == 0 || last.Errno != "ECHILD" {
		return o.Fail(fmt.Sprintf("the last call returned %d %s", last.Result, last.Errno), "without a child WNOHANG does not give 0")
	}
	return o.Passed("the pid, then ECHILD")
}

func optionsEinval(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	const known uint32 = lab.WNOHANG | lab.WUNTRACED | lab.WCONTINUED | lab.WEXITED | lab.WNOWAIT | lab.WALL | lab.WCLONE | lab.WNOTHREAD
	for _, e := range o.Waits(optionsParent(o)) {
		if uint32(e.Options)&^known != 0 {
			if e.Errno == "EINVAL" {
				return o.Passed("%s with %#x failed with EINVAL", e.Call, e.Options)
			}
			return o.Fail(fmt.Sprintf("%s with %#x returned %d %s", e.Call, e.Options, e.Result, e.Errno), "an unknown bit was taken for an option")
		}
	}
	return o.Fail("no unknown bit was tried", "EINVAL was not seen")
}
