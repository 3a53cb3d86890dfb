package trace

import (
	"slices"
	"testing"
)

// family is a recording of a parent, its child and a grandchild that
// the parent adopts.
func family() *Recording {
	return &Recording{Header: Header{Kind: KindHeader, Schema: Schema, Command: []string{"a.out"}}, Events: []Event{
		{Time: 0, Pid: 10, Process: "P0", Kind: KindExec, Call: "execve"},
		{Time: 1, Pid: 10, Process: "P0", Kind: KindSubreaper, Call: "prctl", Value: 1},
		{Time: 2, Pid: 10, Process: "P0", Kind: KindFork, Call: "fork", Child: 11, ChildProcess: "P0.1", Flags: 17},
		{Time: 3, Pid: 11, Process: "P0.1", Kind: KindFork, Call: "fork", Child: 12, ChildProcess: "P0.1.1", Flags: 17},
		{Time: 4, Pid: 11, Process: "P0.1", Kind: KindExit},
		{Time: 4, Pid: 12, Process: "P0.1.1", Kind: KindReparented, OldParent: 11, OldParentProcess: "P0.1", NewParent: 10, NewParentProcess: "P0"},
		{Time: 5, Pid: 10, Process: "P0", Kind: KindWait, Call: "wait4", WaitPid: -1, Entered: 3, Result: 11, ResultPid: 11, ResultProcess: "P0.1"},
		{Time: 6, Pid: 12, Process: "P0.1.1", Kind: KindExit, Status: 256},
		{Time: 7, Pid: 10, Process: "P0", Kind: KindWait, Call: "wait4", WaitPid: -1, Entered: 6, Result: 12, ResultPid: 12, ResultProcess: "P0.1.1", Status: 256},
		{Time: 8, Pid: 10, Process: "P0", Kind: KindExit},
		{Time: 9, Pid: 10, Process: "P0", Kind: KindEnd},
	}}
}

// TestSameProcess: two looks at a process are the same one, also when
// events have come since.
func TestSameProcess(t *testing.T) {
	r := family()
	whole := r.Events
	r.Events = slices.Clone(whole[:5])
	child := r.Process("P0.1")
	if child == nil || r.Processes()[1] != child || child.Parent != r.Process("P0") {
		t.Fatalf("P0.1 is %p, then %p", child, r.Processes()[1])
	}
	if child.Reap != nil || r.Process("P0.2") != nil {
		t.Errorf("reaped by %v, P0.2 is %v", child.Reap, r.Process("P0.2"))
	}
	r.Events = append(r.Events, whole[5:]...)
	if r.Process("P0.1") != child || child.Reap != &r.Events[6] {
		t.Errorf("with more events P0.1 is another process, or not up to date: %+v", child)
	}
	copied := *r
	if copied.Process("P0.1") == child || r.Process("P0.1") != child {
		t.Error("a copy of the recording, whose events may be changed, has the same processes")
	}
	if p := r.ParentAt(r.Process("P0.1.1"), 5); p != r.Process("P0") {
		t.Errorf("the adopter is %v", p)
	}
}

// TestParentOfSibling: the parent of a child made with CLONE_PARENT is that
// of its maker at its birth.
func TestParentOfSibling(t *testing.T) {
	r := &Recording{Events: []Event{
		{Process: "P0", Pid: 1, Kind: KindExec},
		{Time: 1, Process: "P0", Pid: 1, Kind: KindFork, Child: 2, ChildProcess: "P0.1", Flags: 17},
		{Time: 2, Process: "P0.1", Pid: 2, Kind: KindFork, Child: 3, ChildProcess: "P0.1.1", Flags: 0x8000 | 17},
		{Time: 3, Process: "P0", Pid: 1, Kind: KindFork, Child: 4, ChildProcess: "P0.2", Flags: 0x8000 | 17},
	}}
	for name, want := range map[string]*Process{"P0.1": r.Process("P0"), "P0.1.1": r.Process("P0"), "P0.2": nil} {
		if got := r.ParentAt(r.Process(name), 5); got != want {
			t.Errorf("the parent of %s is %v", name, got)
		}
	}
}

// TestForged: whatever the births of a file say, each process has one place
// in a tree, in which a walk ends.
func TestForged(t *testing.T) {
	birth := func(of, child string) Event {
		return Event{Kind: KindFork, Process: of, ChildProcess: child, Flags: 0x8011}
	}
	for name, births := range map[string][]Event{
		"its own child":     {birth("P0", "P0")},
		"its child's child": {birth("P0", "P0.1"), birth("P0.1", "P0")},
		"born twice":        {birth("P0", "P0.1"), birth("P0.1", "P0.1.1"), birth("P0", "P0.1.1"), birth("P0.1.1", "P0.1")},
	} {
		r := &Recording{Events: append([]Event{{Kind: KindExec, Process: "P0"}}, births...)}
		seen := map[*Process]bool{}
		var walk func(p *Process)
		walk = func(p *Process) {
			if seen[p] {
				t.Fatalf("%s: %s is in the tree twice", name, p.Name)
			}
			seen[p] = true
			r.ParentAt(p, 0)
			for _, c := range p.Children {
				if c.Parent != p {
					t.Errorf("%s: the parent of %s is not %s", name, c.Name, p.Name)
				}
				walk(c)
			}
		}
		walk(r.Processes()[0])
	}
}
