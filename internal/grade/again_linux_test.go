package grade_test

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"apue/internal/grade"
	"apue/internal/lab"
)

// TestAgain: what could not be checked although others could is tried
// again, once, when the rest is done; what nobody could be checked for is
// not.
func TestAgain(t *testing.T) {
	t.Parallel()
	dir := submissions(t, map[string]string{"ann/fork-glob/run": "#!/bin/sh\nexit 0\n", "ben/fork-glob/run": "#!/bin/sh\nexit 0\n"})
	for _, test := range []struct {
		fails int32 // how many of the first checks cannot be made
		calls int32
		want  string
	}{
		{0, 2, "pass pass"},
		{1, 3, "pass pass"},
		{9, 2, "cannot-check cannot-check"},
	} {
		var calls atomic.Int32
		x := *fixed
		x.Claims = []lab.Claim{{Name: "claim", Points: 2, Judge: func(b *lab.Bench) lab.Verdict {
			if calls.Add(1) <= test.fails {
				return lab.Cannot("something is missing for a moment", "wait")
			}
			return lab.Verdict{Status: lab.Pass}
		}}}
		out := t.TempDir()
		outcome, err := grade.Run(t.Context(), grade.Options{Exercises: lab.Registry{&x}, Out: out, Runs: 1, Jobs: 1}, []string{dir})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range outcome.Students {
			got = append(got, statuses(s))
		}
		if strings.Join(got, " ") != test.want || calls.Load() != test.calls {
			t.Errorf("%d checks fail: %v after %d checks, want %s after %d", test.fails, got, calls.Load(), test.want, test.calls)
		}
		if n := len(rows(t, filepath.Join(out, "summary.csv"))); n != 2 {
			t.Errorf("%d checks fail: the table has %d students", test.fails, n)
		}
	}
}
