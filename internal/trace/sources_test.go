package trace

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// in is an event at a line of a file.
func in(file string, line int) *Event {
	return &Event{Time: 7, Pid: 42, Process: "P0.1", Kind: KindFork, Source: &Source{File: file, Line: line}}
}

// TestSourceReader: a file comes in front of the first event that names
// it, once, and what cannot be kept says why.
func TestSourceReader(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) string {
		t.Helper()
		if err := os.WriteFile(path(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path(name)
	}
	main := write("main.c", "int main(void)\n{\n}\n")
	latin := write("latin.c", "/* caf\xe9 */\n")
	long := write("long.c", strings.Repeat("x", maxSourceFile+1))
	whole := write("whole.c", strings.Repeat("y", maxSourceFile))

	var s SourceReader
	if e := s.Before(&Event{Kind: KindExit}); e != nil {
		t.Errorf("%v in front of an event without a place", e)
	}
	e := s.Before(in(main, 2))
	if e == nil || e.Kind != KindSource || e.Time != 7 || e.Pid != 42 || e.Process != "P0.1" {
		t.Fatalf("in front of the first event: %v", e)
	}
	if f := e.File; f.Name != main || f.Size != 19 || f.Text != "int main(void)\n{\n}\n" || f.NoText != "" || !f.Same([]byte(f.Text)) || f.Same(nil) {
		t.Errorf("%+v", f)
	}
	if e := s.Before(in(main, 3)); e != nil {
		t.Error("a file comes twice")
	}
	if f := s.Before(in(latin, 1)).File; f.Text != "/* caf\uFFFD */\n" || !f.Same([]byte("/* caf\xe9 */\n")) {
		t.Errorf("not UTF-8: %+v", f)
	}
	for name, reason := range map[string]string{
		long: "it is longer than 256 KiB", dir: "it is not a regular file", path("none.c"): "no such file or directory",
	} {
		if f := s.Before(in(name, 1)).File; f.Text != "" || f.NoText != reason {
			t.Errorf("%s: %q, want %q", name, f.NoText, reason)
		}
	}
	kept := 0
	for i := range 2 * maxSourceFiles {
		name := fmt.Sprintf("copy%d.c", i)
		if err := os.Link(whole, path(name)); err != nil {
			t.Fatal(err)
		}
		if e := s.Before(in(path(name), 1)); e != nil {
			kept += len(e.File.Text)
			if (e.File.Text == "") != strings.HasPrefix(e.File.NoText, "the recording already holds") || e.File.SHA256 == "" {
				t.Errorf("%s: %d bytes, %q", name, len(e.File.Text), e.File.NoText)
			}
		}
	}
	if kept > maxSourceBytes || kept < maxSourceBytes-2*maxSourceFile || len(s.seen) != maxSourceFiles {
		t.Errorf("%d bytes of %d files are kept", kept, len(s.seen))
	}
	refused := SourceReader{Read: func(string) ([]byte, error) { return nil, errors.New("it is not yours") }}
	if f := refused.Before(in(main, 1)).File; f.NoText != "it is not yours" || f.Text != "" {
		t.Errorf("%+v", f)
	}
}

// TestSourcesInRecording: sources are written and read with a recording,
// and are no events.
func TestSourcesInRecording(t *testing.T) {
	rec := &Recording{Header: Header{Kind: KindHeader, Schema: Schema}}
	rec.Add(&Event{Kind: KindSource, File: &SourceFile{Name: "a.c", Size: 4, Text: "one\r\n\ttwo", SHA256: "x"}})
	rec.Add(&Event{Kind: KindSource, File: &SourceFile{Name: "b.c", NoText: "no such file"}})
	rec.Add(in("a.c", 2))
	for range 2 {
		if len(rec.Events) != 1 || len(rec.Sources) != 2 {
			t.Fatalf("%d events, %d sources", len(rec.Events), len(rec.Sources))
		}
		a := rec.Source("a.c")
		if a == nil || a.Text != "one\r\n\ttwo" {
			t.Errorf("the file is %+v", a)
		}
		if rec.Source("b.c") != nil || rec.Source("c.c") != nil {
			t.Error("a text is known that the recording does not have")
		}
		var b bytes.Buffer
		if err := rec.Write(&b); err != nil {
			t.Fatal(err)
		}
		var err error
		if rec, err = ReadRecording(&b); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFirstEdition: a recording of the first edition opens; it has no
// sources.
func TestFirstEdition(t *testing.T) {
	text := `{"kind":"header","schema":1,"command":["a"],"kernel":"k","arch":"amd64","start":"","seccomp":true}
{"time":5,"pid":3,"process":"P0","kind":"exec","path":"a","argv":["a"],"source":{"file":"a.c","line":1}}
{"time":9,"pid":3,"process":"P0","kind":"exit","status":0}
`
	rec, err := ReadRecording(strings.NewReader(text))
	if err != nil || len(rec.Events) != 2 || rec.Events[0].Source.Line != 1 || rec.Source("a.c") != nil {
		t.Fatalf("%+v, %v", rec, err)
	}
	in, err := NewReader(strings.NewReader(strings.Replace(text, `"schema":1`, `"schema":9`, 1)))
	if err == nil || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("schema 9: %v, %v", in, err)
	}
	if _, err := NewReader(strings.NewReader("")); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("an empty file: %v", err)
	}
}

// TestUnknownText: what is not known is said, and not shown as empty.
func TestUnknownText(t *testing.T) {
	why := map[string]string{"path": "x", "argv": "x"}
	for want, e := range map[string]*Event{
		"exec  (not known: argv, path)":          {Kind: KindExec, Unknown: why},
		`exec /bin/a ["a"]`:                      {Kind: KindExec, Path: "/bin/a", Argv: []string{"a"}},
		"write to 1: 6 bytes  (not known: data)": {Kind: KindWrite, Call: "write", Fd: 1, Result: 6, Unknown: map[string]string{"data": "x"}},
		`write to 1: 1 bytes "x"`:                {Kind: KindWrite, Call: "write", Fd: 1, Result: 1, Data: []byte("x")},
	} {
		if got := Text(e); !strings.HasSuffix(got, "  "+want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestScript: the text of a script comes in front of the exec that gives
// it to its interpreter.
func TestScript(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.sh": "echo\n", "b.pyc": "\x00\x01"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	exec := func(path, argv string) *Event {
		return &Event{Kind: KindExec, Path: path, Argv: strings.Fields(argv), Program: &Program{Exe: path}}
	}
	file := exec("/x/run", "run x")
	file.Program = &Program{Exe: "/bin/dash", Cmdline: []string{"/bin/sh", "-u", "/x/run", "x"}}
	own := exec("/x/r\"n", "r\"n x")
	own.Program = &Program{Exe: "/x/own", Cmdline: []string{"/x/own", "/x/r\"n", "x"}}
	failed := exec("/bin/sh", "sh a.sh")
	failed.Errno = "ENOENT"
	for _, c := range []struct {
		e    *Event
		want string
	}{
		{exec("/bin/dash", "sh a.sh -c"), "a.sh"}, {exec("/bin/sh", "sh -e /x/a.sh"), "/x/a.sh"},
		{exec("/usr/bin/python3.11", "python3 -u a.py b"), "a.py"}, {exec("/bin/busybox", "/bin/ash a.sh"), "a.sh"},
		{exec("/bin/bash", "bash -c a.sh"), ""}, {exec("/bin/bash", "bash -xc a.sh"), ""}, {exec("/bin/sh", "sh"), ""},
		{exec("/usr/bin/python3", "python3 -m a.py"), ""}, {exec("/usr/bin/perl", "perl -e a"), ""},
		{exec("/bin/cat", "cat a.sh"), ""}, {file, "/x/run"}, {own, "/x/r\"n"},
		{exec("/usr/bin/perl5.36.0", "perl5.36.0 a.pl"), "a.pl"}, {exec("/x/bash2", "bash2 a.sh"), ""}, {exec("/x/pythonic", "pythonic a"), ""}, {failed, ""}, {&Event{Kind: KindFork}, ""},
	} {
		if got := c.e.Script(); got != c.want {
			t.Errorf("%s %q: the script is %q, want %q", c.e.Path, c.e.Argv, got, c.want)
		}
		if c.want != "" && !mayName(c.e.AppendJSON(nil)) {
			t.Errorf("%s %q: the event is not read in a recording", c.e.Path, c.e.Argv)
		}
	}
	if e := exec("/bin/cat", "cat a.c"); mayName(e.AppendJSON(nil)) {
		t.Error("the event of cat is read in a recording")
	}
	s := SourceReader{Dir: dir}
	if e := s.Before(exec("/bin/sh", "sh a.sh")); e == nil || e.File.Text != "echo\n" || e.File.Name != filepath.Join(dir, "a.sh") {
		t.Errorf("in front of sh a.sh: %v", e)
	}
	if e := s.Before(exec("/bin/sh", "sh b.pyc")); e == nil || e.File.Text != "" || e.File.NoText != "it is not a text" {
		t.Errorf("in front of a file with null bytes: %v", e)
	}
	s = SourceReader{Dir: dir}
	s.Before(&Event{Kind: KindChdir})
	if e := s.Before(exec("/bin/sh", "sh a.sh")); e != nil {
		t.Errorf("after a chdir %s is taken for the script", e.File.Name)
	}
}
