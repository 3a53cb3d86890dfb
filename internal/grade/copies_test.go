package grade

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"apue/internal/lab"
)

var update = flag.Bool("update", false, "rewrite twins.txt")

// TestTwins: twins.txt has the fingerprints of the C programs as
// they are.
func TestTwins(t *testing.T) {
	paths, err := filepath.Glob("../../*/c/*.c")
	if err != nil || len(paths) == 0 {
		t.Fatal("no C programs: ", err)
	}
	var b strings.Builder
	for _, p := range paths {
		source, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Base(filepath.Dir(filepath.Dir(p)))
		fmt.Fprintf(&b, "%s/%s", dir, strings.TrimSuffix(filepath.Base(p), ".c"))
		for _, h := range winnow(tokenize(string(source))) {
			fmt.Fprintf(&b, " %x", h)
		}
		fmt.Fprintln(&b)
	}
	if *update {
		if err := os.WriteFile("twins.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != twins {
		t.Error("twins.txt is stale: go test ./internal/grade -run Twins -update")
	}
}

const original = `#include <stdio.h>
int counter = 6; /* a comment */
int main(void)
{
    int local = 88;
    pid_t pid;
    if ((pid = fork()) < 0)
        return 1;
    else if (pid == 0) { counter++; local++; }
    else waitpid(pid, NULL, 0);
    printf("pid = %ld, glob = %d, var = %d\n", (long)getpid(), counter, local);
    return 0;
}
`

// Renaming, comments and blanks hide nothing; another program is
// another one.
func TestLikeness(t *testing.T) {
	renamed := strings.NewReplacer("counter", "g", "local", "v", "pid_t pid", "pid_t  p", "a comment", "mine").Replace(original)
	a, b := winnow(tokenize(original)), winnow(tokenize(renamed))
	if got := likeness(a, b); got != 1 {
		t.Errorf("a renamed copy is %.2f like it, want 1", got)
	}
	source, err := os.ReadFile("../../wait/c/status.c")
	if err != nil {
		t.Fatal(err)
	}
	if got := likeness(a, winnow(tokenize(string(source)))); got >= similar {
		t.Errorf("another program is %.2f like it", got)
	}
}

var sample = &Student{Name: "ann", Exercises: []Exercise{{ID: "fork/glob", Grades: []Grade{
	{Claim: "fork/glob/forked", Status: "pass", Points: 2, Max: 2, Seconds: 1.5},
	{Claim: "fork/glob/copied", Status: "fail", Max: 3, Message: "FAIL <b>"},
}}}}

// keys are the keys of a JSON object, sorted.
func keys(t *testing.T, b []byte) (top, test []string) {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	for k := range v {
		top = append(top, k)
	}
	for k := range v["tests"].([]any)[0].(map[string]any) {
		test = append(test, k)
	}
	slices.Sort(top)
	slices.Sort(test)
	return top, test
}

// The fields are those that the platforms publish.
func TestGradescope(t *testing.T) {
	var b strings.Builder
	if err := Gradescope(&b, sample); err != nil {
		t.Fatal(err)
	}
	top, test := keys(t, []byte(b.String()))
	published := strings.Fields("score execution_time output output_format test_output_format visibility stdout_visibility extra_data tests leaderboard test_name_format")
	publishedTest := strings.Fields("score max_score status name name_format number output output_format tags visibility extra_data")
	for _, k := range top {
		if !slices.Contains(published, k) {
			t.Errorf("Gradescope has no field %q", k)
		}
	}
	for _, k := range test {
		if !slices.Contains(publishedTest, k) {
			t.Errorf("a test of Gradescope's has no field %q", k)
		}
	}
	if !strings.Contains(b.String(), `"status": "passed"`) || !strings.Contains(b.String(), `"score": 2,`) || !strings.Contains(b.String(), "FAIL <b>") {
		t.Error(b.String())
	}
}

func TestClassroom50(t *testing.T) {
	env := map[string]string{
		"CLASSROOM": "c", "ASSIGNMENT": "a", "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "commit", "RELEASE_URL": "release",
	}
	var b strings.Builder
	err := Classroom50(&b, sample, time.Unix(0, 0), func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	top, test := keys(t, []byte(b.String()))
	want := strings.Fields("assignment classroom commit datetime max-score release review schema score submission tests")
	if !slices.Equal(top, want) || !slices.Equal(test, strings.Fields("max-score passed score test-name")) {
		t.Errorf("fields %v, %v", top, test)
	}
	if !strings.Contains(b.String(), `"datetime": "1970-01-01T00:00:00Z"`) || !strings.Contains(b.String(), `"review": "commit"`) {
		t.Error(b.String())
	}
	delete(env, "CLASSROOM")
	if err := Classroom50(&b, sample, time.Now(), func(k string) string { return env[k] }); err == nil || !strings.Contains(err.Error(), "CLASSROOM") {
		t.Errorf("without CLASSROOM: %v", err)
	}
}

// Classroom 50 has no place for what could not be checked.
func TestClassroom50CannotCheck(t *testing.T) {
	s := &Student{Exercises: []Exercise{{ID: "fork/glob", Grades: []Grade{
		{Claim: "fork/glob/forked", Status: "cannot-check", Max: 2, Reason: "no pseudo-terminal"},
	}}}}
	var b strings.Builder
	err := Classroom50(&b, s, time.Now(), func(string) string { return "x" })
	if err == nil || !strings.Contains(err.Error(), "fork/glob/forked (no pseudo-terminal)") || b.Len() > 0 {
		t.Errorf("%v, %q", err, b.String())
	}
}

// A claim whose runs disagreed has a text that says so, whatever the
// first run said, and is checked again the next time.
func TestDisagreed(t *testing.T) {
	x := &lab.Experiment{Dir: "fork", Name: "glob", Claims: []lab.Claim{{Name: "claim", Points: 2}}}
	together := func(statuses ...lab.Status) *lab.Agreement {
		n := 0
		a, err := lab.Repeat(len(statuses), func() (*lab.Report, error) {
			n++
			return &lab.Report{Experiment: x, Results: []lab.Result{{Claim: &x.Claims[0], Verdict: lab.Verdict{Status: statuses[n-1]}}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	e := Exercise{ID: x.ID()}
	e.grade(together(lab.Pass, lab.Fail))
	if g := e.Grades[0]; g.Status != Disagreed || g.Points != 0 || !strings.Contains(g.Message, "its runs did not agree") || strings.HasPrefix(g.Message, "ok") {
		t.Errorf("%+v", g)
	}
	if e.settled() || len(e.Human) != 1 {
		t.Errorf("settled %v, for a human %q", e.settled(), e.Human)
	}
	e = Exercise{ID: x.ID()}
	e.grade(together(lab.Pass, lab.Pass))
	if !e.settled() {
		t.Error("two that passed are not settled")
	}
	e = Exercise{ID: x.ID()}
	e.grade(together(lab.CannotCheck, lab.Fail))
	if g := e.Grades[0]; g.Status != string(lab.Fail) || len(e.Human) != 1 {
		t.Errorf("a run that failed beside one that could not be checked: %+v, for a human %q", g, e.Human)
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"plain ‘ü’\nnext":   "plain ‘ü’\nnext",
		"\x1b[2J\a\r":       `\x1b[2J\x07\r`,
		"a\tb\u202e\u009b'": `a b\u202e\u009b'`,
		"\xff\xfe":          `\xff\xfe`,
		"=1+1":              "=1+1",
	} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %q, want %q", in, got, want)
		}
	}
	if got := quote(strings.Repeat("ü", 5000)); len(got) > mostQuoted+50 || !strings.HasSuffix(got, "ü\n… and 6000 bytes more") {
		t.Errorf("%d bytes: %q", len(got), got[len(got)-40:])
	}
	for in, want := range map[string]string{"=1": "'=1", "+a": "'+a", "-a": "'-a", "@a": "'@a", "a=1": "a=1", "": "", "12": "12"} {
		if got := cell(in); got != want {
			t.Errorf("cell(%q) = %q, want %q", in, got, want)
		}
	}
}
