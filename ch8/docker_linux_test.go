package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/sampling"
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
	submission, other := filepath.Join(dir, "submission"), filepath.Join(dir, "others", "other.h")
	text, err := os.ReadFile("../fork/c/glob.c")
	if err != nil {
		t.Fatal(err)
	}
	submit := func(more string) {
		t.Helper()
		err := errors.Join(os.MkdirAll(filepath.Dir(other), 0o755), os.MkdirAll(filepath.Join(submission, "fork-glob"), 0o755), os.WriteFile(other, nil, 0o644),
			os.WriteFile(filepath.Join(submission, "fork-glob", "main.c"), []byte(string(text)+more), 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
	submit("")
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
	human := func() string {
		b, _ := os.ReadFile(filepath.Join(out, "needs-human.csv"))
		return string(b)
	}
	if strings.Contains(human(), "opened") {
		t.Errorf("it opens nothing of others: %s", human())
	}
	if !sampling.All() {
		return
	}
	submit(fmt.Sprintf("#include <fcntl.h>\n__attribute__((constructor)) static void peek(void) { close(open(%q, O_RDONLY)); }\n", other))
	if grade("--disposable"); !strings.Contains(human(), "it opened "+other+", which is neither") || strings.Contains(human(), "the build opened") {
		t.Errorf("it opens a file of others: %s", human())
	}
	submit(fmt.Sprintf("#include %q\n", other))
	if grade("--disposable"); !strings.Contains(human(), "the build opened "+other+", which is neither") {
		t.Errorf("it includes a file of others: %s", human())
	}
}
