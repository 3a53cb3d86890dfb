package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Redirect checks what a child does between the fork and the exec.
var Redirect = &lab.Experiment{
	Dir: "exec", Name: "redirect", Ref: "§8.3, §8.10",
	Title:    "what a child does between the fork and the exec",
	Exercise: true,
	Task: `The parent makes a child by fork. The child creates the file out.txt,
makes it its descriptor 1, and executes a program that writes at least
one line to its standard output. Between the fork and the exec the child
writes nothing. In the new program descriptor 1 is the only descriptor
of out.txt. The parent does not open the file. When it has reaped the
child, the parent writes one line to its own standard output. Which
program it is is free: it ends by itself.`,
	Claims: []lab.Claim{
		{
			Name:   "between",
			Says:   "the child opens out.txt and makes it its descriptor 1 before its exec",
			Why:    "because fork and exec are two calls: the child can change attributes of its own between them",
			Points: 3,
			Hints: [3]string{
				"Which process opens the file, and when?",
				"A shell does this in the child for \"command > out.txt\".",
				"open and dup2(fd, 1) after fork, before exec.",
			},
			Judge: lab.Seeing(onPipe, redirectBetween),
		},
		{
			Name:   "to-the-file",
			Says:   "the new program's output is in out.txt, and nothing of it is on the parent's standard output",
			Why:    "because an exec does not close descriptors, and the new program writes to its descriptor 1",
			Points: 2,
			Hints: [3]string{
				"What is in out.txt? Use cat.",
				"The new program knows nothing of the file: it writes to descriptor 1.",
				"dup2(fd, STDOUT_FILENO) in the child.",
			},
			Judge: lab.Seeing(onPipe, redirectFile),
		},
		{
			Name:   "parent-unchanged",
			Says:   "the parent's descriptor 1 is what it was, and its line arrives there",
			Why:    "because the child's descriptors are copies",
			Points: 2,
			Hints: [3]string{
				"Where does the parent's line go?",
				"A dup2 before the fork changes both processes.",
				"dup2 in the child only.",
			},
			Judge: lab.Seeing(onPipe, redirectParent),
		},
		{
			Name:   "closed-the-other",
			Says:   "after the exec descriptor 1 is the only one of out.txt",
			Why:    "because dup2 makes a second descriptor, and the first one stays open",
			Points: 1,
			Needs:  []string{"between"},
			Hints: [3]string{
				"Which descriptors does the new program have? ls -l /proc/PID/fd shows them.",
				"After dup2 there are two descriptors of the file.",
				"close(fd) after dup2, or O_CLOEXEC.",
			},
			Judge: lab.Seeing(onPipe, redirectOther),
		},
		collected(onPipe, 1, false, false, redirectKids),
		lab.AsAskedClaim("", onPipe,
			lab.Exclusion{Sentence: "Between the fork and the exec the child writes nothing", Broken: redirectWrote},
			lab.Exclusion{Sentence: "The parent does not open the file", Broken: redirectOpened},
			lab.Exclusion{Sentence: "The parent makes a child by fork", Broken: func(o *lab.Observation) string {
				if _, c := redirectExecer(o); c != nil && c.Birth != nil && !lab.IsFork(c) {
					return o.Who(c) + " was made by " + c.Birth.Call + " in its parent's memory"
				}
				return ""
			}}),
		{
			Name: "attributes", Ours: true,
			Says:  "the user id, or the nice value, and the ignored signal that the child sets hold in the new program, and the parent keeps its own",
			Why:   "because they are attributes of the child, and the exec keeps them",
			Hints: [3]string{"Which of these attributes does an exec keep?", "The parent is another process.", "Uid, SigIgn and field 19 of stat in /proc/PID"},
			Judge: lab.Seeing(onPipe, redirectAttributes),
		},
	},
	Cast: castBy(redirectKids),
	Moments: []lab.Moment{
		{
			Name: "redirected", Says: "The child makes the file its descriptor 1. The parent's descriptor 1 does not change.",
			At: redirected,
		},
		{
			Name: "executed", Says: "The exec keeps descriptor 1: the new program writes to the file and does not know it.",
			At: func(o *lab.Observation) *trace.Event {
				if _, c := redirectExecer(o); redirectedWrote(o) {
					return success(o, c)
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{{
		Name: "where", Ask: "The child makes a file its descriptor 1 between the fork and the exec. Where does the parent's next line go?",
		Answers: []string{"to the file", "to the parent's standard output", "to both"},
		Right: func(o *lab.Observation) string {
			parent, _ := redirectExecer(o)
			if e := redirected(o); e != nil && len(lab.After(o.Writes(parent), e.Time)) > 0 {
				return "to the parent's standard output"
			}
			return ""
		},
		Why:    "After the fork each process has its own table of descriptors. The child changed its own one.",
		Moment: "redirected",
	}, {
		Name: "knows", Ask: "The new program writes to its standard output. Which file did it open for that?",
		Answers: []string{"out.txt", "the terminal", "none: descriptor 1 was open when it started"},
		Right: func(o *lab.Observation) string {
			_, c := redirectExecer(o)
			e := success(o, c)
			if e == nil || !redirectedWrote(o) {
				return ""
			}
			for _, open := range o.EventsOf(c, trace.KindOpen) {
				if open.Time > e.Time && strings.HasSuffix(open.Path, outFile) {
					return ""
				}
			}
			return "none: descriptor 1 was open when it started"
		},
		Why:    "The file was opened before the exec, and the exec keeps open descriptors.",
		Moment: "executed",
	}},
}

const outFile = "out.txt"

// oCreat is O_CREAT of Linux.
const oCreat = 0x40

// isOut reports whether the path names out.txt.
func isOut(path string) bool { return filepath.Base(path) == outFile }

// redirectExecer is the process that executes the program of the experiment,
// and its parent: the one that had opened the file, or had it as descriptor 1.
// A file that an executed shell had opened for its command does not
// count.
func redirectExecer(o *lab.Observation) (parent, p *trace.Process) {
	return execerWith(o, func(o *lab.Observation, q *trace.Process, e *trace.Event, before trace.ProcFiles) (n int) {
		opened := slices.ContainsFunc(lab.Before(o.EventsOf(q, trace.KindOpen), e.Time), func(x *trace.Event) bool { return isOut(x.Path) })
		commands := q.Parent != nil && lab.Execed(q.Parent)
		if commands && !opened {
			return 0
		}
		if isOut(lab.Descriptors(before)[1]) {
			n += 2
		}
		if opened {
			n += 2
		}
		if !commands && (n > 0 || lab.IsFork(q)) {
			n++
		}
		return n
	})
}

// redirectKids are the process that executes the program of the experiment,
// and its parent.
func redirectKids(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	parent, p := redirectExecer(o)
	if parent == nil {
		return nil, nil
	}
	return parent, []*trace.Process{p}
}

func redirectBetween(b *lab.Bench) lab.Verdict {
	o, e, before, _, bad := around(b, onPipe, redirectExecer)
	if bad != nil {
		return *bad
	}
	_, c := redirectExecer(o)
	opened := false
	for _, x := range lab.Before(o.EventsOf(c, trace.KindOpen), e.Time) {
		opened = opened || isOut(x.Path) && x.Errno == ""
	}
	switch fd := before["fd/1"]; {
	case !opened:
		return o.Fail(fmt.Sprintf("%s opened no file %s before its exec of %s", o.Who(c), outFile, e.Path), notOpened(o, c, e))
	case !isOut(fd):
		return o.Fail(fmt.Sprintf("at its exec descriptor 1 of %s was %s", o.Who(c), ledTo(fd)), notOne(o, c, e))
	}
	return o.Passed("%s opened %s, and at its exec descriptor 1 was this file", o.Who(c), outFile)
}

// notOpened says which process opened the file that the child should open.
func notOpened(o *lab.Observation, c *trace.Process, exec *trace.Event) string {
	for _, e := range o.EventsOf(c, trace.KindOpen) {
		switch {
		case !isOut(e.Path):
		case e.Errno == "":
			return "the program that it executed opened it: the child has to open it, before the exec"
		case e.Time < exec.Time && e.Errno == "ENOENT" && e.Flags&oCreat == 0:
			return fmt.Sprintf("its open%s failed with ENOENT: only with O_CREAT does open create the file", lab.Where(e))
		case e.Time < exec.Time:
			return fmt.Sprintf("its open%s failed with %s", lab.Where(e), e.Errno)
		}
	}
	for _, e := range o.Events(trace.KindOpen) {
		if by := o.Process(e.Process); by != nil && by != c && isOut(e.Path) && e.Errno == "" {
			return o.Who(by) + " opened it" + lab.Where(e) + ": the child has to open it, after the fork"
		}
	}
	return "no process opened it: the child has to, after the fork"
}

// ledTo says what kind of thing a descriptor led to.
func ledTo(to string) string {
	switch kind, _, _ := strings.Cut(to, ":"); {
	case to == "":
		return "closed"
	case kind == "pipe" || kind == "socket":
		return "a " + kind
	}
	if to == "/dev/null" {
		return to
	}
	return show.Line(filepath.Base(to))
}

// notOne says why the file is not descriptor 1 of the child at its exec.
func notOne(o *lab.Observation, c *trace.Process, exec *trace.Event) string {
	var other *trace.Event // made another file descriptor 1
	for _, x := range lab.Before(o.EventsOf(c, trace.KindDup), exec.Time) {
		place := lab.Where(x)
		switch {
		case x.Errno != "":
		case x.NewFd == 1 && isOut(x.Object):
			other = nil
		case x.NewFd == 1:
			other = x
		case x.Fd == 1 && strings.HasPrefix(x.Call, "dup") && x.Call != "dup":
			return fmt.Sprintf("%s(1, %d)%s made descriptor %d a copy of descriptor 1: the old descriptor is the first argument, and the new one, 1, the second", x.Call, x.NewFd, place, x.NewFd)
		case isOut(x.Object) && x.NewFd != 1:
			return fmt.Sprintf("%s%s made the file descriptor %d: standard output is descriptor 1", x.Call, place, x.NewFd)
		}
	}
	if other != nil {
		return fmt.Sprintf("%s%s made descriptor 1 a copy of descriptor %d, which was not the file but %s", other.Call, lab.Where(other), other.Fd, show.Line(other.Object))
	}
	return "the file is not its descriptor 1: no call made it a copy of the descriptor that open returned"
}

// orNothing names what a descriptor leads to.
func orNothing(s string) string {
	if s == "" {
		return "closed"
	}
	if isOut(s) {
		return outFile
	}
	kind, _, _ := strings.Cut(s, ":")
	return kind
}

// written are the writes of the new program of a process.
func written(o *lab.Observation, p *trace.Process, e *trace.Event) []*trace.Event {
	return lab.After(o.EventsOf(p, trace.KindWrite), e.Time)
}

func redirectFile(b *lab.Bench) lab.Verdict {
	o, e, _, after1, bad := around(b, onPipe, redirectExecer)
	if bad != nil {
		return *bad
	}
	_, c := redirectExecer(o)
	text := ""
	for _, w := range written(o, c, e) {
		if isOut(w.Path) {
			text += string(lab.Taken(w))
		}
	}
	var after []*trace.Event
	for _, w := range lab.After(o.Writes(c), e.Time) {
		if !isOut(w.Path) { // the file is not the standard output
			after = append(after, w)
		}
	}
	if len(after) > 0 {
		return o.Fail(fmt.Sprintf("the new program wrote %s to the standard output of the parent", lab.Quote(lab.Lines(lab.AllTaken(after)))), "its descriptor 1 is not the file")
	}
	for _, w := range written(o, c, e) {
		if isOut(w.Path) && w.Errno == "EBADF" {
			return o.Fail(fmt.Sprintf("the new program's %s to descriptor %d failed with EBADF", w.Call, w.Fd), redirectReadOnly(o, c))
		}
	}
	if !strings.Contains(text, "\n") {
		return o.Fail(redirectNoLine(o, c, e, after1, text))
	}
	return o.Passed("the new program wrote %s to %s, and nothing else", lab.Quote(lab.Lines([]byte(text))), outFile)
}

// redirectNoLine is the failure of a new program that wrote no line to the
// file. files are its descriptors when it began.
func redirectNoLine(o *lab.Observation, c *trace.Process, e *trace.Event, files trace.ProcFiles, text string) (observed, means string) {
	if isOut(lab.Descriptors(files)[1]) && lab.DescriptorFlags(files, 1)&lab.OAccmode == 0 {
		return "the new program could write nothing to its standard output", redirectReadOnly(o, c)
	}
	for _, w := range written(o, c, e) {
		if w.Fd == 1 && w.Result > 0 && !isOut(w.Path) {
			return fmt.Sprintf("the new program wrote %s to %s, its standard output, and not to %s", lab.Quote(lab.Lines(lab.Taken(w))), show.Line(w.Object), outFile), "its descriptor 1 is not the file"
		}
	}
	if _, open := lab.Descriptors(files)[1]; !open {
		return "descriptor 1 of the new program was closed", redirectClosed(filesOf(o, e, atEntry, c.Name))
	}
	if text == "" {
		return "the new program wrote nothing to its standard output", "it should write at least one line"
	}
	return fmt.Sprintf("the new program wrote %q to %s", text, outFile), "this is not a whole line: it does not end in a newline"
}

// redirectClosed says why the file is not open any more after the exec. files
// are the descriptors of the child before it.
func redirectClosed(files trace.ProcFiles) string {
	if isOut(lab.Descriptors(files)[1]) && lab.DescriptorFlags(files, 1)&lab.OCloexec != 0 {
		return "descriptor 1 was the file, and had the close-on-exec flag: the exec closed it"
	}
	return "the new program needs it as its descriptor 1"
}

// redirectReadOnly says why descriptor 1 cannot be written to.
func redirectReadOnly(o *lab.Observation, c *trace.Process) string {
	for _, x := range o.EventsOf(c, trace.KindOpen) {
		if isOut(x.Path) && x.Errno == "" && x.Flags&lab.OAccmode == 0 {
			place := lab.Where(x)
			return outFile + " was opened for reading only" + place + ": open it with O_WRONLY"
		}
	}
	return "its descriptor 1 is not open for writing"
}

func redirectParent(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, c := redirectExecer(o)
	if parent == nil {
		return o.Fail(o.Family(), "no child executed a program")
	}
	for _, e := range redirectChanges(o, parent, c) {
		if e.Time < c.Died {
			return o.Fail(o.Who(parent)+" changed its own descriptor 1"+lab.Where(e), "this should be done in the child, after the fork")
		}
	}
	for _, l := range o.Told(parent) {
		if c.Reaped >= 0 && l.Time > c.Reaped {
			return o.Passed("%s printed %q when the child had been reaped", o.Who(parent), l.Text)
		}
	}
	if told := o.Told(parent); len(told) > 0 {
		return o.Fail(fmt.Sprintf("%s printed %q, and no line after it had reaped the child", o.Who(parent), told[len(told)-1].Text), "the line has to come after the wait that reaps the child")
	}
	return o.Fail(o.Who(parent)+" printed no line on its standard output", redirectNoParentsLine(o, parent))
}

// redirectChanges are the calls with which the parent changed its descriptor 1,
// without those that it had undone before it made the child: a shell does this
// for a command in its own process.
func redirectChanges(o *lab.Observation, parent, c *trace.Process) (all []*trace.Event) {
	for _, e := range o.EventsOf(parent, trace.KindDup, trace.KindClose) {
		switch {
		case e.Errno != "" || e.Kind == trace.KindDup && e.NewFd != 1 || e.Kind == trace.KindClose && e.Fd != 1:
		case e.Kind == trace.KindDup && e.Object == "standard output" && e.Time < c.Born:
			all = nil
		default:
			all = append(all, e)
		}
	}
	return all
}

// redirectNoParentsLine says why the parent's line is missing, as far as the
// recording shows it.
func redirectNoParentsLine(o *lab.Observation, parent *trace.Process) string {
	asked := "the task asks for one line, when the parent has reaped the child"
	if lines := o.ErrorLines(parent); len(lines) > 0 {
		return fmt.Sprintf("%s; %q went to standard error", asked, lines[len(lines)-1])
	}
	if flushes, known := lab.Flushes(parent); known && !flushes {
		return asked + "; the parent " + o.Ending(parent) + ": a line that was still in the buffer of stdout is lost then"
	}
	return asked
}

func redirectOther(b *lab.Bench) lab.Verdict {
	o, _, before, after, bad := around(b, onPipe, redirectExecer)
	if bad != nil {
		return *bad
	}
	_, c := redirectExecer(o)
	var fds []string
	for _, fd := range lab.DescriptorNumbers(after) {
		if isOut(lab.Descriptors(after)[fd]) {
			fds = append(fds, fmt.Sprint(fd))
		}
	}
	if len(fds) == 1 && fds[0] == "1" {
		return o.Passed("after the exec descriptor 1 of %s is the only one of %s", o.Who(c), outFile)
	}
	if len(fds) == 0 {
		return o.Fail(fmt.Sprintf("after the exec %s has no descriptor of %s", o.Who(c), outFile), redirectClosed(before))
	}
	return o.Fail(fmt.Sprintf("after the exec %s has the descriptors %s of %s", o.Who(c), strings.Join(fds, ", "), outFile), "close the others before the exec: the new program needs descriptor 1 only")
}

func redirectWrote(o *lab.Observation) string {
	_, c := redirectExecer(o)
	e := success(o, c)
	if e == nil {
		return ""
	}
	for _, w := range lab.Before(o.EventsOf(c, trace.KindWrite), e.Time) {
		if w.Result > 0 {
			return fmt.Sprintf("%s wrote %q before its exec", o.Who(c), lab.Taken(w))
		}
	}
	return ""
}

func redirectOpened(o *lab.Observation) string {
	parent, _ := redirectExecer(o)
	if parent == nil {
		return ""
	}
	for _, e := range o.EventsOf(parent, trace.KindOpen) {
		if isOut(e.Path) && e.Errno == "" {
			return o.Who(parent) + " opened " + outFile + lab.Where(e)
		}
	}
	return ""
}

func redirectAttributes(b *lab.Bench) lab.Verdict {
	o, e, _, after, bad := around(b, onPipe, redirectExecer)
	if bad != nil {
		return *bad
	}
	parent, c := redirectExecer(o)
	of := filesOf(o, e, atSuccess, parent.Name)
	uid := strings.Fields(after.Status("Uid"))
	switch {
	case !signalSet(after, "SigIgn", sigint):
		return o.Fail("SIGINT is not ignored in the new program of "+o.Who(c), "the exec did not keep it, or the child did not set it")
	case signalSet(of, "SigIgn", sigint):
		return o.Fail("the parent ignores SIGINT", "this was set before the fork")
	case len(uid) == 4 && uid[0] == "7000001" && !strings.Contains(of.Status("Uid"), "7000001"):
		return o.Passed("the new program has the user id 7000001 and ignores SIGINT, the parent has its own user id")
	case number(after.Stat(19)) == number(of.Stat(19))+5:
		return o.Passed("the new program has the nice value %s and ignores SIGINT, the parent has the nice value %s", after.Stat(19), of.Stat(19))
	}
	return o.Fail(fmt.Sprintf("the new program has the ids %s and the nice value %s, the parent %s and %s", after.Status("Uid"), after.Stat(19), of.Status("Uid"), of.Stat(19)), "the child changed nothing, or the parent changed too")
}

// redirected is the call that made the file the descriptor 1 of the
// process that executes.
func redirected(o *lab.Observation) *trace.Event {
	parent, c := redirectExecer(o)
	for _, e := range o.EventsOf(parent, trace.KindDup, trace.KindClose) {
		if e.Kind == trace.KindDup && e.NewFd == 1 || e.Kind == trace.KindClose && e.Fd == 1 {
			return nil
		}
	}
	for _, e := range o.EventsOf(c, trace.KindDup, trace.KindOpen) {
		new := e.NewFd
		if e.Kind == trace.KindOpen {
			new = e.Fd
		}
		if parent != nil && new == 1 && e.Errno == "" && filepath.Base(e.Object) == outFile {
			return e
		}
	}
	return nil
}

// redirectedWrote reports whether the program that the child executed wrote
// to the file, which was its descriptor 1.
func redirectedWrote(o *lab.Observation) bool {
	_, c := redirectExecer(o)
	e := success(o, c)
	if e == nil || redirected(o) == nil {
		return false
	}
	return slices.ContainsFunc(o.Events(trace.KindWrite), func(w *trace.Event) bool {
		return w.Time > e.Time && w.Fd == 1 && filepath.Base(w.Object) == outFile
	})
}
