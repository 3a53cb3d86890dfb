// Package checks says what the kernel must have done when an
// experiment of the folder exec has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{
	Echoall,
	Path,
	Redirect,
	Keeps,
	Resets,
	Signals,
	Cloexec,
	Report,
	Fails,
	Limits,
	Fexecve,
	Thread,
	Script,
	Shebang,
}

// executed is the run that most checks of this folder ask for: each
// exec is recorded with the environment of the new program, and
// /proc is read at its entry and at its success.
func executed(args ...string) lab.Run {
	return lab.Run{
		Stdout: sandbox.Pipe, Args: args,
		Trace: record.Options{Files: true, Environ: true, SnapshotExec: true},
	}
}

// onPipe is the run of the exercises.
var onPipe = executed()

// tries are the execs that the program made in the process, also those
// that failed. The exec that started the program is not among them.
func tries(o *lab.Observation, p *trace.Process) []*trace.Event {
	all := o.EventsOf(p, trace.KindExec)
	if p != nil && p.Birth == nil && len(all) > 0 {
		all = lab.After(all, start(o).Time)
	}
	return all
}

// success is the first exec of the process that succeeded, or nil.
func success(o *lab.Observation, p *trace.Process) *trace.Event {
	for _, e := range tries(o, p) {
		if e.Errno == "" {
			return e
		}
	}
	return nil
}

// start is the exec that started the program. A script that names env and
// an interpreter may be started by several: env, a shell script of that name
// which chooses a version, the interpreter itself.
func start(o *lab.Observation) (first *trace.Event) {
	all := o.Processes()
	if len(all) == 0 {
		return nil
	}
	for _, e := range o.EventsOf(all[0], trace.KindExec) {
		switch {
		case first == nil:
			first = e
		case e.Errno == "" && chooses(first) && sameScript(first, e):
			first = e
		}
	}
	return first
}

// chooses reports whether the exec is of a program that may only look for
// another one to execute: env, or a shell.
func chooses(e *trace.Event) bool {
	if e.Program == nil {
		return false
	}
	name := filepath.Base(e.Program.Exe)
	return name == "env" || strings.HasSuffix(name, "sh")
}

// sameScript reports whether both programs have the same last argument, the
// script.
func sameScript(a, b *trace.Event) bool {
	x, y := arguments(a), arguments(b)
	return len(x) > 1 && len(y) > 1 && x[len(x)-1] == y[len(y)-1]
}

// own are the processes of the program: not those that a wrapper made
// before it became the program.
func own(o *lab.Observation) (all []*trace.Process) {
	begun := start(o)
	for _, p := range o.Processes() {
		if p.Birth == nil || begun == nil || p.Born > begun.Time {
			all = append(all, p)
		}
	}
	return all
}

// arguments are those that the new program has.
func arguments(e *trace.Event) []string {
	if e.Program != nil && e.Program.Cmdline != nil {
		return e.Program.Cmdline
	}
	return e.Argv
}

// environment are the strings of the new program's environment, sorted.
func environment(e *trace.Event) []string {
	if e == nil || e.Program == nil {
		return nil
	}
	return slices.Sorted(slices.Values(e.Program.Env))
}

// execers are the process with the most children that executed a
// program, and these children in the order of their birth.
func execers(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	for _, p := range own(o) {
		if k := execersOf(o, p); len(k) > len(kids) {
			parent, kids = p, k
		}
	}
	return parent, kids
}

// execersOf are the children of the process that executed a program, or
// tried to, in the order of their birth.
func execersOf(o *lab.Observation, p *trace.Process) (kids []*trace.Process) {
	if p == nil {
		return nil
	}
	all := own(o)
	for _, c := range p.Children {
		if slices.Contains(all, c) && !lab.IsProbe(c) && len(tries(o, c)) > 0 {
			kids = append(kids, c)
		}
	}
	return kids
}

// parentAndExecers is the cast of an experiment whose parent makes
// children that execute programs.
func parentAndExecers(o *lab.Observation) lab.Cast {
	return castOf(execers(o))
}

// castBy is the cast of an experiment whose parent and children find finds;
// where it finds none, that of parentAndExecers.
func castBy(find func(*lab.Observation) (*trace.Process, []*trace.Process)) func(*lab.Observation) lab.Cast {
	return func(o *lab.Observation) lab.Cast {
		if parent, kids := find(o); parent != nil {
			return castOf(parent, kids)
		}
		return parentAndExecers(o)
	}
}

// castOf are a parent and its children in the order of their birth.
func castOf(parent *trace.Process, kids []*trace.Process) lab.Cast {
	if parent == nil {
		return nil
	}
	if len(kids) == 1 {
		return lab.Pair(parent, kids[0])
	}
	return lab.Cast{}.With("parent", parent).Numbered(kids)
}

// execer is the process that executed the program of the experiment: a
// child that did so, or else the first process. parent is nil in that
// case.
func execer(o *lab.Observation) (parent, p *trace.Process) {
	for _, q := range own(o) {
		if success(o, q) != nil && q.Birth != nil && !lab.IsProbe(q) {
			return q.Parent, q
		}
	}
	for _, q := range own(o) {
		if success(o, q) != nil {
			return q.Parent, q
		}
	}
	return nil, nil
}

// execerWith is the process that executes the program of the experiment, and
// its parent: of those that execute one it is the one that had prepared most at
// its exec, and of equal ones that of execer. Others are helpers.
func execerWith(o *lab.Observation, prepared func(*lab.Observation, *trace.Process, *trace.Event, trace.ProcFiles) int) (parent, p *trace.Process) {
	count := func(q *trace.Process) int {
		e := success(o, q)
		before := files(o, e, atEntry)
		if before == nil {
			return 0
		}
		return prepared(o, q, e, before)
	}
	parent, p = execer(o)
	best := count(p)
	for _, q := range own(o) {
		if n := count(q); n > best && !lab.IsProbe(q) {
			parent, p, best = q.Parent, q, n
		}
	}
	return parent, p
}

// Moments of an exec at which /proc was read.
const (
	atEntry   = "exec-entry"  // when the call was made
	atSuccess = "exec"        // before the new program's first instruction
	atFailure = "exec-failed" // when the call has failed
)

// files is what /proc said of the process at the exec.
func files(o *lab.Observation, e *trace.Event, at string) trace.ProcFiles {
	if e == nil {
		return nil
	}
	return filesOf(o, e, at, e.Process)
}

// filesOf is what /proc said of any process at the exec e of another
// one: the last look at its entry, or the first one after it.
func filesOf(o *lab.Observation, e *trace.Event, at, process string) (found trace.ProcFiles) {
	for i := range o.Recording.Events {
		x := &o.Recording.Events[i]
		if x.Kind != trace.KindSnapshot || x.At != at || x.Process != e.Process {
			continue
		}
		if at == atEntry && x.Time > e.Time {
			break
		}
		if at != atEntry && x.Time < e.Time {
			continue
		}
		for _, s := range x.Snapshot {
			if s.Process == process {
				found = s.Files
			}
		}
		if at != atEntry && found != nil {
			break
		}
	}
	return found
}

// entered is when the call of the exec was made. The event itself comes
// when the exec is done: by then the kernel has closed descriptors, and
// another process may have noticed it.
func entered(o *lab.Observation, e *trace.Event) int64 {
	t := int64(0)
	for i := range o.Recording.Events {
		x := &o.Recording.Events[i]
		if x.Time > e.Time {
			break
		}
		if x.Kind == trace.KindSnapshot && x.At == atEntry && x.Process == e.Process {
			t = x.Time
		}
	}
	return t
}

// around are the looks at the process at the entry of its exec and at
// its success. bad is a verdict if there was no such exec, or no look.
func around(b *lab.Bench, run lab.Run, find func(*lab.Observation) (parent, p *trace.Process)) (o *lab.Observation, e *trace.Event, before, after trace.ProcFiles, bad *lab.Verdict) {
	o = b.Run(run)
	_, p := find(o)
	if p == nil {
		v := o.Fail(o.Family(), noExec(o))
		if _, kids := execers(o); len(kids) > 0 {
			v = o.Fail(o.Who(kids[0])+": "+failures(o, kids[0]), whyFailed(o, kids[0]))
		}
		return o, nil, nil, nil, &v
	}
	e = success(o, p)
	before, after = files(o, e, atEntry), files(o, e, atSuccess)
	if before == nil || after == nil {
		v := o.Fail(o.Who(p)+" was not seen at its exec", "nothing can be compared")
		return o, nil, nil, nil, &v
	}
	return o, e, before, after, nil
}

// noExec says why no program was executed: an exec of the first process
// failed, or a process was killed before.
func noExec(o *lab.Observation) string {
	for _, p := range own(o) {
		// A process that was killed may have been on its way through PATH.
		if w, _ := lab.Word(p); len(tries(o, p)) > 0 && !w.Signaled() {
			return o.Who(p) + ": " + failures(o, p) + "; " + whyFailed(o, p)
		}
	}
	for _, p := range own(o) {
		if w, ok := lab.Word(p); ok && w.Signaled() {
			set := ""
			for _, x := range o.EventsOf(p, trace.KindTimer) {
				if w.TermSig() == sigalrm && x.Duration > 0 {
					set = fmt.Sprintf(": it had set the timer for %g s%s", float64(x.Duration)/1e9, lab.Where(x))
				}
			}
			return o.Who(p) + " " + o.Standing(p) + ", before it executed a program" + set
		}
	}
	return "no process called exec"
}

// number is a decimal number of /proc, -1 if it is none.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return -1
	}
	return n
}

// Numbers of signals that the experiments use; those of lab are not
// declared again.
const (
	sigint  = 2
	sigusr1 = 10
	sigusr2 = 12
	sigalrm = 14

	sigvtalrm = 26
	sigprof   = 27
)

// signalSet reports whether a set of /proc/PID/status has the signal.
func signalSet(f trace.ProcFiles, line string, sig int) bool {
	set, err := strconv.ParseUint(f.Status(line), 16, 64)
	return err == nil && set>>(sig-1)&1 == 1
}

// collected is the claim that the parent reaps its children. Its judge
// wants n of them, one after the other if inTurn. If alone, the first
// process may execute the program itself. find finds the parent and the
// children.
func collected(run lab.Run, n int, inTurn, alone bool, find func(*lab.Observation) (*trace.Process, []*trace.Process)) lab.Claim {
	says := "the parent reaps the child that executed a program"
	switch {
	case n > 1 && inTurn:
		says = fmt.Sprintf("the parent reaps each of the %d children before it makes the next one", n)
	case n > 1:
		says = fmt.Sprintf("the parent reaps each of the %d children", n)
	}
	return lab.Claim{
		Name: "collected", Says: says,
		Why:    "because the new program is still the parent's child: an exec changes neither the pid nor the parent",
		Points: 1,
		Hints: [3]string{
			"Which process reaps the child after it has executed another program?",
			"The parent of a process does not change at an exec.",
			"Call waitpid with the child's pid, once for each child.",
		},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(run)
			parent, kids := find(o)
			if n == 1 {
				if _, p := execer(o); p != nil && p.Parent == nil && alone {
					return o.Passed("%s executed the program itself, and has no parent in the program", o.Who(p)).
						Remark("the first process executed the program: there is no parent that reaps it")
				}
			}
			if _, p := execer(o); p == nil && alone {
				return o.Fail(o.Family(), "no process executed a program")
			}
			if len(kids) < n {
				means := fmt.Sprintf("%d children should execute the programs of the task", n)
				if n == 1 {
					means = "a child should execute the program of the task"
				}
				return o.Fail(o.Family(), means)
			}
			for i, c := range kids[:n] {
				if c.Reap == nil || c.Reap.Process != parent.Name {
					means := notWaited(o, parent, c)
					if c.Exit == nil {
						means = "it had not ended: it " + o.Standing(c)
					} else if o.AutoReaped(c) {
						means = o.NoZombie(c) + ": there is nothing to reap"
					}
					return o.Fail(o.Who(c)+" was not reaped by its parent", means)
				}
				if inTurn && i > 0 && kids[i-1].Reaped > c.Born {
					return o.Fail(o.Who(c)+" was made before "+o.Who(kids[i-1])+" had been reaped",
						"the children should run one after the other")
				}
			}
			return o.Passed("the parent reaped all %d", n)
		},
	}
}

// notWaited says why the parent did not reap the child: a wait that named it
// came back before the child had ended, or there was none.
func notWaited(o *lab.Observation, parent, c *trace.Process) string {
	if w := o.NoHang(parent, c); w != "" {
		return "the parent's " + w + ": the child had not ended yet"
	}
	return "the parent did not wait for it"
}

// quoted are the strings in quotes, for a sentence; a long list is cut.
func quoted(s []string) string {
	if len(s) > 6 {
		return lab.Quote(s[:6]) + fmt.Sprintf(" and %d more", len(s)-6)
	}
	return lab.Quote(s)
}
