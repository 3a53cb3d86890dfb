package main

import (
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/trace"
)

// asks are the questions about the last of three processes, by their
// first words.
func asks(events ...trace.Event) map[string]question {
	events = append([]trace.Event{
		{Process: "P0", Kind: trace.KindFork, ChildProcess: "P0.1"},
		{Process: "P0.1", Kind: trace.KindFork, ChildProcess: "P0.1.1"},
	}, events...)
	byText := map[string]question{}
	for _, q := range questions(&lab.Experiment{}, &trace.Recording{Events: events}) {
		byText[strings.Join(strings.Fields(q.text)[:5], " ")] = q
	}
	return byText
}

// TestAdopted: the parent of a process when it ends is not who its
// zombie was handed to.
func TestAdopted(t *testing.T) {
	adopted := func(time int64, by string) trace.Event {
		return trace.Event{Time: time, Process: "P0.1.1", Kind: trace.KindReparented, NewParentProcess: by}
	}
	end := trace.Event{Time: 5, Process: "P0.1.1", Kind: trace.KindExit}
	const who = "Who is the parent of"
	if q, asked := asks(end, adopted(7, ""))[who]; asked {
		t.Errorf("nobody adopted it while it lived: %+v", q)
	}
	if q := asks(adopted(3, "P0"), end, adopted(7, ""))[who]; q.right != "P0" {
		t.Errorf("the parent is %q, want P0", q.right)
	}
}

// TestDiscarded: where SIGCHLD is ignored nobody gets the status.
func TestDiscarded(t *testing.T) {
	for _, discarded := range []bool{false, true} {
		q := asks(trace.Event{Time: 5, Process: "P0.1.1", Kind: trace.KindExit, Discarded: discarded})["Who collects the status of"]
		if got := strings.Contains(q.why, "ignores SIGCHLD"); got != discarded || strings.Contains(q.why, "adopted") == discarded {
			t.Errorf("discarded %v: %s", discarded, q.why)
		}
	}
}
