package labtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// seen is what each program did in each run.
var seen sync.Map // of func() (*lab.Observation, error)

// once makes each run of the program once, for the checks, the lab sheet
// and all doctors; each gets a copy that it may change.
func once(x *lab.Experiment, p lab.Program) func(lab.Run) (*lab.Observation, error) {
	return func(r lab.Run) (*lab.Observation, error) {
		run, _ := seen.LoadOrStore(fmt.Sprintf("%q %+v", p.Args, r), sync.OnceValues(func() (*lab.Observation, error) {
			return runOnce(x, p, r)
		}))
		o, err := run.(func() (*lab.Observation, error))()
		if err != nil {
			return nil, err
		}
		return copied(o).As(x), nil
	}
}

// runOnce runs the program; the error is a *sandbox.Refusal where the
// machine cannot.
func runOnce(x *lab.Experiment, p lab.Program, r lab.Run) (o *lab.Observation, err error) {
	probe := *x
	probe.Claims = []lab.Claim{{Name: "probe", Judge: func(b *lab.Bench) lab.Verdict {
		o = b.Run(r)
		return o.Passed("it ran")
	}}}
	rep, err := lab.Check(context.Background(), &probe, p, "")
	if err == nil && o == nil {
		v := rep.Results[0]
		err = &sandbox.Refusal{Reason: v.Reason, Remedy: v.Remedy}
	}
	// Of a run that took too long, what the box did in the end is cut off.
	if err == nil && o.Recording != nil && !o.TimedOut {
		err = errors.Join(trace.Check(o.Recording)...)
	}
	return o, err
}

// copied copies all that a doctor may change.
func copied(o *lab.Observation) *lab.Observation {
	res := *o.Result
	res.Stdout, res.Stderr = slices.Clone(res.Stdout), slices.Clone(res.Stderr)
	res.Leftovers = slices.Clone(res.Leftovers)
	res.Files = maps.Clone(res.Files)
	for name, b := range res.Files {
		res.Files[name] = slices.Clone(b)
	}
	if res.Recording != nil {
		rec := *res.Recording
		rec.Events = slices.Clone(rec.Events)
		for i := range rec.Events {
			copyEvent(&rec.Events[i])
		}
		res.Recording = &rec
	}
	return &lab.Observation{Result: &res, Program: o.Program, Run: o.Run}
}

// copyEvent makes the event share nothing with the one that it is a copy
// of, so that a doctor changes its own run only.
func copyEvent(e *trace.Event) {
	e.Words = slices.Clone(e.Words)
	e.Argv = slices.Clone(e.Argv)
	e.Args = slices.Clone(e.Args)
	e.OneOf = slices.Clone(e.OneOf)
	e.Numbers = slices.Clone(e.Numbers)
	e.Holders = slices.Clone(e.Holders)
	e.Data = slices.Clone(e.Data)
	e.Unknown = maps.Clone(e.Unknown)
	e.Snapshot = slices.Clone(e.Snapshot)
	for i := range e.Snapshot {
		e.Snapshot[i].Files = maps.Clone(e.Snapshot[i].Files)
	}
	e.SameVM = clone(e.SameVM)
	e.ExitArg = clone(e.ExitArg)
	e.Rusage = clone(e.Rusage)
	e.Nice = clone(e.Nice)
	e.File = clone(e.File)
	e.Source = clone(e.Source)
	e.Before, e.After = copyIDs(e.Before), copyIDs(e.After)
	if e.Program = clone(e.Program); e.Program != nil {
		e.Program.Cmdline = slices.Clone(e.Program.Cmdline)
		if e.Program.Stack = clone(e.Program.Stack); e.Program.Stack != nil {
			e.Program.Env = slices.Clone(e.Program.Env)
		}
	}
}

func copyIDs(ids *trace.IDs) *trace.IDs {
	if ids = clone(ids); ids != nil {
		ids.Groups = slices.Clone(ids.Groups)
	}
	return ids
}

// clone is a pointer to a copy, or nil.
func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
