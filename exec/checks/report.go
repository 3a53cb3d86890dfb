package checks

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Report checks how a parent learns whether an exec worked.
var Report = &lab.Experiment{
	Dir: "exec", Name: "report", Ref: "§8.10",
	Title:    "how to know that an exec worked",
	Exercise: true,
	Task: `The parent makes two children, one after the other. The first tries to
execute ./nothing, which does not exist, and ends with status 127. The
second executes a program that runs for at least 0.2 s. Each child has a
pipe to the parent, whose write end has close-on-exec. The parent prints

    exec failed: errno = 2
    exec worked

the first line for the first child, the second for the second child,
while the new program still runs. It reaps both. Before it prints, it
does not ask for the child's state with WNOHANG or in /proc, and it does
not sleep.`,
	Claims: []lab.Claim{
		{
			Name:   "failed",
			Says:   "the first child's exec of ./nothing fails with ENOENT, and the child ends with status 127",
			Why:    "because exec returns only if it fails",
			Points: 2,
			Hints: [3]string{
				"How did the first child end? Look at the tree.",
				"Code after exec runs only if the exec failed.",
				"execl(\"./nothing\", …), then write errno to the pipe, then _exit(127).",
			},
			Judge: reportFailed,
		},
		{
			Name:   "worked",
			Says:   "the second child's exec succeeds",
			Points: 1,
			Hints:  [3]string{"Did the second child execute a program?", "exec does not return if it succeeds.", "execl(\"/bin/sleep\", \"sleep\", \"1\", …)"},
			Judge:  reportWorked,
		},
		{
			Name:   "said-right",
			Says:   "the parent prints the line of the first child, then the line of the second",
			Points: 2,
			Hints:  [3]string{"Compare the lines with those of the task.", "Bytes in the pipe are the errno of a failed exec; end of file means success.", "read(fd, &err, sizeof err) returns 0 or the size"},
			Judge:  reportSaid,
		},
		{
			Name:   "while-it-runs",
			Says:   "the line \"exec worked\" is written after the second exec and before the new program ends",
			Why:    "because the exec closes the write end, and so the read returns at the exec",
			Points: 2,
			Needs:  []string{"worked", "said-right"},
			Hints:  [3]string{"When does the parent's read return?", "It returns when the last write end is closed.", "close-on-exec in the child; close the parent's own write end"},
			Judge:  reportRuns,
		},
		{
			Name:   "by-the-exec",
			Says:   "the second child has a write end of a pipe with close-on-exec before its exec and none after it, and the parent has the read end",
			Why:    "because only the kernel's close at the exec proves that the exec succeeded",
			Points: 2,
			Needs:  []string{"worked"},
			Hints:  [3]string{"Which descriptors does the second child have at its exec?", "A byte that the child writes before the exec proves nothing.", "pipe2(fd, O_CLOEXEC)"},
			Judge:  reportByExec,
		},
		collected(reportRun, 2, false, false, execers),
		lab.AsAskedClaim("", reportRun,
			lab.Exclusion{Sentence: "it does not ask for the child's state with WNOHANG or in /proc, and it does not sleep", Broken: reportAsked},
			lab.Exclusion{Sentence: "The second executes a program that runs for at least 0.2 s", Broken: func(o *lab.Observation) string {
				_, kids := reportExecers(o)
				if len(kids) < 2 {
					return ""
				}
				e := success(o, kids[1])
				if e != nil && kids[1].Died >= 0 && kids[1].Died-e.Time < int64(200*time.Millisecond) {
					return "the program of " + o.Who(kids[1]) + " ended after less than 0.2 s"
				}
				return ""
			}}),
		{
			Name: "no-descriptor", Ours: true,
			Says:  "the new program has no end of the pipe",
			Why:   "because both ends had close-on-exec, or were closed",
			Hints: [3]string{"Which descriptors does the new program have?", "A pipe that leaks keeps its reader waiting.", "pipe2(fd, O_CLOEXEC) sets the flag on both ends"},
			Judge: reportNoDescriptor,
		},
		{
			Name: "vfork-too", Ours: true,
			Says:  "with vfork the child stores errno in its parent's memory, and the parent runs again at the exec",
			Why:   "because both use one memory until the exec",
			Hints: [3]string{"Run it with --vfork.", "The child of a vfork runs in its parent's memory.", "a volatile variable, vfork, exec, _exit"},
			Judge: reportVfork,
		},
	},
	Cast: reportCast,
	Moments: []lab.Moment{
		{
			Name: "failed", Says: "The exec fails and returns: the child writes errno to the pipe, and ends with 127.",
			At: func(o *lab.Observation) *trace.Event {
				if e, wrote := reportTold(o); wrote {
					if word, ended := lab.Word(o.Process(e.Process)); ended && word == 127<<8 {
						return e
					}
				}
				return nil
			},
		},
		{
			Name: "worked", Says: "The exec succeeds and closes the write end: the parent reads end of file, while the new program runs.",
			At: func(o *lab.Observation) *trace.Event {
				return reportClosed(o)
			},
		},
	},
	Questions: []lab.Question{{
		Name: "read", Ask: "The write end of the pipe has close-on-exec. What does the parent's read return when the exec succeeds?",
		Answers: []string{"0: end of file", "4 bytes: errno", "it blocks until the new program ends"},
		Right: func(o *lab.Observation) string {
			if reportClosed(o) == nil {
				return ""
			}
			return "0: end of file"
		},
		Why:    "The exec closes the last write end. The new program does not have it.",
		Moment: "worked",
	}, {
		Name: "failed", Ask: "The exec of the first child fails. How does its parent learn the error number?",
		Answers: []string{"from the child's exit status 127", "the child writes errno to the pipe", "fork returns it"},
		Right: func(o *lab.Observation) string {
			if _, wrote := reportTold(o); wrote {
				return "the child writes errno to the pipe"
			}
			return ""
		},
		Why:    "After a failed exec the child still runs its own program, and can write. 127 does not say which error it was, and a program may end with 127 by itself.",
		Moment: "failed",
	}},
}

// reportRun is the run of the exercise: /proc is read before each end
// of a process too, which tells when the end began.
var reportRun = func() lab.Run {
	r := executed()
	r.Trace.Snapshots = true
	return r
}()

// ending is when the process began to end, before the kernel closed its
// descriptors; the exit event can come later.
func ending(p *trace.Process) int64 {
	if p.Ending < 0 {
		return math.MaxInt64
	}
	return p.Ending
}

// reportLines are those of the task, reportMatch what is accepted as
// one of them.
var (
	reportLines = [2]string{"exec failed: errno = 2", "exec worked"}
	reportMatch = [2]func() *regexp.Regexp{
		show.Pattern(`(?i)^\s*exec\s+failed\s*:\s*errno\s*=\s*2\s*(\(.*\)\s*)?$`),
		show.Pattern(`(?i)^\s*exec\s+worked\s*(\(.*\)\s*)?$`),
	}
)

// reportTold is the failed exec of the first child, and whether the child
// wrote to a pipe after it.
func reportTold(o *lab.Observation) (failed *trace.Event, wrote bool) {
	_, kids := reportExecers(o)
	if len(kids) == 0 || success(o, kids[0]) != nil {
		return nil, false
	}
	failed = tries(o, kids[0])[0]
	return failed, slices.ContainsFunc(lab.After(o.EventsOf(kids[0], trace.KindWrite), failed.Time), func(e *trace.Event) bool {
		return strings.HasPrefix(e.Object, "pipe")
	})
}

// reportClosed is the parent's read of end of file from the pipe whose write
// end the exec of the second child closed; nil if there was none. The event of
// the exec can come after it: it is made when the exec is done.
func reportClosed(o *lab.Observation) *trace.Event {
	parent, kids := reportExecers(o)
	if len(kids) < 2 {
		return nil
	}
	e := success(o, kids[1])
	if e == nil {
		return nil
	}
	for _, r := range o.EventsOf(parent, trace.KindRead) {
		if r.Result != 0 || r.Errno != "" || !strings.HasPrefix(r.Object, "pipe") || r.Time < kids[1].Born || r.Time > ending(kids[1]) {
			continue
		}
		byHand := slices.ContainsFunc(o.Events(trace.KindPipe), func(p *trace.Event) bool {
			return p.Object == r.Object && slices.ContainsFunc(lab.Before(o.EventsOf(kids[1], trace.KindClose), e.Time), func(c *trace.Event) bool { return c.Fd == p.NewFd })
		})
		if !byHand {
			return r
		}
	}
	return nil
}

// reportExecers are the parent and its children of the experiment, in the order
// of their birth. Where more than two call exec the others are helpers: the
// two are those that have a pipe to their parent at an exec, or try to execute
// nothing, if there are two of these.
func reportExecers(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	parent, kids = execers(o)
	if len(kids) <= 2 {
		return parent, kids
	}
	var theirs []*trace.Process
	for _, c := range kids {
		if slices.ContainsFunc(tries(o, c), func(e *trace.Event) bool {
			return filepath.Base(e.Path) == "nothing" || reportEnd(o, parent, e)
		}) {
			theirs = append(theirs, c)
		}
	}
	if len(theirs) >= 2 {
		return parent, theirs
	}
	return parent, kids
}

// reportEnd reports whether the process has a write end of a pipe of its
// parent's when it calls exec.
func reportEnd(o *lab.Observation, parent *trace.Process, e *trace.Event) bool {
	of := reportPipes(filesOf(o, e, atEntry, parent.Name))
	for to, flags := range reportPipes(files(o, e, atEntry)) {
		if isWriteEnd(flags) && of[to] != 0 {
			return true
		}
	}
	return false
}

func reportCast(o *lab.Observation) lab.Cast { return castOf(reportExecers(o)) }

// reportTwo are the two children of the run.
func reportTwo(b *lab.Bench) (o *lab.Observation, parent *trace.Process, kids []*trace.Process, bad *lab.Verdict) {
	o = b.Run(reportRun)
	parent, kids = reportExecers(o)
	if len(kids) < 2 {
		v := o.Fail(o.Family(), "two children should call exec: "+whyTooFew(o, kids))
		return o, parent, kids, &v
	}
	return o, parent, kids, nil
}

// reportTried is the exec of the child that failed: that of nothing, or the
// first one if none succeeded. A child may execute another program of its
// own first, which then tries. It is nil for a child whose exec succeeded.
func reportTried(o *lab.Observation, c *trace.Process) *trace.Event {
	all := tries(o, c)
	for _, e := range all {
		if e.Errno != "" && filepath.Base(e.Path) == "nothing" {
			return e
		}
	}
	if success(o, c) == nil {
		return all[0]
	}
	return nil
}

func reportFailed(b *lab.Bench) lab.Verdict {
	o := b.Run(reportRun)
	_, kids := reportExecers(o)
	for _, c := range kids {
		e := reportTried(o, c)
		if e == nil {
			continue
		}
		w, ok := lab.Word(c)
		switch {
		case !reportNothing(o, c, e):
			means := "it should be ./nothing"
			if n := len(tries(o, c)); n > 1 && filepath.Base(e.Path) == "nothing" {
				means = fmt.Sprintf("there were %d such calls: that is how execlp and execvp look for a name without a slash in the directories of PATH. The task asks for ./nothing, with a slash", n)
			}
			return o.Fail(fmt.Sprintf("%s tried to execute %q%s", o.Who(c), e.Path, lab.Where(e)), means)
		case e.Errno != "ENOENT":
			return o.Fail(fmt.Sprintf("the exec of %q failed with %s", e.Path, e.Errno), "there should be no such file: ENOENT")
		case !ok || !w.Exited() || w.ExitStatus() != 127:
			return o.Fail(fmt.Sprintf("the exec of %s failed with ENOENT; it %s", o.Who(c), o.Standing(c)), reportWentOn(o, c, e)+reportStatus(c)+"it should end with exit status 127")
		}
		return o.Passed("the exec of %s failed with ENOENT, and it ended with 127", o.Who(c))
	}
	return o.Fail(o.Family(), "no child's exec failed")
}

// reportNothing reports whether the exec is of the file nothing in the working
// directory, as far as the recording has that directory.
func reportNothing(o *lab.Observation, c *trace.Process, e *trace.Event) bool {
	if !filepath.IsAbs(e.Path) {
		return filepath.Clean(e.Path) == "nothing"
	}
	cwd := files(o, e, atEntry)["cwd"]
	return filepath.Base(e.Path) == "nothing" && (cwd == "" && len(tries(o, c)) == 1 || filepath.Dir(e.Path) == cwd)
}

// reportStatus says that the exit status of the child is the number of the
// error; "" if it is not.
func reportStatus(c *trace.Process) string {
	if w, ok := lab.Word(c); ok && w.Exited() && w.ExitStatus() == 2 {
		return "2 is the number of the error: the parent has to learn this from the pipe; "
	}
	return ""
}

// reportWentOn says that the child ran on behind its failed exec, into code
// that is meant for its parent; "" if it did not.
func reportWentOn(o *lab.Observation, c *trace.Process, failed *trace.Event) string {
	for _, kid := range c.Children {
		if kid.Birth != nil && kid.Born > failed.Time {
			return fmt.Sprintf("after it the child ran on into its parent's code, and called fork%s: call _exit behind the exec; ", lab.Where(kid.Birth))
		}
	}
	for _, l := range o.Told(c) {
		if l.Time > failed.Time {
			return fmt.Sprintf("after it the child ran on, and wrote %q%s: call _exit behind the exec; ", l.Text, lab.Where(l.Write))
		}
	}
	return ""
}

func reportWorked(b *lab.Bench) lab.Verdict {
	o, _, kids, bad := reportTwo(b)
	if bad != nil {
		return *bad
	}
	if e := success(o, kids[1]); e != nil {
		return o.Passed("%s executed %s", o.Who(kids[1]), e.Path)
	}
	return o.Fail(o.Who(kids[1])+": "+failures(o, kids[1]), "its exec should succeed")
}

func reportSaid(b *lab.Bench) lab.Verdict {
	o := b.Run(reportRun)
	parent, kids := reportExecers(o)
	if parent == nil {
		return o.Fail(o.Family(), "no child called exec: "+whyTooFew(o, kids))
	}
	var said []string
	for _, l := range o.Told(parent) {
		for i, want := range reportLines {
			if reportMatch[i]().MatchString(l.Text) {
				said = append(said, want)
			}
		}
	}
	for _, c := range kids {
		for _, l := range o.Told(c) {
			if strings.HasPrefix(l.Text, "exec ") {
				return o.Fail(fmt.Sprintf("%s printed %q", o.Who(c), l.Text), "the parent should print both lines")
			}
		}
	}
	if len(said) == 2 && said[0] == reportLines[0] && said[1] == reportLines[1] {
		v := o.Passed("the parent printed %s", lab.Quote(said))
		if why := reportLiteral(o, parent, kids[0]); why != "" {
			v = v.Remark("%s", why)
		}
		return v
	}
	if told := o.Told(parent); len(told) == 0 {
		for _, l := range o.ErrorLines(parent) {
			if strings.HasPrefix(l, "exec ") {
				return o.Fail(fmt.Sprintf("the parent printed nothing, and wrote %q to standard error", l), "both lines have to go to standard output (descriptor 1)")
			}
		}
	}
	means := "the task asks for " + lab.Quote(reportLines[:]) + ", each once and in this order"
	if parent.Exit == nil && slices.Equal(said, reportLines[:len(said)]) {
		means = fmt.Sprintf("%q is missing: the parent %s", reportLines[len(said)], o.Standing(parent))
	}
	return o.Fail("the parent printed "+lab.Quote(lab.Texts(o.Told(parent))), cmp.Or(reportHalf(o, parent), reportOther(o, parent, kids[0]), reportUnread(o, parent, kids[0]))+means)
}

var reportNumber = show.Pattern(`errno = (-?\d+)`)

// reportHalf says that the parent read fewer bytes than its number has; "" if
// no number looks like it.
func reportHalf(o *lab.Observation, parent *trace.Process) string {
	for _, l := range o.Told(parent) {
		m := reportNumber().FindStringSubmatch(l.Text)
		if m == nil {
			continue
		}
		n, err := strconv.Atoi(m[1])
		for _, r := range o.EventsOf(parent, trace.KindRead) {
			if err == nil && n != 2 && n&0xff == 2 && r.Result > 0 && r.Result < 4 && strings.HasPrefix(r.Object, "pipe") {
				return fmt.Sprintf("the parent's read%s got %d of the 4 bytes of an int, and the rest of %d was there before; ", lab.Where(r), r.Result, n)
			}
		}
	}
	return ""
}

// reportSent are the bytes that the child wrote to a pipe after its exec had
// failed, and the write that failed, if one did.
func reportSent(o *lab.Observation, c *trace.Process) (sent []byte, failed *trace.Event) {
	e := reportTried(o, c)
	if e == nil {
		return nil, nil
	}
	for _, w := range lab.After(o.EventsOf(c, trace.KindWrite), e.Time) {
		switch {
		case w.Errno != "":
			failed = w
		case strings.HasPrefix(w.Object, "pipe"):
			sent = append(sent, lab.Taken(w)...)
		}
	}
	return sent, failed
}

// reportValue is the number that the bytes are, as an int or as text.
func reportValue(sent []byte) (n int, ok bool) {
	if len(sent) == 4 && sent[3] < ' ' {
		return int(int32(binary.NativeEndian.Uint32(sent))), true
	}
	n, err := strconv.Atoi(strings.Trim(string(sent), "\x00\n\r\t "))
	return n, err == nil
}

// reportLiteral says that the number in the parent's line cannot have come
// through a pipe: the child that failed wrote nothing to one.
func reportLiteral(o *lab.Observation, parent, c *trace.Process) string {
	e := reportTried(o, c)
	sent, _ := reportSent(o, c)
	if e == nil || len(sent) > 0 || lab.IsVfork(c) {
		return ""
	}
	return fmt.Sprintf("%s wrote nothing to a pipe after its exec had failed. So the number in the line of %s did not come through the pipe: the child has to write errno to it", o.Who(c), o.Who(parent))
}

// reportOther says why the parent's number is not the error of the exec.
func reportOther(o *lab.Observation, parent, c *trace.Process) string {
	e := reportTried(o, c)
	sent, _ := reportSent(o, c)
	wrote, ok := reportValue(sent)
	if e == nil || e.Errno != "ENOENT" || len(sent) == 0 {
		return ""
	}
	for _, l := range o.Told(parent) {
		m := reportNumber().FindStringSubmatch(l.Text)
		if m == nil {
			continue
		}
		switch n, err := strconv.Atoi(m[1]); {
		case err != nil || n == 2:
		case !ok:
			return fmt.Sprintf("the child wrote %q to the pipe, which is not the number of the error: the parent cannot learn it from this; ", string(sent[:min(len(sent), 16)]))
		case wrote == 2:
			return fmt.Sprintf("the child wrote 2 to the pipe, and the number in the parent's line is %d: it has to be the one that the parent read; ", n)
		case n == wrote:
			return fmt.Sprintf("the exec of the child failed with ENOENT, which is 2, and the child wrote %d to the pipe: each later call can change errno, so save it right after the exec; ", n)
		}
	}
	return ""
}

// reportUnread says that the parent took the first exec for one that worked.
func reportUnread(o *lab.Observation, parent, c *trace.Process) string {
	told := o.Told(parent)
	if len(told) == 0 || !reportMatch[1]().MatchString(told[0].Text) || reportTried(o, c) == nil {
		return ""
	}
	sent, failed := reportSent(o, c)
	switch {
	case failed != nil:
		return o.Who(c) + ": " + o.FailedCall(failed) + ", so the parent was not told that the exec had failed; "
	case len(sent) == 0:
		return "the child whose exec failed wrote nothing to its pipe; "
	}
	for _, r := range o.EventsOf(parent, trace.KindRead) {
		if r.Result > 0 && strings.HasPrefix(r.Object, "pipe") && r.Time < told[0].Time && r.Time > c.Born {
			return fmt.Sprintf("the parent's read%s returned %d: these bytes say that the exec failed, and only 0, end of file, says that it worked; ", lab.Where(r), r.Result)
		}
	}
	return ""
}

// reportLine is the parent's line about the second child.
func reportLine(o *lab.Observation, parent *trace.Process) (lab.Line, bool) {
	for _, l := range o.Told(parent) {
		if reportMatch[1]().MatchString(l.Text) {
			return l, true
		}
	}
	return lab.Line{}, false
}

func reportRuns(b *lab.Bench) lab.Verdict {
	o, parent, kids, bad := reportTwo(b)
	if bad != nil {
		return *bad
	}
	e := reportExec(o, parent, kids[1])
	l, ok := reportLine(o, parent)
	switch {
	case e == nil || !ok:
		return o.Fail("there was no line about an exec that worked", "nothing can be compared")
	case l.Time < entered(o, e):
		return o.Fail(fmt.Sprintf("%q was written before the exec", l.Text), "the parent could not know yet whether it would succeed")
	case l.Time > ending(kids[1]) && reportInTime(o, parent, kids[1], l.Time):
		return o.Passed("the parent's read returned at the exec, while the new program ran; the busy machine let it write later")
	case l.Time > ending(kids[1]):
		return o.Fail(fmt.Sprintf("%q was written when the new program had ended", l.Text), reportLate(o, parent, kids[1], l.Time))
	}
	return o.Passed("the line was written after the exec, while the new program ran")
}

// reportInTime reports whether the parent had learned of the exec from a pipe
// while the new program ran, and wrote its line before it waited for the
// child. On a busy machine the line itself can come after the end.
func reportInTime(o *lab.Observation, parent, c *trace.Process, line int64) bool {
	if c.Reaped >= 0 && line > c.Reaped {
		return false
	}
	exec := entered(o, reportExec(o, parent, c))
	for _, e := range o.EventsOf(parent, trace.KindRead) {
		if e.Result == 0 && e.Errno == "" && strings.HasPrefix(e.Object, "pipe") && e.Time > exec && e.Time < ending(c) {
			return true
		}
	}
	return false
}

// reportLate says why the line came after the end of the new program.
func reportLate(o *lab.Observation, parent, c *trace.Process, line int64) string {
	if c.Reaped >= 0 && line > c.Reaped {
		return "the parent waited for the child before it wrote: print, and flush, before the wait"
	}
	e := reportExec(o, parent, c)
	pipes := reportPipes(files(o, e, atSuccess))
	for to := range reportPipes(filesOf(o, e, atEntry, parent.Name)) {
		if isWriteEnd(pipes[to]) {
			return "the new program had a write end of the pipe, so the parent's read returned at the end of the program"
		}
	}
	return "the parent's read should return at the exec: the parent itself must not keep a write end"
}

// reportPipes are the pipes of which the process has an end, with the
// flags of that descriptor, except its standard descriptors.
func reportPipes(f trace.ProcFiles) map[string]int {
	pipes := map[string]int{}
	for _, fd := range lab.DescriptorNumbers(f) {
		to := lab.Descriptors(f)[fd]
		if fd <= 2 || !strings.HasPrefix(to, "pipe:") {
			continue
		}
		// Of two write ends the one without the flag stays open.
		flags := lab.DescriptorFlags(f, fd) | 1<<30
		if old := pipes[to]; old == 0 || isWriteEnd(flags) && (!isWriteEnd(old) || flags&lab.OCloexec == 0) {
			pipes[to] = flags
		}
	}
	return pipes
}

// isWriteEnd reports whether the flags of reportPipes, 0 if there is no
// descriptor, are those of a write end.
func isWriteEnd(flags int) bool { return flags != 0 && flags&lab.OAccmode == lab.OWronly }

// reportExec is the successful exec of the child: the last one at whose
// entry it had a write end of a pipe of its parent's, or else the first. A
// child may execute another program of its own first.
func reportExec(o *lab.Observation, parent, c *trace.Process) (found *trace.Event) {
	for _, e := range tries(o, c) {
		if e.Errno != "" {
			continue
		}
		if found == nil || reportEnd(o, parent, e) {
			found = e
		}
	}
	return found
}

func reportByExec(b *lab.Bench) lab.Verdict {
	o, parent, kids, bad := reportTwo(b)
	if bad != nil {
		return *bad
	}
	e := reportExec(o, parent, kids[1])
	if e == nil {
		return o.Fail(o.Who(kids[1])+": "+failures(o, kids[1]), "its exec should succeed")
	}
	before, after := reportPipes(files(o, e, atEntry)), reportPipes(files(o, e, atSuccess))
	// At the exec itself the parent may have read the end already.
	of := reportPipes(filesOf(o, e, atEntry, parent.Name))
	var failed *lab.Verdict
	for _, to := range slices.Sorted(maps.Keys(before)) {
		flags := before[to]
		if !isWriteEnd(flags) || of[to] == 0 {
			continue
		}
		var v lab.Verdict
		switch {
		case flags&lab.OCloexec == 0:
			v = o.Fail("at its exec the write end of the pipe had no close-on-exec", reportNoFlag(o, parent, kids[1], e)+"the new program has the write end, and the parent gets no end of file while it runs")
		case isWriteEnd(after[to]):
			v = o.Fail("after the exec the new program has a write end of the pipe", "there was a second descriptor without the flag")
		default:
			return o.Passed("at its exec %s had a write end with close-on-exec, which the new program has not; the parent has the read end", o.Who(kids[1]))
		}
		if failed == nil {
			failed = &v
		}
	}
	if failed != nil {
		return *failed
	}
	return o.Fail(o.Who(kids[1])+" had no write end of a pipe of its parent's when it called exec", reportNoEnd(o, parent, kids[1], e))
}

// reportNoFlag says which call was to set close-on-exec and did not, or took it
// away; "" if none is known.
func reportNoFlag(o *lab.Observation, parent, c *trace.Process, exec *trace.Event) string {
	for _, p := range []*trace.Process{c, parent} {
		for _, x := range slices.Backward(o.EventsOf(p, trace.KindFcntl, trace.KindDup)) {
			pipe := strings.HasPrefix(x.Object, "pipe") && x.Errno == ""
			switch {
			case !pipe || x.Time > exec.Time && p == c:
			case x.Kind == trace.KindDup && p == c && !x.Cloexec && x.Call != "fcntl":
				return x.Call + lab.Where(x) + " made another descriptor, which does not have the flag: it belongs to one descriptor; "
			case x.Kind != trace.KindFcntl:
			case x.Command == fSetfl:
				return "F_SETFL" + lab.Where(x) + " sets flags of the open file description, and close-on-exec is not one of them: it is a flag of the descriptor, which F_SETFD sets; "
			case noFlag(x):
				return openFlag(x) + "; "
			case x.Command == fSetfd && x.Value&fdCloexec != 0 && p == parent && x.Time > c.Born:
				return "F_SETFD" + lab.Where(x) + " set the flag of the parent's descriptor after the fork, and the child's has a flag of its own; "
			case x.Command == fSetfd && x.Value&fdCloexec != 0 && reportReads(o, x):
				return "F_SETFD" + lab.Where(x) + " set the flag of the read end; "
			}
		}
	}
	return ""
}

// reportReads reports whether the call is about the read end of a pipe.
func reportReads(o *lab.Observation, x *trace.Event) bool {
	return slices.ContainsFunc(lab.Before(o.Events(trace.KindPipe), x.Time), func(p *trace.Event) bool {
		return p.Object == x.Object && p.Fd == x.Fd && p.OFD == x.OFD
	})
}

// reportNoEnd says why the child had no write end at its exec.
func reportNoEnd(o *lab.Observation, parent, c *trace.Process, exec *trace.Event) string {
	names, of := lab.Descriptors(files(o, exec, atEntry)), reportPipes(filesOf(o, exec, atEntry, parent.Name))
	for fd := range 3 {
		if of[names[fd]] != 0 {
			return fmt.Sprintf("its descriptor %d is an end of the pipe, and the new program has it: the standard descriptors stay open at an exec", fd)
		}
	}
	for _, x := range lab.Before(o.EventsOf(c, trace.KindClose), exec.Time) {
		if x.Errno == "" && strings.HasPrefix(x.Object, "pipe") && slices.ContainsFunc(o.Events(trace.KindPipe), func(p *trace.Event) bool { return p.Object == x.Object && p.NewFd == x.Fd }) {
			return "it had closed its write end" + lab.Where(x) + " before the exec: this does not prove that the exec succeeded"
		}
	}
	if len(o.Events(trace.KindPipe)) == 0 {
		return "the program made no pipe. A read from a pipe whose write end the exec closes returns at the exec: this proves that it succeeded, while the new program runs"
	}
	return "a byte that is written before the exec does not prove that the exec succeeded"
}

func reportAsked(o *lab.Observation) string {
	parent, kids := reportExecers(o)
	if len(kids) < 2 {
		return ""
	}
	limit := kids[1].Died
	if l, ok := reportLine(o, parent); ok {
		limit = l.Time
	}
	// What came before the first child can be a wrapper's, which became
	// the program.
	for _, w := range o.WaitsOf(parent) {
		if w.Options&lab.WNOHANG != 0 && w.Time > kids[0].Born && w.Time < limit {
			return "the parent called a wait with WNOHANG" + lab.Where(w.Event)
		}
	}
	for _, e := range o.EventsOf(parent, trace.KindOpen) {
		if strings.HasPrefix(e.Path, "/proc/") && e.Time < limit && e.Time > kids[0].Born {
			return "the parent opened " + show.Line(e.Path) + lab.Where(e)
		}
	}
	for _, e := range o.EventsOf(parent, trace.KindNote, trace.KindSleep) {
		if (e.Kind == trace.KindSleep || e.Call == "clock_nanosleep") && e.Time > kids[0].Born && e.Time < limit {
			return "the parent slept" + lab.Where(e)
		}
	}
	return reportTimed(o, parent, kids[0].Born)
}

// reportTimed says that a poll or select after which the parent wrote a line
// had returned because its time was over: "" if there is none.
func reportTimed(o *lab.Observation, parent *trace.Process, born int64) string {
	for _, l := range o.Told(parent) {
		if !reportMatch[0]().MatchString(l.Text) && !reportMatch[1]().MatchString(l.Text) {
			continue
		}
		var last *trace.Event
		for _, e := range lab.Before(lab.After(o.EventsOf(parent, trace.KindPoll), born), l.Time) {
			last = e
		}
		if last != nil && last.Result == 0 && last.Errno == "" && last.Duration >= int64(10*time.Millisecond) {
			return fmt.Sprintf("the parent waited in %s%s until its limit of %g s was over, which is a sleep", last.Call, lab.Where(last), float64(last.Duration)/1e9)
		}
	}
	return ""
}

func reportNoDescriptor(b *lab.Bench) lab.Verdict {
	o, _, kids, bad := reportTwo(b)
	if bad != nil {
		return *bad
	}
	e := success(o, kids[1])
	if e == nil {
		return o.Fail(o.Who(kids[1])+": "+failures(o, kids[1]), "its exec should succeed")
	}
	if pipes := reportPipes(files(o, e, atSuccess)); len(pipes) > 0 {
		return o.Fail(fmt.Sprintf("the new program has ends of %d pipes", len(pipes)), "a descriptor has no close-on-exec")
	}
	return o.Passed("the new program has no end of a pipe")
}

func reportVfork(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--vfork"))
	parent, kids := reportExecers(o)
	if len(kids) != 2 || !lab.IsVfork(kids[0]) || !lab.IsVfork(kids[1]) {
		return o.Fail(o.Family(), "two children of vfork should call exec")
	}
	e := success(o, kids[1])
	lines := lab.Texts(o.Told(parent))
	switch {
	case e == nil || success(o, kids[0]) != nil:
		return o.Fail(o.Family(), "the first exec should fail and the second succeed")
	case len(lines) != 2 || lines[0] != reportLines[0] || lines[1] != reportLines[1]:
		return o.Fail("the parent printed "+lab.Quote(lines), "it should learn both from its memory")
	case len(o.Events(trace.KindPipe)) > 0:
		return o.Fail("a pipe was made", "the memory should be enough")
	case kids[1].Resumed < e.Time || kids[1].Died >= 0 && kids[1].Resumed > kids[1].Died:
		return o.Fail("the parent did not run again between the exec and the end of the program", "the exec should end the vfork")
	}
	return o.Passed("no pipe was made; the parent found errno in its memory, and ran again at the second exec")
}
