package checks

import (
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestLucky: a wait with WNOHANG that returns a stop at its first call was
// lucky, unless the parent had waited for something since it sent the signal.
func TestLucky(t *testing.T) {
	at := func(line int) *trace.Source { return &trace.Source{File: "/x/mine.c", Line: line, Func: "main"} }
	fork := trace.Event{Kind: trace.KindFork, Process: "P0", ChildProcess: "P0.1", Source: at(3)}
	kill := trace.Event{Kind: trace.KindKill, Process: "P0", Signal: 19, Target: 9, TargetProcess: "P0.1", Source: at(5)}
	wait := func(options, line int) trace.Event {
		return trace.Event{Kind: trace.KindWait, Process: "P0", Call: "wait4", Options: options, ResultProcess: "P0.1", Source: at(line)}
	}
	const once = lab.WNOHANG | lab.WUNTRACED
	for _, test := range []struct {
		says  string
		since []trace.Event // between the fork and the wait
		last  trace.Event
		lucky bool
	}{
		{"the signal, and at once the wait", []trace.Event{kill}, wait(once, 6), true},
		{"a wait that blocks", []trace.Event{kill}, wait(lab.WUNTRACED, 6), false},
		{"a loop", []trace.Event{kill, wait(once, 6)}, wait(once, 6), false},
		{"a sleep between them", []trace.Event{kill, {Kind: trace.KindSleep, Process: "P0"}}, wait(once, 6), false},
		{"a sleep before the signal", []trace.Event{{Kind: trace.KindSleep, Process: "P0"}, kill}, wait(once, 6), true},
		{"a read of the child's pipe between them", []trace.Event{kill, {Kind: trace.KindRead, Process: "P0"}}, wait(once, 6), false},
		{"another question with WNOHANG between them", []trace.Event{kill, wait(lab.WNOHANG, 5)}, wait(once, 6), true},
	} {
		rec := &trace.Recording{Events: append(append([]trace.Event{fork}, test.since...), test.last)}
		for i := range rec.Events {
			rec.Events[i].Time = int64(i + 1)
		}
		o := Options.Observe(rec)
		parent, child := o.Process("P0"), o.Process("P0.1")
		if got := optionsLucky(o, parent, child, &rec.Events[len(rec.Events)-1]); got != test.lucky {
			t.Errorf("%s: lucky is %t, should be %t", test.says, got, test.lucky)
		}
	}
}

// TestSpin: a loop around a wait with WNOHANG fills a recording. The claims
// are judged all the same, and the message names the call.
func TestSpin(t *testing.T) {
	at := &trace.Source{File: "/x/mine.c", Line: 7, Func: "main"}
	rec := &trace.Recording{Events: []trace.Event{{Kind: trace.KindFork, Process: "P0", Child: 9, ChildProcess: "P0.1", Source: at}}}
	for range sandbox.DefaultEvents {
		rec.Events = append(rec.Events, trace.Event{Kind: trace.KindWait, Process: "P0", Call: "wait4", WaitPid: -1, Options: lab.WNOHANG, Source: at})
	}
	for i := range rec.Events {
		rec.Events[i].Time = int64(i + 1)
	}
	bench := &lab.Bench{Experiment: Options, Seen: func(lab.Run) (*lab.Observation, error) {
		o := Options.Observe(rec)
		o.Flooded, o.RecordingFull = true, true
		return o, nil
	}}
	report, err := bench.Check(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range report.Results {
		switch x.Claim.Name {
		case "nohang-zero", "all-collected":
			if want := "the program did more than a recording holds, and was killed"; x.Status != lab.NotJudged || x.Reason != want {
				t.Errorf("%s is %q, because %q", x.Claim.Name, x.Status, x.Reason)
			}
		case "as-asked":
			if want := "wait at mine.c:7 was called 50000 times"; !strings.Contains(x.Means, want) {
				t.Errorf("as-asked means %q, which does not say %q", x.Means, want)
			}
		}
	}
}
