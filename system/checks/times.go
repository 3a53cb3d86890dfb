package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

var (
	timesRun  = watched()
	timesMore = watched("--more")

	timesCommandsRun = watched("--commands")
	timesLine        = lab.Require("before = A, dead = B, waited = C")
)

// Times checks when the time of a child is counted.
var Times = &lab.Experiment{
	Dir: "system", Name: "times", Ref: "§8.17, Fig. 8.31",
	Title:    "processor time in clock ticks",
	Exercise: true,
	Task: `A child uses at least 0.2 s of processor time, user and system
together, and ends. The parent asks for the processor time of its
children (times, or getrusage of RUSAGE_CHILDREN) three times: before
it makes the child, when the child is dead and not waited for, and
after the wait. It prints

    before = A, dead = B, waited = C

where A, B and C are user and system time together in clock ticks
(1/100 s where sysconf says 100).`,
	Claims: []lab.Claim{
		{Name: "dead-first", Points: 2,
			Says: "the parent asked the second time when the child was dead, and before the wait that returned it",
			Why:  "because only then can it be seen that the time is not counted yet",
			Hints: [3]string{
				"When did the parent ask, and when did the child end?",
				"waitid can wait for the end of a child without reaping it.",
				"waitid(P_PID, pid, &info, WEXITED | WNOWAIT), then times, then waitpid",
			}, Judge: timesDeadFirst},
		{Name: "not-yet", Needs: []string{"dead-first"}, Points: 2,
			Says: "the first and the second answer are the same",
			Why:  "because a zombie keeps its own account until it is reaped",
			Hints: [3]string{
				"What changed between the two questions?",
				"A dead child's time is still its own.",
				"Compare tms_cutime + tms_cstime before and after the child's end.",
			}, Judge: timesNotYet},
		{Name: "at-the-wait", Needs: []string{"dead-first"}, Points: 3,
			Says: "the third answer is greater by the child's time, which is at least 20 ticks",
			Why:  "because the wait adds the child's time to the account of its parent",
			Hints: [3]string{
				"How much time had the child used when it ended?",
				"A child that SIGCHLD's being ignored reaps, or a grandchild that is not waited for, is not counted.",
				"Compute in the child until CLOCK_PROCESS_CPUTIME_ID says 0.2 s, and wait for it with waitpid.",
			}, Judge: timesAtWait},
		{Name: "said-right", Needs: []string{"dead-first"}, Points: 2,
			Says: "the line has the three numbers that the kernel gave, within a tick",
			Why:  "because the program is to print what it was told",
			Hints: [3]string{
				"Are these clock ticks, and the sum of user and system time?",
				"times counts ticks: 100 a second. getrusage has microseconds.",
				"tms_cutime + tms_cstime, or 100 × seconds of ru_utime + ru_stime",
			}, Judge: timesSaid},
		ours("self", "times gives the caller's own fields 14 and 15 of /proc/PID/stat", "because both read the same account", timesSelf),
		ours("grandchildren", "a grandchild counts if its parent waited for it, and not otherwise", "because each wait adds one account to another",
			lines(timesMore, "only waits add accounts", nil, timesGrand)),
		ours("ignored", "with SIGCHLD ignored the time of children is never added", "because no wait returns them",
			lines(timesMore, "nobody reaped the child by a wait", nil, timesIgnored)),
		ours("exec-keeps", "an exec keeps all four numbers", "because the process stays the same", timesExec),
		ours("wall", "the difference of two return values is the elapsed time in ticks, not less than a sleep in between", "because the kernel counts them from some point in the past",
			lines(timesMore, "the sleep took 0.2 s", nil, timesWall)),
		ours("commands", "a command that sleeps costs real time and next to no processor time, and what a command computes in the background is not counted, because its shell does not wait for it", "because only waits add accounts",
			timesCommands),
		lab.AsAskedClaim("dead-first", timesRun),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, child := timesPair(o)
		return lab.Pair(parent, child)
	},
	Moments: []lab.Moment{
		{Name: "dead", Says: "The child is dead and not reaped. The parent asks for its children's time, and the child's is not in it.",
			At: func(o *lab.Observation) *trace.Event {
				asked := timesAsked(o)
				parent, child := timesPair(o)
				if asked[1] == nil || !o.ZombieOf(child, parent, asked[1].Time) || ticksOf(asked[1]) > 0 && (asked[0] == nil || ticksOf(asked[1]) > ticksOf(asked[0])) {
					return nil
				}
				return asked[1]
			}},
		{Name: "waited", Says: "After the wait the parent asks once more: now the child's time is counted.",
			At: func(o *lab.Observation) *trace.Event {
				asked := timesAsked(o)
				if asked[1] == nil || asked[2] == nil || ticksOf(asked[2]) <= ticksOf(asked[1]) {
					return nil
				}
				return asked[2]
			}},
	},
	Questions: []lab.Question{{
		Name: "when", Ask: "A child has computed for 0.2 s and ended. When does its parent's account of children grow?",
		Answers: []string{"while the child computes", "when the child ends", "when the parent waits for it", "never"},
		Right: func(o *lab.Observation) string {
			asked := timesAsked(o)
			if asked[1] == nil || asked[2] == nil || ticksOf(asked[2])-ticksOf(asked[1]) < 10 {
				return ""
			}
			return "when the parent waits for it"
		},
		Why: "The zombie keeps its account. The wait adds it to its parent's.", Moment: "waited",
	}, {
		Name: "wnowait", Ask: "The parent calls waitid with WNOWAIT, and it returns the child. What is left of the child?",
		Answers: []string{"nothing: it was reaped", "a zombie", "the child runs on"},
		Right: func(o *lab.Observation) string {
			parent, child := timesPair(o)
			if child == nil {
				return ""
			}
			for _, w := range o.Waits(parent) {
				if w.Options&lab.WNOWAIT != 0 && w.ResultProcess == child.Name && child.Reaped > w.Time {
					return "a zombie"
				}
			}
			return ""
		},
		Why: "WNOWAIT looks at the status and leaves the child as it is. A later wait reaps it.",
	}},
}

// timesPair finds the parent and the child that computed: of the children of
// processes that asked for their children's times, those that used 0.2 s
// before others; of these the one around whose end most of the three
// questions were asked, and of equal ones that with the most processor time.
func timesPair(o *lab.Observation) (parent, child *trace.Process) {
	best := []int{-1}
	for _, p := range o.Processes() {
		if len(timesEvents(o, p)) == 0 {
			continue
		}
		for _, c := range lab.Made(p) {
			used, asked := usedMs(atEnd(o, c, c)), 0
			for _, e := range timesAround(o, p, c) {
				if e != nil {
					asked++
				}
			}
			if n := []int{min(used, 200), asked, used}; slices.Compare(n, best) > 0 {
				parent, child, best = p, c, n
			}
		}
	}
	return parent, child
}

// timesEvents are the questions of the process about its children.
func timesEvents(o *lab.Observation, p *trace.Process) (all []*trace.Event) {
	for _, e := range o.EventsOf(p, trace.KindTimes) {
		if e.Errno == "" && (e.Call == "times" && len(e.Numbers) == 4 || e.Call == "getrusage" && e.Which == rusageChildren && len(e.Numbers) == 2) {
			all = append(all, e)
		}
	}
	return all
}

// timesAsked are the three questions: the last one before the child was
// made, the last one while it was dead, and the first one after the
// wait. Those that were not asked are nil.
func timesAsked(o *lab.Observation) (asked [3]*trace.Event) {
	parent, child := timesPair(o)
	if child == nil {
		return asked
	}
	return timesAround(o, parent, child)
}

// timesAround are the three questions of a parent about one child.
func timesAround(o *lab.Observation, parent, child *trace.Process) (asked [3]*trace.Event) {
	for _, e := range timesEvents(o, parent) {
		switch {
		case e.Time < child.Born:
			asked[0] = e
		case child.Died >= 0 && e.Time > child.Died && (child.Reaped < 0 || e.Time < child.Reaped):
			asked[1] = e
		case child.Reaped >= 0 && e.Time > child.Reaped && asked[2] == nil:
			asked[2] = e
		}
	}
	return asked
}

// ticksOf is an answer in clock ticks.
func ticksOf(e *trace.Event) int64 {
	if e.Call == "times" {
		return e.Numbers[2] + e.Numbers[3]
	}
	return (e.Numbers[0] + e.Numbers[1]) / 10_000
}

func timesDeadFirst(b *lab.Bench) lab.Verdict {
	o := b.Run(timesRun)
	parent, child := timesPair(o)
	if child == nil {
		return o.Fail(o.Family(), "no process that made a child asked for the times of its children. times does, and getrusage of RUSAGE_CHILDREN; clock and RUSAGE_SELF give the caller's own time")
	}
	asked := timesAsked(o)
	for i, when := range []string{"before the child was made", "between the child's end and the wait that returned it", "after the wait"} {
		if asked[i] == nil {
			return o.Fail(fmt.Sprintf("%s did not ask %s", o.Who(parent), when), timesWhyNot(o, parent, child, i))
		}
	}
	return o.Passed("it asked before the child was made, while it was a zombie, and after the wait")
}

// timesWhyNot says why the question with this index was not asked at its time.
func timesWhyNot(o *lab.Observation, parent, child *trace.Process, i int) string {
	all := timesEvents(o, parent)
	counted := fmt.Sprintf("it asked %d times in all, at other moments", len(all))
	if len(all) == 1 {
		counted = "it asked once, at another moment"
	}
	switch {
	case i == 0:
		return "its first question" + lab.Where(all[0]) + " came after the fork: ask before it"
	case o.AutoReaped(child):
		return o.NoZombie(child) + ": no wait returned it, and its time is lost"
	case i == 2 && child.Reaped < 0:
		return "it did not wait for the child: only a wait adds the child's time"
	case i == 1 && child.Reap != nil && child.Reap.Process == parent.Name:
		early := ""
		for _, e := range all {
			if e.Time > child.Born && e.Time < child.Died {
				early = "its question" + lab.Where(e) + " came while the child was still running; "
			}
		}
		return early + "its " + lab.WaitName(child.Reap) + lab.Where(child.Reap) + " waited for the end of the child and reaped it at once: waitid with WNOWAIT waits and leaves the zombie"
	}
	return counted
}

func timesNotYet(b *lab.Bench) lab.Verdict {
	o := b.Run(timesRun)
	asked := timesAsked(o)
	if asked[0] == nil || asked[1] == nil {
		return o.Fail("the first two questions were not asked", "there is nothing to compare")
	}
	if a, z := ticksOf(asked[0]), ticksOf(asked[1]); a != z {
		return o.Fail(fmt.Sprintf("the answers were %d and %d ticks", a, z), "another child was waited for in between")
	}
	return o.Passed("both answers were %d ticks", ticksOf(asked[0]))
}

func timesAtWait(b *lab.Bench) lab.Verdict {
	o := b.Run(timesRun)
	_, child := timesPair(o)
	asked := timesAsked(o)
	if asked[0] == nil || asked[2] == nil {
		return o.Fail("the first or the third question was not asked", "there is nothing to compare")
	}
	f := atEnd(o, child, child)
	own := int64(f.StatNumber(14) + f.StatNumber(15))
	grown := ticksOf(asked[2]) - ticksOf(asked[0])
	switch {
	case own < 20:
		return o.Fail(fmt.Sprintf("the child had used %s of processor time when it ended, which is less than 20 ticks", ofTicks(own)), "it has to use 0.2 s of processor time itself")
	case grown > own && timesOther(o, child, asked) != "":
		return o.Fail(fmt.Sprintf("the account grew by %s, and the child had used %s", ofTicks(grown), ofTicks(own)), timesOther(o, child, asked))
	case grown < own-3 || grown > own+3+int64(f.StatNumber(16)+f.StatNumber(17)):
		return o.Fail(fmt.Sprintf("the account grew by %s, and the child had used %s", ofTicks(grown), ofTicks(own)), "the wait should have added the child's time")
	}
	return o.Passed("the account grew by %d ticks; the child had used %d", grown, own)
}

// timesOther says that another child was waited for between the first and the
// third question; "" if none was.
func timesOther(o *lab.Observation, child *trace.Process, asked [3]*trace.Event) string {
	for _, c := range child.Parent.Children {
		if c != child && c.Reap != nil && c.Reap.Process == child.Parent.Name && c.Reaped > asked[0].Time && c.Reaped < asked[2].Time {
			return fmt.Sprintf("between the two questions %s was waited for too%s, and its time counts as well", o.Who(c), lab.Where(c.Reap))
		}
	}
	return ""
}

// timesNames are the three names in the line, and timesWhen says when each
// number is asked for.
var (
	timesNames = []string{"before", "dead", "waited"}
	timesWhen  = []string{"before the child was made", "when the child was dead", "after the wait"}
)

func timesSaid(b *lab.Bench) lab.Verdict {
	o := b.Run(timesRun)
	parent, _ := timesPair(o)
	if parent == nil {
		return o.Fail(o.Family(), "no process asked for the times of its children")
	}
	asked := timesAsked(o)
	said := timesLine.Said(o, parent)
	if len(said) == 0 || len(said[0].Numbers) != 3 {
		return o.Fail(timesLine.Missing(b, o, parent))
	}
	for _, p := range o.Processes() {
		if p == parent || lab.Execed(p) {
			continue
		}
		for _, l := range timesLine.Said(o, p) {
			return o.Fail(fmt.Sprintf("%s printed %q too", o.Who(p), l.Text), fmt.Sprintf("only the parent is to print the line: %s ran on into its parent's code, and has to end before it", o.Who(p)))
		}
	}
	for i, e := range asked {
		if e == nil {
			return o.Fail("one of the three questions was not asked", "there is nothing to compare")
		}
		n := int64(said[0].Numbers[i])
		if near(n, ticksOf(e)) {
			continue
		}
		for j, other := range asked {
			if other != nil && j != i && ticksOf(other) > 1 && near(n, ticksOf(other)) {
				return o.Fail(fmt.Sprintf("in the line of the parent the number behind %q is the answer to another question, the one %s", timesNames[i], timesWhen[j]),
					"each number belongs behind the name of the time at which it was asked for")
			}
		}
		return o.Fail(fmt.Sprintf("in the line of the parent the number behind %q is not the one that the kernel had told it: %s", timesNames[i], timesAnswer(e)), timesMistake(n, i, asked, o.EventsOf(parent, trace.KindTimes)))
	}
	return o.Passed("%q: these are the kernel's numbers", said[0].Line.Text)
}

// near reports whether two numbers of ticks are the same within a tick.
func near(a, z int64) bool { return a-z <= 1 && z-a <= 1 }

// ofTicks says clock ticks as a time.
func ofTicks(n int64) string { return fmt.Sprintf("%.2f s", float64(n)/100) }

// timesAnswer says an answer as the kernel gave it.
func timesAnswer(e *trace.Event) string {
	user, system := timesParts(e)
	return fmt.Sprintf("%s of user time and %s of system time", ofTicks(user), ofTicks(system))
}

// timesParts are the user and the system time of the answer in ticks.
func timesParts(e *trace.Event) (user, system int64) {
	if e.Call == "times" {
		return e.Numbers[2], e.Numbers[3]
	}
	return e.Numbers[0] / 10_000, e.Numbers[1] / 10_000
}

// timesMistake says how the number of the line came from the answers, as far
// as the numbers tell.
func timesMistake(n int64, i int, asked [3]*trace.Event, calls []*trace.Event) string {
	const asks = "the task asks for user and system time of the children together, in clock ticks"
	e, all := asked[i], ticksOf(asked[i])
	user, system := timesParts(e)
	for _, c := range calls {
		if c.Call != "times" || len(c.Numbers) != 4 {
			continue
		}
		own := c.Numbers[0] + c.Numbers[1]
		switch {
		case n == c.Result:
			return "it is what times returned, which counts real time: " + asks
		case own > 1 && n == own:
			return "this is as much as the parent itself had used, tms_utime and tms_stime: " + asks
		case own > 1 && n == own+all:
			return "this is as much as the parent and its children together: " + asks
		}
	}
	switch {
	case i > 0 && asked[i-1] != nil && ticksOf(asked[i-1]) > 1 && near(n, all-ticksOf(asked[i-1])):
		return "it is the difference of this answer and the one before: the task asks for the answer itself"
	case all >= 100 && near(n, (e.Numbers[0]%1_000_000+e.Numbers[1]%1_000_000)/10_000) && e.Call == "getrusage":
		return "it has only the microseconds of ru_utime and ru_stime, tv_usec: the seconds, tv_sec, belong to it"
	case user > 1 && system > 1 && n == user:
		return "this is as much as the user time alone: " + asks
	case user > 1 && system > 1 && n == system:
		return "this is as much as the system time alone: " + asks
	case all > 1 && n >= 10*(all-1) && n <= 10*(all+1):
		return "it is in milliseconds: a tick is 10 ms"
	case all > 1 && n >= 10_000*(all-1) && n <= 10_000*(all+1):
		return "it is in microseconds: a tick is 10000 µs"
	case n == 0 && all < 100:
		return fmt.Sprintf("an answer below 100 ticks, divided by the ticks of a second or by CLOCKS_PER_SEC, is 0; the parent's own time, tms_utime and tms_stime, may be 0 too. %s%s", strings.ToUpper(asks[:1]), asks[1:])
	}
	return asks
}

// grown is the number of a line of --more; −1 if there is none.
func grown(o *lab.Observation, words string) int {
	n := -1
	for _, l := range o.Printed(words + ": ") {
		fmt.Sscan(l.Text[len(words)+2:], &n)
	}
	return n
}

func timesSelf(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, timesMore)
	if cannot != nil {
		return *cannot
	}
	lines := o.Printed("own time: ")
	if len(lines) == 0 {
		return o.Fail("no process printed its own time", "there is nothing to compare")
	}
	l := lines[0]
	f, n := l.Of(l.By), grown(o, "own time")
	if ticks := f.StatNumber(14) + f.StatNumber(15); n < 20 || ticks < n-1 || ticks > n+3 {
		return o.Fail(fmt.Sprintf("times said %d ticks, /proc/PID/stat %d", n, ticks), "both have to be the same account")
	}
	return o.Passed("times and /proc/PID/stat said %d ticks", n)
}

func timesGrand(o *lab.Observation) *lab.Verdict {
	reaped, not := grown(o, "a grandchild that was reaped"), grown(o, "a grandchild that was not reaped")
	if reaped < 17 || not < 0 || not > 5 {
		return failure(o, "its time should be counted only if its parent waited for it", "a grandchild that was reaped counted %d ticks, one that was not %d", reaped, not)
	}
	for _, p := range o.Processes() {
		if p.Parent != nil && p.Parent.Parent == o.Processes()[0] && usedMs(atEnd(o, p, p)) < 170 && p.Exec == nil {
			return failure(o, "it should compute for 0.2 s", "a grandchild used %d ms", usedMs(atEnd(o, p, p)))
		}
	}
	return nil
}

func timesIgnored(o *lab.Observation) *lab.Verdict {
	if n := grown(o, "a child with SIGCHLD ignored"); n != 0 {
		return failure(o, "the time of a child that is not waited for is lost", "the account had %d ticks", n)
	}
	return nil
}

func timesExec(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, timesMore)
	if cannot != nil {
		return *cannot
	}
	before, after := o.Printed("own time: "), o.Printed("after the exec")
	if len(before) != 1 || len(after) != 1 || before[0].By != after[0].By {
		return o.Fail("the process did not print before and after its exec", "there is nothing to compare")
	}
	f, g := before[0].Of(before[0].By), after[0].Of(after[0].By)
	for n := 14; n <= 17; n++ {
		if g.StatNumber(n) < f.StatNumber(n) {
			return o.Fail(fmt.Sprintf("field %d of stat was %d, and is %d after the exec", n, f.StatNumber(n), g.StatNumber(n)), "an exec sets no account back")
		}
	}
	if f.StatNumber(14)+f.StatNumber(15) < 20 {
		return o.Fail("the process had not computed before its exec", "0 before and after would prove nothing")
	}
	return o.Passed("%d ticks before the exec, %d after it", f.StatNumber(14)+f.StatNumber(15), g.StatNumber(14)+g.StatNumber(15))
}

func timesWall(o *lab.Observation) *lab.Verdict {
	n := grown(o, "a sleep of 0.2 s took")
	var calls []*trace.Event
	for _, e := range o.EventsOf(o.Processes()[0], trace.KindTimes) {
		if e.Call == "times" {
			calls = append(calls, e)
		}
	}
	// The kernel's count of ticks may be one late.
	if n < 19 || len(calls) < 2 {
		return failure(o, "0.2 s are 20 ticks", "the difference of the two return values was %d", n)
	}
	a, z := calls[len(calls)-2], calls[len(calls)-1]
	// The recorder may see a return late, and never before the call: what
	// the process did last was before it.
	since := int64(0)
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e == a {
			break
		}
		if e.Process == a.Process {
			since = e.Time
		}
	}
	if d := int(z.Result - a.Result); d != n || int64(d) > (z.Time-since)/10_000_000+2 {
		return failure(o, "the line has to be the difference of the two results", "the kernel returned %d and %d, not more than %d ms apart", a.Result, z.Result, (z.Time-since)/1e6)
	}
	return nil
}

// timesCommands compares the account of the caller's children around each
// command with what the processes of the command had used at their ends.
func timesCommands(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, timesCommandsRun)
	if cannot != nil {
		return *cannot
	}
	first := o.Processes()[0]
	var asked []*trace.Event
	for _, e := range o.EventsOf(first, trace.KindTimes) {
		if e.Call == "times" {
			asked = append(asked, e)
		}
	}
	shells := lab.Forked(first)
	if len(asked) != 4 || len(shells) != 2 {
		return o.Fail(fmt.Sprintf("%d calls of times and %d commands", len(asked), len(shells)), "there should be two calls for each of two commands")
	}
	for i, s := range shells {
		grown, real := ticksOf(asked[2*i+1])-ticksOf(asked[2*i]), asked[2*i+1].Result-asked[2*i].Result
		// The kernel's count of ticks may be one late.
		if real < 49 {
			return o.Fail(fmt.Sprintf("the command %d took %d ticks of real time", i+1, real), "it sleeps for 50")
		}
		background, waitedFor := 0, usedMs(atEnd(o, s, s))
		for _, c := range s.Children {
			if w, ok := lab.Word(c); ok && w.Signaled() {
				background = usedMs(atEnd(o, c, c))
			} else {
				waitedFor += usedMs(atEnd(o, c, c))
			}
		}
		if i == 1 && background < 60 {
			return lab.Cannot(fmt.Sprintf("the loop in the background got %d ms of the processor", background), "try again when the machine is less busy")
		}
		// Each number is in whole ticks, and a process goes on for a little
		// after it was looked at.
		if counted := int(grown) * 10; counted > waitedFor+30 {
			return o.Fail(fmt.Sprintf("of the command %d %d ms are counted; what was waited for had used %d ms, its process in the background %d ms", i+1, counted, waitedFor, background), "only what was waited for should be counted")
		}
	}
	return o.Passed("two commands slept for 0.5 s each, and only what was waited for was counted")
}
