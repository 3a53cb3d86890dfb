package checks

import (
	"testing"

	"apue/internal/trace"
)

// In a pid namespace there may be no process 2.
func TestIsKthread(t *testing.T) {
	stat := func(s string) trace.ProcState {
		return trace.ProcState{Files: map[string]string{"stat": s}}
	}
	for s, want := range map[string]bool{
		"":                                      false,
		"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0": true,
		"2 (sh) S 1 2 2 0 -1 4194560 0 0":       false,
	} {
		if isKthread(stat(s)) != want {
			t.Errorf("isKthread(%q) is %t", s, !want)
		}
	}
}
