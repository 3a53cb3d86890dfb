package checks

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Deadlock checks what becomes of a vforked child that waits for
// its parent.
var Deadlock = &lab.Experiment{
	Dir: "vfork", Name: "deadlock", Ref: "§8.4",
	Title: "a vforked child that waits for its parent waits for ever",
	Claims: []lab.Claim{
		{
			Name:   "stuck",
			Says:   "for the whole time that the watchdog looks the parent is in state D and the child in S, and neither runs",
			Why:    "because the parent is not to run before the child has ended, and the child waits for the parent",
			Points: 3,
			Hints: [3]string{
				"who has to go first: the parent or the child?",
				"CLONE_VFORK keeps the parent until the child calls exec or _exit",
				"field 3 of /proc/PID/stat, and the context switches in /proc/PID/status",
			},
			Judge: deadlockStuck,
		},
		{
			Name:   "only-the-parent",
			Says:   "the parent alone holds the write end of the pipe that the child reads",
			Why:    "because every other copy of it was closed",
			Points: 1,
			Needs:  []string{"stuck"},
			Hints: [3]string{
				"who could write the byte?",
				"a pipe's end is open as long as any process has it open",
				"ls -l /proc/PID/fd of all three",
			},
			Judge: deadlockOnlyTheParent,
		},
		{
			Name:   "broken",
			Says:   "another process kills the child with signal 9; then the parent runs again and collects that status",
			Why:    "because the child's end, however it comes, lets the parent go",
			Points: 2,
			Needs:  []string{"stuck"},
			Hints: [3]string{
				"who can end this from outside?",
				"SIGKILL reaches a process that waits; what the parent gets is its status",
				"kill(child, SIGKILL) in the watchdog, waitpid() in the parent",
			},
			Judge: deadlockBroken,
		},
	},
	Moments:   deadlockMoments,
	Questions: deadlockQuestions,
	Cast: func(o *lab.Observation) lab.Cast {
		c := parentAndChild(o)
		if e := deadlockKill(o, c.Of("child")); e != nil {
			c = c.With("watchdog", o.Process(e.Process))
		}
		return c
	},
}

// watchdog is the process that killed the child of the vfork.
func watchdog(o *lab.Observation) *trace.Process {
	return o.Cast().Of("watchdog")
}

// deadlockKill is the kill that ended the deadlock: the first one that
// was sent to the child.
func deadlockKill(o *lab.Observation, child *trace.Process) *trace.Event {
	for _, e := range o.Events(trace.KindKill) {
		if child != nil && e.TargetProcess == child.Name && e.Errno == "" {
			return e
		}
	}
	return nil
}

func deadlockStuck(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, child := vforkPair(o)
	dog := watchdog(o)
	if child == nil || dog == nil || dog.Name == parent.Name {
		return o.Fail(o.Family(), "there was no vforked child that another process watched and killed")
	}
	var seen []look
	for _, l := range looks(o, dog) {
		// From the kill on they run again, dead or alive.
		if l.time < child.Died && l.time < deadlockKill(o, child).Time {
			seen = append(seen, l)
		}
	}
	if len(seen) < 2 || seen[len(seen)-1].time-seen[0].time < 200e6 {
		return o.Fail("the watchdog did not look for 200 ms", "nothing shows that they were stuck for long")
	}
	switches := func(s state) string {
		return s.Status("voluntary_ctxt_switches") + " " + s.Status("nonvoluntary_ctxt_switches")
	}
	for _, l := range seen {
		for _, x := range []struct {
			who   string
			name  string
			state string
		}{{"parent", parent.Name, "D"}, {"child", child.Name, "S"}} {
			now, first := l.of[x.name], seen[0].of[x.name]
			switch {
			case now == nil:
				return o.Fail("the "+x.who+" was not seen in /proc", "it was gone already")
			case now.Stat(3) != x.state:
				return o.Fail(fmt.Sprintf("the %s was in state %s", x.who, now.Stat(3)), "it was not waiting as in a deadlock")
			case switches(now) != switches(first):
				return o.Fail("the "+x.who+" ran in between", "it made progress: this is no deadlock")
			}
		}
	}
	return o.Passed("parent D, child S, and no context switch of either between the first and the last look")
}

func deadlockOnlyTheParent(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, child := vforkPair(o)
	dog := watchdog(o)
	if child == nil || dog == nil || len(looks(o, dog)) == 0 {
		return o.Fail(o.Family(), "there was no vforked child that another process watched")
	}
	now := looks(o, dog)[0]
	for n, name := range descriptors(now.of[child.Name]) {
		if n == "1" || n == "2" || !strings.HasPrefix(name, "pipe:") || writesTo(now.of[child.Name], name) {
			continue
		}
		for _, p := range o.Processes() {
			if p.Name != parent.Name && writesTo(now.of[p.Name], name) {
				return o.Fail(p.Name+" could write to the pipe too", "the child did not depend on the parent alone")
			}
		}
		if writesTo(now.of[parent.Name], name) {
			return o.Passed("of %s, which the child reads, only the parent has the write end", name)
		}
	}
	return o.Fail("the child reads no pipe that its parent can write", "it did not wait for its parent")
}

func deadlockBroken(b *lab.Bench) lab.Verdict {
	o := b.Run(looked)
	parent, child := vforkPair(o)
	dog := watchdog(o)
	if child == nil || dog == nil {
		return o.Fail(o.Family(), "there was no vforked child that another process killed")
	}
	switch {
	case child.Exit == nil || proc.WaitStatus(child.Exit.Status).TermSig() != int(unix.SIGKILL):
		return o.Fail("the child was not seen to die of SIGKILL", "it ended by itself: it was not stuck")
	case child.Resumed < child.Died:
		return o.Fail("the parent was not seen to run again after the child's end", "the vfork did not end with the child")
	case child.Reaper != parent || child.Reap.Status&0x7f != uint32(unix.SIGKILL):
		return o.Fail("the parent did not collect the child's status", "it is the parent that has to wait for it")
	}
	return o.Passed("the watchdog's SIGKILL ended the child; the parent ran again and its wait returned signal 9")
}

// deadlockMoments are where to stop in a run of the experiment.
var deadlockMoments = []lab.Moment{
	{
		Name: "vfork",
		Says: "The parent is suspended until the child ends, and the child will wait for its parent: neither can go on.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.Flags&lab.CloneVfork != 0 }, trace.KindVfork),
	},
	{
		Name: "killed",
		Says: "The watchdog kills the child. Only that lets the parent run again.",
		At:   lab.AtEnd("child"),
	},
}

// deadlockQuestions are what to ask before it is shown.
var deadlockQuestions = []lab.Question{
	{
		Name:    "who",
		Ask:     "The vforked child waits for a byte that only its parent could write. What happens?",
		Answers: []string{"the parent writes it", "the child gets an end of file", "neither of the two can go on"},
		Right:   lab.If("neither of the two can go on", func(o *lab.Observation) bool { return o.Cast().Of("watchdog") != nil }),
		Why:     "The parent is suspended until the child ends, and the child does not end before the parent writes.",
		Moment:  "vfork",
	},
	{
		Name:    "way-out",
		Ask:     "How does such a deadlock end?",
		Answers: []string{"the kernel finds it after a while", "another process has to kill the child"},
		Right: lab.If("another process has to kill the child", func(o *lab.Observation) bool {
			c := o.Cast().Of("child")
			if c == nil {
				return false
			}
			w, ok := lab.Word(c)
			return ok && w.Signaled()
		}),
		Why:    "The kernel does not look for deadlocks of processes.",
		Moment: "killed",
	},
}
