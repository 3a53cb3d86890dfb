package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"apue/internal/lab"
	"apue/internal/sandbox"
)

// fake is an exercise with a claim for each of the functions, which
// judge without running anything.
func fake(judges ...func() lab.Status) *lab.Experiment {
	x := &lab.Experiment{Dir: "fork", Name: "fake", Title: "a fake", Ref: "§0", Exercise: true}
	for i, judge := range judges {
		x.Claims = append(x.Claims, lab.Claim{
			Name: string(rune('a' + i)), Says: "it holds", Points: 2, Hints: [3]string{"x", "y", "z"},
			Judge: func(*lab.Bench) lab.Verdict {
				v := lab.Verdict{Status: judge(), Observed: "seen", Means: "meant", Reason: "lacking", Remedy: "remedy"}
				if v.Status == lab.Timeout {
					v.On = &lab.Observation{Result: &sandbox.Result{TimedOut: true}}
				}
				return v
			},
		})
	}
	return x
}

// always is a claim's result that does not change.
func always(s lab.Status) func() lab.Status { return func() lab.Status { return s } }

// checked checks a fake and returns what is printed and the exit status.
func checkedFake(t *testing.T, o checkOptions, p lab.Program, noted *progress, x *lab.Experiment) (string, int) {
	t.Helper()
	var out bytes.Buffer
	o.runs = max(o.runs, 1)
	rep, runs, err := o.judge(t.Context(), io.Discard, target{x: x}, p, noted)
	if err != nil {
		t.Fatal(err)
	}
	tl := &tally{w: &out, json: o.json, strict: o.strict, progress: noted, runs: runs}
	if err := tl.add(rep, lab.Style{}); err != nil {
		t.Fatal(err)
	}
	var status exit
	if err := tl.done(p); err != nil && !errors.As(err, &status) {
		t.Fatal(err)
	}
	return out.String(), int(status)
}

var passedBefore = noted{status: lab.Pass}

func noProgress() *progress {
	return &progress{claims: map[string]noted{}, hints: map[string]int{}}
}

// TestCheckStatus: the exit status, the sum and what to type next.
func TestCheckStatus(t *testing.T) {
	mine := lab.Program{Args: []string{"true"}}
	for _, c := range []struct {
		name    string
		results []lab.Status
		strict  bool
		status  int
		want    []string
	}{
		{"all passed", []lab.Status{lab.Pass, lab.Pass}, false, 0, []string{"2 claims: 2 passed; 4 of 4 points", "next: ch8 list"}},
		{"one failed", []lab.Status{lab.Pass, lab.Fail}, false, 1, []string{"1 passed, 1 failed; 2 of 4 points", "next: ch8 hint fork/fake/b"}},
		{"the hint is of the first", []lab.Status{lab.Fail, lab.Fail}, false, 1, []string{"2 failed; 0 of 4 points", "next: ch8 hint fork/fake/a"}},
		{"a timeout has not passed", []lab.Status{lab.Timeout, lab.Pass}, false, 1, []string{"1 passed, 1 timed out; 2 of 4 points", "next: ch8 hint fork/fake/a"}},
		{"not judged has no points", []lab.Status{lab.Fail, lab.NotJudged}, false, 1, []string{"1 failed, 1 not judged; 0 of 4 points"}},
		{"nothing could be checked", []lab.Status{lab.CannotCheck}, false, 2, []string{"1 claim: 1 could not be checked; 0 of 2 points", "ch8 doctor"}},
		{"some could not be checked", []lab.Status{lab.CannotCheck, lab.Pass}, false, 0, []string{"1 passed, 1 could not be checked"}},
		{"strict", []lab.Status{lab.CannotCheck, lab.Pass}, true, 2, nil},
		{"strict, and a failure", []lab.Status{lab.CannotCheck, lab.Fail}, true, 1, nil},
		{"strict, and nothing missing", []lab.Status{lab.Pass}, true, 0, nil},
	} {
		var judges []func() lab.Status
		for _, s := range c.results {
			judges = append(judges, always(s))
		}
		out, status := checkedFake(t, checkOptions{strict: c.strict, chosen: true}, mine, noProgress(), fake(judges...))
		if status != c.status {
			t.Errorf("%s: exit status %d, want %d", c.name, status, c.status)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", c.name, want, out)
			}
		}
	}
}

// TestConfirm: the first success is checked four more times, and what is
// then found out counts.
func TestConfirm(t *testing.T) {
	mine, our := lab.Program{Args: []string{"true"}}, lab.Program{Args: []string{"true"}, Ours: true}
	for _, c := range []struct {
		name   string
		o      checkOptions
		p      lab.Program
		solved bool
		bad    int // the run that fails
		runs   int
		status int
		want   string
	}{
		{"first success", checkOptions{}, mine, false, 0, 5, 0, "1 passed; 2 of 2 points, in 5 of 5 runs"},
		{"a racy program", checkOptions{}, mine, false, 3, 5, 1, "passed in 4 of 5 runs"},
		{"a failure is not repeated", checkOptions{}, mine, false, 1, 1, 1, "1 failed; 0 of 2 points\n"},
		{"solved before", checkOptions{}, mine, true, 0, 1, 0, "1 passed; 2 of 2 points\n"},
		{"our program", checkOptions{}, our, false, 0, 1, 0, "1 passed; 2 of 2 points\n"},
		{"--runs 1", checkOptions{runs: 1, chosen: true}, mine, false, 0, 1, 0, "1 passed; 2 of 2 points\n"},
		{"--runs 3", checkOptions{runs: 3, chosen: true}, mine, false, 2, 3, 1, "passed in 2 of 3 runs"},
	} {
		runs := 0
		x := fake(func() lab.Status {
			if runs++; runs == c.bad {
				return lab.Fail
			}
			return lab.Pass
		})
		noted := noProgress()
		if c.solved {
			noted.claims["fork/fake/a"] = passedBefore
		}
		out, status := checkedFake(t, c.o, c.p, noted, x)
		if runs != c.runs || status != c.status || !strings.Contains(out, c.want) {
			t.Errorf("%s: checked %d times, status %d; want %d, %d and %q:\n%s", c.name, runs, status, c.runs, c.status, c.want, out)
		}
	}
}

// TestCheckNext: after a success the twin to compare with, then the next
// exercise that is not solved.
func TestCheckNext(t *testing.T) {
	p := noProgress()
	solve := func(id string) *lab.Experiment {
		x := named(t, id)
		for _, c := range x.Asked() {
			p.claims[x.ClaimID(c)] = noted{status: lab.Pass}
		}
		return x
	}
	x := solve("fork/glob")
	solve("fork/offset")
	tl := &tally{n: map[lab.Status]int{lab.Pass: 5}, progress: p, last: x}
	suite, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for dir, compare := range map[string]string{
		suite:       "compare: fork/glob.go and fork/c/glob.c do the same in Go and C",
		t.TempDir(): "compare: ch8 run fork/glob --source shows the same in Go, and with --lang c in C",
	} {
		t.Chdir(dir)
		want := []string{compare, "next: ch8 task vfork/glob"}
		if got := tl.next(lab.Program{}); !slices.Equal(got, want) {
			t.Errorf("in %s, next: %q, want %q", dir, got, want)
		}
	}
	if tl.progress = nil; strings.Contains(strings.Join(tl.next(lab.Program{}), ""), "progress") {
		t.Error("where no progress can be kept, ch8 progress is proposed")
	}
}

// TestTargets: a folder's name is all of its experiments for ours, and
// its first exercise for a learner's program.
func TestTargets(t *testing.T) {
	ours, err := targets([]string{"fork"}, false)
	if err != nil || len(ours) < 5 {
		t.Errorf("fork is %d experiments, %v", len(ours), err)
	}
	theirs, err := targets([]string{"fork"}, true)
	if err != nil || len(theirs) != 1 || theirs[0].x.ID() != "fork/glob" {
		t.Errorf("for a learner's program fork is %v, %v", theirs, err)
	}
	if every, err := targets(nil, false); err != nil || len(every) != len(all) {
		t.Errorf("no id is %d experiments of %d, %v", len(every), len(all), err)
	}
	for id, want := range map[string]string{
		"glob": "fork/glob, vfork/glob", "fork/race": "not an exercise", "wait/options/once": "our own program only", "": "which exercise",
	} {
		ids := []string{id}
		if id == "" {
			ids = nil
		}
		if _, err := targets(ids, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", id, err, want)
		}
	}
}

// TestIDsAndProgram: what the words of check name.
func TestIDsAndProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"fork", "fork-glob", "sub"} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"mine.c", "wait-status.c", "fork-glob/a.c"} {
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ line, ids, cmd, err string }{
		{"fork", "fork", "", ""},
		{"fork/glob mine.c", "fork/glob", "./mine.c", ""},
		{"fork/glob ./fork", "fork/glob", "./fork", ""},
		{"fork/glob sub", "fork/glob", "./sub", ""},
		{"fork/glob -- mine.c 1", "fork/glob", "mine.c 1", ""},
		{"fork-glob", "fork/glob", "./fork-glob", ""},
		{"fork-glob/a.c", "fork/glob", "fork-glob/a.c", ""},
		{"wait-status.c", "wait/status", "./wait-status.c", ""},
		{"-- ./wait-status.c", "wait/status", "./wait-status.c", ""},
		{"mine.c", "", "", "which exercise is it"},
		{"fork/glob mine.c 1", "", "", "come after --"},
		{"fork/glob nothing.c", "", "", "the file nothing.c does not exist"},
		{"fork/glbo", "", "", `there is no "fork/glbo"`},
	} {
		root := command()
		var ids, cmd []string
		var err error
		verb, _, _ := root.Find([]string{"check"})
		verb.RunE = nil
		verb.Run = nil
		root.SetArgs(append([]string{"check"}, strings.Fields(c.line)...))
		verb.RunE = func(v *cobra.Command, args []string) error {
			ids, cmd, err = idsAndProgram(v, args)
			return nil
		}
		if e := root.Execute(); e != nil {
			t.Fatal(e)
		}
		said := ""
		if err != nil {
			said = err.Error()
		}
		if c.err == "" && (err != nil || strings.Join(ids, " ") != c.ids || strings.Join(cmd, " ") != c.cmd) || c.err != "" && !strings.Contains(said, c.err) {
			t.Errorf("ch8 check %s: ids %q, program %q, error %v; want %q, %q, %q", c.line, ids, cmd, err, c.ids, c.cmd, c.err)
		}
	}
}

// TestBusy: what takes long says so, and what does not says nothing.
func TestBusy(t *testing.T) {
	defer func(d time.Duration) { busyAfter = d }(busyAfter)
	busyAfter = time.Hour
	var quiet screen
	showBusy(&quiet, "short").end()
	if quiet.String() != "" {
		t.Errorf("what does not take long says %q", &quiet)
	}
	busyAfter = time.Millisecond
	var said screen
	b := showBusy(&said, "first")
	said.shows(t, 1, "first …\n")
	b.says("second")
	said.shows(t, 1, "second …\n")
	b.end()
	if strings.Count(said.String(), "first") != 1 {
		t.Errorf("without a terminal it is said more than once: %q", &said)
	}
}
