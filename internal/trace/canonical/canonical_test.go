package canonical

import (
	"bytes"
	"strconv"
	"testing"

	"apue/internal/trace"
)

// FuzzOf: whatever can be read has a canonical form.
func FuzzOf(f *testing.F) {
	header := `{"kind":"header","schema":1}` + "\n"
	f.Add([]byte(header + `{"kind":"wait","result":-1,"idtype":-3,"whence":-1,"signal":99999}`))
	f.Add([]byte(header + `{"kind":"reparented","process":"P0.1"}` + "\n" + `{"kind":"fork","process":"P0","child_process":"P0"}`))
	f.Add([]byte(header + `{"kind":"exit","time":-9223372036854775808}`))
	f.Add([]byte(header + `{"kind":"end"}` + "\n" + `{"kind":"end","process":"P0"}` + "\n" + `{"kind":"kill","target":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := trace.ReadRecording(bytes.NewReader(in))
		if err != nil {
			return
		}
		if got := len(Of(r).Events); got > len(r.Events) {
			t.Errorf("%d events became %d", len(r.Events), got)
		}
	})
}

// TestNumbers: a pid in what a program prints is replaced by the
// process's name; the same digits of a status in hex are not, and the
// real init stays what it is.
func TestNumbers(t *testing.T) {
	r := trace.Recording{Events: []trace.Event{
		{Pid: 400, NSpid: 400, Process: "P0", Kind: trace.KindWrite, Fd: 1, Data: []byte("400 0x400 0xab400 1400\n")},
		{Pid: 400, NSpid: 400, Process: "P0", Kind: trace.KindWait, WaitPid: 1, Result: -1, Errno: "ECHILD"},
		{Pid: 400, NSpid: 400, Process: "P0", Kind: trace.KindWait, WaitPid: -400, Result: -1, Errno: "ECHILD"},
	}}
	c := Of(&r)
	if got, want := string(c.Events[0].Data), "P0 0x400 0xab400 1400\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	if a, b := c.Events[1].WaitPid, c.Events[2].WaitPid; a != 1 || b != -2 {
		t.Errorf("waits for %d and %d, want 1 and -2", a, b)
	}
}

// TestEdges: that recordings are long, or forged, makes no more
// than a few edges an event.
func TestEdges(t *testing.T) {
	const n = 2000
	child := func(i int) string { return "P0." + strconv.Itoa(i) }
	for name, event := range map[string]func(i int) []trace.Event{
		"kill all": func(i int) []trace.Event {
			return []trace.Event{
				{Process: "P0", Kind: trace.KindKill, Signal: sigkill, Target: -1},
				{Process: "P0", Kind: trace.KindKill, Signal: sigkill, Target: i, TargetProcess: child(i)},
				{Process: child(i), Kind: trace.KindExit, Status: sigkill},
			}
		},
		"go on": func(i int) []trace.Event {
			return []trace.Event{
				{Process: "P0", Kind: trace.KindKill, Signal: sigcont, Target: -1},
				{Process: child(i), Kind: trace.KindContinue, Status: 0xffff},
			}
		},
		"polls": func(i int) []trace.Event {
			return []trace.Event{
				{Process: "P0", Kind: trace.KindFork, ChildProcess: child(i)},
				{Process: "P0", Kind: trace.KindWait, WaitPid: -1},
				{Process: "P0", Kind: trace.KindWait, WaitPid: -1, Result: 1, ResultProcess: child(i)},
				{Process: child(i), Kind: trace.KindExit},
			}
		},
		"signals": func(i int) []trace.Event {
			return []trace.Event{
				{Process: "P0", Kind: trace.KindKill, Signal: 15, Target: 1, TargetProcess: "P0.1"},
				{Process: "P0.1", Kind: trace.KindSignal, Signal: 15, SenderProcess: "P0"},
			}
		},
		"adoptions": func(i int) []trace.Event {
			return []trace.Event{
				{Process: child(i), Kind: trace.KindReparented, OldParentProcess: "P0.1"},
				{Process: "P0", Kind: trace.KindWait, Result: 1, ResultProcess: "P0.1"},
			}
		},
		"ends": func(int) []trace.Event { return []trace.Event{{Process: "P0", Kind: trace.KindEnd}} },
	} {
		var r trace.Recording
		for i := range n {
			r.Events = append(r.Events, event(i)...)
		}
		edges := 0
		for _, after := range newForm(&r).after {
			edges += len(after)
		}
		if edges > 5*len(r.Events) {
			t.Errorf("%s: %d events have %d edges", name, len(r.Events), edges)
		}
	}
}
