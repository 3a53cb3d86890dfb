package lab

import (
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestStandingOfALoop: what is said of a program that polls does not depend
// on the instant in which its time was over.
func TestStandingOfALoop(t *testing.T) {
	const ms = int64(1e6)
	at := func(line int) *trace.Source { return &trace.Source{File: "/x/mine.c", Line: line, Func: "main"} }
	polls := []trace.Event{{Time: 1, Process: "P0", Kind: trace.KindFork, Call: "clone", ChildProcess: "P0.1", Source: at(9)}}
	for i := range int64(20) {
		polls = append(polls,
			trace.Event{Time: i * 10 * ms, Process: "P0", Kind: trace.KindWait, Call: "wait4", Source: at(17)},
			trace.Event{Time: (i + 1) * 10 * ms, Process: "P0", Kind: trace.KindSleep, Call: "clock_nanosleep", Duration: 10 * ms, Entered: i*10*ms + 1, Source: at(18)})
	}
	blocked := func(e trace.Event) trace.Event {
		e.Process, e.Kind = "P0", trace.KindBlocked
		return e
	}
	const loop = "was in a loop, again and again: wait, which returned 0 (mine.c:17), a sleep of 10 ms (mine.c:18)"
	for _, test := range []struct {
		says string
		last trace.Event
		want string
	}{
		{"in its sleep", blocked(trace.Event{Time: 203 * ms, Call: "clock_nanosleep", Duration: 10 * ms, Entered: 201 * ms, Source: at(18)}), loop},
		{"between two calls", blocked(trace.Event{Time: 203 * ms, Source: at(17)}), loop},
		{"no thread was seen", trace.Event{Time: 203 * ms, Process: "P0", Kind: trace.KindEnd}, loop},
		{"kept from its turn by a busy machine", blocked(trace.Event{Time: 700 * ms, Source: at(17)}), loop},
		{"it went on to another call", blocked(trace.Event{Time: 203 * ms, Call: "pause", Entered: 201 * ms, Source: at(20)}), "was in pause (mine.c:20)"},
		{"it does not come out of this call", blocked(trace.Event{Time: 9000 * ms, Call: "wait4", Entered: 201 * ms, Source: at(17)}), "was in a wait for a child (mine.c:17)"},
		{"it left the loop long ago", blocked(trace.Event{Time: 9000 * ms, Source: at(30)}), "was running (in main, mine.c)"},
	} {
		events := append(append([]trace.Event{}, polls...), test.last)
		o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: events}}}
		if got := o.Standing(o.Process("P0")); got != test.want {
			t.Errorf("%s: it %s; want %s", test.says, got, test.want)
		}
	}
}

// TestLength: a time that is not 0 is not said to be 0.
func TestLength(t *testing.T) {
	for ns, want := range map[int64]string{1: "1 µs", 100e3: "100 µs", 9_980_000: "10 ms", 149_990_000: "150 ms", 1e9: "1 s", 2.5e9: "2.5 s", 60e9: "60 s", 100e9: "100 s"} {
		if got := length(ns); got != want {
			t.Errorf("%d ns is %q, want %q", ns, got, want)
		}
	}
}
