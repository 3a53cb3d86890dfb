package grade_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	fork "apue/fork/checks"
	"apue/internal/build"
	"apue/internal/grade"
	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/sandbox"
	wait "apue/wait/checks"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var asked = lab.Registry{fork.Glob, wait.Status}

// submissions makes a folder of submissions: student, exercise's
// folder, file, content.
func submissions(t *testing.T, files map[string]string) string {
	t.Helper()
	needCC(t)
	dir := t.TempDir()
	for name, content := range files {
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

// write writes a file of a submission.
func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

func needCC(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler: install gcc or clang")
	}
}

// file is one of the suite's own programs.
func file(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func run(t *testing.T, o grade.Options, args ...string) []*grade.Student {
	t.Helper()
	o.Exercises = asked
	if o.Runs == 0 {
		o.Runs = 1
	}
	o.Jobs = 4
	if o.BuildTime == 0 {
		o.BuildTime = 20 * time.Second // Go may have to link on a busy machine
	}
	if o.Timeout == 0 {
		o.Timeout = 3 * time.Second
	}
	outcome, err := grade.Run(context.Background(), o, args)
	var refusal *sandbox.Refusal
	if errors.As(err, &refusal) {
		t.Skip("cannot check: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return outcome.Students
}

// statuses are the claims' statuses of a student, in a line.
func statuses(s *grade.Student) string {
	var all []string
	for _, x := range s.Exercises {
		for _, g := range x.Grades {
			all = append(all, g.Status)
		}
	}
	return strings.Join(slices.Compact(all), " ")
}

func rows(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

const (
	bomb = `#include <unistd.h>
/* Stops at 500, and outside of a namespace of its own at once. */
int main(int argc, char **argv)
{
    char ns[64] = "";
    if (readlink("/proc/self/ns/pid", ns, 63) < 0 || argc < 1 || argv == 0)
        return 3;
    for (const char *a = ns, *b = OUTSIDE; ; a++, b++) {
        if (*a != *b)
            break;
        if (*a == 0)
            return 3;
    }
    for (int i = 0; i < 500; i++)
        if (fork() == 0)
            pause();
    return 0;
}
`
	killer = `#include <signal.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
    char ns[64] = "";
    if (readlink("/proc/self/ns/pid", ns, 63) < 0 || strcmp(ns, OUTSIDE) == 0)
        return 3;
    kill(-1, SIGKILL);
    return 0;
}
`
	endless = "#include <stdio.h>\nint main(void) { for (;;) puts(\"more\"); }\n"
)

// outside defines the pid namespace that a hostile program has to
// have left before it does anything.
func outside(t *testing.T, source string) string {
	t.Helper()
	ns, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("#define OUTSIDE %q\n%s", ns, source)
}

// TestBuildTime: a build that does not end is no wait for ever.
func TestBuildTime(t *testing.T) {
	t.Parallel()
	dir := submissions(t, map[string]string{
		"cat/fork-glob/Makefile": "all:\n\tsleep 1000 & exit 1\n",
		"eve/fork-glob/Makefile": "all:\n\twhile :; do :; done\n",
	})
	for _, s := range run(t, grade.Options{Out: t.TempDir(), BuildTime: time.Second / 2}, dir) {
		got := statuses(s)
		if why := s.Exercises[0].Grades[0].Reason; got == "cannot-check missing" && strings.Contains(why, "the machine was too busy") {
			continue // half a second was not half a second of a processor
		}
		if got != "not-built missing" {
			t.Errorf("%s: %s, want not-built missing", s.Name, got)
		}
		// A build that leaves a process behind is not waited for.
		want := map[grade.Name]string{"cat": "Error 1", "eve": "had not finished after 500ms"}[s.Name]
		if g := s.Exercises[0].Grades[0]; !strings.Contains(g.Message, want) {
			t.Errorf("%s: it says %q", s.Name, g.Message)
		}
		if human := fmt.Sprint(s.Exercises[0].Human); s.Name == "cat" && !strings.Contains(human, "left a process running, which was killed: sleep") {
			t.Errorf("%s: %s", s.Name, human)
		}
	}
}

// TestBuildMemory: a compiler that reads a file without an end is told apart
// from a program with a mistake: by us where there is a memory cgroup, by
// the compiler itself where there is a limit only.
func TestBuildMemory(t *testing.T) {
	t.Parallel()
	dir := submissions(t, map[string]string{"eve/fork-glob/main.c": "#include \"/dev/zero\"\n"})
	for _, s := range run(t, grade.Options{Out: t.TempDir(), BuildTime: time.Minute}, dir) {
		if g := s.Exercises[0].Grades[0]; statuses(s) != "not-built missing" || !strings.Contains(g.Message, "memory") {
			t.Errorf("%s: %s, it says %q", s.Name, statuses(s), g.Message)
		}
	}
}

// TestGrade: right, wrong, missing, broken and hostile submissions
// beside each other.
func TestGrade(t *testing.T) {
	t.Parallel()
	good := file(t, "fork/c/glob.c")
	dir := submissions(t, map[string]string{
		"ann/fork-glob/main.c":     good,
		"ann/wait-status/main.c":   file(t, "wait/c/status.c"),
		"ann/wait-status/common.h": file(t, "wait/c/common.h"),
		"ben/fork-glob/Makefile":   "prog: main.c\n\tcc -o prog main.c && rm main.c\n",
		"ben/fork-glob/main.c":     file(t, "fork/testdata/wrong/glob/flushed.c"),
		"bob/wait-status/main.c":   outside(t, killer),
		"cat/fork-glob/main.c":     "int main(void) { return",
		"cat/wait-status/Makefile": "all:\n\texit 1\n",
		"dan/fork-glob/run":        "#!/bin/sh\nexit 0\n",
		"eve/fork-glob/main.c":     endless,
		"fay/wait-status/notes":    "nothing to run",
	})
	hostile, golang := "missing fail", "fail missing"
	if sampling.All() {
		hostile, golang = "fail", "fail"
		write(t, filepath.Join(dir, "dan/wait-status/main.go"), "package main\n\nfunc main() {}\n")
		write(t, filepath.Join(dir, "bob/fork-glob/main.c"), outside(t, bomb))
	}
	out := t.TempDir()
	students := run(t, grade.Options{Out: out, Timeout: time.Second}, dir)
	want := map[string]string{
		"ann": "pass",
		"ben": "pass fail pass missing",
		"bob": hostile,
		"cat": "not-built",
		"dan": golang,
		"eve": "fail missing",
		"fay": "missing not-built",
	}
	for _, s := range students {
		got := statuses(s)
		if s.Name == "bob" || s.Name == "dan" || s.Name == "eve" {
			// What else a hostile program fails or passes is
			// its own affair, and whether it floods the output or the
			// recording; it has no points to gain.
			got = strings.NewReplacer("timeout", "fail", "not-judged", "fail", "cannot-check", "fail").Replace(got)
			got = strings.ReplaceAll(got, "fail pass", "fail")
			got = strings.Join(slices.Compact(strings.Fields(got)), " ")
		}
		if got != want[string(s.Name)] {
			t.Errorf("%s: %s, want %s: %+v", s.Name, got, want[string(s.Name)], s)
		}
	}
	summary := rows(t, filepath.Join(out, "summary.csv"))
	if len(summary) != len(want) || summary[0][0] != "ann" || summary[0][2] != summary[0][3] {
		t.Errorf("summary.csv: %v", summary)
	}
	human := fmt.Sprint(rows(t, filepath.Join(out, "needs-human.csv")))
	for _, part := range []string{
		"dan dan fork/glob nothing could be compared",
	} {
		if !strings.Contains(human, part) {
			t.Errorf("needs-human.csv lacks %q: %s", part, human)
		}
	}
	b, err := os.ReadFile(filepath.Join(out, "reports", "ben.txt"))
	if err != nil || !strings.Contains(string(b), "FAIL fork/glob/buffered-twice") || strings.Contains(string(b), dir) {
		t.Errorf("ben's report (%v):\n%s", err, b)
	}
	if _, err := os.Stat(filepath.Join(dir, "ben/fork-glob/main.c")); err != nil {
		t.Error("building changed the submission:", err)
	}

	// The same again takes what is there, except for what the machine was
	// too busy to check.
	again := run(t, grade.Options{Out: out}, dir)
	for i, s := range students {
		if slices.ContainsFunc(s.Exercises, func(e grade.Exercise) bool { return e.Machine }) {
			again[i] = s
		}
	}
	if diff := cmp.Diff(students, again, cmpopts.IgnoreUnexported(grade.Exercise{})); diff != "" {
		t.Errorf("the second call gave something else:\n%s", diff)
	}
}

var times = regexp.MustCompile(`,\d+\.\d\d\n`)

// contents are the files of a folder of results, without times.
func contents(t *testing.T, out string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.csv", "reports/*"} {
		paths, err := filepath.Glob(filepath.Join(out, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			rel, _ := filepath.Rel(out, p)
			all[rel] = times.ReplaceAllString(string(b), "\n")
		}
	}
	return all
}

// TestShards: three shards merged are what one call gives.
func TestShards(t *testing.T) {
	t.Parallel()
	needCC(t)
	files := map[string]string{}
	for i, name := range []string{"bothadd", "flushed", "oldpid"} {
		out := filepath.Join(t.TempDir(), name)
		if said, err := build.C("cc", "../../fork/testdata/wrong/glob/"+name+".c", out); err != nil {
			t.Fatalf("cc: %v\n%s", err, said)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		files[fmt.Sprintf("s%d/fork-glob/run", i)] = string(b)
	}
	dir := submissions(t, files)
	whole := t.TempDir()
	run(t, grade.Options{Out: whole}, dir)
	var parts []string
	for i := range 3 {
		part := t.TempDir()
		run(t, grade.Options{Out: part, Shard: grade.Shard{Index: i, Count: 3}}, dir)
		parts = append(parts, part)
	}
	merged := t.TempDir()
	if _, err := grade.Merge(asked, merged, parts); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(contents(t, whole), contents(t, merged)); diff != "" {
		t.Errorf("-whole +merged:\n%s", diff)
	}
	if _, err := grade.Merge(asked, t.TempDir(), append(parts, parts[0])); err == nil {
		t.Error("a shard that is given twice was merged")
	}
}

func TestParseShard(t *testing.T) {
	for _, c := range []struct {
		in, env string
		want    grade.Shard
		bad     bool
	}{
		{in: "", want: grade.Shard{}},
		{in: "2/3", want: grade.Shard{Index: 1, Count: 3}},
		{in: "0/3", bad: true},
		{in: "4/3", bad: true},
		{in: "x/3", bad: true},
		{in: "3", bad: true},
		{in: "/3", bad: true},
		{in: "/3", env: "JOB_COMPLETION_INDEX=2", want: grade.Shard{Index: 2, Count: 3}},
		{in: "/3", env: "JOB_COMPLETION_INDEX=3", bad: true},
		{in: "", env: "SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=4", want: grade.Shard{Index: 2, Count: 4}},
		{in: "/4", env: "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=1", want: grade.Shard{Index: 3, Count: 4}},
	} {
		getenv := func(name string) string {
			for _, v := range strings.Fields(c.env) {
				if value, ok := strings.CutPrefix(v, name+"="); ok {
					return value
				}
			}
			return ""
		}
		got, err := grade.ParseShard(c.in, getenv)
		if (err != nil) != c.bad || got != c.want && !c.bad {
			t.Errorf("ParseShard(%q) with %q = %v, %v", c.in, c.env, got, err)
		}
	}
}
