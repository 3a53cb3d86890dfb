package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Doublefork checks the program of Figure 8.8.
var Doublefork = &lab.Experiment{
	Dir: "doublefork", Name: "doublefork", Ref: "§8.6, Fig. 8.8",
	Title:    "a grandchild that its grandparent need not wait for",
	Exercise: true,
	Task: `The original forks a first child. The first child forks a second child
and ends without waiting for it. The original waits for the first
child. The second child, once it has been adopted, prints

    second child, parent pid = N

where N is its parent's pid as the second child sees it then, and ends.`,
	Claims: []lab.Claim{
		{
			Name:   "two-forks",
			Says:   "the original forks a first child, and the first child forks a second",
			Why:    "because only a process between the two can end and leave the second one an orphan",
			Points: 2,
			Hints: [3]string{
				"How many processes does the tree show, and which process made each of them?",
				"The second fork is called by the process in which the first one returned 0.",
				"Call fork() again in the branch where it returned 0. vfork, posix_spawn and the like make no copy.",
			},
			Judge: dfTwoForks,
		},
		{
			Name:   "first-reaped",
			Says:   "the original's wait returns the first child before the second one ends",
			Why:    "because the first child ends at once, and its parent reaps it",
			Points: 2,
			Needs:  []string{"two-forks"},
			Hints: [3]string{
				"Which process does the original wait for, and when?",
				"A child that ended is a zombie until its own parent waits for it, and only that parent can.",
				"Call waitpid() in the original, with the pid that its fork() returned, right after it.",
			},
			Judge: dfFirstReaped,
		},
		{
			Name:   "adopted",
			Says:   "the second child gets a new parent while it runs, and that is not the original",
			Why:    "because its parent ended and did not wait for it",
			Points: 2,
			Needs:  []string{"two-forks"},
			Hints: [3]string{
				"Which of the two ends first, the first child or the second?",
				"A process is adopted when its parent ends. A process that ended before was never an orphan.",
				"Let the second child wait until its parent has ended: for a byte that the original sends when its waitpid() has returned, or with poll() on a pidfd of the first child.",
			},
			Judge: dfAdopted,
		},
		{
			Name:   "saw-it",
			Says:   "the second child prints its new parent's pid, read after it was adopted",
			Why:    "because getppid answers for the moment in which it is called",
			Points: 2,
			Needs:  []string{"adopted"},
			Hints: [3]string{
				"When was the pid read that the second child prints?",
				"A parent's pid that is read before the adoption is that of the first child. The new parent is not pid 1 everywhere.",
				"Call getppid() in the second child when the first child has ended, and print what it returns.",
			},
			Judge: dfSawIt,
		},
		{
			Name:   "no-zombie",
			Says:   "when the original ends, none of its children is a zombie",
			Why:    "because it waited for its only child, and the second child is not its own",
			Points: 1,
			Needs:  []string{"two-forks"},
			Hints: [3]string{
				"Which children did the original have, and did it wait for each of them?",
				"A child that has ended stays in the process table until its parent waits for it.",
				"One waitpid() in the original for each of its fork()s.",
			},
			Judge: dfNoZombie,
		},
		lab.AsAskedClaim("two-forks", asking, lab.Exclusion{Sentence: "ends without waiting for it", Broken: dfFirstWaits}),
		{
			Name:  "not-its-own",
			Says:  "while the second child runs, a wait of the original fails with ECHILD",
			Why:   "because a process can wait only for its own children, and it has none left, not even a zombie",
			Ours:  true,
			Needs: []string{"two-forks"},
			Hints: [3]string{
				"Which process is the second child's parent?",
				"wait looks at the caller's own children.",
				"waitpid, once more.",
			},
			Judge: dfNotItsOwn,
		},
	},
	Cast: func(o *lab.Observation) lab.Cast {
		t := dfFind(o)
		return lab.Cast{}.With("original", t.original).With("first child", t.first).With("second child", t.second)
	},
	Moments: []lab.Moment{
		{
			Name: "second-fork",
			Says: "The first child forks the second one. It does this only to end: the second child is to lose its parent.",
			At: func(o *lab.Observation) *trace.Event {
				if t := dfOf(o); t.second != nil && dfAdoption(t) != nil {
					return t.second.Birth
				}
				return nil
			},
		},
		{
			Name: "adopted",
			Says: "The first child has ended. The kernel gives the second child to the nearest subreaper, or else to init: now that process has to wait for it.",
			At: func(o *lab.Observation) *trace.Event {
				if t := dfOf(o); t.second != nil {
					return dfAdoption(t)
				}
				return nil
			},
		},
		{
			Name: "reaped",
			Says: "The original reaps the first child. It has no other child, so no zombie of its own can be left, however long the second child runs.",
			At: func(o *lab.Observation) *trace.Event {
				if t := dfOf(o); t.first != nil && t.first.Reaper == t.original && len(t.original.Children) == 1 {
					return t.first.Reap
				}
				return nil
			},
		},
		{
			Name: "prints",
			Says: "The second child asks for its parent's pid and gets that of the process that adopted it.",
			At: func(o *lab.Observation) *trace.Event {
				t := dfOf(o)
				if t.second == nil || dfAdoption(t) == nil {
					return nil
				}
				for _, e := range lab.After(o.Writes(t.second), dfAdoption(t).Time) {
					if strings.Contains(string(e.Data), fmt.Sprint(" ", dfAdoption(t).NewParentNSpid)) {
						return e
					}
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "new-parent",
			Ask:     "The first child has ended. Which process is the second child's parent now?",
			Answers: []string{"the original, its grandparent", "the nearest subreaper, or else init", "none", "still the first child, which is a zombie"},
			Right: func(o *lab.Observation) string {
				t := dfOf(o)
				if t.second == nil || dfAdoption(t) == nil || dfAdoption(t).NewParentProcess == t.original.Name {
					return ""
				}
				return "the nearest subreaper, or else init"
			},
			Why:    "The kernel never gives an orphan to its grandparent, unless that has made itself a subreaper.",
			Moment: "adopted",
		},
		{
			Name:    "wait-again",
			Ask:     "The original has reaped the first child. It calls waitpid for the second child. What happens?",
			Answers: []string{"it returns the second child's status", "it blocks until the second child ends", "it fails with ECHILD"},
			Right: func(o *lab.Observation) string {
				t := dfOf(o)
				if t.second == nil || t.first.Reap == nil || t.first.Reaper != t.original {
					return ""
				}
				for _, w := range o.WaitsOf(t.original) {
					if w.Time > t.first.Reaped && w.Errno == "ECHILD" {
						return "it fails with ECHILD"
					}
				}
				return ""
			},
			Why:    "A process can wait only for its own children. The second child is the first child's, and then its adopter's.",
			Moment: "reaped",
		},
		{
			Name:    "processes",
			Ask:     "How many times does fork return in this program, in all processes together?",
			Answers: []string{"two times", "three times", "four times", "eight times"},
			Right: func(o *lab.Observation) string {
				if len(o.Processes()) != 3 || dfOf(o).second == nil {
					return ""
				}
				return "four times"
			},
			Why:    "fork is called twice, and each call returns in two processes.",
			Moment: "second-fork",
		},
	},
}

var dfLine = lab.Require("second child, parent pid = N")

// three are the processes of the experiment.
type three struct{ original, first, second *trace.Process }

// dfFind finds them: a process, its child, its grandchild, wherever in the
// tree, and whatever other processes there are. Those count most whose
// grandchild prints the line, then those that executed no program, then
// those that were forked, then the first ones.
func dfFind(o *lab.Observation) three {
	var best three
	most := 0
	for _, second := range o.Processes() {
		first := second.Parent
		if first == nil || first.Parent == nil || lab.IsProbe(second) {
			continue
		}
		score := 1
		for _, p := range []*trace.Process{first, second} {
			if lab.IsFork(p) {
				score++
			}
			if !lab.Execed(p) {
				score += 3
			}
		}
		if len(dfLine.Said(o, second)) > 0 {
			score += 10
		}
		if score > most {
			most, best = score, three{first.Parent, first, second}
		}
	}
	return best
}

// dfOf are the processes of the run's cast.
func dfOf(o *lab.Observation) three {
	c := o.Cast()
	return three{c.Of("original"), c.Of("first child"), c.Of("second child")}
}

const noSecond = "there is no second child"

func dfTwoForks(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	t := dfOf(o)
	if t.second == nil {
		means := "no child of the program made a child of its own"
		if len(o.Processes()) == 1 {
			means = o.WhyNoChild()
		} else if p := o.Processes()[0]; len(p.Children) > 1 {
			means = "both children were made by the same process: the second fork has to be called by the first child, where the first fork returned 0"
		}
		return o.Fail(o.Family(), means)
	}
	for _, p := range []*trace.Process{t.first, t.second} {
		if !lab.IsFork(p) {
			return o.Fail(o.Family(), o.Who(p)+" was made in its parent's memory, and is not a copy of its parent: that is not a fork")
		}
	}
	return o.Passed("the original (%d) forked %d, which forked %d", lab.Pid(t.original), lab.Pid(t.first), lab.Pid(t.second))
}

func dfFirstReaped(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	t := dfOf(o)
	switch {
	case t.second == nil:
		return o.Fail(o.Family(), noSecond)
	case t.first.Reap == nil || t.first.Reaper != t.original:
		return o.Fail(dfWaited(o, t.original), dfNotReaped(o, t))
	case dfEarly(t):
		return o.Fail(dfNoOrphan(o, t))
	}
	v := o.Passed("the original's %s returned %d", t.first.Reap.Call, lab.Pid(t.first))
	if t.second.Exit == nil || t.second.Died > t.first.Reaped {
		return v
	}
	// On a busy machine the second child may have seen its parent end,
	// and be gone, before the original runs. Then the wait is the first
	// thing that the original does.
	if busy := dfBusy(o, t); busy != nil && t.second.Died < t.first.Reap.Entered {
		entered, ended := lab.AtBoth(t.first.Reap.Entered, t.second.Died)
		return o.Fail(fmt.Sprintf("the original entered the wait that returned its first child at %s, after the second child had ended at %s",
			entered, ended),
			"it waited too late: it did something else first"+dfDid(busy)+", and all that time the first child was a zombie")
	}
	return v.Remark("the second child had ended when the wait returned: nothing in the program puts the two into an order")
}

// dfBusy is the call in which the original spent most time between the first
// child's birth and the wait that returned it; nil if it called the wait at
// once.
func dfBusy(o *lab.Observation, t three) (longest *trace.Event) {
	took := int64(-1)
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Process != t.original.Name || e.Time <= t.first.Born || e.Time >= t.first.Reap.Entered {
			continue
		}
		d := int64(0)
		switch e.Kind {
		case trace.KindSleep, trace.KindWait:
			d = e.Time - e.Entered
		case trace.KindFork:
		default:
			continue
		}
		if d > took {
			longest, took = e, d
		}
	}
	return longest
}

// dfDid says what the event was, in parentheses.
func dfDid(e *trace.Event) string {
	what := ""
	switch {
	case e.Kind == trace.KindSleep:
		what = "a sleep"
	case e.Kind == trace.KindWait:
		what = "another wait"
	default:
		what = "another fork"
	}
	return " (" + what + lab.Where(e) + ")"
}

// dfWaited says which waits the original made.
func dfWaited(o *lab.Observation, p *trace.Process) string {
	s := ""
	for i, w := range o.WaitsOf(p) {
		if i == 5 {
			return s + "; and more"
		}
		if s != "" {
			s += "; "
		}
		switch {
		case w.Errno != "":
			s += fmt.Sprintf("the original's wait for %s failed with %s%s", w.For(), w.Errno, lab.Where(w.Event))
		case w.Child != nil && w.Options&lab.WNOWAIT != 0:
			s += fmt.Sprintf("the original looked at %s with WNOWAIT%s", o.Who(w.Child), lab.Where(w.Event))
		case w.Child != nil:
			s += fmt.Sprintf("the original's wait for %s returned %s%s", w.For(), o.Who(w.Child), lab.Where(w.Event))
		default:
			s += fmt.Sprintf("the original's wait for %s returned 0%s", w.For(), lab.Where(w.Event))
		}
	}
	switch {
	case s == "" && p.Exit == nil:
		return "the original called no wait that returned"
	case s == "":
		return "the original called no wait"
	}
	return s
}

// dfNotReaped says why the original did not reap the first child.
func dfNotReaped(o *lab.Observation, t three) string {
	if o.AutoReaped(t.first) {
		return o.NoZombie(t.first) + ": there is nothing to reap, and a wait has nothing to return"
	}
	for _, w := range o.WaitsOf(t.original) {
		switch {
		case w.Form == lab.OnePid && w.ID == lab.Pid(t.second):
			return "it waited for the second child, which is the first one's child and not its own: look at what waitpid returns"
		case w.Child == t.first && !w.Took:
			return "a look with WNOWAIT reaps nothing: the first child stayed a zombie"
		case w.Options&lab.WNOHANG != 0 && w.Result == 0 && w.Asks(t.first):
			return "the wait with WNOHANG returned 0, which means that the first child had not ended yet; the original did not ask again"
		}
	}
	if t.original.Exit == nil {
		return "the original was still running: it " + o.Standing(t.original)
	}
	if !o.ZombieOf(t.first, t.original, t.original.Died-1) {
		return "the original ended before its first child, and reaped nothing"
	}
	return "the original never reaped its first child, which was a zombie until the original ended"
}

// dfEarly reports whether the second child ended before the first one.
func dfEarly(t three) bool {
	return t.second.Exit != nil && (t.first.Exit == nil || t.second.Died < t.first.Died)
}

// dfNoOrphan is the failure of a second child that ended too early.
func dfNoOrphan(o *lab.Observation, t three) (observed, means string) {
	its, firsts := lab.AtBoth(t.second.Died, t.first.Died)
	observed = fmt.Sprintf("the second child (%d) ended at %s, before its parent, the first child (%d)", lab.Pid(t.second), its, lab.Pid(t.first))
	if t.first.Exit != nil {
		observed += ", at " + firsts
	}
	if said := dfLine.Said(o, t.first); len(said) > 0 && len(dfLine.Said(o, t.second)) == 0 {
		return observed, fmt.Sprintf("the first child printed %q, and the second child printed no such line. fork returns 0 in the second child: the lines that wait and print belong to that branch", said[0].Text)
	}
	if t.second.Reaper != t.first {
		return observed, "it was never an orphan: it did not wait until its parent had ended"
	}
	return observed, "it was never an orphan: the first child waited for it" + lab.Where(t.second.Reap)
}

func dfAdopted(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	t := dfOf(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	second, first := lab.Pid(t.second), lab.Pid(t.first)
	if dfEarly(t) {
		return o.Fail(dfNoOrphan(o, t))
	}
	e := dfAdoption(t)
	switch {
	case e == nil && t.first.Exit == nil:
		return o.Fail(fmt.Sprintf("the first child (%d), parent of the second (%d), did not end: it %s", first, second, o.Standing(t.first)),
			"a process gets a new parent when its old one has ended")
	case e == nil:
		return o.Fail(fmt.Sprintf("the second child (%d) was not adopted while it ran", second), "a process gets a new parent when its old one has ended")
	case e.NewParentProcess == t.original.Name:
		return o.Fail("the original became the second child's parent",
			"it made itself a child subreaper, so that the second child is its own after all, and it has to wait for it")
	}
	return o.Passed("%s became the second child's parent while it ran", newParent(e))
}

// dfAdoption is the event that made the second child an orphan while it
// ran, nil if there is none.
func dfAdoption(t three) *trace.Event {
	for _, e := range t.second.Reparented {
		if e.OldParentProcess == t.first.Name && (t.second.Exit == nil || e.Time <= t.second.Died) {
			return e
		}
	}
	return nil
}

// newParent names an adopter by its pid, as its new child sees it (0 if it
// is outside of the child's pid namespace), and its name.
func newParent(e *trace.Event) string {
	if e.NewParentComm == "" {
		return fmt.Sprint(e.NewParentNSpid)
	}
	return fmt.Sprintf("%d (%s)", e.NewParentNSpid, e.NewParentComm)
}

func dfSawIt(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	t := dfOf(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	said := dfLine.Said(o, t.second)
	e := dfAdoption(t)
	switch {
	case len(said) == 0 && t.second.Exit == nil && e != nil && e.NewParentNSpid != 1:
		return o.Fail(fmt.Sprintf("%s printed %s, and was still running at the end", o.Who(t.second), lab.Quote(lab.Texts(o.Told(t.second)))),
			fmt.Sprintf("its new parent is %s: a process that waits until getppid() returns 1 waits for ever here. It %s", newParent(e), o.Standing(t.second)))
	case len(said) == 0:
		return o.Fail(dfLine.Missing(b, o, t.second))
	case len(said) > 1:
		return o.Fail(fmt.Sprintf("the second child printed %d such lines", len(said)), "it has one parent to print")
	case e == nil:
		return o.Fail(fmt.Sprintf("the second child (%d) printed %q, and was never adopted", lab.Pid(t.second), said[0].Text),
			"the parent that it names is the one that forked it")
	}
	n, when := said[0].Numbers[0], said[0].Time
	switch {
	case n == e.NewParentNSpid && when < e.Time:
		return o.Fail(fmt.Sprintf("the second child printed %q before it was adopted; its parent then was %d", said[0].Text, lab.Pid(t.first)),
			"getppid cannot have returned this pid yet: it returns the parent that the process has when it is called")
	case n == e.NewParentNSpid && o.NotAsked(t.second, n) != "":
		return o.Fail(fmt.Sprintf("the second child printed %q, and did not ask for its parent after it was adopted: %s", said[0].Text, o.NotAsked(t.second, n)),
			"the number is right here by chance: print what getppid() returns after the adoption")
	case n == e.NewParentNSpid:
		v := o.Passed("the second child printed parent pid = %d, which is %s", n, newParent(e))
		if also := dfAlsoSaid(o, t); also != "" {
			v = v.Remark("%s", also)
		}
		return v
	}
	means := fmt.Sprintf("no parent of the second child ever had the pid %d: print what getppid() returns", n)
	switch n {
	case lab.Pid(t.first):
		means = "this is the first child: the pid was read" + o.AskedEarly(t.second, n) + " before the second child was adopted"
	case lab.Pid(t.original):
		means = "this is the original, which forked the first child and not the second"
	case lab.Pid(t.second):
		means = "this is the second child's own pid: call getppid(), not getpid()"
	case 1:
		means = "the adopter is the nearest child subreaper; pid 1 adopts only where there is none: print what getppid() returns"
	}
	return o.Fail(fmt.Sprintf("the second child (%d) printed %q; its parent then was %s", lab.Pid(t.second), said[0].Text, newParent(e)), means)
}

func dfNoZombie(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	t := dfOf(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	if t.original.Exit == nil {
		return o.Unfinished()
	}
	for _, p := range o.Processes() {
		if !o.ZombieOf(p, t.original, t.original.Died-1) {
			continue
		}
		kind := "a child of the original"
		if p.Parent != t.original {
			kind = "which the original had adopted"
		}
		its, originals := lab.AtBoth(p.Died, t.original.Died)
		return o.Fail(fmt.Sprintf("%s, %s, ended at %s and was a zombie when the original ended at %s", o.Who(p), kind, its, originals),
			"the original did not wait for every child that it had")
	}
	return o.Passed("no child of the original was a zombie when it ended")
}

func dfNotItsOwn(b *lab.Bench) lab.Verdict {
	o := b.Run(asking)
	t := dfOf(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	for _, w := range o.WaitsOf(t.original) {
		if w.Errno == "ECHILD" && w.Time > t.first.Reaped && t.first.Reap != nil && t.second.Exit != nil && w.Time < t.second.Died {
			return o.Passed("the original's %s for %s failed with ECHILD, the second child ended later", w.Call, w.For())
		}
	}
	return o.Fail(dfWaited(o, t.original), "none of them failed with ECHILD after the first child was reaped and while the second ran")
}

// dfFirstWaits finds a first child that waits for the second, if only to
// look.
func dfFirstWaits(o *lab.Observation) string {
	t := dfOf(o)
	if t.second == nil {
		return ""
	}
	for _, w := range o.WaitsOf(t.first) {
		if w.Child == t.second || w.Form == lab.OnePid && w.ID == lab.Pid(t.second) || w.Entered >= t.second.Born && len(t.first.Children) == 1 {
			where := lab.Where(w.Event)
			asked := "waited for"
			if w.Options&lab.WNOHANG != 0 {
				asked = "asked, with WNOHANG, for"
			}
			seen := "the first child " + asked + " the second one" + where
			for _, own := range o.WaitsOf(t.original) {
				if lab.Place(own.Event) == lab.Place(w.Event) && where != "" {
					return seen + ", which is the line where the original waits: the first child ran on into the original's code, because it does not end after its fork"
				}
			}
			return seen
		}
	}
	return ""
}

// dfAlsoSaid is a remark about another process that printed the line too;
// "" if none did.
func dfAlsoSaid(o *lab.Observation, t three) string {
	for _, p := range o.Processes() {
		said := dfLine.Said(o, p)
		if p == t.second || len(said) == 0 {
			continue
		}
		remark := fmt.Sprintf("%s printed %q too, and it is not the second child", o.Who(p), said[0].Text)
		if place := lab.Place(said[0].Write); p == t.first && place != "" {
			remark += ": did it run on into the code of the second child?"
		}
		return remark
	}
	return ""
}
