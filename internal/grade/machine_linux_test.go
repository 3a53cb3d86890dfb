package grade_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"apue/internal/grade"
	"apue/internal/lab"
	"apue/internal/sampling"
)

// fixed is an exercise whose claim passes for every program that runs.
var fixed = &lab.Experiment{Dir: "fork", Name: "glob", Claims: []lab.Claim{{Name: "claim", Points: 2, Judge: func(b *lab.Bench) lab.Verdict {
	o := b.Run(lab.Run{Untraced: true})
	return o.Passed("it ran")
}}}}

// TestFullDisk: where there is no space nobody has 0 points, and where
// there is some again all have theirs. It needs file systems of its own.
func TestFullDisk(t *testing.T) {
	if os.Getenv("FULLDISK") == "" {
		if os.Getuid() != 0 {
			t.Skip("only root can mount a small disk")
		}
		cmd := exec.Command("/proc/self/exe", "-test.run", "^TestFullDisk$", "-test.v")
		cmd.Env = append(os.Environ(), "FULLDISK=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "--- SKIP") {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skip(err)
	}
	t.Run("nothing fits", func(t *testing.T) {
		onSmallDisk(t, "16k", sampling.Number(2, 6), lab.Registry{fixed}, "cannot-check")
	})
	// Here some have their points at the first call.
	for _, size := range sampling.Every(2, []string{"60k", "200k"}) {
		t.Run("some fits", func(t *testing.T) { onSmallDisk(t, size, sampling.Number(2, 24), asked, "") })
	}
}

// onSmallDisk grades right students on a disk of this size, and again when
// it is larger. Each status of the first call is want, or, where that is
// "", one of a right program.
func onSmallDisk(t *testing.T, size string, students int, xs lab.Registry, want string) {
	files := map[string]string{}
	for i := range students {
		name := fmt.Sprintf("s%02d/", i)
		files[name+"fork-glob/main.c"] = file(t, "fork/c/glob.c")
		files[name+"wait-status/main.c"] = file(t, "wait/c/status.c")
		files[name+"wait-status/common.h"] = file(t, "wait/c/common.h")
	}
	dir, small, out := submissions(t, files), t.TempDir(), t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size="+size); err != nil {
		t.Skip(err)
	}
	defer syscall.Unmount(small, syscall.MNT_DETACH)
	o := grade.Options{Exercises: xs, Out: out, Runs: 1}
	t.Setenv("TMPDIR", small)
	outcome, err := grade.Run(context.Background(), o, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range outcome.Students {
		row := rows(t, filepath.Join(out, "summary.csv"))[i]
		for j, e := range s.Exercises {
			got := statusesOf(e)
			if want != "" && got != want || got != "pass" && got != "cannot-check" {
				t.Errorf("%s, %s: %s on a disk of %s: %+v", s.Name, e.ID, got, size, e)
			}
			if got == "cannot-check" && (row[2] != "" || row[4+j] != "") {
				t.Errorf("summary.csv has %q: not graded is not 0 points", row)
			}
		}
	}
	if err := syscall.Mount("tmpfs", small, "tmpfs", syscall.MS_REMOUNT, "size=100m"); err != nil {
		t.Fatal(err)
	}
	outcome, err = grade.Run(context.Background(), o, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range outcome.Students {
		for _, e := range s.Exercises {
			if got := statusesOf(e); got != "pass" {
				t.Errorf("%s, %s: %s with space again", s.Name, e.ID, got)
			}
		}
	}
}

// TestNobodyVanishes: every entry of a folder of submissions is graded or
// named, and what was probably meant is said.
func TestNobodyVanishes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 250)
	bytes := "b\xff;=1+1\n"
	dir := submissions(t, map[string]string{
		"ann/fork-glob/main.c":      "int main(void) { return 0; }\n",
		long + "/fork-glob/main.c":  "int main(void) { return 0; }\n",
		bytes + "/fork-glob/main.c": "int main(void) { return 0; }\n",
		"under/fork_glob/main.c":    "int main(void) { return 0; }\n",
		"upper/Fork-Glob/main.c":    "int main(void) { return 0; }\n",
		"deep/hw3/fork-glob/main.c": "int main(void) { return 0; }\n",
		"beside/glob.c":             "int main(void) { return 0; }\n",
		"cpp/fork-glob/main.cpp":    "int main() { return 0; }\n",
		"ben.zip":                   "PK",
		".hidden/fork-glob/main.c":  "",
		"notes.txt":                 "",
		"many/fork-glob/main.c":     "int main(void) { return 0; }\n",
		"folders/fork-glob/main.c":  "int main(void) { return 0; }\n",
		"below/fork-glob/main.c":    "int main(void) { return 0; }\n",
		"option/fork-glob/-o x.c":   "int main(void) { return 0; }\n",
		"flood/fork-glob/Makefile":  "all:\n\tyes | head -c 50000000\n",
		"linked/elsewhere/main.c":   "int main(void) { return 0; }\n",
		"empty/README":              "",
	})
	os.Symlink("ann", filepath.Join(dir, "alias"))
	os.Symlink("elsewhere", filepath.Join(dir, "linked", "fork-glob"))
	for i := range 210 {
		os.WriteFile(filepath.Join(dir, "many", "fork-glob", fmt.Sprint(i)), nil, 0o644)
		os.Mkdir(filepath.Join(dir, "folders", "fork-glob", fmt.Sprint(i)), 0o755)
	}
	below, err := os.OpenRoot(filepath.Join(dir, "below", "fork-glob"))
	for i := 0; i < 20 && err == nil; i++ { // longer than a path can be
		if err = below.Mkdir(long, 0o755); err == nil {
			parent := below
			below, err = parent.OpenRoot(long)
			parent.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	below.Close()
	out := t.TempDir()
	outcome, err := grade.Run(context.Background(), grade.Options{Exercises: lab.Registry{fixed}, Out: out, Runs: 1}, []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Students) != 15 {
		t.Errorf("%d students", len(outcome.Students))
	}
	for _, s := range outcome.Students {
		if n := string(s.Name); (n == "ann" || n == long || n == bytes || n == "option") != (statuses(s) == "pass") {
			t.Errorf("%q: %s", n, statuses(s))
		}
	}
	report, err := os.ReadFile(filepath.Join(out, "reports", "flood.txt"))
	if err != nil || !strings.Contains(string(report), "make was ended because it said too much: y") {
		t.Errorf("a build without an end of its output (%v): %.1000s", err, report)
	}
	human := map[string]string{}
	for _, row := range rows(t, filepath.Join(out, "needs-human.csv")) {
		human[row[0]] += row[3] + "\n"
	}
	for name, want := range map[string]string{
		"under": "fork_glob was probably meant", "upper": "Fork-Glob was probably meant", "deep": "hw3/fork-glob was probably meant",
		"beside": "glob.c was probably meant", "cpp": "it is in C++ without a Makefile", "ben.zip": "not a submission: a zip file",
		".hidden": "not a submission: hidden", "notes.txt": "not a submission: a file", "alias": "not a submission: a link",
		"linked": "fork-glob is a link, and links are not followed", "many": "there are more than 200 files",
		"folders": "there are more than 200 folders", "below": "there are too many folders in each other",
	} {
		if !strings.Contains(human[name], want) {
			t.Errorf("needs-human.csv says of %s %q, want %q", name, human[name], want)
		}
	}
	// Another exercise keeps what was graded; a student who is gone leaves
	// the tables.
	os.RemoveAll(filepath.Join(dir, "ann"))
	other := *fixed
	other.Name = "other"
	for _, x := range []*lab.Experiment{&other, fixed} {
		if outcome, err = grade.Run(context.Background(), grade.Options{Exercises: lab.Registry{x}, Out: out, Runs: 1}, []string{dir}); err != nil {
			t.Fatal(err)
		}
	}
	if table := fmt.Sprint(rows(t, filepath.Join(out, "summary.csv"))); strings.Contains(table, "[ann ") || len(outcome.Students) != 14 {
		t.Errorf("ann is gone: %s", table)
	}
}

// TestMeant: a file in the folder of another exercise was not meant, and an
// archive or a script that lost its mode is named.
func TestMeant(t *testing.T) {
	t.Parallel()
	namesake := *fixed
	namesake.Dir = "vfork"
	two := lab.Registry{fixed, &namesake}
	dir := submissions(t, map[string]string{
		"ann/fork-glob/glob.c":  "int main(void) { return 0; }\n",
		"ben/fork-glob.zip":     "PK",
		"cat/homework.tar.gz":   "",
		"dan/fork-glob/run":     "#!/bin/sh\n",
		"eve/fork-glob/main.c":  "",
		"fay/fork-glob/main.c":  "int main(void) { return 0; }\n",
		"fay/vfork-glob.tar.gz": "",
		"fay/notes.zip":         "PK",
	})
	os.Chmod(filepath.Join(dir, "dan/fork-glob/run"), 0o644)
	out := t.TempDir()
	if _, err := grade.Run(context.Background(), grade.Options{Exercises: two, Out: out, Runs: 1}, []string{dir}); err != nil {
		t.Fatal(err)
	}
	human := map[string]string{}
	for _, row := range rows(t, filepath.Join(out, "needs-human.csv")) {
		human[row[0]] += row[2] + ": " + row[3] + "\n"
	}
	const none = "there is no folder %s in the submission; %s is a %s file: unpack it\n"
	for name, want := range map[string]string{
		"ann": "",
		"ben": "fork/glob: " + fmt.Sprintf(none, "fork-glob", "fork-glob.zip", "zip") + "vfork/glob: " + fmt.Sprintf(none, "vfork-glob", "fork-glob.zip", "zip"),
		"cat": "fork/glob: " + fmt.Sprintf(none, "fork-glob", "homework.tar.gz", "gz") + "vfork/glob: " + fmt.Sprintf(none, "vfork-glob", "homework.tar.gz", "gz"),
		"dan": "fork/glob: run is a script that nobody may execute: chmod +x run\n",
		"fay": "vfork/glob: " + fmt.Sprintf(none, "vfork-glob", "vfork-glob.tar.gz", "gz"),
	} {
		if human[name] != want {
			t.Errorf("needs-human.csv says of %s %q, want %q", name, human[name], want)
		}
	}
	report, err := os.ReadFile(filepath.Join(out, "reports", "eve.txt"))
	if err != nil || !strings.Contains(string(report), "not-built: there is no function main") || strings.Contains(string(report), "crt1.o") {
		t.Errorf("an empty file (%v): %s", err, report)
	}
}

// TestOtherFolder: a folder of results is not graded, which would remove
// them, and a call with fewer submissions or too many exercises says so.
func TestOtherFolder(t *testing.T) {
	t.Parallel()
	dir := submissions(t, map[string]string{"ann/fork-glob/run": "#!/bin/sh\nexit 0\n", "ben/fork-glob/run": "#!/bin/sh\nexit 0\n"})
	out := t.TempDir()
	other := *fixed
	other.Name = "other"
	o := grade.Options{Exercises: lab.Registry{fixed, &other}, Out: out, Runs: 1}
	first, err := grade.Run(context.Background(), o, []string{dir})
	if err != nil || len(first.Notes) == 0 || first.Notes[len(first.Notes)-1] != "no submission has fork-other: if that was not asked for, use --exercises fork/glob" {
		t.Errorf("an exercise that nobody has: %v, %+v", err, first)
	}
	for _, results := range []string{out, t.TempDir()} {
		o.Out = results
		if _, err := grade.Run(context.Background(), o, []string{out}); err == nil || !strings.Contains(err.Error(), "holds the results of an earlier call: give the folder of submissions") {
			t.Errorf("results as submissions: %v", err)
		}
	}
	o.Out = filepath.Join(dir, "ann/fork-glob/run")
	if _, err := grade.Run(context.Background(), o, []string{dir}); err == nil || !strings.HasSuffix(err.Error(), "not a directory: give another folder for the results with -o") {
		t.Errorf("a file as the folder for the results: %v", err)
	}
	o.Out = out
	one, err := grade.Run(context.Background(), o, []string{filepath.Join(dir, "ben")})
	if err != nil || len(one.Notes) == 0 || !strings.HasPrefix(one.Notes[len(one.Notes)-1], "an earlier call graded more submissions: the results of 1 are removed") {
		t.Errorf("one of two: %v, %+v", err, one)
	}
}

// TestTwoGraders: one call at a time writes to a folder.
func TestTwoGraders(t *testing.T) {
	t.Parallel()
	dir := submissions(t, map[string]string{"ann/fork-glob/run": "#!/bin/sh\nexit 0\n"})
	out := t.TempDir()
	var second error
	busy := *fixed
	busy.Claims = []lab.Claim{{Name: "claim", Points: 2, Judge: func(b *lab.Bench) lab.Verdict {
		_, second = grade.Run(context.Background(), grade.Options{Exercises: lab.Registry{fixed}, Out: out, Runs: 1}, []string{dir})
		return lab.Verdict{Status: lab.Pass}
	}}}
	if _, err := grade.Run(context.Background(), grade.Options{Exercises: lab.Registry{&busy}, Out: out, Runs: 1}, []string{dir}); err != nil {
		t.Fatal(err)
	}
	if second == nil || !strings.Contains(second.Error(), "another ch8 grade writes to") {
		t.Errorf("the second call: %v", second)
	}
}

// TestInterrupted: a call that is interrupted says so, its tables are
// whole, and the next one goes on.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := submissions(t, map[string]string{"ann/fork-glob/run": "#!/bin/sh\nexit 0\n", "ben/fork-glob/run": "#!/bin/sh\nexit 0\n"})
	out := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := grade.Options{Exercises: lab.Registry{fixed}, Out: out, Runs: 1, Jobs: 1, Progress: func(int, int, string, string) { cancel() }}
	_, err := grade.Run(ctx, o, []string{dir})
	var interrupted *grade.Interrupted
	if !errors.As(err, &interrupted) || interrupted.Done != 1 || interrupted.All != 2 {
		t.Errorf("%v", err)
	}
	if got := rows(t, filepath.Join(out, "summary.csv")); len(got) != 1 || got[0][0] != "ann" {
		t.Errorf("summary.csv: %v", got)
	}
	o.Progress = nil
	if outcome, err := grade.Run(context.Background(), o, []string{dir}); err != nil || len(outcome.Students) != 2 {
		t.Errorf("%v, %v", outcome, err)
	}
}
