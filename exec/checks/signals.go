package checks

import (
	"fmt"
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
			func(before, after trace.ProcFiles) (bool, string) {
				return signalSet(before, "SigIgn", sigusr1) && signalSet(after, "SigIgn", sigusr1),
					fmt.Sprintf("SIGUSR1 is %s before the exec and %s after it", dispositionOf(before, sigusr1), dispositionOf(after, sigusr1))
			}),
		signalsClaim("caught-resets", "SIGUSR2 is caught before the exec and has its default action after it",
			"because the handler is not in the new program",
			[3]string{"What does SigCgt in /proc/PID/status say?", "The address of the handler means nothing in the new program.", "sigaction(SIGUSR2, …) with a handler, before exec"},
			func(f trace.ProcFiles) bool { return signalSet(f, "SigCgt", sigusr2) },
			func(before, after trace.ProcFiles) (bool, string) {
				return signalSet(before, "SigCgt", sigusr2) && dispositionOf(after, sigusr2) == "default",
					fmt.Sprintf("SIGUSR2 is %s before the exec and %s after it", dispositionOf(before, sigusr2), dispositionOf(after, sigusr2))
			}),
		signalsClaim("mask-stays", "SIGTERM is blocked before the exec and after it",
			"because the signal mask is an attribute of the process that the exec keeps",
			[3]string{"What does SigBlk in /proc/PID/status say?", "The mask is inherited by fork and kept by exec.", "sigprocmask(SIG_BLOCK, …)"},
			func(f trace.ProcFiles) bool { return signalSet(f, "SigBlk", lab.SIGTERM) },
			func(before, after trace.ProcFiles) (bool, string) {
				return signalSet(before, "SigBlk", lab.SIGTERM) && signalSet(after, "SigBlk", lab.SIGTERM),
					fmt.Sprintf("SIGTERM %s before the exec, and %s after it", whether("blocked", signalSet(before, "SigBlk", lab.SIGTERM)), whether("blocked", signalSet(after, "SigBlk", lab.SIGTERM)))
			}),
		signalsClaim("pending-stays", "SIGTERM is pending before the exec and after it",
			"because a signal that was sent is not lost",
			[3]string{"What do SigPnd and ShdPnd in /proc/PID/status say?", "A blocked signal waits until it is unblocked, whatever program runs then.", "kill(getpid(), SIGTERM) while it is blocked"},
			pendingIn,
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
			lab.Exclusion{Sentence: "executes a program that leaves signals alone and would run for at least 5 s", Broken: func(o *lab.Observation) string {
				_, p := execer(o)
				if e := success(o, p); e != nil && p.Died >= 0 && p.Died-e.Time < int64(500*time.Millisecond) && lab.EndedNormally(p) {
					return "the new program ended by itself after less than 0.5 s"
				}
				return ""
			}}),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, p := execer(o)
		if parent == nil {
			return nil
		}
		return lab.Pair(parent, p)
	},
	Moments: []lab.Moment{
		{
			Name: "executed", Says: "An exec resets caught signals to their default. Ignored signals, the mask, pending signals and an alarm stay.",
			At: func(o *lab.Observation) *trace.Event { _, p := execer(o); return success(o, p) },
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
	_, p := execer(o)
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
// has to be so before, by was, and to hold for both.
func signalsClaim(name, says, why string, hints [3]string, was func(before trace.ProcFiles) bool, holds func(before, after trace.ProcFiles) (bool, string)) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1, Hints: hints,
		Judge: func(b *lab.Bench) lab.Verdict {
			o, e, before, after, bad := around(b, onPipe)
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
			_, p := execer(o)
			means := signalsLacks(o, name, p, e, before)
			if was(before) {
				means = "it was so before the exec, and the exec did not do with it what is expected"
			}
			return o.Fail(seen, means)
		},
	}
}

// signalsLacks says what the process did not do before its exec.
func signalsLacks(o *lab.Observation, claim string, p *trace.Process, exec *trace.Event, before trace.ProcFiles) string {
	switch claim {
	case "ignored-stays":
		return "the process has to ignore SIGUSR1 before its exec"
	case "caught-resets":
		return "the process has to catch SIGUSR2 before its exec: give it a handler"
	case "mask-stays":
		return "the process has to block SIGTERM, and to leave it blocked until its exec"
	}
	for _, e := range lab.Before(o.EventsOf(p, trace.KindSignal), exec.Time) {
		if e.Signal == lab.SIGTERM {
			return "SIGTERM was delivered before the exec: it stays pending only while it is blocked"
		}
	}
	for _, e := range lab.Before(o.Events(trace.KindKill), exec.Time) {
		if e.Signal == lab.SIGTERM && e.Process == p.Name {
			return "SIGTERM was sent" + lab.Where(e) + ", and is not pending: the process has to block it before, and not to ignore it"
		}
	}
	return "the process did not send SIGTERM to itself before its exec"
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
	set, cancelled, other := false, false, ""
	w, ok := lab.Word(p)
	var due int64 // when the alarm rings
	for _, x := range lab.Before(o.EventsOf(p, trace.KindTimer), e.Time) {
		real := x.Call == "alarm" || x.Call == "setitimer" && x.Which == 0
		if real {
			set, cancelled, due = x.Duration > 0, x.Duration == 0, x.Time+x.Duration
		} else {
			other = x.Call
		}
	}
	switch {
	case signalSet(after, "SigBlk", sigalrm):
		return "SIGALRM is blocked in the new program, because it was before the exec"
	case signalSet(after, "SigIgn", sigalrm):
		return "SIGALRM is ignored in the new program, because it was before the exec"
	case set && ok && w.TermSig() == lab.SIGTERM && pendingIn(after):
		return "SIGTERM was pending, and the new program took it out of the mask: execute a program that leaves signals alone"
	case set && p.Died >= 0 && p.Died < due:
		return fmt.Sprintf("the new program ended %s after the exec, before the time of the alarm was over: execute one that runs for longer", lab.At(p.Died - e.Time)[1:])
	case set:
		return "the time was over before the new program ended: it has changed what SIGALRM does, or blocked it"
	case cancelled:
		return o.Who(p) + " cancelled the alarm before its exec"
	case other == "timer_settime":
		return "an exec deletes the timers of timer_create: use alarm, or setitimer with ITIMER_REAL"
	case other != "":
		return "the timer of the call does not count real time: use alarm, or setitimer with ITIMER_REAL"
	}
	return o.Who(p) + " set no alarm before its exec"
}

func signalsAlarm(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, p := execer(o)
	e := success(o, p)
	if e == nil {
		return o.Fail(o.Family(), noExec(o))
	}
	w, ok := lab.Word(p)
	if !ok || !w.Signaled() || w.TermSig() != sigalrm {
		how := "was still running when the time was over"
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
