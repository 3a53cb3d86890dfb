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
	"apue/internal/sampling"
)

var update = flag.Bool("update", false, "write alike.txt and the table of docs/grading.md")

// TestAlike: alike.txt says of each exercise how alike the independent right
// programs are. It need not be exact: a program more changes little.
func TestAlike(t *testing.T) {
	if !*update && !sampling.All() {
		t.Skip("alike.txt is compared by make test-all: a new right program does not stop other work")
	}
	folders, err := filepath.Glob("../../*/testdata/right/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no right programs: ", err)
	}
	var b strings.Builder
	for _, folder := range folders {
		right, _ := filepath.Glob(folder + "/*.c")
		id := filepath.Base(filepath.Join(folder, "../../..")) + "/" + filepath.Base(folder)
		most := 0.0
		for i := range right {
			for j := range i {
				most = max(most, likeness(printsOf(t, right[i]), printsOf(t, right[j])))
			}
		}
		if len(right) < 2 {
			continue
		}
		fmt.Fprintf(&b, "%s %.2f\n", id, most)
		if now, want := threshold(id), max(usual, most+margin); !*update && (now-want > .15 || want-now > .15) {
			t.Errorf("%s: near copies begin at %.2f, and independent programs are %.2f alike: go test ./internal/grade -run Alike -update", id, now, most)
		}
	}
	if *update {
		if err := os.WriteFile("alike.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOurs: a copy of our own C program is found, where copies can be told.
func TestOurs(t *testing.T) {
	x := &lab.Experiment{Dir: "wait", Name: "status"}
	students := []*Student{{Name: "ann", Exercises: []Exercise{{ID: x.ID(), Prints: printsOf(t, "../../wait/c/status.c")}}}}
	groups := copies(students, lab.Registry{x})
	if len(groups) != 1 || !groups[0].ours || groups[0].students[0] != "ann" {
		t.Errorf("%+v", groups)
	}
	if human := fmt.Sprint(needsHuman(students, nil, groups)); !strings.Contains(human, "ann ann wait/status near copy of our own C program (100 %)") {
		t.Error(human)
	}
}

func printsOf(t *testing.T, path string) []uint32 {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return fingerprints(string(b))
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

// What students do to hide a copy hides nothing; another program is another
// one.
func TestLikeness(t *testing.T) {
	// Longer, so that one statement does not decide.
	source := original + "static void more(int a)\n{\n    int fd[2], n = 0;\n    if (pipe(fd) < 0)\n        exit(1);\n" +
		"    while (n < a) {\n        if (write(fd[1], &n, sizeof n) != sizeof n)\n            exit(2);\n        n++;\n    }\n    close(fd[0]);\n    close(fd[1]);\n}\n"
	main, more, _ := strings.Cut(source, "static void more")
	for name, text := range map[string]string{
		"renamed":   strings.NewReplacer("counter", "g", "local", "v", "pid_t pid", "pid_t  p", "a comment", "mine").Replace(source),
		"reordered": "static void more" + more + main,
		"padded":    strings.ReplaceAll(source, ";\n", ";\n    int unused = 17; (void)unused;\n"),
		"macros": "#define CHILD() fork()\n#define WRITE(a, b) write(fd[1], a, b)\n" +
			strings.NewReplacer("fork()", "CHILD()", "write(fd[1], &n, sizeof n)", "WRITE(&n, sizeof n)").Replace(source),
		"numbers": strings.NewReplacer("88", "99", "= 6", "= 7", "exit(2)", "exit(3)").Replace(source),
	} {
		if got := likeness(fingerprints(source), fingerprints(text)); got < usual {
			t.Errorf("a copy that was %s is %.2f like it, want at least %.2f", name, got, usual)
		}
	}
	if got := likeness(fingerprints(source), printsOf(t, "../../wait/c/status.c")); got >= usual {
		t.Errorf("another program is %.2f like it", got)
	}
}

// Three that are alike are one group, and a fourth is in none.
func TestGroups(t *testing.T) {
	var students []*Student
	programs := [][]uint32{{100, 101, 102, 103}}
	for i, prints := range [][]uint32{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 20}, {21, 22, 23, 24},
		{1, 2, 3, 4, 5, 6, 7, 8, 20, 30}, {100, 101, 102, 103, 104}} {
		students = append(students, &Student{Name: Name(fmt.Sprintf("s%d", i))})
		programs = append(programs, prints)
	}
	got := fmt.Sprint(connected("fork/glob", students, programs, 0.9))
	if want := "[{fork/glob [s4] true 1 false} {fork/glob [s0 s1 s3] false 0.9 false}]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	rows := fmt.Sprint(copyRows([]group{{exercise: "fork/glob", untold: true}}))
	if !strings.Contains(rows, "copies cannot be told here") {
		t.Error(rows)
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
	if !slices.Equal(top, want) || !slices.Equal(test, strings.Fields("max-score passed score status test-name")) {
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
	e.grade(together(lab.Pass, lab.Fail), func(s string) string { return s })
	if g := e.Grades[0]; g.Status != Disagreed || g.Points != 0 || !strings.Contains(g.Message, "its runs did not agree") || strings.HasPrefix(g.Message, "ok") {
		t.Errorf("%+v", g)
	}
	if e.settled() || len(e.Human) != 1 {
		t.Errorf("settled %v, for a human %q", e.settled(), e.Human)
	}
	e = Exercise{ID: x.ID()}
	e.grade(together(lab.Pass, lab.Pass), func(s string) string { return s })
	if !e.settled() {
		t.Error("two that passed are not settled")
	}
	e = Exercise{ID: x.ID()}
	e.grade(together(lab.CannotCheck, lab.Fail), func(s string) string { return s })
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
