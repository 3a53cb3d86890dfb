//go:build 386 || amd64 || arm64

package record

import (
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestUnseen: a wait that failed has reaped its child all the same, and
// what cannot be recorded is said.
func TestUnseen(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "unseen"))
	equal(t, "output", r.out, "EFAULT ECHILD\n")
	waits := r.find("P0", trace.KindWait)
	equal(t, "failed", []any{waits[1].Errno, waits[1].ResultProcess, waits[1].Status, waits[1].Reaps()}, []any{"EFAULT", "P0.1", uint32(0x500), true})
	if p := r.Process("P0.1"); p.Reap != waits[1] || len(p.Reparented) != 0 {
		t.Errorf("P0.1 was reaped by %+v, adopted %d times", p.Reap, len(p.Reparented))
	}
	notes := ""
	for _, e := range r.Events {
		if e.Kind == trace.KindNote {
			notes += e.Note + "\n"
		}
	}
	for _, want := range []string{"CLONE_UNTRACED", "P0.2 asks for SIGTERM (15) when its parent ends"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note of %s:\n%s", want, notes)
		}
	}
	if t.Failed() {
		t.Log(text(r.Recording))
	}
}
