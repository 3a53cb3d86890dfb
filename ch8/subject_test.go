package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/trace"

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
	for name, mode := range map[string]os.FileMode{"mine.c": 0o666, "a.out": 0o777, "run.jsonl": 0o777, "run.json": 0o777, "rec": 0o666, "mine.py": 0o666, "vfork-glob.c": 0o666} {
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
		{line: "run.json", recording: "run.json"}, // every file of a mounted disk may be executable
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

// named is an experiment by its id.
func named(t *testing.T, id string) *lab.Experiment {
	t.Helper()
	x, _, err := findOne(id)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestRecorded: our program is recorded with the arguments for its moments,
// unless others are given, in a folder of its own and with time for a busy
// machine; somebody's program runs here.
func TestRecorded(t *testing.T) {
	here := t.TempDir()
	t.Chdir(here)
	limit, glob := named(t, "fork/limit"), named(t, "vfork/glob")
	for _, c := range []struct {
		s         subject
		program   []string
		args, dir string
		words     []int32
	}{
		{subject{experiment: limit}, []string{"f", "limit"}, "f limit --only user", "", nil},
		{subject{experiment: limit, args: []string{"--all"}}, []string{"f", "limit", "--all"}, "f limit --all", "", nil},
		{subject{experiment: limit, program: []string{"./a.out"}}, []string{"/a.out"}, "/a.out", here, nil},
		{subject{experiment: glob, program: []string{"./a.out"}}, []string{"/a.out"}, "/a.out", here, []int32{6, 88}},
		{subject{program: []string{"./a.out"}}, []string{"/a.out"}, "/a.out", here, nil},
	} {
		cmd, err := c.s.recorded(lab.Program{Args: c.program})
		if err != nil {
			t.Fatal(err)
		}
		if args := strings.Join(cmd.Args, " "); args != c.args || cmd.Dir != c.dir || !slices.Equal(cmd.Trace.Words, c.words) {
			t.Errorf("%q is recorded as %q in %q with the words %v; want %q, %q, %v", c.program, args, cmd.Dir, cmd.Trace.Words, c.args, c.dir, c.words)
		}
		if own := cmd.Env != nil; own != (c.s.program != nil) {
			t.Errorf("%q: the environment is given: %v", c.program, own)
		}
		if long := cmd.Timeout == lab.OursTimeout; long != (c.s.program == nil) {
			t.Errorf("%q may take %v", c.program, cmd.Timeout)
		}
	}
}

// TestRecordInOrder: what walk and draw show of a recording has a write
// before the read that returned its bytes.
func TestRecordInOrder(t *testing.T) {
	first, err := kept(named(t, "fork/offset"))
	if err != nil {
		t.Fatal(err)
	}
	pipe := trace.Event{Process: "P0", Kind: trace.KindPipe, Object: "pipe 9", Fd: 3, NewFd: 4, OFD: 98, NewOFD: 99}
	fork := trace.Event{Process: "P0", Kind: trace.KindFork, ChildProcess: "P1"}
	write, read := pipe, pipe
	read.Kind, read.OFD, read.Result, read.Time = trace.KindRead, 98, 1, 1
	write.Process = "P1"
	write.Kind, write.OFD, write.Result, write.Time = trace.KindWrite, 99, 1, 2
	file := filepath.Join(t.TempDir(), "run.jsonl")
	rec := trace.Recording{Header: first.Header, Events: []trace.Event{pipe, fork, read, write}}
	var b bytes.Buffer
	if err := errors.Join(rec.Write(&b), os.WriteFile(file, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
	got, err := (&subject{recording: file}).recordSaying(io.Discard, false)
	if err != nil {
		t.Fatal(err)
	}
	if got.Events[2].Kind != trace.KindWrite || got.Events[3].Kind != trace.KindRead {
		t.Errorf("after the fork comes a %s and then a %s", got.Events[2].Kind, got.Events[3].Kind)
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
