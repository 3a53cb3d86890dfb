package main

import (
	"os"
	"strings"
	"testing"

	"apue/internal/lab"
)

// TestProgress: what was noted is shown: passed, not passed, not
// checked, hints, and what comes next.
func TestProgress(t *testing.T) {
	t.Chdir(t.TempDir())
	shows := func(want ...string) {
		t.Helper()
		out, errs, err := typed("", "progress")
		if err != nil {
			t.Fatal(errs)
		}
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("no %q in\n%s", w, out)
			}
		}
	}
	shows("fork/glob              [.....   ] 0/5\n", "0 of ", "next: ch8 task fork/glob\n", "# passed  x not passed  . not checked yet")

	x := named(t, "fork/glob")
	report := func(statuses ...lab.Status) {
		t.Helper()
		p, err := readProgress()
		if err != nil {
			t.Fatal(err)
		}
		rep := &lab.Report{Experiment: x, Program: lab.Program{Args: []string{"./a.out"}}}
		for i, s := range statuses {
			rep.Results = append(rep.Results, lab.Result{Claim: x.Asked()[i], Verdict: lab.Verdict{Status: s}})
		}
		if err := note(p, rep); err != nil {
			t.Fatal(err)
		}
	}
	report(lab.Pass, lab.Fail, lab.Timeout, lab.NotJudged)
	shows("fork/glob              [#xxx.   ] 1/5\n", "next: ch8 hint fork/glob\n")
	if out, _, _ := typed("", "hint", "fork/glob"); !strings.HasPrefix(out, x.ClaimID(x.Asked()[1])+":") {
		t.Errorf("the hint is not of the first claim that has not passed:\n%s", out)
	}
	shows("1/5  (1 hint)")
	report(lab.Pass, lab.Pass, lab.Pass, lab.Pass, lab.Pass)
	shows("[#####   ] 5/5  solved (1 hint)", "1 of ", "next: ch8 task fork/offset")
	if out, _, _ := typed("", "hint", "fork/glob"); !strings.HasPrefix(out, "You have solved fork/glob.") {
		t.Errorf("a solved exercise still gets a hint:\n%s", out)
	}
}

// TestHints: each call gives one more, --again begins anew, --all gives
// all; and where nothing can be noted no call promises the next one.
func TestHints(t *testing.T) {
	t.Chdir(t.TempDir())
	hints := func(args ...string) (int, string) {
		t.Helper()
		out, errs, err := typed("", append([]string{"hint", "fork/glob/copied"}, args...)...)
		if err != nil {
			t.Fatal(errs)
		}
		return strings.Count(out, "\n  1. ") + strings.Count(out, "\n  2. ") + strings.Count(out, "\n  3. "), out
	}
	for i, c := range []struct {
		arg  string
		want int
		next string
	}{
		{"", 1, "gives hint 2 of 3"}, {"", 2, "gives hint 3 of 3"}, {"", 3, "There is no further hint"}, {"", 3, "There is no further hint"},
		{"--again", 1, "gives hint 2 of 3"}, {"", 2, "gives hint 3 of 3"}, {"--all", 3, "There is no further hint"},
	} {
		n, out := hints(strings.Fields(c.arg)...)
		if n != c.want || !strings.Contains(out, c.next) {
			t.Errorf("call %d gives %d hints, want %d and %q:\n%s", i+1, n, c.want, c.next, out)
		}
	}
	if err := os.Remove(progressFile); err != nil {
		t.Fatal(err)
	}
	// A folder of that name cannot be replaced by a file.
	if err := os.Mkdir(progressFile, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, errs, err := typed("", "hint", "fork/glob/copied"); err == nil {
		t.Errorf("a progress file that is a folder is no error: %s", errs)
	}
}

// TestAsked: grade asks for the first exercise of each folder, for those
// that are named, or for all.
func TestAsked(t *testing.T) {
	ids := func(xs lab.Registry) (s []string) {
		for _, x := range xs {
			s = append(s, x.ID())
		}
		return s
	}
	for _, c := range []struct{ asked, want string }{
		{"wait/pids fork/glob", "wait/pids fork/glob"},
		{"wait", "wait/status"},
	} {
		xs, err := asked(strings.Fields(c.asked))
		if got := strings.Join(ids(xs), " "); err != nil || got != c.want {
			t.Errorf("%q: %s, %v; want %s", c.asked, got, err, c.want)
		}
	}
	firsts, err := asked(nil)
	if got := strings.Join(ids(firsts), " "); err != nil || !strings.HasPrefix(got, "fork/glob vfork/glob exit/stdio wait/status doublefork/doublefork") {
		t.Errorf("without ids %s is graded, %v; want the first exercise of each folder", got, err)
	}
	every, err := asked([]string{"all"})
	n := 0
	for _, x := range all {
		if x.Exercise {
			n++
		}
	}
	if err != nil || len(every) != n {
		t.Errorf("all: %d exercises of %d, %v", len(every), n, err)
	}
	if _, err := asked([]string{"fork/race"}); err == nil {
		t.Error("fork/race is not an exercise, and is graded")
	}
}
