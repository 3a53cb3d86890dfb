package lab

import (
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestEnding: what is said of the way in which a process ended, and
// whether it flushed, follows from the recording, and is unknown without it.
func TestEnding(t *testing.T) {
	line := &trace.Source{File: "/x/mine.c", Line: 12, Func: "main"}
	for _, c := range []struct {
		exit           trace.Event
		says           string
		flushes, known bool
	}{
		{trace.Event{Via: "exit", Source: line}, "called exit (mine.c:12)", true, true},
		{trace.Event{Via: "_exit", Source: line}, "ended with _exit (mine.c:12)", false, true},
		{trace.Event{Via: "quick_exit", Source: line}, "ended with quick_exit (mine.c:12)", false, true},
		{trace.Event{Via: trace.ViaMain, NoSource: "not called from the program's own code"}, "returned from main", true, true},
		{trace.Event{Via: trace.ViaMain, NoSource: "no debug information"}, "called exit", true, true},
		{trace.Event{Source: line}, "exited 0", false, false},
		{trace.Event{Status: 11}, "was killed by SIGSEGV (11)", false, true},
	} {
		o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{}}}
		p := &trace.Process{Name: "P0", Exit: &c.exit}
		if says := o.Ending(p); says != c.says {
			t.Errorf("%+v: %q, want %q", c.exit, says, c.says)
		}
		if flushes, known := Flushes(p); flushes != c.flushes || known != c.known {
			t.Errorf("%s: flushes %v, known %v", c.says, flushes, known)
		}
	}
}

// TestWrittenBy: the function that wrote is named, and what it says about
// the buffer.
func TestWrittenBy(t *testing.T) {
	line := &trace.Source{File: "/x/mine.c", Line: 7}
	o := &Observation{}
	for via, want := range map[string]string{
		"":             "",
		"exit":         "exit flushed the buffer (mine.c:7)",
		"fflush":       "fflush flushed the buffer (mine.c:7)",
		"write":        "write wrote it (mine.c:7), which has no buffer",
		"__printf_chk": "printf wrote it at once (mine.c:7): on a pipe this stream keeps no line in its buffer",
		"__overflow":   "__overflow wrote it at once (mine.c:7): on a pipe this stream keeps no line in its buffer",
		"perror":       "perror wrote it (mine.c:7)",
	} {
		if got := o.WrittenBy(&trace.Event{Via: via, Source: line, Result: 8}); got != want {
			t.Errorf("%s: %q, want %q", via, got, want)
		}
	}
	if got := o.WrittenBy(&trace.Event{Via: "puts", Source: line, Result: 4096}); got != "puts wrote it (mine.c:7), because the buffer was full" {
		t.Errorf("a full buffer: %q", got)
	}
}

// TestAtBoth: two times that a sentence compares never look the same.
func TestAtBoth(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		says string
	}{
		{1_020_000_000, 2_000_000_000, "+1.02 s +2.00 s"},
		{1_021_000_000, 1_022_000_000, "+1.021 s +1.022 s"},
		{130_000_001, 130_000_002, "+0.130000001 s +0.130000002 s"},
	} {
		if a, b := AtBoth(c.a, c.b); a+" "+b != c.says {
			t.Errorf("%s %s, want %s", a, b, c.says)
		}
	}
}

// TestKiller: the death of a process that another one killed names the
// sender and its line.
func TestKiller(t *testing.T) {
	line := &trace.Source{File: "/x/mine.c", Line: 7}
	o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: []trace.Event{
		{Process: "P0", Pid: 9, Kind: trace.KindExec, Time: 0},
		{Process: "P0", Pid: 9, Kind: trace.KindFork, ChildProcess: "P0.1", Child: 10, Time: 1},
		{Process: "P0", Pid: 9, Kind: trace.KindKill, Signal: 9, Target: 10, TargetProcess: "P0.1", Source: line, Time: 2},
		{Process: "P0.1", Pid: 10, Kind: trace.KindExit, Status: 9, Time: 3},
	}}}}
	if got, want := o.Standing(o.Process("P0.1")), "was killed by SIGKILL (9), which the original (9) sent (mine.c:7)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
