package labtest

import (
	"testing"

	"apue/internal/lab"
)

// TestNoExercise: a wrong -exercise is answered with the folder to test, or
// with the exercises that there are.
func TestNoExercise(t *testing.T) {
	all := lab.Registry{{Dir: "fork", Name: "glob", Exercise: true}, {Dir: "fork", Name: "ids"}}
	for name, want := range map[string]string{
		"":            "-exercise is missing; the exercises of this folder are: fork/glob",
		"wait/status": "-exercise wait/status is not in this folder: test the folder ./wait; the exercises of this folder are: fork/glob",
		"fork/ids":    "-exercise fork/ids: there is no such exercise; the exercises of this folder are: fork/glob",
	} {
		if got := noExercise(name, all); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
