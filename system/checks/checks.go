// Package checks says what the kernel must have done when an
// experiment of the folder system has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"fmt"
	"path/filepath"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{System, Interrupt, Hole, Account, Login, Priority, Nice, Autogroup, Times}

// Numbers of Linux that recordings contain.
const (
	sigINT  = 2
	sigQUIT = 3

	rusageChildren = -1

	idUser  = 7000001 // of the programs: an id that no account has
	idOwner = 7000002
)

// watched is a recorded run in which /proc is read after each line,
// at each exec and birth, and before each end.
func watched(args ...string) lab.Run {
	return lab.Run{
		Stdout: sandbox.Pipe, Args: args,
		Trace: record.Options{Files: true, Snapshots: true, SnapshotExec: true, SnapshotBirth: true},
	}
}

// run makes a run of our own programs, or says why this machine cannot
// do it.
func run(b *lab.Bench, r lab.Run) (o *lab.Observation, cannot *lab.Verdict) {
	o = b.Run(r)
	if proc.WaitStatus(o.Status).ExitStatus() == 2 {
		reason, _, _ := strings.Cut(strings.TrimSpace(string(o.Stderr)), "\n")
		v := lab.Cannot(reason, "run it as root, outside of user namespaces")
		return o, &v
	}
	return o, nil
}

// lines judges that the run printed a line that begins with each of the
// words, in this order, and calls more, unless it is nil.
func lines(r lab.Run, means string, words []string, more func(*lab.Observation) *lab.Verdict) func(*lab.Bench) lab.Verdict {
	return lab.Seeing(r, func(b *lab.Bench) lab.Verdict {
		o, cannot := run(b, r)
		if cannot != nil {
			return *cannot
		}
		for _, w := range words {
			if len(o.Printed(w)) == 0 {
				what, _, _ := strings.Cut(w, ":")
				what, _, _ = strings.Cut(what, ",")
				if len(o.Printed(what+": cannot be tried")) > 0 {
					_, need, _ := strings.Cut(o.Printed(what + ": cannot be tried")[0].Text, "it takes ")
					return lab.Cannot("the caller lacks "+need, "run it as root, outside of user namespaces")
				}
				return o.Fail(fmt.Sprintf("no line begins with %q; the program printed %s", w, lab.Quote(o.Lines())), means)
			}
		}
		if more != nil {
			if v := more(o); v != nil {
				return *v
			}
		}
		if len(words) == 0 {
			return o.Passed("what it printed agrees with the kernel")
		}
		return o.Passed("printed, as the kernel has it: %s", lab.Quote(words))
	})
}

// failure is a verdict for a pointer.
func failure(o *lab.Observation, means, format string, args ...any) *lab.Verdict {
	v := o.Fail(fmt.Sprintf(format, args...), means)
	return &v
}

// claim is a row of a table of claims about our own programs.
func claim(name, says, why string, hints [3]string, judge func(*lab.Bench) lab.Verdict) lab.Claim {
	return lab.Claim{Name: name, Says: says, Why: why, Points: 1, Hints: hints, Judge: judge}
}

// ours is a claim beyond an exercise.
func ours(name, says, why string, judge func(*lab.Bench) lab.Verdict) lab.Claim {
	return lab.Claim{Name: name, Says: says, Why: why, Ours: true, Judge: judge}
}

// A shell is a child that executed /bin/sh -c with a command.
type shell struct {
	*trace.Process
	exec    *trace.Event
	command string
}

// shellOf is the first successful exec of the process, if it was of
// /bin/sh -c with a command.
func shellOf(o *lab.Observation, p *trace.Process) (s shell, ok bool) {
	for _, e := range o.EventsOf(p, trace.KindExec) {
		if e.Errno != "" {
			continue
		}
		args := e.Argv
		if len(args) > 2 && args[2] == "--" { // glibc 2.38
			args = append(append([]string{}, args[:2]...), args[3:]...)
		}
		ok = e.Path == "/bin/sh" && len(args) == 3 && args[0] == "sh" && args[1] == "-c"
		if ok {
			return shell{p, e, strings.TrimSpace(args[2])}, true
		}
		return shell{}, false
	}
	return shell{}, false
}

// noHang says that a wait of the parent for the shell came back before the
// shell had ended; "" if none did.
func noHang(o *lab.Observation, parent *trace.Process, s shell) string {
	if w := o.NoHang(parent, s.Process); w != "" {
		return "its " + w + ": the shell had not ended yet"
	}
	return ""
}

// at are the snapshots taken at a moment ("exec", "birth", "exit",
// "write") that the process of the name caused.
func at(o *lab.Observation, moment, process string) (all []*trace.Event) {
	for _, e := range o.Events(trace.KindSnapshot) {
		if e.At == moment && e.Process == process {
			all = append(all, e)
		}
	}
	return all
}

// of is what a snapshot says of the process; nil if nothing.
func of(e *trace.Event, p *trace.Process) trace.ProcFiles {
	if e == nil || p == nil {
		return nil
	}
	for _, s := range e.Snapshot {
		if s.Process == p.Name {
			return s.Files
		}
	}
	return nil
}

// atEnd is what /proc said of p when q was about to end.
func atEnd(o *lab.Observation, q, p *trace.Process) trace.ProcFiles {
	all := at(o, "exit", q.Name)
	if len(all) == 0 {
		return nil
	}
	return of(all[len(all)-1], p)
}

// has reports whether a signal is in a set of /proc/PID/status.
func has(f trace.ProcFiles, set string, sig int) bool {
	return f.Signals(set)>>(sig-1)&1 != 0
}

// usedMs is the processor time of a process in milliseconds, by
// schedstat, or by stat in steps of 10.
func usedMs(f trace.ProcFiles) int {
	var ns int
	if n, _ := fmt.Sscan(f["schedstat"], &ns); n == 1 {
		return ns / 1e6
	}
	return 10 * (max(f.StatNumber(14), 0) + max(f.StatNumber(15), 0))
}

// program is the name of the program that the process ended as.
func program(p *trace.Process) string {
	if p.Exec == nil {
		return ""
	}
	return filepath.Base(p.Exec.Path)
}

// parentOf and childOf are the parent of a process and its child with this
// index; nil if there is none.
func parentOf(p *trace.Process) *trace.Process {
	if p == nil {
		return nil
	}
	return p.Parent
}

func childOf(p *trace.Process, i int) *trace.Process {
	if p == nil || i < 0 || i >= len(p.Children) {
		return nil
	}
	return p.Children[i]
}

// wrote is the event in which a line that begins with the words was
// written, for a moment; nil if there is none.
func wrote(words string) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		if found := o.Printed(words); len(found) > 0 {
			return found[0].Write
		}
		return nil
	}
}
