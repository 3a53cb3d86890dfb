package lab

import "testing"

// TestTheirs: the moments of an experiment that is not an exercise are about
// our program only.
func TestTheirs(t *testing.T) {
	x := &Experiment{Moments: make([]Moment, 2), Questions: make([]Question, 1)}
	if y := x.Theirs(true); len(y.Moments) > 0 || len(y.Questions) > 0 || len(x.Moments) != 2 {
		t.Errorf("another program's run has %d moments and %d questions, ours %d moments", len(y.Moments), len(y.Questions), len(x.Moments))
	}
	if x.Theirs(false) != x {
		t.Error("our own program has lost them")
	}
	x.Exercise = true
	if x.Theirs(true) != x {
		t.Error("a program for an exercise has lost them")
	}
}
