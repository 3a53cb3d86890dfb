package grade_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/grade"
	"apue/internal/lab"
	"apue/internal/sandbox"
)

// fails runs a grading that has to end with an error of the machine,
// and with nothing recorded.
func fails(t *testing.T, dir, want string) {
	t.Helper()
	out := t.TempDir()
	_, err := grade.Run(context.Background(), grade.Options{Exercises: asked, Out: out, Runs: 1, Jobs: 2}, []string{dir})
	var refusal *sandbox.Refusal
	if errors.As(err, &refusal) {
		t.Skip("cannot check: ", err)
	}
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v, want one line with %q", err, want)
	}
	// What was missing may have been settled.
	if saved, _ := filepath.Glob(filepath.Join(out, "*.csv")); len(saved) > 0 {
		t.Errorf("%v was recorded", saved)
	}
}

// TestToolsAreTheMachines: a compiler that is not here is no fault of
// a student's.
func TestToolsAreTheMachines(t *testing.T) {
	c := submissions(t, map[string]string{"ann/fork-glob/main.c": "int main(void) { return 0; }\n"})
	makefile := submissions(t, map[string]string{"ann/fork-glob/Makefile": "run:\n"})
	gopher := submissions(t, map[string]string{"ann/fork-glob/main.go": "package main\n\nfunc main() {}\n"})
	suite := submissions(t, map[string]string{"ann/fork-glob/main.go": "package main\n\nimport _ \"apue/ch8/proc\"\n\nfunc main() {}\n"})
	t.Run("built", func(t *testing.T) {
		// Go may have to compile its library first.
		outcome, err := grade.Run(context.Background(), grade.Options{Exercises: asked, Out: t.TempDir(), Runs: 1}, []string{suite})
		var refusal *sandbox.Refusal
		if errors.As(err, &refusal) {
			t.Skip("cannot check: ", err)
		}
		if err != nil || strings.Contains(statuses(outcome.Students[0]), grade.NotBuilt) {
			t.Errorf("with the suite's packages: %+v, %v", outcome.Students[0], err)
		}
	})
	t.Run("suite", func(t *testing.T) {
		// It does not end the call: the others are graded.
		t.Chdir(t.TempDir())
		out := t.TempDir()
		students := run(t, grade.Options{Out: out}, suite)
		human := fmt.Sprint(rows(t, filepath.Join(out, "needs-human.csv")))
		if got := statuses(students[0]); got != "cannot-check missing" || !strings.Contains(human, "it imports this suite's packages: call ch8 in the suite's folder") {
			t.Errorf("%s, %s", got, human)
		}
	})
	t.Run("modules", func(t *testing.T) {
		t.Setenv("GOMODCACHE", t.TempDir())
		fails(t, suite, "Go cannot build even what no student wrote")
	})
	t.Setenv("PATH", t.TempDir())
	fails(t, c, "cc is not installed: install a C compiler")
	fails(t, makefile, "make is not installed")
	fails(t, gopher, "go is not installed")
}

// TestOneFails: what goes wrong with one submission is cannot-check
// and for a human, and the others are graded.
func TestOneFails(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	exercise := &lab.Experiment{Dir: "fork", Name: "glob", Claims: []lab.Claim{{Name: "claim", Points: 2, Judge: func(b *lab.Bench) lab.Verdict {
		dir := filepath.Dir(b.Program.Args[0])
		if info, err := os.Stat(filepath.Dir(filepath.Dir(dir))); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the copy's folder is %v (%v), want it closed", info.Mode(), err)
		}
		if _, err := os.Stat(filepath.Join(dir, "sandbox")); err == nil {
			b.Run(lab.Run{Stdout: 9})
		}
		if _, err := os.Stat(filepath.Join(dir, "panics")); err == nil {
			panic("not thought of")
		}
		o := b.Run(lab.Run{Untraced: true})
		return o.Passed("it ran")
	}}}}
	dir := submissions(t, map[string]string{
		"ann/fork-glob/run":      "#!/bin/sh\nexit 0\n",
		"ben/fork-glob/run":      "#!/bin/sh\nexit 0\n",
		"ben/fork-glob/sandbox":  "",
		"bob/fork-glob/run":      "#!/bin/sh\nexit 0\n",
		"bob/fork-glob/panics":   "",
		"cat/fork-glob/run":      "#!/usr/bin/env nosuchinterpreter\n",
		"dan/fork-glob/run":      "#!/usr/bin/nosuchinterpreter\n",
		"eve/fork-glob/Makefile": "run:\n\tnosuchcompiler -o run\n",
		"fay/fork-glob/run":      "no script\n",
		// Folders that nobody may enter, and no program.
		"gus/fork-glob/Makefile": "all:\n\tmkdir -p shut/in && chmod 0 shut\n\techo done\n",
		"guy/fork-glob/Makefile": "run:\n\tprintf '#!/bin/sh\\n' >run; chmod +x run; echo done; echo more >&2\n",
	})
	out := t.TempDir()
	var students []*grade.Student
	for range 2 { // the second call checks what was not settled again
		outcome, err := grade.Run(context.Background(), grade.Options{Exercises: lab.Registry{exercise}, Out: out, Runs: 1, Jobs: 2}, []string{dir})
		var refusal *sandbox.Refusal
		if errors.As(err, &refusal) {
			t.Skip("cannot check: ", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		students = outcome.Students
	}
	human := fmt.Sprint(rows(t, filepath.Join(out, "needs-human.csv")))
	for _, want := range []struct{ student, status, human string }{
		{"ann", "pass", "ann ann fork/glob nothing could be compared"},
		{"ben", "cannot-check", "Stdout(9) is not a kind of standard output"},
		{"bob", "cannot-check", "panicked (not thought of)"},
		{"cat", "cannot-check", "its interpreter nosuchinterpreter is not here"},
		{"dan", "cannot-check", "run: its interpreter /usr/bin/nosuchinterpreter is not here"},
		{"eve", "cannot-check", "make could not run a program (make: nosuchcompiler: "},
		{"fay", "not-built", "cannot be started: run: "},
		{"gus", "not-built", ""},
		{"guy", "pass", ""},
	} {
		s := students[0]
		students = students[1:]
		if string(s.Name) != want.student || statuses(s) != want.status {
			t.Errorf("%s: %s, want %s: %s", s.Name, statuses(s), want.student, want.status)
		}
		row := fmt.Sprintf("[%s %[1]s fork/glob ", s.Name)
		if want.human == "" && strings.Contains(human, row) || want.human != "" && !strings.Contains(human, want.human) {
			t.Errorf("%s: needs-human.csv has not %q: %s", s.Name, want.human, human)
		}
		b, err := os.ReadFile(filepath.Join(out, "reports", string(s.Name)+".txt"))
		if err != nil || strings.Contains(string(b), os.TempDir()) {
			t.Errorf("%s's report names the temporary folder (%v):\n%s", s.Name, err, b)
		}
		if s.Name == "gus" && !strings.Contains(string(b), "make succeeded, but there is no executable") {
			t.Errorf("gus' report:\n%s", b)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) > 0 {
		t.Errorf("%v were left", left)
	}
}

// TestQuotes: what a submission says neither drives a terminal nor a
// spreadsheet, and names no temporary folder.
func TestQuotes(t *testing.T) {
	dir := submissions(t, map[string]string{
		"=ann\x1b[2J/fork-glob/main.c": "#error \x1b[31mred\n",
		"=ann\x1b[2J/wait-status/run":  "#!/bin/sh\nnosuchcommand\nexit 3\n",
		"@ben/fork-glob/main.go":       "package main\n\nfunc main() {}\n",
		"@ben/fork-glob/more/x.s":      "#include \"/etc/passwd\"\n",
	})
	out := filepath.Join(dir, "results")
	var said strings.Builder
	o := grade.Options{Out: out, Progress: func(_, _ int, student, _ string) { said.WriteString(student) }}
	run(t, o, dir)
	// The second time the folder of results is there.
	if students := run(t, o, dir); len(students) != 2 {
		t.Errorf("%d submissions, want 2", len(students))
	}
	for name, text := range contents(t, out) {
		// The first column of a table is the name as it is.
		said.WriteString(strings.ReplaceAll(text, "\n=ann\x1b[2J,", "\n"))
		if strings.Contains(text, "grade-") || strings.Contains(text, "root:") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	all := said.String()
	if strings.Contains(all, "\x1b") {
		t.Errorf("an escape character is left: %q", all)
	}
	for _, want := range []string{
		`=ann\x1b[2J`, `'=ann\x1b[2J",0,`, `"'@ben",0,`, `\x1b[31mred`, `run: 2: nosuchcommand: `,
		"x.s: a Go program is built from Go files alone",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing: %s", want, all)
		}
	}
}

// TestOne: a platform's argument is the submission, also where no
// folder in it has the right name.
func TestOne(t *testing.T) {
	dir := submissions(t, map[string]string{"forkglob/main.c": "int main(void) { return 0; }\n"})
	students := run(t, grade.Options{Out: t.TempDir(), One: true}, dir)
	if len(students) != 1 || statuses(students[0]) != "missing" {
		t.Errorf("%d submissions, %s", len(students), statuses(students[0]))
	}
	_, err := grade.Run(context.Background(), grade.Options{Exercises: asked, Out: t.TempDir(), One: true}, []string{dir, dir})
	if err == nil || !strings.Contains(err.Error(), "one submission") {
		t.Errorf("of two: %v", err)
	}
}
