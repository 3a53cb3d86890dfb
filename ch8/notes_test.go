package main

import (
	"testing"

	"apue/internal/trace"
)

// TestTopic: a wait that stored no answer has not returned 0 because no child
// had changed state.
func TestTopic(t *testing.T) {
	for want, e := range map[string]*trace.Event{
		"nohang": {Kind: trace.KindWait},
		"wait":   {Kind: trace.KindWait, OneOf: []string{"P0.1", "P0.2"}},
		"echild": {Kind: trace.KindWait, Errno: "ECHILD", Result: -1},
	} {
		if got := topic(e, false); got != want {
			t.Errorf("%+v is about %q, want %q", e, got, want)
		}
	}
}
