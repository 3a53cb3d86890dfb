package main

import "testing"

// TestAskedTwice: an exercise that is named twice is graded once, also if its
// folder stands for it.
func TestAskedTwice(t *testing.T) {
	if xs, err := asked([]string{"fork", "fork/glob", "wait/status", "fork/glob"}); err != nil || len(xs) != 2 {
		t.Errorf("%d exercises, %v; want 2", len(xs), err)
	}
}
