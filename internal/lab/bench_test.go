package lab

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// judged checks a claim that one function judges, on a program that
// is not run.
func judged(judge func(*Bench) Verdict, seen func(Run) (*Observation, error)) (*Report, error) {
	b := &Bench{
		Experiment: &Experiment{Dir: "fork", Name: "x", Claims: []Claim{{Name: "c", Judge: judge}}},
		Program:    Program{Name: "./a.out"},
		Seen:       seen,
	}
	return b.Check(context.Background(), "")
}

// TestPanic: a bug of a claim's function is an error of this check,
// and the program that ran it goes on.
func TestPanic(t *testing.T) {
	rep, err := judged(func(*Bench) Verdict {
		var none []int
		return Verdict{Observed: string(rune(none[len(none)]))}
	}, nil)
	if rep != nil || err == nil {
		t.Fatalf("report %v, error %v", rep, err)
	}
	for _, want := range []string{"fork/x/c", "index out of range", "bug of the check", "report", "./a.out"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// TestStop: a run that cannot be made is not a bug.
func TestStop(t *testing.T) {
	run := func(b *Bench) Verdict { b.Run(Run{}); panic("it went on") }
	refusal := &sandbox.Refusal{Reason: "no kernel", Remedy: "take one"}
	rep, err := judged(run, func(Run) (*Observation, error) { return nil, refusal })
	if err != nil || rep.Results[0].Status != CannotCheck || rep.Results[0].Remedy != "take one" {
		t.Errorf("a refusal: %v, %v", rep, err)
	}
	gone := errors.New("gone")
	if _, err := judged(run, func(Run) (*Observation, error) { return nil, gone }); err != gone {
		t.Errorf("error %v, want %v", err, gone)
	}
}

// TestLimit: a run's own limit comes before the bench's. Without both a
// learner's program has 10 s, and the suite's own has more.
func TestLimit(t *testing.T) {
	for _, c := range []struct {
		ours              bool
		run, bench, limit time.Duration
	}{
		{false, 0, 0, 10 * time.Second},
		{false, 0, 2 * time.Second, 2 * time.Second},
		{false, time.Second, 2 * time.Second, time.Second},
		{true, 0, 0, time.Minute},
		{true, 0, 2 * time.Second, 2 * time.Second},
		{true, 3 * time.Minute, 0, 3 * time.Minute},
	} {
		b := &Bench{Program: Program{Ours: c.ours}, Timeout: c.bench}
		if got := b.limit(Run{Timeout: c.run}); got != c.limit {
			t.Errorf("%+v: the limit is %v", c, got)
		}
	}
}

// TestBefore: when a check is repeated, only the run in which the recorder
// changed something is not.
func TestBefore(t *testing.T) {
	changed := Run{}
	changed.Trace.Tamper = &record.Tamper{}
	made := map[bool]int{}
	var before *Bench
	for range 3 {
		b := &Bench{Experiment: &Experiment{Dir: "fork", Name: "x"}, Before: before}
		b.Experiment.Claims = []Claim{{Name: "c", Judge: func(b *Bench) Verdict {
			b.Run(Run{})
			return b.Run(changed).Passed("it ran")
		}}}
		b.Seen = func(r Run) (*Observation, error) {
			made[r.Trace.Tamper != nil]++
			return &Observation{Result: &sandbox.Result{}}, nil
		}
		if rep, err := b.Check(context.Background(), ""); err != nil || rep.Results[0].Status != Pass {
			t.Fatalf("%+v, %v", rep, err)
		}
		before = b
	}
	if made[false] != 3 || made[true] != 1 {
		t.Errorf("%d plain runs and %d with a change, want 3 and 1", made[false], made[true])
	}
}

// TestEvents: events of several kinds come in the order of the recording,
// and an event that was added since the last question is among them.
func TestEvents(t *testing.T) {
	rec := &trace.Recording{Events: []trace.Event{{Kind: trace.KindWait, Time: 1}, {Kind: trace.KindKill, Time: 2}, {Kind: trace.KindWait, Time: 3}}}
	o := &Observation{Result: &sandbox.Result{Recording: rec}}
	times := func() (all []int64) {
		for _, e := range o.Events(trace.KindKill, trace.KindWait) {
			all = append(all, e.Time)
		}
		return all
	}
	if got := times(); !slices.Equal(got, []int64{1, 2, 3}) {
		t.Errorf("the events are %v", got)
	}
	rec.Events = append(rec.Events, trace.Event{Kind: trace.KindKill, Time: 4})
	if got := times(); !slices.Equal(got, []int64{1, 2, 3, 4}) {
		t.Errorf("with one more the events are %v", got)
	}
}
