package lab

import (
	"testing"

	"apue/internal/sandbox"
)

// A program of ours without the compiler that it needs cannot be checked;
// one that fails in another way is judged.
func TestNoCompiler(t *testing.T) {
	for said, want := range map[string]bool{
		"exit is an experiment in C, and there is no C compiler here: install gcc or clang": true,
		"exit is an experiment in C, and cannot be compiled here: stdio.h is missing":       true,
		"panic: there is nothing": false,
	} {
		o := &Observation{Result: &sandbox.Result{Status: 2 << 8, Stderr: []byte(said + "\nmore\n")}}
		v, without := NoCompiler(o)
		if without != want || without && (v.Status != CannotCheck || v.Reason != said || v.Remedy == "") {
			t.Errorf("%q: %+v, %v", said, v, without)
		}
		o.Status = 0
		if _, without := NoCompiler(o); without {
			t.Errorf("exit status 0 and %q count as no compiler", said)
		}
	}
}
