//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
	"apue/setuid/checks"
)

// A doctor changes an observation of our own program so that a claim
// must fail.
type doctor = func(*lab.Observation)

// change calls f for each event of the kind.
func change(kind trace.Kind, f func(*trace.Event)) doctor {
	return func(o *lab.Observation) {
		if o.Recording == nil {
			o.Stdout = nil // the run of a user without privilege
			return
		}
		for i := range o.Recording.Events {
			if e := &o.Recording.Events[i]; e.Kind == kind {
				f(e)
			}
		}
	}
}

// without takes away the events of the kind for which f is true.
func without(kind trace.Kind, f func(*trace.Event) bool) doctor {
	return func(o *lab.Observation) {
		o.Recording.Events = slices.DeleteFunc(o.Recording.Events, func(e trace.Event) bool {
			return e.Kind == kind && f(&e)
		})
	}
}

func every(*trace.Event) bool { return true }

// inProc replaces text in a file of /proc of all processes.
func inProc(file, old, to string) doctor {
	return change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			if text, ok := s.Files[file]; ok {
				s.Files[file] = strings.ReplaceAll(text, old, to)
			}
		}
	})
}

// doctored sees each claim fail.
func doctored(t *testing.T, x *lab.Experiment, doctors map[string]doctor) {
	t.Parallel()
	for i := range x.Claims {
		c := &x.Claims[i]
		if x.Exercise && !c.Ours {
			continue // the wrong programs fail it
		}
		d := doctors[c.Name]
		if d == nil {
			t.Errorf("%s/%s is seen to fail by no doctor", x.ID(), c.Name)
			continue
		}
		t.Run(c.Name, func(t *testing.T) { labtest.Doctored(t, x, c.Name, d) })
	}
}

// swapped exchanges the ids A and B in /proc.
func swapped(o *lab.Observation) {
	for _, r := range [][2]string{{"7000001", "other"}, {"7000002", "7000001"}, {"other", "7000002"}} {
		inProc("status", r[0], r[1])(o)
	}
}

func TestSetidDoctored(t *testing.T) {
	doctored(t, checks.Setid, map[string]doctor{
		"effective": swapped, "saved": swapped, "without": swapped, "group": swapped, "refused": swapped,
		"real": inProc("status", "Groups:\t7000003", "Groups:\t"),
		"secure": change(trace.KindExec, func(e *trace.Event) {
			// The observation's events are copies; what they point to is not.
			program, stack := *e.Program, *e.Program.Stack
			stack.Secure = false
			program.Stack = &stack
			e.Program = &program
		}),
		"access": without(trace.KindOpen, func(e *trace.Event) bool { return strings.HasSuffix(e.Path, "/secret") }),
	})
}

func TestRulesDoctored(t *testing.T) {
	fs := change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			s.Files["status"] = strings.ReplaceAll(s.Files["status"], "7000001\nGid", "7000003\nGid")
		}
	})
	otherIDs := change(trace.KindCreds, func(e *trace.Event) { e.After = &trace.IDs{} })
	doctored(t, checks.Rules, map[string]doctor{
		"setuid-root": otherIDs, "setuid-user": swapped, "seteuid": otherIDs, "setreuid": swapped, "swap": swapped,
		"setresuid": otherIDs, "fsuid": fs, "groups": swapped,
		"irreversible": change(trace.KindCreds, func(e *trace.Event) { e.Errno = "" }),
	})
}

func TestDropDoctored(t *testing.T) {
	doctored(t, checks.Drop, map[string]doctor{
		"for-a-while":   change(trace.KindOpen, func(e *trace.Event) { e.Errno = "" }),
		"for-good":      swapped,
		"not-by-setuid": swapped,
		"order":         without(trace.KindCreds, func(e *trace.Event) bool { return e.Errno != "" }),
		"capabilities":  inProc("status", "CapEff:\t0000000000000000", "CapEff:\t0000000000000001"),
	})
}

func TestThreadsDoctored(t *testing.T) {
	doctored(t, checks.Threads, map[string]doctor{
		"per-thread":  without(trace.KindCreds, every),
		"all":         change(trace.KindCreds, func(e *trace.Event) { e.Tid = 0 }),
		"differ-fail": change(trace.KindCreds, func(e *trace.Event) { e.Errno = "" }),
	})
}
