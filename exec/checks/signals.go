package checks

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Signals checks what an exec does to signals and alarms.
var Signals = &lab.Experiment{
	Dir: "exec", Name: "signals", Ref: "§8.10",
	Title:    "signals and alarms across an exec",
	Exercise: true,
	Task: `A process, the first one or a child, ignores SIGUSR1, catches SIGUSR2,
blocks SIGTERM and sends SIGTERM to itself, and sets an alarm for 1 s
(alarm, or setitimer with ITIMER_REAL). Then it executes a program that
leaves signals alone and would run for at least 5 s, such as sleep 5. No
process sends SIGALRM.`,
	Claims: []lab.Claim{
		signalsClaim("ignored-stays", "SIGUSR1 is ignored before the exec and after it",
			"because the new program cannot know that it should be, so the caller decides",
			[3]string{"What does SigIgn in /proc/PID/status say?", "Only handlers are lost at an exec: a signal that is ignored needs no code.", "signal(SIGUSR1, SIG_IGN) before exec"},
			func(f trace.ProcFiles) bool { return signalSet(f, "SigIgn", sigusr1) },
			notSet("SIGUSR1", sigusr1),
			func(before, after trace.ProcFiles) (bool, string) {
				return signalSet(before, "SigIgn", sigusr1) && signalSet(after, "SigIgn", sigusr1),
					fmt.Sprintf("SIGUSR1 is %s before the exec and %s after it", dispositionOf(before, sigusr1), dispositionOf(after, sigusr1))
			}),
		signalsClaim("caught-resets", "SIGUSR2 is caught before the exec and has its default action after it",
			"because the handler is not in the new program",
			[3]string{"What does SigCgt in /proc/PID/status say?", "The address of the handler means nothing in the new program.", "sigaction(SIGUSR2, …) with a handler, before exec"},
			func(f trace.ProcFiles) bool { return signalSet(f, "SigCgt", sigusr2) },
			notSet("SIGUSR2", sigusr2),
			func(before, after trace.ProcFiles) (bool, string) {
				return signalSet(before, "SigCgt", sigusr2) && dispositionOf(after, sigusr2) == "default",
					fmt.Sprintf("SIGUSR2 is %s before the exec and %s after it", dispositionOf(before, sigusr2), dispositionOf(after, sigusr2))
			}),
		signalsClaim("mask-stays", "SIGTERM is blocked before the exec and after it",
			"because the signal mask is an attribute of the process that the exec keeps",
			[3]string{"What does SigBlk in /proc/PID/status say?", "The mask is inherited by fork and kept by exec.", "sigprocmask(SIG_BLOCK, …)"},
			func(f trace.ProcFiles) bool { return signalSet(f, "SigBlk", lab.SIGTERM) },
			notBlocked,
			func(before, after trace.ProcFiles) (bool, string) {
				return signalSet(before, "SigBlk", lab.SIGTERM) && signalSet(after, "SigBlk", lab.SIGTERM),
					fmt.Sprintf("SIGTERM %s before the exec, and %s after it", whether("blocked", signalSet(before, "SigBlk", lab.SIGTERM)), whether("blocked", signalSet(after, "SigBlk", lab.SIGTERM)))
			}),
		signalsClaim("pending-stays", "SIGTERM is pending before the exec and after it",
			"because a signal that was sent is not lost",
			[3]string{"What do SigPnd and ShdPnd in /proc/PID/status say?", "A blocked signal waits until it is unblocked, whatever program runs then.", "kill(getpid(), SIGTERM) while it is blocked"},
			pendingIn,
			notPending,
			func(before, after trace.ProcFiles) (bool, string) {
				return pendingIn(before) && pendingIn(after), fmt.Sprintf("SIGTERM %s before the exec, and %s after it", whether("pending", pendingIn(before)), whether("pending", pendingIn(after)))
			}),
		{
			Name:   "alarm-rings",
			Says:   "the new program is ended by SIGALRM (14), which the kernel sends, and sets no timer itself",
			Why:    "because the time left until an alarm is kept by the exec",
			Points: 2,
			Hints: [3]string{
				"How did the new program end?",
				"An alarm belongs to the process. A child of fork has none.",
				"alarm(1) in the process that calls exec; SIGALRM at its default.",
			},
			Judge: signalsAlarm,
		},
		lab.AsAskedClaim("", onPipe,
			lab.Exclusion{Sentence: "No process sends SIGALRM", Broken: func(o *lab.Observation) string {
				for _, e := range o.Events(trace.KindKill) {
					if e.Signal == sigalrm {
						return o.Who(o.Process(e.Process)) + " sent SIGALRM" + lab.Where(e)
					}
				}
				return ""
			}},
			lab.Exclusion{Sentence: "executes a program that leaves signals alone and would run for at least 5 s", Broken: signalsBrief},
			lab.Exclusion{Sentence: "sets an alarm for 1 s", Broken: signalsDuration},
			lab.Exclusion{Sentence: "blocks SIGTERM and sends SIGTERM to itself", Broken: signalsSender}),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, p := signalsExecer(o)
		if parent == nil {
			return nil
		}
		return lab.Pair(parent, p)
	},
	Moments: []lab.Moment{
		{
			Name: "executed", Says: "An exec resets caught signals to their default. Ignored signals, the mask, pending signals and an alarm stay.",
			At: func(o *lab.Observation) *trace.Event { _, p := signalsExecer(o); return success(o, p) },
		},
		{
			Name: "alarm", Says: "The alarm that the old program has set ends the new one, which set no timer.",
			At: alarmRang,
		},
	},
	Questions: []lab.Question{{
		Name: "alarm", Ask: "A program sets an alarm for 1 s and executes sleep 5. How does the process end?",
		Answers: []string{"normally, after 5 s", "by SIGALRM, after 1 s", "by SIGALRM, after 6 s"},
		Right: func(o *lab.Observation) string {
			if alarmRang(o) == nil {
				return ""
			}
			return "by SIGALRM, after 1 s"
		},
		Why:    "The exec keeps the alarm. SIGALRM has its default action in the new program, which is to end the process.",
		Moment: "alarm",
	}, {
		Name: "which", Ask: "A process ignores SIGUSR1 and catches SIGUSR2. Which of the two does it still do after an exec?",
		Answers: []string{"both", "it ignores SIGUSR1, and SIGUSR2 has its default", "it catches SIGUSR2, and SIGUSR1 has its default", "neither"},
		Right:   lab.Says("it ignores SIGUSR1, and SIGUSR2 has its default", "after:  USR1 ignored, USR2 default"),
		Why:     "To ignore needs no code. The handler was code of the old program.",
		Moment:  "executed",
	}},
}

// alarmRang is the signal of the alarm that the process set before its exec,
// if that ended the new program, which set none.
func alarmRang(o *lab.Observation) *trace.Event {
	_, p := signalsExecer(o)
	e := success(o, p)
	if e == nil {
		return nil
	}
	timers := o.EventsOf(p, trace.KindTimer)
	if w, ok := lab.Word(p); !ok || !w.Signaled() || w.TermSig() != sigalrm || len(lab.Before(timers, e.Time)) == 0 || len(lab.After(timers, e.Time)) > 0 {
		return nil
	}
	for _, s := range lab.After(o.EventsOf(p, trace.KindSignal), e.Time) {
		if s.Signal == sigalrm && s.Sender == 0 {
			return s
		}
	}
	return nil
}

// signalsClaim compares what /proc says before and after the exec. It
// has to be so before, by was, and to hold for both; unless says why it was
// not so before.
func signalsClaim(name, says, why string, hints [3]string, was func(before trace.ProcFiles) bool, unless func(*lab.Observation, *trace.Process, trace.ProcFiles) string, holds func(before, after trace.ProcFiles) (bool, string)) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1, Hints: hints,
		Judge: func(b *lab.Bench) lab.Verdict {
			o, e, before, after, bad := around(b, onPipe, signalsExecer)
			if bad != nil {
				return *bad
			}
			// The mask, and a signal of raise, belong to the thread.
			if status, ok := before[fmt.Sprintf("task/%d/status", e.ByTid)]; ok {
				before = trace.ProcFiles{"status": status}
			}
			ok, seen := holds(before, after)
			if ok {
				return o.Passed("%s", seen)
			}
			if was(before) {
				return o.Fail(seen, "it was so before the exec, and the exec did not do with it what is expected")
			}
			_, p := signalsExecer(o)
			return o.Fail(seen, unless(o, p, before))
		},
	}
}

// signalsBrief says that the new program ended, or would have ended, too soon.
func signalsBrief(o *lab.Observation) string {
	_, p := signalsExecer(o)
	e := success(o, p)
	if e == nil {
		return ""
	}
	if p.Died >= 0 && p.Died-e.Time < int64(500*time.Millisecond) && lab.EndedNormally(p) {
		return "the new program ended by itself after less than 0.5 s" + noName(e)
	}
	// Of a program that the alarm did not end alarm-rings says why.
	w, _ := lab.Word(p)
	if n, ok := sleepTime(e); ok && n < 5 && w.Signaled() && w.TermSig() == sigalrm {
		return fmt.Sprintf("the new program is sleep, and was to sleep for %g s only", n)
	}
	return ""
}

// noName says that the program got an argument in the place of its name, as
// execl("/bin/sleep", "5", NULL) gives one; "" if it did not.
func noName(e *trace.Event) string {
	args := arguments(e)
	if len(args) == 0 {
		return "; it got no arguments at all, and the first of them, argv[0], is its name"
	}
	if _, err := strconv.ParseFloat(args[0], 64); err != nil {
		return ""
	}
	return fmt.Sprintf("; its argv[0] is %q: the first argument is the name of the program, and its other arguments follow", args[0])
}

// sleepTime is how many seconds the program of the exec sleeps, if it is
// sleep(1) with plain numbers of seconds.
func sleepTime(e *trace.Event) (n float64, ok bool) {
	args := arguments(e)
	if filepath.Base(e.Path) != "sleep" || len(args) < 2 {
		return 0, false
	}
	for _, a := range args[1:] {
		f, err := strconv.ParseFloat(strings.TrimSuffix(a, "s"), 64)
		if err != nil {
			return 0, false
		}
		n += f
	}
	return n, true
}

// signalsTimer is the last call before the exec that set the timer of alarm or
// took it away; nil if there is none.
func signalsTimer(o *lab.Observation, p *trace.Process, e *trace.Event) (last *trace.Event) {
	for _, x := range lab.Before(o.EventsOf(p, trace.KindTimer), e.Time) {
		if x.Call == "alarm" || x.Call == "setitimer" && x.Which == 0 {
			last = x
		}
	}
	return last
}

// signalsDuration says that the alarm is not set for 1 s. A tenth is for a
// program that takes the number from a clock.
func signalsDuration(o *lab.Observation) string {
	_, p := signalsExecer(o)
	e := success(o, p)
	if e == nil {
		return ""
	}
	x := signalsTimer(o, p, e)
	if x == nil || x.Duration == 0 || x.Duration >= 900e6 && x.Duration <= 1100e6 {
		return ""
	}
	return fmt.Sprintf("%s set the alarm for %g s%s", o.Who(p), float64(x.Duration)/1e9, lab.Where(x))
}

// signalsSender says that another process sent the SIGTERM.
func signalsSender(o *lab.Observation) string {
	_, p := signalsExecer(o)
	e := success(o, p)
	if e == nil {
		return ""
	}
	sent := ""
	for _, k := range lab.Before(o.Events(trace.KindKill), e.Time) {
		switch {
		case k.Signal != lab.SIGTERM || k.Errno != "":
		case k.Process == p.Name:
			return ""
		case k.TargetProcess == p.Name:
			sent = fmt.Sprintf("%s sent SIGTERM to %s%s", o.Who(o.Process(k.Process)), o.Who(p), lab.Where(k))
		}
	}
	return sent
}

// signalsExecer is the process that executes the program of the experiment,
// and its parent: the one that prepared most of what the task asks for.
func signalsExecer(o *lab.Observation) (parent, p *trace.Process) {
	return execerWith(o, signalsPrepared)
}

// signalsPrepared is how many of the five things the process had done at its
// exec.
func signalsPrepared(o *lab.Observation, p *trace.Process, e *trace.Event, before trace.ProcFiles) (n int) {
	for _, done := range []bool{
		signalSet(before, "SigIgn", sigusr1), signalSet(before, "SigCgt", sigusr2),
		signalSet(before, "SigBlk", lab.SIGTERM), pendingIn(before),
		len(lab.Before(o.EventsOf(p, trace.KindTimer), e.Time)) > 0,
	} {
		if done {
			n++
		}
	}
	return n
}

// bySystem says that system made the process that executes a program, and
// what follows; "" if it did not.
func bySystem(p *trace.Process) string {
	if argv := p.Exec.Argv; len(argv) < 3 || filepath.Base(p.Exec.Path) != "sh" || argv[1] != "-c" || lab.IsFork(p) {
		return ""
	}
	return "the program is executed by a child that system made. A signal that the caller catches is not caught there, and a pending one and an alarm stay with the caller: call exec itself"
}

// notSet says why the disposition of a signal is not what the task asks for.
func notSet(name string, sig int) func(*lab.Observation, *trace.Process, trace.ProcFiles) string {
	return func(o *lab.Observation, p *trace.Process, before trace.ProcFiles) string {
		if why := bySystem(p); why != "" {
			return why
		}
		is := dispositionOf(before, sig)
		if is == "default" {
			return fmt.Sprintf("%s did nothing about %s before its exec, or set it back", o.Who(p), name)
		}
		return fmt.Sprintf("the task asks for another disposition of %s: to ignore a signal and to catch it are two things, and an exec resets only what is caught", name)
	}
}

// notBlocked says why SIGTERM is not blocked before the exec.
func notBlocked(o *lab.Observation, p *trace.Process, before trace.ProcFiles) string {
	switch dispositionOf(before, lab.SIGTERM) {
	case "ignored":
		return "SIGTERM is ignored there. The task asks to block it, which sigprocmask does: a blocked signal waits, and an ignored one is lost"
	case "caught":
		return "SIGTERM is caught there, and it is not blocked, or no longer: sigprocmask blocks it. A blocked signal waits, and its handler is not called"
	}
	return o.Who(p) + " did not block SIGTERM before its exec (sigprocmask), or unblocked it"
}

// notPending says why SIGTERM is not pending before the exec.
func notPending(o *lab.Observation, p *trace.Process, before trace.ProcFiles) string {
	e := success(o, p)
	instead := ""
	for _, k := range lab.Before(o.Events(trace.KindKill), e.Time) {
		if k.Errno != "" {
			continue
		}
		switch by := o.Process(k.Process); {
		case k.Signal != lab.SIGTERM && by == p && k.TargetProcess == p.Name && k.Signal > 0:
			instead = fmt.Sprintf("%s sent %s to itself%s, and not SIGTERM", o.Who(p), proc.SignalText(k.Signal), lab.Where(k))
		case k.Signal != lab.SIGTERM:
		case p.Birth != nil && by == p.Parent && k.TargetProcess == by.Name && k.Time < p.Born && bySystem(p) == "":
			return fmt.Sprintf("%s sent SIGTERM to itself%s, before it made %s: a new process has no pending signals. The process that calls exec has to send it", o.Who(by), lab.Where(k), o.Who(p))
		case by == p && k.TargetProcess != p.Name && o.Process(k.TargetProcess) != nil:
			instead = fmt.Sprintf("%s sent SIGTERM to %s%s, and not to itself", o.Who(p), o.Who(o.Process(k.TargetProcess)), lab.Where(k))
		case k.TargetProcess != p.Name:
		case dispositionOf(before, lab.SIGTERM) == "ignored":
			return fmt.Sprintf("SIGTERM was ignored when it was sent%s: the kernel discards such a signal. It has to be blocked", lab.Where(k))
		case by == p && k.Tid != e.ByTid && k.Call == "tgkill" && (k.Tid != 0 || e.ByTid != 0):
			return fmt.Sprintf("SIGTERM was sent%s by another thread than the one that calls exec, for a thread: each thread has a mask and pending signals of its own", lab.Where(k))
		case len(caught(o, p, k.Time, e.Time)) > 0:
			return fmt.Sprintf("SIGTERM was sent%s and its handler was called: it was not blocked all the time until the exec", lab.Where(k))
		default:
			return fmt.Sprintf("SIGTERM was sent%s, and was not pending any more at the exec: the process had taken it, with sigwait for example", lab.Where(k))
		}
	}
	return cmp.Or(bySystem(p), instead, o.Who(p)+" sent no SIGTERM to itself before its exec")
}

// caught are the times at which SIGTERM was delivered to the process.
func caught(o *lab.Observation, p *trace.Process, from, to int64) []*trace.Event {
	return slices.DeleteFunc(lab.Before(lab.After(o.EventsOf(p, trace.KindSignal), from-1), to), func(e *trace.Event) bool { return e.Signal != lab.SIGTERM })
}

// whether says "it is pending" or "it is not pending" of a signal.
func whether(what string, is bool) string {
	if is {
		return "is " + what
	}
	return "is not " + what
}

// dispositionOf is what happens when the signal is delivered.
func dispositionOf(f trace.ProcFiles, sig int) string {
	switch {
	case signalSet(f, "SigIgn", sig):
		return "ignored"
	case signalSet(f, "SigCgt", sig):
		return "caught"
	}
	return "default"
}

// pendingIn reports whether SIGTERM is pending, for the thread or the
// process.
func pendingIn(f trace.ProcFiles) bool {
	return signalSet(f, "SigPnd", lab.SIGTERM) || signalSet(f, "ShdPnd", lab.SIGTERM)
}

// whyNoAlarm says why SIGALRM did not end the new program.
func whyNoAlarm(o *lab.Observation, p *trace.Process, e *trace.Event) string {
	after := files(o, e, atSuccess)
	other := ""
	w, ok := lab.Word(p)
	for _, x := range lab.Before(o.EventsOf(p, trace.KindTimer), e.Time) {
		other = x.Call
	}
	var set bool
	var due int64 // when the alarm rings
	timer := signalsTimer(o, p, e)
	if timer != nil {
		set, due, other = timer.Duration > 0, timer.Time+timer.Duration, ""
	}
	switch {
	case signalSet(after, "SigBlk", sigalrm):
		return "SIGALRM is blocked in the new program, because it was before the exec"
	case signalSet(after, "SigIgn", sigalrm):
		return "SIGALRM is ignored in the new program, because it was before the exec"
	case set && ok && w.TermSig() == lab.SIGTERM && pendingIn(after):
		return "SIGTERM was pending, and the new program took it out of the mask: execute a program that leaves signals alone"
	case set && signalsRang(o, p, timer, e) != nil:
		return "SIGALRM came before the exec: the alarm was over, and nothing of it was left for the new program"
	case set && p.Died >= 0 && p.Died < due && signalsDuration(o) != "":
		return signalsDuration(o) + ", and the new program ended before that: the task asks for 1 s"
	case set && p.Died >= 0 && p.Died < due && noName(e) != "":
		return fmt.Sprintf("the new program ended %s after the exec", lab.At(p.Died - e.Time)[1:]) + noName(e)
	case set && p.Died >= 0 && p.Died < due:
		return fmt.Sprintf("the new program ended %s after the exec, before the time of the alarm was over: execute one that runs for longer", lab.At(p.Died - e.Time)[1:])
	case set:
		return "the time was over before the new program ended: it has changed what SIGALRM does, or blocked it"
	case timer != nil && timer.Interval > 0:
		return fmt.Sprintf("the setitimer of %s%s has only it_interval, and an it_value of 0: that stops the timer. The time until the first signal is it_value", o.Who(p), lab.Where(timer))
	case timer != nil:
		return o.Who(p) + " cancelled the alarm before its exec" + lab.Where(timer)
	case other == "timer_settime":
		return "an exec deletes the timers of timer_create: use alarm, or setitimer with ITIMER_REAL"
	case other != "":
		return "the timer of the call does not count real time: use alarm, or setitimer with ITIMER_REAL"
	}
	return cmp.Or(bySystem(p), signalsParents(o, p), o.Who(p)+" set no alarm before its exec")
}

// signalsRang is the SIGALRM that came between the call which set the alarm and
// the exec; nil if none did.
func signalsRang(o *lab.Observation, p *trace.Process, timer, e *trace.Event) *trace.Event {
	for _, x := range lab.Before(lab.After(o.EventsOf(p, trace.KindSignal), timer.Time), e.Time) {
		if x.Signal == sigalrm {
			return x
		}
	}
	return nil
}

// signalsParents says that the alarm is the parent's; "" if it has none.
func signalsParents(o *lab.Observation, p *trace.Process) string {
	if p.Parent == nil || p.Birth == nil {
		return ""
	}
	x := signalsTimer(o, p.Parent, p.Birth)
	if x == nil || x.Duration == 0 {
		return ""
	}
	return fmt.Sprintf("%s set the alarm%s, before it made %s: a child of fork has no alarm. The process that calls exec has to set it", o.Who(p.Parent), lab.Where(x), o.Who(p))
}

func signalsAlarm(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, p := signalsExecer(o)
	e := success(o, p)
	if e == nil {
		return o.Fail(o.Family(), noExec(o))
	}
	w, ok := lab.Word(p)
	if !ok || !w.Signaled() || w.TermSig() != sigalrm {
		how := "was still running " + o.WhenStopped()
		if ok {
			how = o.Standing(p)
		}
		return o.Fail("the new program "+how, whyNoAlarm(o, p, e))
	}
	for _, x := range lab.After(o.EventsOf(p, trace.KindTimer), e.Time) {
		return o.Fail("the new program called "+x.Call, "it should leave the alarm alone")
	}
	for _, x := range o.EventsOf(p, trace.KindSignal) {
		if x.Signal == sigalrm && x.Sender != 0 {
			by := fmt.Sprintf("the process %d", x.Sender)
			if q := o.Process(x.SenderProcess); q != nil {
				by = o.Who(q)
			}
			return o.Fail("SIGALRM was sent by "+by, "the process has to set an alarm before its exec: then the kernel sends the signal")
		}
	}
	return o.Passed("the new program was ended by %s, sent by the kernel, %s after the exec", proc.SignalText(sigalrm), lab.At(p.Died - e.Time)[1:])
}
