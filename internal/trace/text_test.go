package trace

import (
	"math"
	"strings"
	"testing"
)

// TestTextWho: whom a call names, and which thread made it.
func TestTextWho(t *testing.T) {
	kill := func(call string, target int) Event {
		return Event{Process: "P0", Kind: KindKill, Call: call, Target: target, Signal: 15}
	}
	priority := func(which, target int, name string) Event {
		return Event{Process: "P0", Kind: KindPriority, Call: "setpriority", Which: which, Target: target, TargetProcess: name, Value: 5}
	}
	for _, c := range []struct {
		e    Event
		want string
	}{
		{kill("kill", 7), "kill SIGTERM to pid 7"},
		{kill("kill", 0), "kill SIGTERM to its own group"},
		{kill("kill", -1), "kill SIGTERM to everybody"},
		{kill("kill", -7), "kill SIGTERM to group 7"},
		{kill("kill", math.MinInt32), "kill SIGTERM to pid -2147483648"}, // no group is looked up
		{kill("tkill", -7), "tkill SIGTERM to pid -7"},
		{kill("rt_sigqueueinfo", 0), "rt_sigqueueinfo SIGTERM to pid 0"},
		{priority(0, 7, "P0.1"), "setpriority of P0.1 to 5"},
		{priority(1, 7, "P0.1"), "setpriority of group 7 to 5"},
		{priority(1, 0, ""), "setpriority of its own group to 5"},
		{priority(2, 0, ""), "setpriority of its own user to 5"},
		{priority(2, 7, "P0.1"), "setpriority of user 7 to 5"},
		{Event{Process: "P0", Tid: 9, Kind: KindFork, Call: "fork", ChildProcess: "P0.1", Child: 8, ChildNSpid: 8}, "fork → P0.1 (8)  by thread 9"},
		{Event{Process: "P0", Kind: KindFork, Call: "fork", ChildProcess: "P0.1", Child: 8, ChildNSpid: 8}, "fork → P0.1 (8)"},
		{Event{Process: "P0", Tid: 9, Kind: KindVforkDone, ParentState: "D"}, "vfork done: thread 9 runs again, was in state D"},
		{Event{Process: "P0", ByTid: 9, Kind: KindExec, Path: "/x"}, "exec /x  by thread 9"},
		{Event{Process: "P0", Tid: 9, Kind: KindUmask, Call: "umask", Mask: 2}, "umask 0002  by thread 9"},
		{Event{Process: "P0", Tid: 9, Kind: KindSignal, Signal: 15}, "gets SIGTERM SI_USER  in thread 9"},
		{Event{Process: "P0", Tid: 9, Kind: KindBlocked, Call: "pause"}, "is in pause  in thread 9"},
		{Event{Process: "P0", Tid: 9, Kind: KindExec, Path: strings.Repeat("/long", 30), Source: &Source{File: "a.c", Line: 7}}, "exec " + strings.Repeat("/long", 10) + "/…  by thread 9  a.c:7"},
		{Event{Process: "P0.1", Kind: KindReparented, NewParent: 1, NewParentComm: "init", OldParentProcess: "P0"}, "adopted by init (1) from P0"},
		{
			Event{Process: "P0.1", Kind: KindReparented, NewParent: 1, NewParentComm: "init", OldParentProcess: "P0", Inferred: true},
			"adopted by init (1) from P0 (" + NotSeen + ")",
		},
		{
			Event{Process: "P0.1", Kind: KindReparented, OldParentProcess: "P0", Unknown: map[string]string{"new_parent": "why"}},
			"adopted by ? from P0  (not known: new_parent)",
		},
	} {
		if got := Text(&c.e); !strings.HasSuffix(got, "  "+c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestWaitGroup: a wait asks for a group by a number below −1, but not by
// the lowest one.
func TestWaitGroup(t *testing.T) {
	for _, c := range []struct {
		e    Event
		want int
	}{
		{Event{Call: "wait4", WaitPid: -7}, 7},
		{Event{Call: "wait4", WaitPid: -1}, 0},
		{Event{Call: "wait4", WaitPid: 7}, 0},
		{Event{Call: "wait4", WaitPid: math.MinInt32}, 0},
		{Event{Call: "waitid", IDType: 2, ID: 7}, 7},
		{Event{Call: "waitid", IDType: 1, ID: 7}, 0},
	} {
		if got := c.e.WaitGroup(); got != c.want {
			t.Errorf("%s %d %d: group %d, want %d", c.e.Call, c.e.WaitPid, c.e.ID, got, c.want)
		}
	}
}
