package checks

import (
	"fmt"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Status checks what arrives of an exit status, or of a signal.
var Status = &lab.Experiment{
	Dir: "exit", Name: "status", Ref: "§8.5",
	Title:     "what arrives of an exit status, or a signal",
	Moments:   statusMoments,
	Questions: statusQuestions,
	Claims: []lab.Claim{
		{
			Name:   "low-8-bits",
			Says:   "of what exit is given the low 8 bits arrive: 256 as 0, −1 as 255; the word is n<<8",
			Why:    "because the kernel keeps one byte for the exit status, the second of the word",
			Points: 2,
			Hints: [3]string{
				"what does a parent see of exit(256)?",
				"the exit status is what exit is given; the termination status is what the kernel makes of it",
				"exit, WEXITSTATUS",
			},
			Judge: statusLow,
		},
		{
			Name:   "raised",
			Says:   "of each signal that ends a process by default and that it raises, WTERMSIG is that signal",
			Why:    "because the kernel puts its number into the low 7 bits of the word",
			Points: 1,
			Hints: [3]string{
				"is there a signal that cannot be seen in the word?",
				"numbers go from 1 to 64, 7 bits are enough",
				"raise, WTERMSIG",
			},
			Judge: statusSignals(true),
		},
		{
			Name:   "sent",
			Says:   "the same of each such signal that another process sends",
			Why:    "because the word does not tell who sent it",
			Points: 1,
			Hints: [3]string{
				"is it seen in the word who sent the signal?",
				"the word has the number, nothing else",
				"kill, WTERMSIG",
			},
			Judge: statusSignals(false),
		},
		{
			Name:   "collected",
			Says:   "the parent's wait returns exactly the word that the kernel made",
			Why:    "because a status is kept unchanged until somebody waits for it",
			Points: 1,
			Hints: [3]string{
				"can the parent get another status than the kernel's?",
				"the zombie keeps it",
				"waitpid",
			},
			Judge: statusCollected,
		},
	},
}

func statusLow(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	seen := map[int]uint32{}
	for _, p := range o.Processes()[1:] {
		if p.Exit == nil || p.Exit.ExitArg == nil {
			continue
		}
		n := *p.Exit.ExitArg
		seen[n] = p.Exit.Status
		if p.Exit.Status != uint32(n)&0xff<<8 {
			return o.Fail(fmt.Sprintf("exit(%d) gave the word %#04x", n, p.Exit.Status), "the low 8 bits of n arrive, in the second byte")
		}
		if got, ok := o.Rest(o.Processes()[0], fmt.Sprintf("exit(%d): ", n)); !ok || got != fmt.Sprintf("word %#04x, exit status %d", p.Exit.Status, n&0xff) {
			return o.Fail(fmt.Sprintf("of exit(%d) the program says %q", n, got), fmt.Sprintf("the word is %#04x", p.Exit.Status))
		}
	}
	for _, n := range []int{-1, 0, 1, 127, 128, 255, 256, 257, 0x5a5a5a5a} {
		if _, ok := seen[n]; !ok {
			return o.Fail(fmt.Sprintf("no child called exit(%d)", n), "this one has to be tried too")
		}
	}
	return o.Passed("%d arguments, from −1 to 0x5a5a5a5a; exit(256) gave %#04x, exit(−1) %#04x", len(seen), seen[256], seen[-1])
}

// statusEnds reports whether the signal's default action ends a
// process.
func statusEnds(sig int) bool {
	switch unix.Signal(sig) {
	case unix.SIGCHLD, unix.SIGURG, unix.SIGWINCH, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGCONT:
		return false
	}
	return sig != 32 && sig != 33 // the C library's own
}

func statusSignals(raised bool) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(onPipe)
		died := map[int]bool{}
		for _, e := range o.Events(trace.KindKill) {
			if e.Errno != "" || (e.TargetProcess == e.Process) != raised {
				continue
			}
			p := o.Recording.Process(e.TargetProcess)
			if p == nil || p.Exit == nil {
				return o.Fail(fmt.Sprintf("signal %d: its target was not seen to end", e.Signal), "its default action ends the process")
			}
			if got := proc.WaitStatus(p.Exit.Status).TermSig(); got != e.Signal {
				return o.Fail(fmt.Sprintf("signal %d: %s", e.Signal, trace.StatusText(p.Exit.Status)), "the number in the word is that of the signal")
			}
			died[e.Signal] = true
		}
		for sig := 1; sig <= 64; sig++ {
			if statusEnds(sig) && !died[sig] {
				return o.Fail(fmt.Sprintf("signal %d ended nobody", sig), "every signal that ends a process has to be tried")
			}
		}
		return o.Passed("%d signals, each found in the word of the process it ended", len(died))
	}
}

func statusCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	kids := o.Processes()[1:]
	if len(kids) == 0 {
		return o.Fail(o.Family(), "there is no status to collect")
	}
	for _, p := range kids {
		if p.Exit == nil || p.Reap == nil || p.Reap.Status != p.Exit.Status {
			return o.Fail(fmt.Sprintf("%s was not collected with the word it ended with", p.Name), "the wait returns the kernel's word")
		}
	}
	return o.Passed("%d words, each returned by a wait as it was", len(kids))
}

// statusMoments are where to stop in a run of the experiment.
var statusMoments = []lab.Moment{
	{
		Name: "minus-one",
		Says: "exit(−1): the low 8 bits arrive, and the exit status is 255.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.ExitArg != nil && *e.ExitArg == -1 }, trace.KindExit),
	},
	{
		Name: "256",
		Says: "exit(256): the low 8 bits of 256 are 0, so this looks like success.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.ExitArg != nil && *e.ExitArg == 256 }, trace.KindExit),
	},
}

// statusQuestions are what to ask before it is shown.
var statusQuestions = []lab.Question{
	{
		Name:    "256",
		Ask:     "A process calls exit(256). Which exit status does its parent see?",
		Answers: []string{"256", "255", "1", "0"},
		Right: lab.If("0", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.ExitArg != nil && *e.ExitArg == 256 && e.Status == 0 }, trace.KindExit)(o) != nil
		}),
		Why:    "Only the low 8 bits arrive.",
		Moment: "256",
	},
	{
		Name:    "minus-one",
		Ask:     "A process calls exit(−1). Which exit status does its parent see?",
		Answers: []string{"−1", "1", "255", "0"},
		Right: lab.If("255", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.ExitArg != nil && *e.ExitArg == -1 && e.Status == 0xff00 }, trace.KindExit)(o) != nil
		}),
		Why:    "The low 8 bits of −1 are all ones.",
		Moment: "minus-one",
	},
}
