package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/sandbox"
)

// TestDocker grades as in a container that Docker makes by default. There
// namespaces are refused: without --disposable one sentence says so, with
// it the submission is graded. Both write Gradescope's file.
func TestDocker(t *testing.T) {
	cc, err := exec.LookPath("cc")
	switch {
	case err != nil:
		t.Skip("no C compiler: install gcc or clang")
	case os.Getuid() != 0 || sandbox.CanIsolate() != nil:
		t.Skip("only root can give up capabilities as Docker does")
	case record.Probe() != nil:
		t.Skip(record.Probe())
	}
	dir := t.TempDir()
	docker, results, out := filepath.Join(dir, "docker"), filepath.Join(dir, "results.json"), filepath.Join(dir, "out")
	if said, err := build.C(cc, "testdata/docker.c", docker, "-Wall"); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	submission := filepath.Join(dir, "submission")
	text, err := os.ReadFile("../fork/c/glob.c")
	if err == nil {
		err = os.MkdirAll(filepath.Join(submission, "fork-glob"), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(submission, "fork-glob", "main.c"), text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	ch8 := installed(t)
	grade := func(more ...string) (said, file string, status int) {
		t.Helper()
		args := append([]string{ch8, "grade", "--exercises", "fork/glob", "--runs", "1", "-o", out, "--gradescope", results}, more...)
		cmd := exec.Command(docker, append(args, submission)...)
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		b, _ := cmd.CombinedOutput()
		text, err := os.ReadFile(results)
		if err != nil {
			t.Errorf("no results.json: %v: %s", err, b)
		}
		os.Remove(results)
		return string(b), string(text), cmd.ProcessState.ExitCode()
	}
	said, file, status := grade()
	if status != 2 || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "ch8: submissions cannot be isolated here: ") ||
		!strings.HasSuffix(said, "add --disposable\n") {
		t.Errorf("without --disposable: exit status %d, want 2 and one sentence: %s", status, said)
	}
	if !strings.Contains(file, "nothing was graded; this is not the student's fault: submissions cannot be isolated here") {
		t.Errorf("without --disposable results.json has %s", file)
	}
	said, file, status = grade("--disposable")
	if status != 0 || !strings.Contains(said, "nothing was isolated: this machine was said to be disposable") {
		t.Errorf("with --disposable: exit status %d: %s", status, said)
	}
	for _, want := range []string{`"score": 11,`, "11 of 11 points", "These programs were not isolated"} {
		if !strings.Contains(file, want) {
			t.Errorf("with --disposable results.json lacks %q: %s", want, file)
		}
	}
}
