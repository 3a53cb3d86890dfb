package grade

import (
	"slices"
	"testing"
	"time"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestBusy: a run whose time was over because it shared the machine with
// others is no verdict: it is made again alone, and counts then unless the
// machine itself was too busy.
func TestBusy(t *testing.T) {
	for _, test := range []struct {
		alone        bool
		waited, late time.Duration
		fault        bool
	}{
		{false, 0, 0, false},
		{false, time.Second / 2, 0, false},
		{false, 2 * time.Second, 0, true},
		{true, 2 * time.Second, 0, false},
		{true, 0, 2 * time.Second, true},
		{true, 6 * time.Second, 0, true},
		{true, 6 * time.Second, 6 * time.Second, true},
	} {
		w := &watch{g: &grader{alone: test.alone, folders: ourFolders("/tmp/x")}, left: mostRecorded}
		w.look(&lab.Observation{Result: &sandbox.Result{TimedOut: true, Elapsed: 10 * time.Second, Waited: test.waited, Late: test.late}})
		if (w.fault != nil) != test.fault {
			t.Errorf("%+v: %v", test, w.fault)
		}
	}
}

// TestExecuted: a human is told of a foreign file that was executed, and not of
// one that a search along PATH did not find.
func TestExecuted(t *testing.T) {
	exec := func(path, errno string) trace.Event {
		return trace.Event{Kind: trace.KindExec, Path: path, Errno: errno}
	}
	w := &watch{program: "/work/program"}
	got := w.executed(&lab.Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: []trace.Event{
		exec("/work/program", ""), exec("/opt/bin/sh", "ENOENT"), exec("/usr/bin/sh", ""), exec("/srv/eve/prog", ""), exec("./part", ""),
	}}}})
	if want := []string{"/srv/eve/prog"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
