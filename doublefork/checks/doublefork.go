package checks

import (
	"fmt"
	"regexp"
	"strconv"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Doublefork checks the program of Figure 8.8.
var Doublefork = &lab.Experiment{
	Dir: "doublefork", Name: "doublefork", Ref: "§8.6, Fig. 8.8",
	Title:    "a grandchild that nobody here must wait for",
	Exercise: true,
	Task: `The original forks a first child. The first child forks a second and
ends without waiting for it. The original waits for the first child.
The second child, once it has been adopted, prints

    second child, parent pid = N

where N is its parent's pid as it sees it then, and ends.`,
	Claims: []lab.Claim{
		{
			Name:   "two-forks",
			Says:   "the original forks a first child, and the first child forks a second",
			Why:    "because only a process between the two can end and leave the second one an orphan",
			Points: 2,
			Hints: [3]string{
				"how many processes does the tree show, and who made them?",
				"the second fork is called by the process that got 0 from the first one",
				"call fork() again in the branch where it returned 0; vfork, posix_spawn and the like make no copy",
			},
			Judge: dfTwoForks,
		},
		{
			Name:   "first-reaped",
			Says:   "the original's wait returns the first child while the second one still runs",
			Why:    "because the first child ends at once, and its parent collects it",
			Points: 2,
			Needs:  []string{"two-forks"},
			Hints: [3]string{
				"whom does the original wait for, and when?",
				"a child that ended is a zombie until its own parent waits for it, and only that parent can",
				"call waitpid() in the original, with the pid that its fork() returned, right after it",
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
				"which of the two ends first, the first child or the second?",
				"a process is adopted when its parent ends; one that ended before was never an orphan",
				"let the second child wait until its parent has ended: for a byte that the original sends when its waitpid() has returned, or with poll() on pidfd_open() of the first child",
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
				"when was the pid read that the second child prints?",
				"a parent's pid read before the adoption is that of the first child; and the new parent is not pid 1 everywhere",
				"call getppid() in the second child when the first child has ended, and print what it returns",
			},
			Judge: dfSawIt,
		},
		{
			Name:   "no-zombie",
			Says:   "when the original ends, none of its children is a zombie",
			Why:    "because it waited for the only child it had, and the second child is somebody else's",
			Points: 1,
			Needs:  []string{"two-forks"},
			Hints: [3]string{
				"which children did the original have, and was each of them waited for?",
				"a child that has ended stays in the process table until its parent waits for it",
				"one waitpid() in the original for each of its fork()s",
			},
			Judge: dfNoZombie,
		},
		dfAsAsked(),
		{
			Name:  "not-its-own",
			Says:  "while the second child runs, a wait of the original fails with ECHILD",
			Why:   "because a process can wait for its own children only, and it has none left, not even a zombie",
			Ours:  true,
			Needs: []string{"two-forks"},
			Hints: [3]string{
				"whose child is the second child?",
				"wait looks at the caller's own children",
				"waitpid, once more",
			},
			Judge: dfNotItsOwn,
		},
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		t := dfFind(o)
		roles := map[string]string{}
		if t.second != nil {
			roles[t.original.Name] = "original"
			roles[t.first.Name] = "first"
			roles[t.second.Name] = "second"
		}
		return roles
	}),
}

// dfAsAsked is the claim as-asked: without a second child there
// is nothing to tell of it.
func dfAsAsked() lab.Claim {
	c := lab.AsAskedClaim(onPipe, dfFirstWaits)
	c.Needs = []string{"two-forks"}
	return c
}

var dfLine = regexp.MustCompile(`^second child, parent pid = (\d+)$`)

// three are the processes of the experiment.
type three struct{ original, first, second *trace.Process }

// dfFind finds them: a process, its child, its grandchild,
// wherever in the tree and whoever else there is. Those count
// most whose grandchild prints the line, then those that were
// forked, then the first ones.
func dfFind(o *lab.Observation) three {
	var best three
	most := -1
	for _, second := range o.Processes() {
		first := second.Parent
		if first == nil || first.Parent == nil {
			continue
		}
		score := 0
		for _, p := range []*trace.Process{first, second} {
			if isForked(p) {
				score++
			}
		}
		if said, _ := dfSaid(o, second); len(said) > 0 {
			score += 4
		}
		if score > most {
			most = score
			best = three{first.Parent, first, second}
		}
	}
	return best
}

// isForked says that a real fork made the process.
func isForked(p *trace.Process) bool {
	for _, q := range lab.Forked(p.Parent) {
		if q == p {
			return true
		}
	}
	return false
}

// dfSaid returns the parent pids that the process printed, and when
// it printed the last of them.
func dfSaid(o *lab.Observation, p *trace.Process) (said []int, last int64) {
	for _, l := range o.Told(p) {
		if m := dfLine.FindStringSubmatch(l.Text); m != nil {
			n, _ := strconv.Atoi(m[1])
			said, last = append(said, n), l.Time
		}
	}
	return said, last
}

const noSecond = "there is no second child"

func dfTwoForks(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	t := dfFind(o)
	if t.second == nil {
		means := "no child of the program made a child of its own"
		if len(o.Processes()) == 1 {
			means = "nothing was forked"
		}
		return o.Fail(o.Family(), means)
	}
	for _, p := range []*trace.Process{t.first, t.second} {
		if !isForked(p) {
			return o.Fail(o.Family(), "a child made by vfork, or in its parent's memory, is no copy of it: that is not a fork")
		}
	}
	return o.Passed("the original %d forked %d, which forked %d", lab.Pid(t.original), lab.Pid(t.first), lab.Pid(t.second))
}

// dfPatience, in ns, is how late a wait may be entered that the
// program enters at once: on a busy machine the second child may
// have seen its parent end, and be gone, before the original runs.
const dfPatience = 500e6

func dfFirstReaped(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	t := dfFind(o)
	switch {
	case t.second == nil:
		return o.Fail(o.Family(), noSecond)
	case t.first.Reap == nil || t.first.Reaper != t.original:
		return o.Fail(dfWaited(o, t.original), dfNotCollected(o, t))
	case t.second.Exit != nil && t.second.Died+dfPatience < t.first.Reap.Entered:
		return o.Fail(fmt.Sprintf("the original entered the wait that returned its first child at %s, after the second child had ended at %s",
			at(t.first.Reap.Entered), at(t.second.Died)),
			"it waited too late: all that time the first child was a zombie, or had not ended")
	case t.second.Exit != nil && t.second.Died < t.first.Died:
		return o.Fail(fmt.Sprintf("the second child ended at %s, before the first one, at %s", at(t.second.Died), at(t.first.Died)),
			"when the wait returned there was no second child any more")
	}
	v := o.Passed("the original's %s returned %d", t.first.Reap.Call, lab.Pid(t.first))
	if t.second.Exit != nil && t.second.Died < t.first.Reaped {
		v = v.Remark("the second child had ended when it returned: nothing in the program orders the two")
	}
	return v
}

// dfWaited says what waits the process made.
func dfWaited(o *lab.Observation, p *trace.Process) string {
	s := ""
	for _, e := range o.Waits(p) {
		if s != "" {
			s += "; "
		}
		s += fmt.Sprintf("the original's %s for %s returned %d", e.Call, waitedFor(e), e.Result)
		switch {
		case e.Errno != "":
			s += " (" + e.Errno + ")"
		case !e.Reaps() && e.Result > 0:
			s += ", which left it waitable"
		}
	}
	if s == "" {
		return "the original called no wait"
	}
	return s
}

// waitedFor says which children the wait asked for.
func waitedFor(e *trace.Event) string {
	switch {
	case e.Call == "waitid" && e.IDType == pPid:
		return fmt.Sprint(e.ID)
	case e.Call == "waitid" && e.IDType == pPidfd:
		return "a pidfd"
	case e.Call == "wait4" && e.WaitPid > 0:
		return fmt.Sprint(e.WaitPid)
	case e.Call == "wait4" && e.WaitPid == -1, e.Call == "waitid" && e.IDType == pAll:
		return "any child"
	}
	return "a process group"
}

// dfNotCollected says why the first child was not.
func dfNotCollected(o *lab.Observation, t three) string {
	for _, e := range o.Waits(t.original) {
		if e.Errno == "ECHILD" && (e.WaitPid == lab.Pid(t.second) || e.IDType == pPid && e.ID == lab.Pid(t.second)) {
			return "it waited for the second child, which is the first one's child and not its own: look at what waitpid returns"
		}
	}
	if t.first.Exit != nil && vanished(o, t.original, t.first) {
		return "the kernel kept no status for it: whoever ignores SIGCHLD has no zombies, and nothing to wait for"
	}
	return "the original never collected its first child"
}

// at is a time since the start.
func at(ns int64) string { return fmt.Sprintf("+%.2f s", float64(ns)/1e9) }

func dfAdopted(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	t := dfFind(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	second, first := lab.Pid(t.second), lab.Pid(t.first)
	if t.second.Exit != nil && (t.first.Exit == nil || t.second.Died < t.first.Died) {
		seen := fmt.Sprintf("the second child (%d) ended at %s, before its parent, the first child (%d)", second, at(t.second.Died), first)
		if t.first.Exit != nil {
			seen += fmt.Sprintf(", at %s", at(t.first.Died))
		}
		return o.Fail(seen, "it was never an orphan: it did not wait to be one")
	}
	e := dfAdoption(t)
	switch {
	case e == nil:
		return o.Fail(fmt.Sprintf("the first child (%d), parent of the second (%d), never ended", first, second),
			"a process gets a new parent when its old one has ended")
	case e.NewParentProcess == t.original.Name:
		return o.Fail("the original became the second child's parent",
			"it made itself a child subreaper, so that the second child is its own to wait for after all")
	}
	return o.Passed("%s became the second child's parent while it ran", newParent(e))
}

// dfAdoption is the event that made the second child an orphan
// while it ran, nil if there is none.
func dfAdoption(t three) *trace.Event {
	for _, e := range t.second.Reparented {
		if e.OldParentProcess == t.first.Name && (t.second.Exit == nil || e.Time <= t.second.Died) {
			return e
		}
	}
	return nil
}

// newParent names an adopter.
func newParent(e *trace.Event) string {
	if e.NewParentComm == "" {
		return strconv.Itoa(newParentPid(e))
	}
	return fmt.Sprintf("%d (%s)", newParentPid(e), e.NewParentComm)
}

// newParentPid is the adopter's pid as its new child sees it: 0
// if it is outside of the child's pid namespace.
func newParentPid(e *trace.Event) int { return e.NewParentNSpid }

func dfSawIt(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	t := dfFind(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	said, when := dfSaid(o, t.second)
	e := dfAdoption(t)
	switch {
	case len(said) == 0:
		means := "it did not print the line second child, parent pid = N"
		for _, l := range o.Lines() {
			if dfLine.MatchString(l) {
				means = "the line second child, parent pid = N was printed by another process"
			}
		}
		return o.Fail(fmt.Sprintf("the second child (%d) wrote %s", lab.Pid(t.second), lab.Quote(lab.Lines(o.Wrote(t.second)))), means)
	case len(said) > 1:
		return o.Fail(fmt.Sprintf("the second child printed %d such lines", len(said)), "it has one parent to tell of")
	case e == nil:
		return o.Fail(fmt.Sprintf("the second child (%d) printed parent pid = %d, and was never adopted", lab.Pid(t.second), said[0]),
			"the parent that it names is the one that forked it")
	case said[0] == newParentPid(e) && when < e.Time:
		return o.Fail(fmt.Sprintf("the second child printed parent pid = %d before it was adopted; its parent then was %d", said[0], lab.Pid(t.first)),
			"getppid can not have given it this pid yet: it was found in another way, or assumed")
	case said[0] == newParentPid(e):
		return o.Passed("the second child printed parent pid = %d, which is %s", said[0], newParent(e))
	}
	means := fmt.Sprintf("no parent of the second child ever had the pid %d", said[0])
	switch said[0] {
	case lab.Pid(t.first):
		means = "that was the first child: the pid was read before the second child was adopted"
	case lab.Pid(t.original):
		means = "that is the original, which forked the first child and not the second"
	case 1:
		means = "the adopter is the nearest child subreaper; pid 1 adopts only where there is none: print what getppid() returns"
	}
	return o.Fail(fmt.Sprintf("the second child (%d) printed parent pid = %d; its parent then was %s", lab.Pid(t.second), said[0], newParent(e)), means)
}

func dfNoZombie(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	t := dfFind(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	if t.original.Exit == nil {
		return o.Fail("the original never ended", "what it leaves behind could not be seen")
	}
	for _, p := range o.Processes() {
		if p.Exit == nil || p.Died > t.original.Died || o.Recording.ParentAt(p, t.original.Died-1) != t.original {
			continue
		}
		if p.Reap == nil && !vanished(o, t.original, p) || p.Reap != nil && p.Reaped > t.original.Died {
			return o.Fail(fmt.Sprintf("%s, a child of the original, ended at %s and was a zombie when the original ended at %s",
				nameOf(t, p), at(p.Died), at(t.original.Died)),
				"the original did not wait for every child that it made")
		}
	}
	return o.Passed("no child of the original was a zombie when it ended")
}

// vanished says that the dead child p was no zombie: a wait of
// its parent that would have returned it found no child. That is
// how it is when SIGCHLD is ignored.
func vanished(o *lab.Observation, parent, p *trace.Process) bool {
	for _, e := range o.Waits(parent) {
		asked := e.Call == "wait4" && (e.WaitPid == -1 || e.WaitPid == lab.Pid(p)) ||
			e.Call == "waitid" && (e.IDType == pAll || e.IDType == pPid && e.ID == lab.Pid(p))
		if asked && e.Errno == "ECHILD" && e.Time > p.Died {
			return true
		}
	}
	return false
}

func dfNotItsOwn(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	t := dfFind(o)
	if t.second == nil {
		return o.Fail(o.Family(), noSecond)
	}
	for _, e := range o.Waits(t.original) {
		if e.Errno == "ECHILD" && e.Time > t.first.Reaped && t.first.Reap != nil && t.second.Exit != nil && e.Time < t.second.Died {
			return o.Passed("the original's %s for %s failed with ECHILD, the second child ended later", e.Call, waitedFor(e))
		}
	}
	return o.Fail(dfWaited(o, t.original), "none of them failed with ECHILD after the first child was collected and while the second ran")
}

func nameOf(t three, p *trace.Process) string {
	switch p {
	case t.first:
		return fmt.Sprintf("the first child (%d)", lab.Pid(p))
	case t.second:
		return fmt.Sprintf("the second child (%d)", lab.Pid(p))
	}
	return fmt.Sprintf("%s (%d)", p.Name, lab.Pid(p))
}

// dfFirstWaits finds what the contract excludes: a first child
// that waits for the second, if only to look.
func dfFirstWaits(o *lab.Observation) string {
	t := dfFind(o)
	if t.second == nil {
		return "there was no second child"
	}
	for _, e := range o.Waits(t.first) {
		about := e.ResultProcess == t.second.Name ||
			e.WaitPid == lab.Pid(t.second) ||
			e.Entered >= t.second.Born && len(t.first.Children) == 1
		if about {
			return fmt.Sprintf("the first child called %s for the second one", e.Call)
		}
	}
	return ""
}
