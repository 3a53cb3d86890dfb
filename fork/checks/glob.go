package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Glob checks the program of Figure 8.1.
var Glob = &lab.Experiment{
	Dir: "fork", Name: "glob", Ref: "§8.3, Fig. 8.1",
	Title:    "a child gets copies of variables and buffers",
	Exercise: true,
	Task: `A global variable is 6, a local one 88. Before it forks, the parent
writes one line directly with write(2), and then one line through the
buffered output of its language, unflushed. It forks. The child adds
one to both variables. Both processes print through the buffered
output

    pid = P, glob = G, var = V

where P is the process's own pid, and end normally. No other process
prints. The parent makes no other child.`,
	Claims: []lab.Claim{
		{
			Name:   "forked",
			Says:   "the parent makes exactly one child, by a real fork, and the child does not exec",
			Why:    "because only a fork gives the child a copy of the parent's memory to go on with",
			Points: 2,
			Hints: [3]string{
				"How many processes does the tree show, and which process made each of them?",
				"fork is called once and returns twice. vfork, and clone with CLONE_VM, make no copy.",
				"Call fork() once, in the parent.",
			},
			Judge: globForked,
		},
		{
			Name:   "copied",
			Says:   "the child prints glob 7 and var 89, the parent glob 6 and var 88, each with its own pid",
			Why:    "because the child changes its own copies of both variables",
			Points: 3,
			Needs:  []string{"forked"},
			Hints: [3]string{
				"Which process adds one: the one in which fork returned 0, or both?",
				"A variable that is changed after the fork changes in one process only.",
				"Compare fork's return value with 0, and add one in that branch. Print getpid() after it.",
			},
			Judge: globCopied,
		},
		{
			Name:   "direct-once",
			Says:   "the parent's first line is written before the fork, and arrives once on a terminal, on a pipe and in a file",
			Why:    "because write(2) has given it to the kernel before the fork, so no buffer holds it",
			Points: 2,
			Needs:  []string{"forked"},
			Hints: [3]string{
				"Was this line really written before the fork?",
				"A line in a buffer of the process is copied by fork. A line that the kernel has is not.",
				"Use write(STDOUT_FILENO, …) itself, before fork().",
			},
			Judge: globDirectOnce,
		},
		{
			Name:   "buffered-twice",
			Says:   "the buffered line arrives once on a terminal, and twice on a pipe and in a file, once from each process",
			Why:    "because on a pipe it is still in the buffer when fork copies the memory, and each process writes its copy when it exits",
			Points: 3,
			Needs:  []string{"forked"},
			Hints: [3]string{
				"Run it twice: ./a.out, and ./a.out | cat. What is different?",
				"A stream is line buffered on a terminal and fully buffered otherwise. fork copies the buffer, and exit flushes it.",
				"Call printf before fork(), without fflush(). End both processes with exit() or return, not with _exit().",
			},
			Judge: globBufferedTwice,
		},
		lab.AsAskedClaim("forked", globPipe,
			lab.Exclusion{Sentence: "No other process prints.", Broken: globOthersPrint},
			lab.Exclusion{Sentence: "and end normally", Broken: globAbnormal}),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, child := pair(o, func(p *trace.Process) bool { return len(lab.GlobLine.Said(o, p)) > 0 })
		return lab.Pair(parent, child)
	},
	Moments: []lab.Moment{
		{
			Name: "direct",
			Says: "write(2) gives the line to the kernel at once. No buffer of the process holds it, so the fork cannot copy it.",
			At: func(o *lab.Observation) *trace.Event {
				parent, child := globPair(o)
				if child == nil {
					return nil
				}
				return first(lab.Before(o.Writes(parent), child.Born))
			},
		},
		{
			Name: "fork",
			Says: "fork copies the parent's memory: the variables, and the buffer of the stream with every byte that was not flushed.",
			At:   func(o *lab.Observation) *trace.Event { return birth(o, "child") },
		},
		{
			Name: "child-flushes",
			Says: "exit flushes the child's copy of the buffer: the line that the parent printed before the fork comes from the child too.",
			At: func(o *lab.Observation) *trace.Event {
				if e := globFlush(o, "child"); e != nil && bufferCopied(o) {
					return e
				}
				return nil
			},
		},
		{
			Name: "parent-flushes",
			Says: "The parent flushes its own copy of the buffer. Its variables are unchanged: the child added one to copies.",
			At: func(o *lab.Observation) *trace.Event {
				if e := globFlush(o, "parent"); e != nil && bufferCopied(o) && globUnchanged(o) {
					return e
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "how-often",
			Ask:     "The line \"before fork\" is printed once, before the fork. How often does it arrive here?",
			Answers: []string{"never", "once", "twice", "three times"},
			Right: func(o *lab.Observation) string {
				parent, child := globPair(o)
				if child == nil {
					return ""
				}
				const line = "before fork"
				pty := o.Recording.Header.Stdout == "pty"
				switch n := count(o.Told(parent), line) + count(o.Told(child), line); {
				case n == 1 && pty:
					return "once"
				case n == 2 && !pty && bufferCopied(o):
					return "twice"
				}
				return "" // the reason below would be wrong
			},
			Why:    "On a terminal the newline flushes the line before the fork. On a pipe or in a file it stays in the buffer, which fork copies.",
			Moment: "child-flushes",
		},
		{
			Name:    "parents-glob",
			Ask:     "The child adds one to glob, which was 6. Which value does the parent print?",
			Answers: []string{"6", "7", "8", "it depends on which process runs first"},
			Right: func(o *lab.Observation) string {
				if globUnchanged(o) {
					return "6"
				}
				return ""
			},
			Why:    "The child has its own copy of the parent's memory. The parent does not see what the child changes there.",
			Moment: "parent-flushes",
		},
	},
}

// globPipe, onPty and inFile are the runs that these checks look at.
var (
	onPipe = lab.Recorded(sandbox.Pipe)
	onPty  = lab.Recorded(sandbox.Pty)
	inFile = lab.Recorded(sandbox.File)
)

// globPair are the parent and the child of the experiment; both are nil
// where there was no fork.
func globPair(o *lab.Observation) (parent, child *trace.Process) {
	parent, child = o.Cast().Of("parent"), o.Cast().Of("child")
	if child == nil || !lab.IsFork(child) {
		return nil, nil
	}
	return parent, child
}

// globFlush is the first write of a role after the fork.
func globFlush(o *lab.Observation, role string) *trace.Event {
	_, child := globPair(o)
	if child == nil {
		return nil
	}
	return first(lab.After(o.Writes(o.Cast().Of(role)), child.Born))
}

// bufferCopied reports whether a line that the parent printed before the
// fork came from both processes after it.
func bufferCopied(o *lab.Observation) bool {
	parent, child := globPair(o)
	if child == nil {
		return false
	}
	for _, l := range o.Told(child) {
		if _, own := lab.GlobLine.Match(l.Text); !own && count(o.Told(parent), l.Text) > 0 {
			return true
		}
	}
	return false
}

// globUnchanged reports whether the child counted and the parent did not.
func globUnchanged(o *lab.Observation) bool {
	parent, child := globPair(o)
	if child == nil {
		return false
	}
	own, copied := lab.GlobLine.Said(o, parent), lab.GlobLine.Said(o, child)
	return len(own) > 0 && len(copied) > 0 && own[0].Numbers[1] == 6 && own[0].Numbers[2] == 88 && copied[0].Numbers[1] == 7
}

// first is the first of the events, nil if there is none.
func first(events []*trace.Event) *trace.Event {
	if len(events) == 0 {
		return nil
	}
	return events[0]
}

// birth is the event that made the process with this role.
func birth(o *lab.Observation, role string) *trace.Event {
	if p := o.Cast().Of(role); p != nil {
		return p.Birth
	}
	return nil
}

// pair finds the parent and the child of an experiment with one fork,
// which need not be the first process and its child. A forked child
// that executed no program comes before one that did, then counts
// whether the child does what the experiment is about, then whether its
// parent does.
func pair(o *lab.Observation, does func(*trace.Process) bool) (parent, child *trace.Process) {
	best := 0
	for _, p := range o.Processes() {
		for _, c := range lab.Made(p) {
			if lab.IsProbe(c) {
				continue
			}
			score := 1
			if lab.IsFork(c) {
				score += 16
			}
			if !lab.Execed(c) {
				score += 8
			}
			if does(c) {
				score += 4
			}
			if does(p) {
				score += 2
			}
			if score > best {
				parent, child, best = p, c, score
			}
		}
	}
	return parent, child
}

func globForked(b *lab.Bench) lab.Verdict {
	o := b.Run(globPipe)
	parent, child := o.Cast().Of("parent"), o.Cast().Of("child")
	switch {
	case child == nil:
		return o.Fail(o.Family(), o.WhyNoChild())
	case !lab.IsFork(child) && lab.Execed(child):
		return o.Fail(o.Family(), "no child has a copy of its parent's memory: each one was made to execute a program at once, as system, posix_spawn and os/exec do")
	case !lab.IsFork(child):
		return o.Fail(o.Family(), "this child does not get a copy: it runs in its parent's own memory")
	case lab.Execed(child):
		return o.Fail(fmt.Sprintf("the child executed %s", child.Exec.Path),
			"a new program starts with a memory of its own, and has nothing of its parent's")
	}
	kids := slices.DeleteFunc(slices.Clone(lab.Made(parent)), lab.IsProbe)
	if len(kids) != 1 {
		means := "the experiment is about one parent and one child"
		if place := lab.Place(kids[1].Birth); place != "" {
			means += ": another child was made at " + place
		}
		return o.Fail(fmt.Sprintf("the parent made %d children", len(kids)), means)
	}
	return o.Passed("the parent made the child by %s", child.Birth.Call)
}

func globCopied(b *lab.Bench) lab.Verdict {
	o := b.Run(globPipe)
	parent, child := globPair(o)
	if child == nil {
		return o.Fail(o.Family(), "without a fork there is no copy to change")
	}
	type part struct {
		p    *trace.Process
		want [3]int
	}
	parts := []part{{child, [3]int{lab.Pid(child), 7, 89}}, {parent, [3]int{lab.Pid(parent), 6, 88}}}
	for _, x := range parts {
		switch said := lab.GlobLine.Said(o, x.p); {
		case len(said) == 0:
			return o.Fail(lab.GlobLine.Missing(b, o, x.p))
		case len(said) > 1:
			return o.Fail(fmt.Sprintf("%s printed %d such lines", o.Who(x.p), len(said)), globTwice(o, x.p, said))
		}
	}
	said := [2]lab.Said{lab.GlobLine.Said(o, child)[0], lab.GlobLine.Said(o, parent)[0]}
	for i, x := range parts {
		if got := [3]int(said[i].Numbers); got != x.want {
			return o.Fail(fmt.Sprintf("the child (%d) printed %q, the parent (%d) %q",
				lab.Pid(child), said[0].Text, lab.Pid(parent), said[1].Text), globMeans(o, said, parent, child))
		}
	}
	v := o.Passed("the child printed 7 and 89, the parent 6 and 88")
	for i, x := range parts {
		if w := said[i].Write; o.InC(child) && lab.Unbuffered(w) && w.Result <= int64(len(said[i].Text)+1) {
			v = v.Remark("%s printed its line without a buffer: %s. The task asks for the buffered output", o.Who(x.p), o.WrittenBy(w))
			break
		}
	}
	if o.InC(child) && !globAdded(child) {
		v = v.Remark("no word of the child's memory was 6 at the fork and 7 when the child ended: the child printed 7, but did it add one to a variable?")
	}
	return v
}

// globBoth says why the parent prints what the child changed. own is what is
// true if each process changed a copy of its own, which the memory of a C
// program tells.
func globBoth(o *lab.Observation, child *trace.Process, own string) string {
	switch {
	case !o.InC(child):
		return "the parent prints what only the child may change: which process runs the lines that add one?"
	case globAdded(child):
		return own
	}
	if child.Exit != nil && slices.ContainsFunc(child.Exit.Words, func(w trace.Word) bool { return w.Shared && w.Before == 6 && w.After == 7 }) {
		return "the variable is in memory that both processes share (a mapping with MAP_SHARED): fork does not copy such memory"
	}
	return "no word of the child's memory was 6 at the fork and 7 when the child ended: the child has to add one, after the fork, to variables that are 6 and 88 at the fork"
}

// globAdded reports whether a word of the child's own memory was 6 at the
// fork and 7 when it ended.
func globAdded(child *trace.Process) bool {
	return child.Exit != nil && slices.ContainsFunc(child.Exit.Words, func(w trace.Word) bool { return !w.Shared && w.Before == 6 && w.After == 7 })
}

// globPipe follows the words of the child's memory that are 6.
var globPipe = func() lab.Run {
	r := lab.Recorded(sandbox.Pipe)
	r.Trace.Words = []int32{6}
	return r
}()

// globTwice says why a process has printed the line more than once.
func globTwice(o *lab.Observation, p *trace.Process, said []lab.Said) string {
	for _, s := range said {
		if s.Numbers[0] != lab.Pid(p) {
			return fmt.Sprintf("one of them has the pid %d: it was still in the buffer that the fork copied", s.Numbers[0])
		}
	}
	return "each process prints its own line once"
}

// globMeans says what two wrong lines show, of the child and of the
// parent.
func globMeans(o *lab.Observation, said [2]lab.Said, parents, childs *trace.Process) string {
	c, p := said[0].Numbers, said[1].Numbers
	child, parent := lab.Pid(childs), lab.Pid(parents)
	switch {
	case c[0] == parent && globShell(childs):
		return "the child printed its parent's pid: in a subshell $$ is still the pid of the first shell"
	case c[0] == parent:
		return "the child printed its parent's pid: call getpid() in each process, after the fork"
	case c[0] == 0 || p[0] == child:
		return "the pid is what fork returned, 0 in the child and the child's pid in the parent: print getpid()"
	case c[0] != child || p[0] != parent:
		return "the pid is not that of the process that wrote the line: print getpid()"
	case c[1] == 7 && p[1] == 7 && c[2] == 89 && p[2] == 89:
		return globBoth(o, childs, "both processes added one: both ran the lines that are meant for the child")
	case c[1] == 89 && c[2] == 7:
		return "glob and var have changed places in the line"
	case c[1] == 6 && c[2] == 88 && p[1] == 6 && p[2] == 88:
		return "no process added one to its variables"
	case c[1] == 6 && c[2] == 88 && p[1] == 7 && p[2] == 89:
		return "the parent added one, and not the child: fork returns 0 in the child"
	case p[1] == 7 && p[2] == 88, p[1] == 6 && p[2] == 89:
		return globBoth(o, childs, "one of the variables changed in the parent too: the parent added one to it")
	case p[1] == 6 && p[2] == 88 && c[1] == 7:
		return fmt.Sprintf("the child's var is %d, not 89: it has to add one to the local variable too", c[2])
	case p[1] == 6 && p[2] == 88 && c[2] == 89:
		return fmt.Sprintf("the child's glob is %d, not 7: it has to add one to the global variable too", c[1])
	case p[1] != 6 || p[2] != 88:
		return fmt.Sprintf("the parent's variables are %d and %d when it prints them, and have to be 6 and 88: the parent must not change them after the fork, or before", p[1], p[2])
	}
	return fmt.Sprintf("the child's variables are %d and %d: it added something else than one to 6 and 88", c[1], c[2])
}

func globDirectOnce(b *lab.Bench) lab.Verdict {
	var o *lab.Observation
	text := ""
	for _, run := range []lab.Run{globPipe, onPty, inFile} {
		o = b.Run(run)
		parent, child := globPair(o)
		if child == nil {
			return o.Fail(o.Family(), "without a fork nothing can arrive twice")
		}
		writes := lab.Before(o.Writes(parent), child.Born)
		before, cut, after := o.ToldAround(parent, child.Born)
		_, _, childs := o.ToldAround(child, child.Born)
		switch {
		case len(writes) == 0:
			return o.Fail(fmt.Sprintf("the parent wrote nothing to standard output (a %s) before the fork", o.StdoutName()),
				globNoDirect(o, parent, child))
		case len(lab.Taken(writes[0])) == 0:
			return lab.Cannot(fmt.Sprintf("the bytes that %s wrote first were not recorded", writes[0].Call), "write the line with write(2) itself")
		case strings.Trim(cut, "\x00") == "" && cut != "":
			return o.Fail(fmt.Sprintf("the parent wrote %q before the fork", lab.AllTaken(writes)),
				"a null byte follows the line: sizeof of an array counts the byte that ends the string; the line is sizeof(buf) - 1 bytes")
		case len(before) == 0:
			return o.Fail(fmt.Sprintf("the parent wrote %q before the fork", cut),
				"this is not a whole line: it does not end in a newline")
		case cut != "" && run.Stdout != sandbox.Pty:
			return o.Fail(fmt.Sprintf("the parent wrote %q before the fork", lab.AllTaken(writes)),
				fmt.Sprintf("%q follows the line and does not end in a newline", cut))
		}
		if text == "" {
			text = before[0].Text
		}
		n, parents, kids := count(before, text), count(after, text), count(childs, text)
		// A buffered line may have the same text: it comes from both
		// processes, or from none.
		if run.Stdout == sandbox.Pty && n+parents+kids > 2 || run.Stdout != sandbox.Pty && n > 1 || parents != kids || parents > 1 {
			return o.Fail(fmt.Sprintf("%q arrived %s (a %s): %s before the fork, after it %s from the parent and %s from the child",
				text, times(n+parents+kids), o.StdoutName(), times(n), times(parents), times(kids)),
				"a line that write(2) wrote before the fork is in no buffer that the fork could copy; it was written again")
		}
	}
	v := o.Passed("%q arrived once on each", text)
	pty := b.Run(onPty)
	parent, child := globPair(pty)
	if before, _, _ := pty.ToldAround(parent, child.Born); len(before) > 0 && before[0].Text != text {
		v = v.Remark("on a terminal %q comes before it: the task asks for the direct line first, and then for the buffered one", before[0].Text)
	}
	return v
}

// globNoDirect says what became of the first line of a parent that wrote
// nothing before the fork.
func globNoDirect(o *lab.Observation, parent, child *trace.Process) string {
	for _, e := range o.EventsOf(parent, trace.KindWrite) {
		switch {
		case e.Time > child.Born:
		case e.Errno != "":
			return o.FailedCall(e) + ": " + o.FailedMeans(e)
		case e.Fd == 2:
			return fmt.Sprintf("it wrote %s to standard error (descriptor 2): the task asks for standard output", lab.Quote(lab.Lines(lab.Taken(e))))
		}
	}
	_, _, after := o.ToldAround(parent, child.Born)
	_, _, childs := o.ToldAround(child, child.Born)
	for _, l := range after {
		if _, pid := lab.GlobLine.Match(l.Text); pid {
			break
		}
		switch {
		case lab.Unbuffered(l.Write):
			return fmt.Sprintf("%q was written after the fork: %s", l.Text, o.WrittenBy(l.Write))
		case count(childs, l.Text) > 0 && l.Write.Via == "":
			return fmt.Sprintf("%q came from both processes after the fork", l.Text)
		case count(childs, l.Text) > 0:
			return fmt.Sprintf("%q was in the buffer when the process forked, and so was all that it had printed: printf does not write, it fills the buffer", l.Text)
		}
		if by := o.WrittenBy(l.Write); by != "" {
			return fmt.Sprintf("%q came after the fork: %s", l.Text, by)
		}
	}
	return "no line of it was written with write(2) before the fork: printf does not write, it fills the buffer"
}

// count counts the lines with this text.
func count(lines []lab.Line, text string) int {
	return lab.CountLine(lab.Texts(lines), text)
}

// globLines are the lines that the pair wrote in one run: the parent's
// before the fork, and what each wrote after it.
type globLines struct{ before, parent, child []lab.Line }

func globLinesOf(o *lab.Observation) (l globLines) {
	parent, child := globPair(o)
	l.before, _, l.parent = o.ToldAround(parent, child.Born)
	_, _, l.child = o.ToldAround(child, child.Born)
	// A null byte too much after the direct line, which direct-once
	// tells of, stands at the beginning of the next one.
	for _, lines := range [][]lab.Line{l.before, l.parent, l.child} {
		for i := range lines {
			lines[i].Text = strings.Trim(lines[i].Text, "\x00")
		}
	}
	return l
}

func (l globLines) all(text string) int {
	return count(l.before, text) + count(l.parent, text) + count(l.child, text)
}

func globBufferedTwice(b *lab.Bench) lab.Verdict {
	pipe, file, pty := b.Run(globPipe), b.Run(inFile), b.Run(onPty)
	for _, o := range []*lab.Observation{pipe, file, pty} {
		if _, child := globPair(o); child == nil {
			return o.Fail(o.Family(), "without a fork there is one buffer, and one line")
		}
	}
	p, f, t := globLinesOf(pipe), globLinesOf(file), globLinesOf(pty)
	direct := ""
	if len(p.before) > 0 {
		direct = p.before[0].Text
	}
	// Other lines are free, so it is any line of which all this is
	// true. The direct line may have the same text.
	for _, l := range p.child {
		if _, pid := lab.GlobLine.Match(l.Text); pid {
			continue
		}
		extra := 0
		if len(p.before) > 0 && l.Text == direct {
			extra = 1
		}
		if count(p.child, l.Text) == 1 && count(p.parent, l.Text) == 1 && count(f.child, l.Text) == 1 && count(f.parent, l.Text) == 1 && t.all(l.Text) == 1+extra {
			return pipe.Passed("%q arrived twice on a pipe and in a file, once on a terminal", l.Text)
		}
	}
	return pipe.Fail(globBuffered(pipe, p, t))
}

// globBuffered says what became of the line that should have come twice.
func globBuffered(o *lab.Observation, pipe, pty globLines) (observed, means string) {
	parent, child := globPair(o)
	if len(pipe.before) > 1 {
		means := "it had left the buffer when the process forked"
		if habit := globHabit(parent); habit != "" {
			means += ": " + habit
		} else if by := o.WrittenBy(pipe.before[1].Write); by != "" {
			means += ": " + by
		} else if place := lab.Place(pipe.before[1].Write); place != "" {
			means += ": it was written at " + place
		}
		return fmt.Sprintf("on a pipe %q was written before the fork", pipe.before[1].Text), means
	}
	for _, x := range []struct {
		lines, other []lab.Line
		p, q         *trace.Process
	}{{pipe.parent, pipe.child, parent, child}, {pipe.child, pipe.parent, child, parent}} {
		for _, l := range x.lines {
			if _, pid := lab.GlobLine.Match(l.Text); pid || count(x.other, l.Text) > 0 {
				continue
			}
			if near := lab.GlobLine.Near(l.Text); near != "" {
				return fmt.Sprintf("%s printed %q", o.Who(x.p), l.Text), near
			}
			means := "the buffer of the other process was not flushed when it ended"
			if pty.all(l.Text) > 0 && count(pty.before, l.Text) == 0 {
				means = "the line was printed after the fork, so there is no copy of it"
			} else if f := o.FailedWrite(x.q); f != nil {
				means += ": " + o.FailedCall(f) + ": " + o.FailedMeans(f)
			} else if w, ok := lab.Word(x.q); ok && w.Signaled() {
				means += ": it " + o.Standing(x.q)
			} else if flushes, known := lab.Flushes(x.q); known && !flushes {
				means += ": it " + o.Ending(x.q) + ", which flushes nothing"
			} else {
				means += ": it " + o.Ending(x.q)
			}
			return fmt.Sprintf("on a pipe %q came once, from %s", l.Text, o.Who(x.p)), means
		}
	}
	for _, l := range pipe.child {
		if _, pid := lab.GlobLine.Match(l.Text); !pid && pty.all(l.Text) != 1 {
			return fmt.Sprintf("%q came %s on a terminal", l.Text, times(pty.all(l.Text))),
				globTerminal(o, pty, l.Text)
		}
	}
	for _, l := range append(slices.Clone(pipe.parent), pipe.child...) {
		if near := lab.GlobLine.Near(l.Text); near != "" {
			return fmt.Sprintf("on a pipe %q was written", l.Text), near
		}
	}
	return fmt.Sprintf("after the fork the parent wrote %s on a pipe, the child %s", lab.Quote(lab.Texts(pipe.parent)), lab.Quote(lab.Texts(pipe.child))),
		globNoLine(o, parent, child)
}

// globHabit says what the language of the program does with its buffer by
// itself; "" if nothing is known.
func globHabit(p *trace.Process) string {
	if p.Exec == nil {
		return ""
	}
	switch {
	case filepath.Base(p.Exec.Path) == "perl":
		return "the fork of Perl flushes all files that are open for output"
	case globShell(p):
		return "a shell writes at once what its echo prints"
	}
	return ""
}

// globShell reports whether a shell runs the program.
func globShell(p *trace.Process) bool {
	return p.Exec != nil && slices.Contains([]string{"sh", "dash", "bash"}, filepath.Base(p.Exec.Path))
}

// globTerminal says why the line did not come once on a terminal, where a
// newline flushes it before the fork.
func globTerminal(o *lab.Observation, pty globLines, text string) string {
	if pty.all(text) == 0 {
		return "on a terminal a newline flushes the line before the fork: this program did not print it there"
	}
	if count(pty.before, text) == 0 && count(pty.parent, text) == 1 && count(pty.child, text) == 1 {
		return "on a terminal too it was in the buffer when the process forked: this stream is not line buffered there (C++: std::ios::sync_with_stdio(false); C: setvbuf)"
	}
	for _, l := range slices.Concat(pty.parent, pty.child) {
		if l.Text != text {
			continue
		}
		if by := o.WrittenBy(l.Write); by != "" {
			return "on a terminal it came after the fork: " + strings.TrimSuffix(by, ": on a "+o.StdoutName()+" this stream keeps no line in its buffer")
		}
		return "on a terminal it came after the fork, when its newline should have flushed it before"
	}
	return "on a terminal a newline flushes the line before the fork, once"
}

// globNoLine says why no line beside the pid lines came from both.
func globNoLine(o *lab.Observation, parent, child *trace.Process) string {
	for _, p := range []*trace.Process{parent, child} {
		if flushes, known := lab.Flushes(p); !known || !flushes {
			return fmt.Sprintf("there is no line beside the pid lines: %s %s, and nothing flushed its buffer", o.Who(p), o.Ending(p))
		}
	}
	if lines := slices.Concat(o.ErrorLines(parent), o.ErrorLines(child)); len(lines) > 0 {
		return fmt.Sprintf("there is no line beside the pid lines: %q went to standard error, and the task asks for a line in the buffer of standard output", lines[0])
	}
	return "there is no line beside the pid lines: both processes flushed their buffers at their end, so none was in the buffer when the process forked"
}

// times says how often something happened.
func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// globOthersPrint finds a third process that prints.
func globOthersPrint(o *lab.Observation) string {
	parent, child := globPair(o)
	for _, p := range o.Processes() {
		if p != parent && p != child && len(o.Wrote(p)) > 0 {
			return fmt.Sprintf("%s printed %s", o.Who(p), lab.Quote(lab.Texts(o.Told(p))))
		}
	}
	return ""
}

// globAbnormal finds a process of the pair that did not end normally.
func globAbnormal(o *lab.Observation) string {
	parent, child := globPair(o)
	for _, p := range []*trace.Process{parent, child} {
		if p != nil && !lab.EndedNormally(p) {
			return fmt.Sprintf("%s did not end normally: it %s", o.Who(p), o.Standing(p))
		}
	}
	return ""
}
