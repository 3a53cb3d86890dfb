package trace

import (
	"slices"
	"strings"
	"testing"
)

// TestCheck: a sound recording has no contradiction, and each kind of
// contradiction is found where it is.
func TestCheck(t *testing.T) {
	if found := Check(family()); found != nil {
		t.Fatalf("of a sound recording: %v", found)
	}
	again := func(r *Recording, at, from int) { // a copy of event from, later
		e := r.Events[from]
		e.Time = r.Events[at].Time
		r.Events = slices.Insert(r.Events, at, e)
	}
	for want, doctor := range map[string]func(*Recording){
		"event 7: P0.1 is reaped twice":                          func(r *Recording) { again(r, 7, 6) },
		"P0.1 is reaped, and its status was discarded":           func(r *Recording) { r.Events[4].Discarded = true },
		"P0.1.1 leaves P0 and its parent is \"P0.1\"":            func(r *Recording) { r.Events[5].OldParentProcess = "P0" },
		"P0 reaps P0.1.1, whose parent is \"\"":                  func(r *Recording) { r.Events[5].NewParentProcess = "" },
		"P0.1.1 gets pid 11, which P0.1 has":                     func(r *Recording) { r.Events[3].Child = 11 },
		"P0.1 is born twice":                                     func(r *Recording) { again(r, 3, 2) },
		"exit of P0.1, which has ended":                          func(r *Recording) { again(r, 6, 4) },
		"P0.1 ended with status 0x0, the wait says 0x100":        func(r *Recording) { r.Events[6].Status = 256 },
		"P0 reaps P0.1.1, which has not ended":                   func(r *Recording) { r.Events = slices.Delete(r.Events, 7, 8) },
		"P0.1.1 is adopted, and its parent P0.1 has not ended":   func(r *Recording) { r.Events = slices.Delete(r.Events, 4, 5) },
		"fork of P0.1 has the key signal":                        func(r *Recording) { r.Events[3].Signal = 1 },
		"\"odd\" is no kind of event":                            func(r *Recording) { r.Events[1].Kind = "odd" },
		"time goes back from 3 to 2":                             func(r *Recording) { r.Events[4].Time = 2 },
		"the recording has no end":                               func(r *Recording) { r.Events = r.Events[:10] },
		"the end says status 0x7, the exit of P0 0x0":            func(r *Recording) { r.Events[10].Status = 7 },
		"P0.2 has not been born":                                 func(r *Recording) { r.Events[4].Process = "P0.2" },
		"stop of P0.1 twice":                                     stops,
		"P0 has no child to wait for, and P0.1 is one":           noChild,
		"P0 ended, and its memory was with its vfork child P0.1": vforkEnd,
		"P0 runs again, and P0.1 has neither ended nor executed": vforkDone,
		"P0.1.1 is adopted after it was reaped":                  lateAdoption,
		"event 11: write after the end":                          func(r *Recording) { r.Events = append(r.Events, Event{Time: 9, Process: "P0.1", Kind: KindWrite}) },
		"P0.1 has not ended":                                     func(r *Recording) { r.Events = slices.Delete(r.Events, 4, 5) },
		"P0 reaps P0.1, which has not ended":                     func(r *Recording) { r.Events = slices.Delete(r.Events, 4, 5) },
	} {
		r := family()
		doctor(r)
		found := Check(r)
		if !slices.ContainsFunc(found, func(err error) bool { return strings.HasSuffix(err.Error(), want) }) {
			t.Errorf("%q is not found: %v", want, found)
		}
	}
}

func insert(r *Recording, at int, e Event) {
	e.Time = r.Events[at].Time
	r.Events = slices.Insert(r.Events, at, e)
}

func stops(r *Recording) {
	insert(r, 3, Event{Pid: 11, Process: "P0.1", Kind: KindStop, Signal: 19})
	insert(r, 3, Event{Pid: 11, Process: "P0.1", Kind: KindStop, Signal: 19})
}

func noChild(r *Recording) {
	insert(r, 3, Event{Pid: 10, Process: "P0", Kind: KindWait, Call: "wait4", WaitPid: -1, Result: -1, Errno: "ECHILD"})
}

func vforkEnd(r *Recording) {
	r.Events[2].Kind = KindVfork
	insert(r, 3, Event{Pid: 10, Process: "P0", Kind: KindExit})
}

func vforkDone(r *Recording) {
	r.Events[2].Kind = KindVfork
	insert(r, 3, Event{Pid: 10, Process: "P0", Kind: KindVforkDone, Child: 11, ChildProcess: "P0.1"})
}

func lateAdoption(r *Recording) {
	e := r.Events[5]
	r.Events = slices.Delete(r.Events, 5, 6)
	r.Events[7].ResultProcess = "P0.1.1"
	insert(r, 8, e)
}

// TestCheckVforkExec: the parent of a vfork runs again when the child has
// executed a program, and not when an exec of it has failed.
func TestCheckVforkExec(t *testing.T) {
	for errno, want := range map[string]int{"": 0, "ENOENT": 1} {
		r := family()
		vforkDone(r)
		insert(r, 3, Event{Pid: 11, Process: "P0.1", Kind: KindExec, Path: "/x", Errno: errno})
		if found := Check(r); len(found) != want {
			t.Errorf("after an exec with %q: %v", errno, found)
		}
	}
}
