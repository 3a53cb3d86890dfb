package checks

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/trace"
)

// Status checks the program of Figures 8.5 and 8.6.
var Status = &lab.Experiment{
	Dir: "wait", Name: "status", Ref: "§8.6, Fig. 8.5, 8.6",
	Title:    "three ways to end, three statuses",
	Exercise: true,
	Task: `Three children, one after the other: the first exits with 7, the
second aborts (SIGABRT, sent by itself), the third dies of SIGFPE
(raised, or by a division where machine and compiler make it trap).
The parent waits for each and prints for each, in this order,

    normal termination, exit status = 7
    abnormal termination, signal number = 6
    abnormal termination, signal number = 8

The last two are followed by " (core file generated)" where, and only
where, the core bit of the status is set.`,
	Claims: []lab.Claim{
		{
			Name:   "three-deaths",
			Says:   "three children of one parent end, in this order: exit status 7, SIGABRT (6), SIGFPE (8)",
			Why:    "because the kernel makes the status from how a process really ends",
			Points: 3,
			Hints: [3]string{
				"The tree shows how each child ended. Which one ended in another way than you think?",
				"A handler, a runtime or a shell between you and the signal turns a death by signal into an exit.",
				"exit(7) in the first child, abort() in the second, raise(SIGFPE) in the third.",
			},
			Judge: statusDeaths,
		},
		{
			Name:   "collected",
			Says:   "the parent's waits return each of the three, with its status",
			Why:    "because the kernel keeps a dead child's status until its parent asks for it",
			Points: 3,
			Hints: [3]string{
				"Which of the children was reaped by the parent, and which by another process?",
				"Each wait reaps one child. It gives the status only through the pointer that it gets.",
				"Call wait(&status) once for each child, with SIGCHLD at its default.",
			},
			Judge: statusCollected,
		},
		{
			Name:   "said-right",
			Says:   "the parent prints one line for each of the three statuses it got, in their order",
			Why:    "because the macros of Figure 8.4 take the status word apart",
			Points: 3,
			Hints: [3]string{
				"Compare each line with how the tree says the child ended.",
				"The exit status is in bits 8 to 15 of the word, the signal in bits 0 to 6, and the core bit is bit 7.",
				"WIFEXITED and WEXITSTATUS; WIFSIGNALED, WTERMSIG and WCOREDUMP. Print after wait has returned.",
			},
			Judge: statusSaid,
		},
		lab.AsAskedClaim("", onPipe,
			lab.Exclusion{Sentence: "Three children, one after the other", Broken: statusOverlap},
			lab.Exclusion{Sentence: "the second aborts (SIGABRT, sent by itself)", Broken: statusSent}),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, kids := statusFind(o)
		if parent == nil {
			return nil
		}
		return lab.Cast{}.With("parent", parent).Numbered(kids[:])
	},
	Moments: []lab.Moment{
		{
			Name: "exit",
			Says: "The child gives 7 to exit. The kernel puts it into bits 8 to 15 of the status word: 0x0700.",
			At: func(o *lab.Observation) *trace.Event {
				if e := statusEnd(o, 0); e != nil && e.ExitArg != nil && *e.ExitArg == 7 {
					return e
				}
				return nil
			},
		},
		{
			Name: "abort",
			Says: "abort sends SIGABRT to its own process, which dies of it. The signal's number is in bits 0 to 6 of the status word.",
			At:   statusAborted,
		},
		{
			Name: "reaped",
			Says: "wait returns the pid and fills in the status word: from now on no process has this zombie's pid.",
			At: func(o *lab.Observation) *trace.Event {
				if _, kids := statusFamily(o); kids[0] != nil && kids[0].Reap != nil && !kids[0].Reap.NullStatus {
					return kids[0].Reap
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "word",
			Ask:     "A child calls exit(7). Which status word does wait store?",
			Answers: []string{"0x0007", "0x0700", "0x0087", "0x7f07"},
			Right: func(o *lab.Observation) string {
				if _, kids := statusFamily(o); kids[0] != nil && kids[0].Reap != nil {
					if s := fmt.Sprintf("0x%04x", kids[0].Reap.Status); s == "0x0700" {
						return s
					}
				}
				return ""
			},
			Why:    "The exit status is in bits 8 to 15. Bits 0 to 6 are 0, which means a normal end.",
			Moment: "reaped",
		},
		{
			Name:    "abort",
			Ask:     "A child calls abort(). What does WIFEXITED say of its status?",
			Answers: []string{"true, with exit status 6", "true, with exit status 134", "false: it was ended by a signal"},
			Right: func(o *lab.Observation) string {
				if statusAborted(o) == nil {
					return ""
				}
				return "false: it was ended by a signal"
			},
			Why:    "abort ends with SIGABRT. 134 = 128 + 6 is how a shell writes this; the kernel does not.",
			Moment: "abort",
		},
	},
}

// ordinalRoles are parent, first child, second child and so on, of the
// process with the most children.
func ordinalRoles(o *lab.Observation) lab.Cast {
	parent := most(o)
	if parent == nil {
		return nil
	}
	return lab.Cast{}.With("parent", parent).Numbered(parent.Children)
}

// statusWords are the three statuses, the core bit aside.
var statusWords = [3]proc.WaitStatus{7 << 8, lab.SIGABRT, lab.SIGFPE}

// statusFind finds the parent and its three children: those whose ends,
// in the order of their birth, come nearest to what is asked; of equal
// ones those that executed no program. Other children are helpers.
// parent is nil if no process made three.
func statusFind(o *lab.Observation) (parent *trace.Process, kids [3]*trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		c := lab.Made(p)
		if len(c) > 64 {
			c = c[:64]
		}
		for i := range c {
			for j := i + 1; j < len(c); j++ {
				for k := j + 1; k < len(c); k++ {
					three := [3]*trace.Process{c[i], c[j], c[k]}
					if n := statusRight(three); n > best {
						best, parent, kids = n, p, three
					}
				}
			}
		}
	}
	return parent, kids
}

// statusRight counts the children that ended as asked, and, to choose
// among equal ones, those that executed no program.
func statusRight(kids [3]*trace.Process) int {
	n := 0
	for i, k := range kids {
		if w, ok := lab.Word(k); ok && w&^0x80 == statusWords[i] {
			n += 4
		}
		if !lab.Execed(k) {
			n++
		}
	}
	return n
}

// statusFamily are the parent and the three children of the run's cast.
func statusFamily(o *lab.Observation) (parent *trace.Process, kids [3]*trace.Process) {
	c := o.Cast()
	return c.Of("parent"), [3]*trace.Process{c.Of("first child"), c.Of("second child"), c.Of("third child")}
}

// statusEnd is the end of the child with this index.
func statusEnd(o *lab.Observation, i int) *trace.Event {
	if _, kids := statusFamily(o); kids[i] != nil {
		return kids[i].Exit
	}
	return nil
}

// statusAborted is the end of the second child, if it died of a SIGABRT that
// it had sent to itself.
func statusAborted(o *lab.Observation) *trace.Event {
	_, kids := statusFamily(o)
	end := statusEnd(o, 1)
	if end == nil {
		return nil
	}
	w := proc.WaitStatus(end.Status)
	for _, e := range o.EventsOf(kids[1], trace.KindSignal) {
		if e.Signal == lab.SIGABRT && e.SenderProcess == kids[1].Name && w.Signaled() && w.TermSig() == lab.SIGABRT {
			return end
		}
	}
	return nil
}

// statusTooFew is the failure that no process made three children.
func statusTooFew(o *lab.Observation) lab.Verdict {
	all := o.Processes()
	if len(all) == 1 {
		return o.Fail(o.Family(), o.WhyNoChild())
	}
	if w, ok := lab.Word(all[0]); ok && w.Signaled() {
		return o.Fail(o.Family(), fmt.Sprintf("%s %s: it could not make three children", o.Who(all[0]), o.Standing(all[0])))
	}
	return o.Fail(o.Family(), "no process made three children whose status it could ask for")
}

func statusDeaths(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids := statusFamily(o)
	if parent == nil {
		return statusTooFew(o)
	}
	var ends []string
	var sorted []proc.WaitStatus
	for _, k := range kids {
		w, ok := lab.Word(k)
		if ok {
			sorted = append(sorted, w&^0x80)
		}
		ends = append(ends, fmt.Sprintf("the %s (%d) %s", o.Role(k), lab.Pid(k), o.Standing(k)))
	}
	for i, k := range kids {
		w, ok := lab.Word(k)
		if ok && w&^0x80 == statusWords[i] {
			continue
		}
		want := statusWords[:]
		slices.Sort(sorted)
		if slices.Equal(sorted, slices.Sorted(slices.Values(want))) {
			return o.Fail(strings.Join(ends, ", "), "these are the three deaths that are asked for, in another order: first exit status 7, then SIGABRT, then SIGFPE")
		}
		return o.Fail(fmt.Sprintf("the %s (%d) %s", o.Role(k), lab.Pid(k), o.Standing(k)), statusInstead(o, k, w, ok, statusWords[i]))
	}
	return o.Passed("the words were %#x, %#x and %#x", kids[0].Exit.Status, kids[1].Exit.Status, kids[2].Exit.Status)
}

// statusInstead says what a wrong end shows.
func statusInstead(o *lab.Observation, k *trace.Process, got proc.WaitStatus, ended bool, want proc.WaitStatus) string {
	asked := "it should have " + lab.Ended(uint32(want)) + ": "
	if want.Signaled() {
		asked = "it should have been " + lab.Ended(uint32(want)) + ": "
	}
	switch {
	case !ended:
		return asked + "it did not end by itself"
	case want.Signaled() && got.ExitStatus() == 128+want.TermSig():
		return asked + fmt.Sprintf("128 + %d is how a shell writes a death by signal, but here it is an ordinary exit status", want.TermSig())
	case want.Signaled() && got.Exited():
		for _, e := range o.EventsOf(k, trace.KindKill) {
			if e.Signal == want.TermSig() {
				return asked + fmt.Sprintf("the signal was sent%s, and did not end the process: %s", lab.Where(e), statusNotDied(o, k, e))
			}
		}
		if want.TermSig() == lab.SIGFPE {
			return asked + "no such signal came, and it ended normally" + lab.Where(k.Exit) + ". A division that the compiler leaves out does not trap: raise(SIGFPE) does not depend on it"
		}
		return asked + "no such signal was sent to it, and it ended normally" + lab.Where(k.Exit)
	case want.Signaled():
		for i, other := range statusWords {
			if got&^0x80 == other {
				return asked + fmt.Sprintf("this is the end that is asked of the %s child", [3]string{"first", "second", "third"}[i])
			}
		}
		return asked + "another signal ended it first" + lab.Where(o.DeathLine(k))
	case got.Exited():
		return asked + fmt.Sprintf("the exit status is the low 8 bits of what exit is given%s", lab.Where(k.Exit))
	}
	return asked + "a signal ended it before it could exit"
}

// statusNotDied says why the signal did not end the process that sent it
// to itself.
func statusNotDied(o *lab.Observation, k *trace.Process, sent *trace.Event) string {
	for _, e := range o.EventsOf(k, trace.KindSignal) {
		if e.Signal != sent.Signal || e.Time < sent.Time {
			continue
		}
		switch e.Disposition {
		case "ignored":
			return "it is ignored, and the process " + o.Ending(k)
		case "caught":
			return "a handler caught it, and the process " + o.Ending(k)
		}
	}
	return fmt.Sprintf("it was not delivered: the process blocks it, and %s", o.Ending(k))
}

func statusCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids := statusFamily(o)
	if parent == nil {
		return statusTooFew(o)
	}
	for _, k := range kids {
		name := o.Who(k)
		switch {
		case k.Reap == nil || k.Reaper != parent:
			return o.Fail(name+" was not returned by a wait of its parent", statusMeans(o, parent, k))
		case k.Reap.Errno != "":
			return o.Fail(fmt.Sprintf("the wait that reaped %s failed with %s%s", name, k.Reap.Errno, lab.Where(k.Reap)),
				"the child is reaped, but its status could not be stored: the pointer is not a valid address")
		case k.Reap.NullStatus && statusKnown(o, parent, k) < k.Reap.Time:
			// A look with WNOWAIT had told the status before.
		case k.Reap.NullStatus:
			return o.Fail(fmt.Sprintf("the wait that returned %s was called with NULL instead of the address of a status%s", name, lab.Where(k.Reap)),
				"the child is reaped, but how it ended is lost: what is printed about it was not learned from the kernel")
		case k.Exit == nil || k.Reap.Status != k.Exit.Status:
			return o.Fail(fmt.Sprintf("%s ended with the word %#x, the wait gave %#x", name, k.Exit.Status, k.Reap.Status),
				"the two words are the same on every Linux: the recording is not of this run")
		}
	}
	return o.Passed("%s, %s and %s returned the three statuses", kids[0].Reap.Call, kids[1].Reap.Call, kids[2].Reap.Call)
}

// statusMeans says why no wait of the parent returned the child.
func statusMeans(o *lab.Observation, parent, child *trace.Process) string {
	waits := o.WaitsOf(parent)
	if o.AutoReaped(child) {
		return o.NoZombie(child) + ": there is nothing to reap, and a wait fails with ECHILD"
	}
	for _, w := range waits {
		switch {
		case w.Errno == "EFAULT":
			return fmt.Sprintf("a wait failed with EFAULT%s: the pointer to the status is not a valid address. The kernel reaps the child all the same, and its status is lost", lab.Where(w.Event))
		case w.Options&lab.WNOHANG != 0 && w.Result == 0 && w.Errno == "" && w.Form != lab.AnyChild && w.Asks(child):
			return fmt.Sprintf("the wait with WNOHANG returned 0%s: the child had not ended yet, and the parent did not ask again", lab.Where(w.Event))
		case w.Child == child && w.Options&lab.WNOWAIT != 0:
			return "a look with WNOWAIT reaps nothing: the child stays a zombie"
		}
	}
	switch {
	case len(waits) == 0:
		return "the parent never waited: its children stayed zombies until it ended itself"
	case child.Reaper != nil:
		return fmt.Sprintf("%s reaped it", o.Who(child.Reaper))
	case child.Exit == nil:
		return "it had not ended: it " + o.Standing(child)
	}
	s := "the parent's waits were for other children:"
	for i, w := range waits {
		if i == 3 {
			return s + " …"
		}
		s += fmt.Sprintf(" a wait for %s returned %d;", w.For(), w.Result)
	}
	return strings.TrimSuffix(s, ";")
}

var (
	statusNormal   = lab.Require("normal termination, exit status = N")
	statusAbnormal = lab.Require("abnormal termination, signal number = N")
)

// A statusLine is a line about a termination.
type statusLine struct {
	lab.Line
	normal bool
	number int
	core   bool // it says that a core file was generated
}

// statusLines are those that the process wrote.
func statusLines(o *lab.Observation, p *trace.Process) (lines []statusLine) {
	for _, l := range o.Told(p) {
		core := strings.Contains(strings.ToLower(l.Text), "(core file generated)")
		if n, ok := statusNormal.Match(l.Text); ok {
			lines = append(lines, statusLine{l, true, n[0], core})
		} else if n, ok := statusAbnormal.Match(l.Text); ok {
			lines = append(lines, statusLine{l, false, n[0], core})
		}
	}
	return lines
}

// says reports whether the line is right about the status.
func (l statusLine) says(w proc.WaitStatus) bool {
	if w.Exited() {
		return l.normal && l.number == w.ExitStatus() && !l.core
	}
	return !l.normal && l.number == w.TermSig() && l.core == w.CoreDump()
}

func statusSaid(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids := statusFamily(o)
	if parent == nil {
		return statusTooFew(o)
	}
	own := statusLines(o, parent)
	if k, lines := statusDoubled(own, kids); k != nil {
		means := "each child gets one line. Ask WIFEXITED or WIFSIGNALED first, and print the line that is true"
		next := slices.Index(kids[:], k) + 1
		if failed := statusFailed(o, kids[next], own[next]); failed != nil {
			means = statusKept(failed)
		}
		return o.Fail(fmt.Sprintf("the parent printed %d such lines between the end of the %s and that of the next one: %s", len(lines), o.Role(k), lab.Quote(lines)), means)
	}
	for i, k := range kids {
		w, ok := lab.Word(k)
		if !ok {
			return o.Fail(fmt.Sprintf("the %s (%d) did not end: it %s", o.Role(k), lab.Pid(k), o.Standing(k)), "there is no status to print")
		}
		switch {
		case i >= len(own):
			return o.Fail(statusMissing(b, o, parent, own, w))
		case !own[i].says(w):
			if by, text := statusOther(o, parent, w); by != nil {
				return o.Fail(fmt.Sprintf("%s printed %q", o.Who(by), text), "the line has to come from the parent, which learns the status from a wait")
			}
			return o.Fail(fmt.Sprintf("line %d of the parent's lines about terminations is %q", i+1, own[i].Text), statusWrong(o, k, own[i], w))
		case own[i].Time < statusKnown(o, parent, k):
			return o.Fail(fmt.Sprintf("%q was written before a wait had returned the %s", own[i].Text, o.Role(k)),
				"the line was a guess: the parent did not know the status yet")
		}
	}
	all := 0
	for _, p := range o.Processes() {
		all += len(statusLines(o, p))
	}
	if len(own) != 3 || all != 3 {
		return o.Fail(fmt.Sprintf("%d such lines arrived, %d of them from the parent", all, len(own)), statusTooMany(o, parent))
	}
	if !o.TimedOut { // else there is no second run
		if v, literal := statusLiteral(b); literal {
			return v
		}
	}
	return o.Passed("the lines say what the words %#x, %#x and %#x mean", kids[0].Exit.Status, kids[1].Exit.Status, kids[2].Exit.Status)
}

// statusDoubled finds the first child for which the parent printed more than
// one line: between its end and the end of the next one, when there were
// more lines than children that had ended.
func statusDoubled(own []statusLine, kids [3]*trace.Process) (*trace.Process, []string) {
	for i, k := range kids[:2] {
		var lines []string
		before := 0
		for _, l := range own {
			if l.Time >= kids[i+1].Died {
				continue
			}
			before++
			if k.Died >= 0 && l.Time > k.Died {
				lines = append(lines, l.Text)
			}
		}
		if len(lines) > 1 && before > i+1 {
			return k, lines
		}
	}
	return nil, nil
}

// statusKnown is when a wait of the parent returned the child's status
// first: a look with WNOWAIT tells it too.
func statusKnown(o *lab.Observation, parent, k *trace.Process) int64 {
	for _, w := range o.WaitsOf(parent) {
		if w.Child == k && w.Time > k.Died && w.Errno == "" {
			return w.Time
		}
	}
	return math.MaxInt64
}

// statusOther finds a process beside the parent that printed the line which
// is right for this status.
func statusOther(o *lab.Observation, parent *trace.Process, w proc.WaitStatus) (by *trace.Process, text string) {
	for _, p := range o.Processes() {
		for _, l := range statusLines(o, p) {
			if p != parent && l.says(w) {
				return p, l.Text
			}
		}
	}
	return nil, ""
}

// tampered is a run in which the recorder changes how the children end.
var tampered = func() lab.Run {
	r := onPipe
	r.Trace.Tamper = &record.Tamper{
		Exits:   map[int]int{7: 42},
		Signals: map[int]int{lab.SIGABRT: lab.SIGTERM, lab.SIGFPE: lab.SIGUSR1},
	}
	return r
}()

// statusLiteral runs the program once more while the recorder changes how
// the children end, and finds a line that says what it said before.
func statusLiteral(b *lab.Bench) (v lab.Verdict, literal bool) {
	o, err := b.Try(tampered)
	if err != nil || o == nil {
		return v, false
	}
	parent, kids := statusFamily(o)
	if parent == nil {
		return v, false
	}
	own := statusLines(o, parent)
	for i, k := range kids {
		w, ok := lab.Word(k)
		if !ok || i >= len(own) || w&^0x80 == statusWords[i] || own[i].says(w) {
			continue
		}
		if own[i].says(statusWords[i]) || own[i].says(statusWords[i]|0x80) {
			return o.Fail(fmt.Sprintf("in one more run the recorder changed how the children end: the %s %s, and the parent printed %q all the same", o.Role(k), o.Standing(k), own[i].Text),
				"the line does not come from the status: it is a fixed text. Print what WEXITSTATUS and WTERMSIG take from the status that wait stored"), true
		}
	}
	return v, false
}

// statusMissing says which line the parent did not print, and what it
// printed instead.
func statusMissing(b *lab.Bench, o *lab.Observation, parent *trace.Process, own []statusLine, w proc.WaitStatus) (observed, means string) {
	if len(own) > 0 {
		return fmt.Sprintf("%s printed %s", o.Who(parent), lab.Quote(lab.Texts(o.Told(parent)))),
			fmt.Sprintf("the line %q is missing", w.String())
	}
	want := statusNormal
	if w.Signaled() {
		want = statusAbnormal
	}
	return want.Missing(b, o, parent)
}

// statusWrong says how the number of a wrong line came about.
func statusWrong(o *lab.Observation, k *trace.Process, l statusLine, w proc.WaitStatus) string {
	right := fmt.Sprintf("the status word of the %s is %#x, which is %q", o.Role(k), uint32(w), w.String())
	if failed := statusFailed(o, k, l); failed != nil {
		return statusKept(failed) + "; " + right
	}
	switch {
	case w.Signaled() && l.number == 128+w.TermSig():
		return fmt.Sprintf("%d is 128 + %d: a shell writes a death by signal like this, and it is not an exit status; %s", l.number, w.TermSig(), right)
	case w.Signaled() && l.number == -1:
		return "−1 is not the number of a signal: it is what ExitCode of Go's os/exec returns for every process that a signal ended; " + right
	case w.Signaled() && l.number == -w.TermSig():
		return fmt.Sprintf("Python's subprocess writes a death by signal as a negative number: %d stands for the signal %d; %s", l.number, -l.number, right)
	case l.number == int(w) && l.number != w.ExitStatus() && l.number != w.TermSig():
		return fmt.Sprintf("%d is the whole status word (%#x): take it apart with WEXITSTATUS or WTERMSIG; %s", l.number, uint32(w), right)
	case w.Signaled() && l.number != w.TermSig() && l.number == int(w>>8)&0xff:
		return fmt.Sprintf("%d is in bits 8 to 15 of the word, which WEXITSTATUS takes: of a child that a signal ended ask for WTERMSIG; %s", l.number, right)
	case l.normal && w.Signaled():
		return "this child did not exit, it was ended by a signal: ask WIFEXITED before WEXITSTATUS; " + right
	case !l.normal && w.Exited():
		return "this child was not ended by a signal, it exited: ask WIFSIGNALED before WTERMSIG; " + right
	case w.Signaled() && l.number == int(w&0xff) && w.CoreDump():
		return fmt.Sprintf("%d is the signal's number with the core bit (0x80): WTERMSIG takes bits 0 to 6 only; %s", l.number, right)
	case l.number == w.ExitStatus() || l.number == w.TermSig():
		if l.core {
			return "the core bit of this status is not set: no core file was generated; " + right
		}
		return "the core bit of this status is set: the line has to say (core file generated); " + right
	}
	return right
}

// statusKept says what a program prints whose wait stored no status.
func statusKept(failed *trace.Event) string {
	what := "the wait before this line"
	if failed.Errno != "" {
		what += fmt.Sprintf(" failed with %s%s", failed.Errno, lab.Where(failed))
	} else {
		what += " returned 0" + lab.Where(failed) + ", because the child had not ended (WNOHANG),"
	}
	return what + " and stored no status: what was printed comes from an earlier value of the variable"
}

// statusFailed is the last wait of the parent before it printed the line, if
// that returned no child, and none before it had returned this one; nil
// otherwise. A waitid has no status to store.
func statusFailed(o *lab.Observation, k *trace.Process, l statusLine) *trace.Event {
	if k.Reap != nil && k.Reaped < l.Time && !k.Reap.NullStatus {
		return nil // what later waits did changed nothing
	}
	var last *trace.Event
	for _, e := range o.Waits(k.Parent) {
		if e.Time > k.Born && e.Time < l.Time && e.Call != "waitid" {
			last = e
		}
	}
	if last == nil || last.Result > 0 {
		return nil
	}
	return last
}

// statusTooMany says where additional lines come from.
func statusTooMany(o *lab.Observation, parent *trace.Process) string {
	for _, p := range o.Processes() {
		if p != parent && len(statusLines(o, p)) > 0 {
			if place, ran := statusRanOn(o, parent, p); ran {
				return fmt.Sprintf("%s printed such a line itself%s: it did not end before it came to its parent's code", o.Who(p), place)
			}
			if p.Parent == parent && lab.IsFork(p) {
				return fmt.Sprintf("%s wrote such lines too: they were in the parent's unflushed buffer when it forked, and the child's exit flushed its copy", o.Who(p))
			}
			return fmt.Sprintf("%s wrote such lines too: they have to come from the parent", o.Who(p))
		}
	}
	return "the parent has to print one line for each child"
}

// statusRanOn reports whether a line of the child cannot be a copy of what
// was in the parent's buffer at the fork, because the parent did not write
// this line afterwards; and where the child wrote it.
func statusRanOn(o *lab.Observation, parent, p *trace.Process) (place string, ran bool) {
	for _, l := range statusLines(o, p) {
		copied := slices.ContainsFunc(statusLines(o, parent), func(x statusLine) bool { return x.Text == l.Text && x.Time > p.Born })
		if p.Parent == parent && !copied {
			return lab.Where(l.Write), true
		}
	}
	return "", false
}

// statusOverlap finds children that were alive at the same time.
func statusOverlap(o *lab.Observation) string {
	_, kids := statusFamily(o)
	for i, k := range kids[1:] {
		if before := kids[i]; k != nil && (before.Died < 0 || k.Born < before.Died) {
			return fmt.Sprintf("%s was made while the %s was alive", o.Who(k), o.Role(before))
		}
	}
	return ""
}

// statusSent finds a signal that a child did not send to itself. Where the
// kernel had no memory left for the siginfo (ulimit -i), it does not name
// the sender; then the call that sent the signal tells.
func statusSent(o *lab.Observation) string {
	_, kids := statusFamily(o)
	for _, k := range kids {
		if k == nil {
			continue
		}
		w, ok := lab.Word(k)
		if !ok || !w.Signaled() {
			continue
		}
		for _, e := range o.Events(trace.KindKill) {
			if e.TargetProcess == k.Name && e.Signal == w.TermSig() && e.Errno == "" && e.Process != k.Name {
				return fmt.Sprintf("the signal %s of %s was sent by %s%s", proc.SignalText(e.Signal), o.Who(k), o.Who(o.Process(e.Process)), lab.Where(e))
			}
		}
		for _, e := range o.EventsOf(k, trace.KindSignal) {
			if e.Signal == w.TermSig() && e.SiCode <= 0 && e.SenderProcess != "" && e.SenderProcess != k.Name {
				return fmt.Sprintf("the signal %s of %s came from %s", proc.SignalText(e.Signal), o.Who(k), o.Who(o.Process(e.SenderProcess)))
			}
			if e.Signal == w.TermSig() && e.SiCode <= 0 && e.SenderProcess == "" && e.Sender > 0 && e.Sender != lab.Pid(k) {
				return fmt.Sprintf("the signal %s of %s came from outside of the program (pid %d)", proc.SignalText(e.Signal), o.Who(k), e.Sender)
			}
		}
	}
	return ""
}
