package checks

import (
	"cmp"
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Glob checks the program of Figure 8.3.
var Glob = &lab.Experiment{
	Dir: "vfork", Name: "glob", Ref: "§8.4, Fig. 8.3",
	Title:    "a vforked child changes its parent's variables",
	Exercise: true,
	Task: `A global variable is 6, a local one 88. The parent prints one line
through its buffered output, unflushed, and calls vfork (or clone with
CLONE_VM and CLONE_VFORK). The child adds one to both variables and
ends with _exit(0). The parent then prints

    pid = P, glob = G, var = V

with its own pid P, and ends normally. No other process prints such a
line.`,
	Claims: []lab.Claim{
		vforkedClaim(globRun),
		{
			Name:   "shared",
			Says:   "the parent prints its own pid, glob 7 and var 89 (var 88 where the compiler kept it in a register)",
			Why:    "because the child changed the parent's variables, not copies",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"Which process adds one: the child, the parent, or both?",
				"A change that the child makes to a variable is a change to the parent's variable: there is one memory.",
				"Add one in the branch where vfork returned 0. Print getpid() after it, in the parent only.",
			},
			Judge: globShared,
		},
		{
			Name:   "by-the-child",
			Says:   "a word of the parent's memory was 6 at the vfork and 7 when the parent ran again, and the parent did not change it",
			Why:    "because the child changed it while the parent was suspended",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"Which process runs the line that adds one?",
				"The recorder looks at the parent's memory at the vfork and when it is over.",
				"Call glob++ in the child before its _exit(), and not in the parent.",
			},
			Judge: globByTheChild,
		},
		{
			Name:   "underscore-exit",
			Says:   "the child ends normally with status 0 and writes nothing: the line that was in the buffer arrives once, from the parent",
			Why:    "because _exit leaves the parent's streams alone, and exit would flush them",
			Points: 2,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"How does the child end, and which process writes what was in the buffer?",
				"exit runs the parent's handlers and flushes the parent's streams: they are in the same memory.",
				"End the child with _exit(0), not with exit(0) or return.",
			},
			Judge: globUnderscoreExit,
		},
		lab.AsAskedClaim("vforked", globRun,
			lab.Exclusion{Sentence: "No other process prints such a line.", Broken: globNoOther},
			lab.Exclusion{Sentence: "and ends normally", Broken: globParentEnds}),
	},
	Cast: parentAndChild,
	Moments: []lab.Moment{
		{
			Name: "vfork",
			Says: "The child runs in the parent's memory, and the parent is suspended until the child ends.",
			At:   birth,
		},
		{
			Name: "exit",
			Says: "The child ends with _exit: it flushes nothing, because the buffer belongs to the parent too.",
			At: func(o *lab.Observation) *trace.Event {
				_, c := vforkPair(o)
				if c == nil || c.Exit == nil || len(o.Writes(c)) > 0 || !strings.HasPrefix(cmp.Or(c.Exit.Via, "_exit"), "_") {
					return nil
				}
				return c.Exit
			},
		},
		{
			Name: "changed",
			Says: "The parent runs again, and finds its variables changed: 6 became 7 and 88 became 89 while it stood still.",
			At: func(o *lab.Observation) *trace.Event {
				parent, child := vforkPair(o)
				e := resumed(o)
				if child == nil || e == nil || len(e.Words) > 0 && !counted(o, child) {
					return nil
				}
				if said := globSaidAfter(o, parent, child); len(said) == 0 || said[0].Numbers[1] != 7 || said[0].Numbers[2] != 89 {
					return nil
				}
				return e
			},
		},
	},
	MomentWords: []int32{6, 88},
	Questions: []lab.Question{
		{
			Name:    "parents-glob",
			Ask:     "The vforked child adds one to glob, which was 6. Which value does the parent print?",
			Answers: []string{"6", "7", "8", "none: it is killed"},
			Right: func(o *lab.Observation) string {
				parent, child := vforkPair(o)
				if child == nil {
					return ""
				}
				for _, s := range globSaidAfter(o, parent, child) {
					if s.Numbers[1] == 7 {
						return "7"
					}
				}
				return ""
			},
			Why:    "There is one memory. A variable that the child changes has changed in the parent too.",
			Moment: "changed",
		},
		{
			Name:    "who-first",
			Ask:     "Which of the two runs first after vfork?",
			Answers: []string{"always the parent", "always the child", "the kernel may choose either"},
			Right: func(o *lab.Observation) string {
				_, child := vforkPair(o)
				if child == nil || child.Died < 0 || child.Resumed < child.Died {
					return ""
				}
				return "always the child"
			},
			Why:    "vfork suspends the parent until the child ends or executes a program.",
			Moment: "vfork",
		},
	},
}

// globRun looks for the global variable in the parent's memory.
var globRun = lab.Run{
	Stdout: sandbox.Pipe,
	Trace:  record.Options{Files: true, Words: []int32{6}},
}

// noVfork is the failure of what cannot be without a vfork.
func noVfork(o *lab.Observation) lab.Verdict {
	return o.Fail(o.Family(), "without a vfork no child runs in the parent's memory")
}

func globShared(b *lab.Bench) lab.Verdict {
	o := b.Run(globRun)
	parent, child := vforkPair(o)
	if child == nil {
		return noVfork(o)
	}
	said := globSaidAfter(o, parent, child)
	if len(said) == 0 {
		seen := fmt.Sprintf("%s printed %s", o.Who(parent), lab.Quote(lab.Texts(o.Told(parent))))
		switch w, ok := lab.Word(parent); {
		case ok && w.Signaled():
			return o.Fail(seen+" and was "+lab.Ended(uint32(w)),
				"the parent did not survive its child, which used the same stack: a vforked child must not return from the function that called vfork")
		case len(lab.GlobLine.Said(o, parent)) > 0:
			return o.Fail(seen, "it printed such a line before the vfork only: print it when the child has ended")
		}
		return o.Fail(lab.GlobLine.Missing(b, o, parent))
	}
	// What it printed before, it may have printed again since.
	s := said[len(said)-1]
	pid, glob, local := s.Numbers[0], s.Numbers[1], s.Numbers[2]
	line := fmt.Sprintf("%s printed %q", o.Who(parent), s.Text)
	switch {
	case pid != lab.Pid(parent):
		return o.Fail(line, "the pid is not that of the process that wrote the line: print getpid(), not what vfork returned")
	case glob == 6:
		return o.Fail(line, "no process added one to the variable that the parent prints")
	case glob != 7:
		return o.Fail(line, globNotSeven(o, child, glob))
	case local == 88:
		return o.Passed("the parent printed glob = 7").
			Remark("var is still 88 in the parent: the compiler kept it in a register, and each process has registers of its own; or the child did not add one to it")
	case local < 80 || local > 99:
		return o.Fail(line, fmt.Sprintf("var is %d, which is neither 88 nor 89: the child has overwritten the stack, where var lies. A vforked child must not return from the function that called vfork, and must end with _exit", local))
	case local != 89:
		return o.Fail(line, fmt.Sprintf("var is %d: 88 and the child's one are 89", local))
	}
	return o.Passed("the parent printed glob = 7 and var = 89")
}

// globNotSeven says why the parent does not print 7.
func globNotSeven(o *lab.Observation, child *trace.Process, glob int) string {
	if counted(o, child) {
		return fmt.Sprintf("a word of memory was 6 at the vfork and 7 when the parent ran again, and the parent printed %d: it changed the variable itself", glob)
	}
	return fmt.Sprintf("glob is %d, and no word of memory was 6 at the vfork and 7 when the parent ran again", glob)
}

// globSaidAfter are the lines that the parent printed when the child had
// let it run again.
func globSaidAfter(o *lab.Observation, parent, child *trace.Process) (said []lab.Said) {
	for _, s := range lab.GlobLine.Said(o, parent) {
		if s.Time > child.Resumed {
			said = append(said, s)
		}
	}
	return said
}

func globByTheChild(b *lab.Bench) lab.Verdict {
	o := b.Run(globRun)
	parent, child := vforkPair(o)
	if child == nil {
		return noVfork(o)
	}
	if parent.Exit != nil && o.InC(child) {
		for _, w := range parent.Exit.Words {
			if w.Before == 6 && w.After == 7 && strings.HasPrefix(w.Map, "/") && !strings.Contains(w.Map, ".so") {
				return o.Fail("a word of the parent's memory was still 6 when the parent ran again, and 7 when it ended",
					"the parent added one itself, and the child did not add one to this variable")
			}
		}
	}
	if counted(o, child) {
		return o.Passed("a word of the parent's memory was 6 and became 7 while the parent was suspended")
	}
	return o.Fail("no word of the parent's memory that was 6 at the vfork was 7 when the parent ran again",
		"the child did not add one to a variable that was 6 before the vfork. A variable that the child's own lines declare is another one, even if it has the same name")
}

func globUnderscoreExit(b *lab.Bench) lab.Verdict {
	o := b.Run(globRun)
	parent, child := vforkPair(o)
	if child == nil {
		return noVfork(o)
	}
	for _, e := range o.EventsOf(child, trace.KindWrite) {
		if e.Result <= 0 {
			continue
		}
		wrote := lab.Quote(lab.Lines(lab.Taken(e)))
		return o.Fail("the child wrote "+wrote, globChildWrote(o, e, child))
	}
	if child.Exit == nil || child.Exit.Status != 0 {
		return o.Fail("the child did not end with status 0: it "+o.Standing(child), globNotZero(o, child))
	}
	v := o.Passed("the child ended with status 0 and wrote nothing")
	if _, _, after := o.ToldAround(parent, child.Resumed); globInBuffer(after) == "" {
		v = v.Remark("no line of the parent was in the buffer at the vfork: exit and _exit look alike then. The task asks for such a line")
	}
	if printed := globIntoBuffer(b, o); printed != "" {
		v = v.Remark("%s: the child printed it into the buffer of its parent's stream, and the parent writes it. A vforked child leaves its parent's streams alone", printed)
	}
	if flushes, known := lab.Flushes(child); known && flushes {
		v = v.Remark("the child %s, and not _exit: exit runs the parent's exit handlers and flushes the parent's streams", o.Ending(child))
	}
	return v
}

// globIntoBuffer is a line that the child printed and that its parent wrote:
// the child writes it where the stream is line buffered. "" if there is none.
func globIntoBuffer(b *lab.Bench, o *lab.Observation) string {
	if pty := b.OnTerminal(o); pty != nil {
		if _, c := vforkPair(pty); c != nil && len(pty.Told(c)) > 0 {
			return fmt.Sprintf("on a terminal the child writes %q", pty.Told(c)[0].Text)
		}
	}
	return ""
}

// globNotZero says how a child ended that should have called _exit(0).
func globNotZero(o *lab.Observation, child *trace.Process) string {
	if !lab.EndedNormally(child) {
		return "it did not call _exit(0)"
	}
	return "the task asks for _exit(0), and the child " + o.Ending(child)
}

// globChildWrote says how it came that the child wrote.
func globChildWrote(o *lab.Observation, e *trace.Event, child *trace.Process) string {
	by := o.WrittenBy(e)
	switch flushes, known := lab.Flushes(child); {
	case e.Via == "exit" || e.Via == trace.ViaMain:
		return fmt.Sprintf("it %s instead of _exit, and exit flushed the buffer, which is the parent's too", o.Ending(child))
	case known && flushes && e.Fd == 2:
		wrote := ""
		if place := lab.Place(e); place != "" {
			wrote = ", and one of them wrote to standard error (" + place + ")"
		}
		return fmt.Sprintf("it %s instead of _exit: exit runs the parent's exit handlers%s", o.Ending(child), wrote)
	case by != "":
		return by + ": the child has to write nothing, because it shares the parent's streams"
	case known && flushes:
		return fmt.Sprintf("it %s instead of _exit: exit flushes the buffer, which is the parent's too", o.Ending(child))
	}
	return "the child has to write nothing: it shares the parent's streams"
}

// globInBuffer is the line that the parent wrote after the vfork and that
// was in its buffer before: the first one that is not the line with the
// variables. "" if there is none.
func globInBuffer(lines []lab.Line) string {
	for _, l := range lines {
		if _, ok := lab.GlobLine.Match(l.Text); ok {
			return ""
		}
		if l.Text != "" {
			return l.Text
		}
	}
	return ""
}

// globNoOther finds another process that prints the line.
func globNoOther(o *lab.Observation) string {
	parent, _ := vforkPair(o)
	for _, p := range o.Processes() {
		if said := lab.GlobLine.Said(o, p); p != parent && len(said) > 0 {
			return fmt.Sprintf("%s printed %q", o.Who(p), said[0].Text)
		}
	}
	return ""
}

// globParentEnds finds a parent that did not end normally.
func globParentEnds(o *lab.Observation) string {
	if parent, _ := vforkPair(o); parent != nil && !lab.EndedNormally(parent) {
		return "the parent did not end normally: it " + o.Standing(parent)
	}
	return ""
}
