package main

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"

	"github.com/spf13/cobra"
)

// TestSubject: what the words of walk, trace, draw and races name.
func TestSubject(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"fork", "doublefork-doublefork", "sub"} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"mine.c": 0o666, "a.out": 0o777, "run.jsonl": 0o777, "rec": 0o666, "mine.py": 0o666, "vfork-glob.c": 0o666} {
		if err := os.WriteFile(name, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ line, id, program, args, recording, err string }{
		{line: "fork", id: "fork/glob"}, // the id, and not the folder
		{line: "./fork", program: "./fork"},
		{line: "fork/glob", id: "fork/glob"},
		{line: "fork/glob/copied", id: "fork/glob"},
		{line: "sub", program: "./sub"},
		{line: "mine.c", program: "./mine.c"},
		{line: "mine.py", program: "./mine.py"},
		{line: "a.out", program: "./a.out"},
		{line: "run.jsonl", recording: "run.jsonl"},
		{line: "rec", recording: "rec"},
		{line: "/dev/null", recording: "/dev/null"},
		{line: "doublefork-doublefork", id: "doublefork/doublefork", program: "./doublefork-doublefork"},
		{line: "vfork-glob.c", id: "vfork/glob", program: "./vfork-glob.c"},
		{line: "-- ./a.out 1", program: "./a.out 1"},
		{line: "-- python3 vfork-glob.py", program: "python3 vfork-glob.py"},
		{line: "fork/race -- --free", id: "fork/race", args: "--free"},
		{line: "fork/glob -- ./a.out 1", id: "fork/glob", program: "./a.out 1"},
		{line: "", err: "needs an id, a program or a recording"},
		{line: "fork/glob --", err: "there is nothing after --"},
		{line: "mine.c 1", err: "the arguments of a program come after --: ch8 walk -- mine.c 1"},
		{line: "fork/glbo", err: "the nearest are: fork/glob,"},
		{line: "nothing.c", err: "the file nothing.c does not exist"},
		{line: "mine.c -- ./a.out", err: "mine.c is not an id"},
	} {
		var s *subject
		var err error
		root := command()
		verb, _, _ := root.Find([]string{"walk"})
		verb.RunE = func(v *cobra.Command, args []string) error {
			s, err = subjectOf(v, args)
			return nil
		}
		root.SetArgs(append([]string{"walk"}, strings.Fields(c.line)...))
		if e := root.Execute(); e != nil {
			t.Fatal(e)
		}
		if err != nil || c.err != "" {
			if err == nil || c.err == "" || !strings.Contains(err.Error(), c.err) {
				t.Errorf("ch8 walk %s: error %v, want %q", c.line, err, c.err)
			}
			continue
		}
		id := ""
		if s.experiment != nil {
			id = s.experiment.ID()
		}
		if id != c.id || strings.Join(s.program, " ") != c.program || strings.Join(s.args, " ") != c.args || s.recording != c.recording {
			t.Errorf("ch8 walk %s: experiment %q, program %q, options %q, recording %q; want %+v", c.line, id, s.program, s.args, s.recording, c)
		}
	}
}

// TestAdvice: a file that cannot be started is told how.
func TestAdvice(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"a.py", "print()", 0o666, "-- python3 a.py"}, {"b.py", "print()", 0o777, "-- python3 b.py"}, {"c.py", "#!/usr/bin/python3\n", 0o777, ""},
		{"d.py", "#!/usr/bin/python3\n", 0o666, "-- python3 d.py"}, {"a.cpp", "", 0o777, "c++ -g -o ./a a.cpp"}, {"a.rs", "", 0o666, "rustc -g -o ./a a.rs"},
		{"a.pl", "", 0o666, "-- perl a.pl"}, {"a.sh", "", 0o666, "-- sh a.sh"}, {"prog", "", 0o666, "chmod +x prog"}, {"prog2", "", 0o777, ""},
		{"a.c", "", 0o666, ""}, {"a.go", "", 0o666, ""},
	} {
		if err := os.WriteFile(c.name, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		err := lab.Advice([]string{c.name})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s, mode %o: %v, want %q", c.name, c.mode, err, c.want)
		}
	}
	if err := lab.Advice([]string{"missing"}); err != nil {
		t.Errorf("a missing file: %v", err)
	}
}

// TestNearestFull: the ids proposed are whole ones, none twice, and at most
// three; none is proposed for a word that is like no id.
func TestNearestFull(t *testing.T) {
	if got := nearest("missing"); len(got) > 0 {
		t.Errorf("nearest(missing) = %q: that was not meant", got)
	}
	for id, want := range map[string]string{"glob": "fork/glob vfork/glob", "frok": "fork", "fork/glbo": "fork/glob"} {
		got := nearest(id)
		if len(got) > 3 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) || !strings.HasPrefix(strings.Join(got, " "), want) {
			t.Errorf("nearest(%q) = %q, want up to three different ones, first %s", id, got, want)
		}
		for _, g := range got {
			if found, _ := all.Find(g); len(found) == 0 {
				t.Errorf("nearest(%q) proposes %q, which is not an id", id, g)
			}
		}
	}
}

// TestOtherSigns: a slip in the signs of an id is answered with the id, and
// other words are not.
func TestOtherSigns(t *testing.T) {
	for word, want := range map[string]string{
		"fork glob": "fork/glob", "fork/glob ": "fork/glob", "Fork/Glob": "fork/glob", "fork.glob": "fork/glob", "fork-glob": "fork/glob",
		"fork/glob/Copied": "fork/glob/copied", "fork": "", "mine.c": "", "": "", "8.3": "",
	} {
		if got := otherSigns(word); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// TestNotAllowed: the sentence about a file that this user must not open
// says how to see who may, whatever stands around the error.
func TestNotAllowed(t *testing.T) {
	denied := &fs.PathError{Op: "open", Path: "./a b", Err: fs.ErrPermission}
	if got, want := sentence(fmt.Errorf("build: %w", denied)), "./a b: permission denied; ls -ld './a b' shows which users it is for"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if got := sentence(fs.ErrNotExist); got != fs.ErrNotExist.Error() {
		t.Errorf("another error is %q", got)
	}
}
