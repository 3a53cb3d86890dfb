package lab

import (
	"strings"
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestNearNumber: of a line in which only a number is too long, nothing else
// is said to be wrong.
func TestNearNumber(t *testing.T) {
	got := Require("my pid = P").Near("my pid = 99999999999999999999")
	if want := "a number of the line has more digits than any pid or status"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestFailedMeans: a descriptor of another process with the same number is not
// the one that could not be written to; one that was inherited is.
func TestFailedMeans(t *testing.T) {
	events := []trace.Event{
		{Process: "P0", Kind: trace.KindFork, ChildProcess: "P0.1", Time: 1},
		{Process: "P0", Kind: trace.KindFork, ChildProcess: "P0.2", Time: 2},
		{Process: "P0.1", Kind: trace.KindOpen, Path: "in", Fd: 3, Time: 3},
		{Process: "P0.2", Kind: trace.KindWrite, Fd: 3, Errno: "EBADF", Time: 4},
	}
	for opener, want := range map[string]string{"P0.1": "is not open for writing", "P0": "for reading only"} {
		events[2].Process = opener
		o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: append([]trace.Event(nil), events...)}}}
		if got := o.FailedMeans(&o.Recording.Events[3]); !strings.Contains(got, want) {
			t.Errorf("opened by %s: %q, want %q", opener, got, want)
		}
	}
}
