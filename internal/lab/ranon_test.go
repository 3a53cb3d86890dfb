package lab

import (
	"strings"
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestRanOn: a child that forks where its parent forks next did not end in
// its branch. A chain of processes, and a helper function that calls fork
// for both, are no such thing.
func TestRanOn(t *testing.T) {
	fork := func(by, child, function string, line int) trace.Event {
		return trace.Event{
			Kind: trace.KindFork, Call: "clone", Process: by, ChildProcess: child,
			Source: &trace.Source{File: "/x/mine.c", Func: function, Line: line},
		}
	}
	for _, test := range []struct {
		says   string
		events []trace.Event
		ranOn  bool
	}{
		{"children of a loop go on with it", []trace.Event{fork("P0", "P0.1", "main", 9), fork("P0", "P0.2", "main", 9), fork("P0.1", "P0.1.1", "main", 9)}, true},
		{"a child runs on to the next fork", []trace.Event{fork("P0", "P0.1", "main", 9), fork("P0", "P0.2", "main", 12), fork("P0.1", "P0.1.1", "main", 12)}, true},
		{"each process makes the next one", []trace.Event{fork("P0", "P0.1", "main", 9), fork("P0.1", "P0.1.1", "main", 9)}, false},
		{"a child forks at a line of its own", []trace.Event{fork("P0", "P0.1", "main", 9), fork("P0", "P0.2", "main", 12), fork("P0.1", "P0.1.1", "main", 10)}, false},
		{"all fork through a helper function", []trace.Event{fork("P0", "P0.1", "Fork", 5), fork("P0", "P0.2", "Fork", 5), fork("P0.1", "P0.1.1", "Fork", 5)}, false},
	} {
		for i := range test.events {
			test.events[i].Time = int64(i + 1)
		}
		o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: test.events}}}
		if got := o.ranOn(); strings.Contains(got, "ran on into its parent's code") != test.ranOn {
			t.Errorf("%s: the remark is %q", test.says, got)
		}
	}
}
