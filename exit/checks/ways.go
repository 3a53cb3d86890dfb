package checks

import (
	"fmt"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Ways checks the ways in which a process can end.
var Ways = &lab.Experiment{
	Dir: "exit", Name: "ways", Ref: "§8.5",
	Title: "a child for each way a process can end",
	Claims: []lab.Claim{
		{
			Name:   "one-of-four",
			Says:   "however a process ends, its parent's wait gets the kernel's status word, of which exactly one of WIFEXITED, WIFSIGNALED, WIFSTOPPED and WIFCONTINUED is true",
			Why:    "because the word is either an exit status or a signal's number, told apart by its low 8 bits",
			Ref:    "§8.6, Fig. 8.4",
			Points: 1,
			Hints: [3]string{
				"which bits of the word tell an exit from a signal?",
				"low 7 bits 0: exited; 0x7f: stopped; anything else: the signal; 0xffff: continued",
				"look at the word with the macros of wait(2)",
			},
			Judge: waysOne,
		},
		{
			Name:   "normal",
			Says:   "return from main, exit and _exit end normally, all by exit_group, and the exit status is what they were given",
			Why:    "because for the kernel there is one call to end a process",
			Points: 1,
			Hints: [3]string{
				"what does strace show at the end of each?",
				"the start-up code of C calls exit with what main returns",
				"exit, _exit, _Exit, return",
			},
			Judge: waysNormal,
		},
		{
			Name:   "last-thread",
			Says:   "when the last thread returns or calls pthread_exit the process ends with exit status 0, whatever the thread returned",
			Why:    "because a thread's value is for pthread_join; the C library then calls exit(0)",
			Points: 1,
			Hints: [3]string{
				"who could see what the last thread returns?",
				"a process ends with its last thread, and nobody called exit with a number",
				"pthread_create, then pthread_exit in the main thread",
			},
			Judge: waysThread("last thread returns 3", "pthread_exit(4)"),
		},
		{
			Name:   "cancelled",
			Says:   "when the last thread is cancelled the process ends normally, with exit status 0",
			Why:    "because for Linux a cancelled thread is one that ends; the book counts this as abnormal",
			Points: 1,
			Hints: [3]string{
				"is a cancelled thread killed by a signal?",
				"glibc's cancellation runs the thread's clean-up and ends it like pthread_exit",
				"pthread_cancel",
			},
			Judge: waysThread("last thread cancelled"),
		},
		{
			Name:   "abort",
			Says:   "abort ends the process by SIGABRT, sent by itself",
			Why:    "because abort is a way to send oneself this signal, blocked or caught or not",
			Points: 1,
			Hints: [3]string{
				"which signal number is in the status word?",
				"abort raises SIGABRT and makes sure that it ends the process",
				"abort()",
			},
			Judge: waysAbort,
		},
		{
			Name:   "sources",
			Says:   "a signal from oneself, from another process and from the kernel is told by its si_code: SI_TKILL, SI_USER, SEGV_MAPERR",
			Why:    "because the kernel notes how a signal came about; the status word has only its number",
			Points: 2,
			Hints: [3]string{
				"can the parent see from the status word who sent the signal?",
				"siginfo_t has a si_code: see sigaction(2)",
				"raise, kill, and a null pointer",
			},
			Judge: waysSources,
		},
	},
	Moments:   waysMoments,
	Questions: waysQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{}
		for _, w := range waysAll(o) {
			roles[w.p.Name] = "child"
		}
		return roles
	}),
}

// A way is one line of the experiment, and the process it is about.
type waysWay struct {
	p      *trace.Process
	normal bool
	number int // exit status or signal
}

var waysLine = show.Pattern(`^(.{22}) (\d+): (normal, exit status|abnormal, signal) (\d+)$`)

func waysAll(o *lab.Observation) map[string]waysWay {
	all := map[string]waysWay{}
	for _, l := range o.Lines() {
		if m := waysLine().FindStringSubmatch(l); m != nil {
			pid, _ := strconv.Atoi(m[2])
			n, _ := strconv.Atoi(m[4])
			if p := o.ByPid(pid); p != nil && p.Exit != nil {
				all[strings.TrimSpace(m[1])] = waysWay{p, m[3][0] == 'n', n}
			}
		}
	}
	return all
}

func waysOne(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	all := waysAll(o)
	want := 10
	if _, without := lab.NoCompiler(o); without {
		want = 7
	}
	if len(all) != want {
		return o.Fail(fmt.Sprintf("%d children ended in a way that was told", len(all)), fmt.Sprintf("there are %d ways here", want))
	}
	for name, w := range all {
		word := proc.WaitStatus(w.p.Exit.Status)
		true4 := 0
		for _, is := range []bool{word.Exited(), word.Signaled(), word.Stopped(), word.Continued()} {
			if is {
				true4++
			}
		}
		said := word.Exited() && w.normal && word.ExitStatus() == w.number || word.Signaled() && !w.normal && word.TermSig() == w.number
		switch {
		case true4 != 1:
			return o.Fail(fmt.Sprintf("%s: of the word %#04x %d macros are true", name, uint32(word), true4), "exactly one of the four is")
		case w.p.Reap == nil || w.p.Reap.Status != w.p.Exit.Status:
			return o.Fail(name+": the parent's wait did not return the word the process ended with", "the parent gets what the kernel made of the end")
		case !said:
			return o.Fail(fmt.Sprintf("%s: the program says %d, the word is %#04x", name, w.number, uint32(word)), "it decodes the word wrongly")
		}
	}
	return o.Passed("of each of %d words exactly one is true", len(all))
}

func waysNormal(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	all := waysAll(o)
	for name, n := range map[string]int{"return from main": 0, "exit(1)": 1, "_exit(2)": 2} {
		w, ok := all[name]
		switch {
		case !ok:
			return o.Fail("no child ended by "+name, "there is no evidence of it")
		case w.p.Exit.Status != uint32(n)<<8:
			return o.Fail(fmt.Sprintf("%s: %s", name, trace.StatusText(w.p.Exit.Status)), fmt.Sprintf("the exit status is %d", n))
		case w.p.Exit.Call != "exit_group" || w.p.Exit.ExitArg == nil || *w.p.Exit.ExitArg != n:
			return o.Fail(fmt.Sprintf("%s ended in %q", name, w.p.Exit.Call), fmt.Sprintf("it ends in exit_group(%d)", n))
		}
	}
	return o.Passed("exit_group(0), exit_group(1), exit_group(2)")
}

func waysThread(names ...string) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(onPipe)
		if v, without := lab.NoCompiler(o); without {
			return v
		}
		all := waysAll(o)
		for _, name := range names {
			w, ok := all[name]
			switch {
			case !ok:
				return o.Fail("no child ended by: "+name, "there is no evidence of it")
			case w.p.Exit.Status != 0:
				return o.Fail(fmt.Sprintf("%s: %s", name, trace.StatusText(w.p.Exit.Status)), "the word is 0: a normal end with status 0")
			}
		}
		return o.Passed("the status word of %s is 0", strings.Join(names, " and of "))
	}
}

// waysSignal is the delivery of the signal to the process.
func waysSignal(o *lab.Observation, p *trace.Process, sig unix.Signal) *trace.Event {
	for _, e := range o.Events(trace.KindSignal) {
		if e.Process == p.Name && e.Signal == int(sig) {
			return e
		}
	}
	return nil
}

// The values of si_code on Linux, see sigaction(2).
const (
	siUser    = 0
	siTkill   = -6
	segvMap   = 1 // SEGV_MAPERR
	cldExited = 1
	cldKilled = 2
)

func waysAbort(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	w, ok := waysAll(o)["abort"]
	if !ok {
		return o.Fail("no child called abort", "there is no evidence of it")
	}
	e := waysSignal(o, w.p, unix.SIGABRT)
	switch {
	case proc.WaitStatus(w.p.Exit.Status).TermSig() != int(unix.SIGABRT):
		return o.Fail("abort: "+trace.StatusText(w.p.Exit.Status), "its signal is SIGABRT")
	case e == nil || e.SenderProcess != w.p.Name:
		return o.Fail("no SIGABRT from the process itself was seen", "abort sends the signal to its own process")
	}
	return o.Passed("%s, from itself", trace.StatusText(w.p.Exit.Status))
}

func waysSources(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	all := waysAll(o)
	for _, x := range []struct {
		name string
		sig  unix.Signal
		code int
	}{
		{"raise(SIGTERM)", unix.SIGTERM, siTkill},
		{"kill from the parent", unix.SIGTERM, siUser},
		{"a nil pointer", unix.SIGSEGV, segvMap},
	} {
		w, ok := all[x.name]
		if !ok {
			return o.Fail("no child ended by: "+x.name, "there is no evidence of it")
		}
		e := waysSignal(o, w.p, x.sig)
		sender := ""
		switch x.code {
		case siTkill:
			sender = w.p.Name
		case siUser:
			sender = w.p.Parent.Name
		}
		switch {
		case proc.WaitStatus(w.p.Exit.Status).TermSig() != int(x.sig):
			return o.Fail(x.name+": "+trace.StatusText(w.p.Exit.Status), fmt.Sprintf("signal %d ends it", x.sig))
		case e == nil:
			return o.Fail(fmt.Sprintf("%s: no delivery of signal %d was seen", x.name, x.sig), "there is no evidence where the signal came from")
		case e.SiCode != x.code || e.SenderProcess != sender:
			return o.Fail(fmt.Sprintf("%s: si_code %d, sender %q", x.name, e.SiCode, e.SenderProcess),
				fmt.Sprintf("si_code is %d, and the sender %q", x.code, sender))
		}
	}
	return o.Passed("SI_TKILL from itself, SI_USER from the parent, SEGV_MAPERR from the kernel")
}

// waysMoments are where to stop in a run of the experiment.
var waysMoments = []lab.Moment{
	{
		Name: "return",
		Says: "Returning from main is the same as calling exit with the value that main returned.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Process != "P0" && e.Status&0x7f == 0 }, trace.KindExit),
	},
	{
		Name: "abort",
		Says: "abort ends a process abnormally: it dies of SIGABRT (6).",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Status&0x7f == lab.SIGABRT }, trace.KindExit),
	},
}

// waysQuestions are what to ask before it is shown.
var waysQuestions = []lab.Question{
	{
		Name:    "abort",
		Ask:     "Which signal ends a process that calls abort?",
		Answers: []string{"SIGKILL (9)", "SIGABRT (6)", "none: abort exits with status 6"},
		Right: lab.If("SIGABRT (6)", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.Status&0x7f == lab.SIGABRT }, trace.KindExit)(o) != nil
		}),
		Why:    "abort sends SIGABRT to its own process.",
		Moment: "abort",
	},
	{
		Name:    "kernel",
		Ask:     "Which system call do exit, _exit and a return from main have in common?",
		Answers: []string{"exit_group", "kill", "none"},
		Right: lab.If("exit_group", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.Call == "exit_group" }, trace.KindExit)(o) != nil
		}),
		Why:    "They differ in what happens in the process before the call.",
		Moment: "return",
	},
}
