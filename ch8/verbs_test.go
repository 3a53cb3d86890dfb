package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"apue/internal/lab"
)

// TestNextAfter: the exercise that was just checked is not proposed again,
// not even when it is the only one that is left.
func TestNextAfter(t *testing.T) {
	p := &progress{claims: map[string]noted{}}
	var left *lab.Experiment
	for _, x := range all {
		switch {
		case !x.Exercise:
		case left == nil:
			left = x
		default:
			for _, c := range x.Asked() {
				p.claims[x.ClaimID(c)] = noted{status: lab.Pass}
			}
		}
	}
	if next := p.nextAfter(left); next != nil {
		t.Errorf("after %s, the only one that is left, %s is proposed", left.ID(), next.ID())
	}
	if next := p.next(); next != left {
		t.Errorf("%v is next, and not %s, the only one that is left", next, left.ID())
	}
}

// TestHintWalks: below the hint for a claim that failed stands how to walk
// through the program that failed, and not below that for one that passed.
func TestHintWalks(t *testing.T) {
	t.Chdir(t.TempDir())
	said := "claim fork/glob/copied fail 2026-11-30 ./a.out\nclaim fork/glob/forked pass 2026-11-30 ./a.out\n"
	if err := os.WriteFile(progressFile, []byte(said), 0o666); err != nil {
		t.Fatal(err)
	}
	const walks = "\nsee:  ch8 walk fork/glob -- ./a.out\n"
	if out, errs, _ := typed("", "hint", "fork/glob/copied"); !strings.Contains(out, walks) {
		t.Errorf("the hint for the claim that failed does not say how to walk through the program:\n%s%s", out, errs)
	}
	if out, _, _ := typed("", "hint", "fork/glob/forked"); strings.Contains(out, "see:") {
		t.Errorf("the hint for the claim that passed says so too:\n%s", out)
	}
}

// TestStarterMode: a starter that is a script can be executed as it is; one
// that is compiled is not executable.
func TestStarterMode(t *testing.T) {
	t.Chdir(t.TempDir())
	x := named(t, "fork/glob")
	for lang, executable := range map[string]bool{"python": true, "sh": true, "c": false} {
		if err := starter(x, lang, lang); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(lang, languages[lang]))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode()&0o100 != 0; got != executable {
			t.Errorf("the starter in %s has the mode %v; executable: %v", lang, info.Mode(), executable)
		}
	}
}

// TestListStars: the exercises have a star, and nothing else has.
func TestListStars(t *testing.T) {
	out, errs, err := typed("", "list")
	if err != nil {
		t.Fatal(errs)
	}
	for _, x := range all {
		star := " "
		if x.Exercise {
			star = "*"
		}
		if !strings.Contains("\n"+out, "\n"+star+" "+x.ID()+" ") {
			t.Errorf("%s is an exercise: %v, and its line does not begin with %q", x.ID(), x.Exercise, star)
		}
	}
}

// TestRacesOthers: ten orders have a bar of their own, and one bar counts
// all others.
func TestRacesOthers(t *testing.T) {
	var runs [][]string
	for i := range mostShown + 3 {
		runs = append(runs, []string{"order " + strconv.Itoa(i)})
	}
	var out strings.Builder
	if err := showRaces(&out, "x", runs, ""); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^others .* 3\b`).MatchString(out.String()) || strings.Contains(out.String(), "\nK ") {
		t.Errorf("of %d orders 3 have no bar of their own:\n%s", len(runs), out.String())
	}
}

// TestQuestionsInOrder: without a seed the questions come in the order of
// the experiment, which is that of the book.
func TestQuestionsInOrder(t *testing.T) {
	for _, x := range all {
		rec, err := kept(x)
		if err != nil {
			continue // none comes with ch8
		}
		want := x.QuestionsIn(x.Observe(rec))
		for i, q := range (&predictOptions{most: len(want)}).questions(x, rec) {
			if q.ask != want[i].Ask {
				t.Errorf("%s: question %d is %q, want %q", x.ID(), i+1, q.ask, want[i].Ask)
			}
		}
	}
}

// TestListForms: an id lists the claims too; an autograder gets those of
// exercises that a learner's program is judged by.
func TestListForms(t *testing.T) {
	if out, errs, _ := typed("", "list", "fork/glob"); !strings.Contains(out, "\n    copied ") {
		t.Errorf("the claim copied of fork/glob is not listed:\n%s%s", out, errs)
	}
	out, errs, err := typed("", "list", "--format", "classroom50")
	if err != nil {
		t.Fatal(errs)
	}
	var checks []struct{ Name string }
	if err := json.Unmarshal([]byte(out), &checks); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, c := range checks {
		got = append(got, c.Name)
	}
	for _, x := range all {
		for _, c := range x.Asked() {
			if x.Exercise {
				want = append(want, x.ClaimID(c))
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("an autograder checks %q, want %q", got, want)
	}
}

// TestMissedEarly: a runner that sets too little for Classroom 50 hears of it
// before anything is graded.
func TestMissedEarly(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CLASSROOM", "")
	if err := os.MkdirAll("mine/fork-glob", 0o755); err != nil {
		t.Fatal(err)
	}
	_, errs, err := typed("", "grade", "--classroom50", "result.json", "-o", "results", "mine")
	if err == nil || !strings.Contains(errs, "the environment has no CLASSROOM") || exists("results") {
		t.Errorf("%v; it says %q; there are results: %v", err, errs, exists("results"))
	}
}
