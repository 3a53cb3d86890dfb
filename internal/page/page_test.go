package page

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"apue/internal/lab"
	"apue/internal/trace"
)

// TestSizes: a page of up to 300 events has at most 150 KB, one of
// 10,000 events and 300 processes has that compressed.
func TestSizes(t *testing.T) {
	const most = 150_000
	page := func(s sample) []byte {
		var b bytes.Buffer
		if err := Write(&b, s.recording, s.options); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, s := range map[string]sample{"300 events": crowd(20, 300), "wait/pids": recorded(t, "wait-pids", nil)} {
		if n := len(page(s)); n > most {
			t.Errorf("%s: the page has %d bytes, more than %d", name, n, most)
		}
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	z.Write(page(crowd(300, 10_000)))
	z.Close()
	if packed.Len() > most {
		t.Errorf("10,000 events: the page has %d bytes compressed, more than %d", packed.Len(), most)
	}
}

var tag = regexp.MustCompile(`<(/?)([a-zA-Z!][a-zA-Z0-9]*)`)

// TestMarkup: in the page of a program that tries to be markup, every
// tag is one of ours, and nothing in it is a control character.
func TestMarkup(t *testing.T) {
	var tame, wild bytes.Buffer
	s := hostile()
	if err := Write(&wild, s.recording, s.options); err != nil {
		t.Fatal(err)
	}
	c := loop(1)
	if err := Write(&tame, c.recording, c.options); err != nil {
		t.Fatal(err)
	}
	tags := func(doc string) string {
		var all []string
		for _, m := range tag.FindAllStringSubmatch(doc, -1) {
			all = append(all, m[1]+m[2])
		}
		return strings.Join(all, " ")
	}
	if got, want := tags(wild.String()), tags(tame.String()); got != want {
		t.Errorf("the page of a hostile program has other tags:\n%s\nthan that of a tame one:\n%s", got, want)
	}
	if !utf8.Valid(wild.Bytes()) {
		t.Error("the page is not UTF-8")
	}
	if i := strings.IndexFunc(wild.String(), func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == '\u202e' }); i >= 0 {
		t.Errorf("a control character in %q", wild.String()[i:i+30])
	}
}

// contentOf reads the data of a page back.
func contentOf(t *testing.T, s sample) *content {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, s.recording, s.options); err != nil {
		t.Fatal(err)
	}
	return dataOf(t, b.String())
}

// dataOf is the data in the text of a page.
func dataOf(t *testing.T, page string) *content {
	t.Helper()
	_, rest, ok := strings.Cut(page, `id="data">`)
	data, _, ok2 := strings.Cut(rest, "</script>")
	if !ok || !ok2 {
		t.Fatal("the page has no data")
	}
	c := new(content)
	if err := json.Unmarshal([]byte(data), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFolds: a loop is one row that stands for its repetitions, a search
// in PATH another, and steps without a pattern stay.
func TestFolds(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    sample
		want string
	}{
		{"400 children in a loop", loop(400), "2–1601: 400 times the same 4 steps: The parent forks child 1, and so on"},
		{"4 children in a loop", loop(4), ""},
		{"no pattern", crowd(4, 60), ""},
	} {
		var got []string
		for _, f := range contentOf(t, tc.s).Folds {
			got = append(got, fmt.Sprintf("%d–%d: %s", f.First+1, f.Last+1, f.Text))
		}
		if s := strings.Join(got, "\n"); s != tc.want {
			t.Errorf("%s: folds %q, want %q", tc.name, s, tc.want)
		}
	}
}

// TestQuestions: each question has its right answer among its answers,
// and the moment stands at the step of its event.
func TestQuestions(t *testing.T) {
	c := contentOf(t, recorded(t, "doublefork-doublefork", doubleFork))
	if len(c.Questions) != 2 {
		t.Fatalf("%d questions, want 2", len(c.Questions))
	}
	if q := c.Questions[0]; q.Answers[q.Right] != "three" || q.Step != -1 {
		t.Errorf("the first question is %+v", q)
	}
	q := c.Questions[1]
	if q.Step < 0 || !strings.Contains(c.Steps[q.Step].Text, "is adopted") {
		t.Fatalf("the second question is asked before step %d", q.Step+1)
	}
	if got, want := c.Steps[q.Step].Moment, doubleFork.Moments[0].Says; got != want {
		t.Errorf("the moment there is %q, want %q", got, want)
	}
}

// TestSourceOfTheRun: a page shows the text that ran, and says that the
// file was edited since.
func TestSourceOfTheRun(t *testing.T) {
	s := loop(1)
	ran := strings.Repeat("int ran;\n", 100)
	s.recording.Sources = []trace.SourceFile{{Name: "/src/many.c", Size: int64(len(ran)), Text: ran}}
	c := contentOf(t, s)
	if len(c.Files) != 1 || !strings.Contains(c.Files[0].Lines[9], "ran") {
		t.Errorf("the page shows %v", c.Files)
	}
	if notes := strings.Join(c.Notes, "\n"); !strings.Contains(notes, "many.c was edited after this run") {
		t.Errorf("the notes are %q", notes)
	}
}

// TestHighlight: a line of C has its comment and its string marked, and
// a mark in the program's own text is spelled out.
func TestHighlight(t *testing.T) {
	lines := highlight("a.c", "int x = 1; /* one */\n\tputs(\"\ue003\");\n")
	mark := func(style int) string { return string(rune(styleMark + style)) }
	if len(lines) != 2 || !strings.Contains(lines[0], mark(commentStyle)+"/* one */") {
		t.Errorf("got %q", lines)
	}
	if strings.Contains(lines[1], mark(commentStyle)) || !strings.Contains(lines[1], `\ue003`) {
		t.Errorf("a character of the program became a mark: %q", lines[1])
	}
}

// TestNoSource: the pane of the program says why it is empty.
func TestNoSource(t *testing.T) {
	for _, tc := range []struct {
		command, why, want string
	}{
		{"/bin/sh", "no debug information", "sh, an interpreter"},
		{"./a.out", "no debug information", "option -g"},
	} {
		rec := loop(1).recording
		rec.Header.Command = []string{tc.command}
		for i := range rec.Events {
			rec.Events[i].Source, rec.Events[i].NoSource = nil, tc.why
		}
		if got := contentOf(t, sample{recording: rec}).NoSource; !strings.Contains(got, tc.want) {
			t.Errorf("for %s the page says %q, want %q in it", tc.command, got, tc.want)
		}
	}
}

// TestScriptText: a page shows the script that an interpreter runs, that
// of the command first, and says why no line of it is marked.
func TestScriptText(t *testing.T) {
	rec := loop(1).recording
	rec.Header.Command, rec.Header.Dir = []string{"sh", "/x/a"}, "/x"
	for i := range rec.Events {
		rec.Events[i].Source = nil
	}
	exec := func(name string) trace.Event {
		return trace.Event{Kind: trace.KindExec, Process: "P0", Path: "/bin/sh", Argv: []string{"sh", name}, Program: &trace.Program{Exe: "/bin/sh"}}
	}
	rec.Events = append([]trace.Event{exec("b.sh"), exec("a")}, rec.Events...)
	rec.Sources = []trace.SourceFile{
		{Name: "/x/b.sh", Text: "b\n"}, {Name: "/x/a", Text: "#!/bin/sh\nexit 1\n"}, {Name: "/x/c.sh", Text: "nobody runs it\n"},
	}
	c := contentOf(t, sample{recording: rec})
	if len(c.Files) != 2 || c.Files[0].Name != "a" || c.Files[1].Name != "b.sh" {
		t.Fatalf("the files are %+v, want a and b.sh", c.Files)
	}
	if got, want := c.Files[0].Lines[1], string(rune(styleMark+keywordStyle))+"exit"; !strings.HasPrefix(got, want) {
		t.Errorf("line 2 of the script is %q, want the colour of a shell's keyword", got)
	}
	if !strings.Contains(c.NoSource, "An interpreter runs this text") {
		t.Errorf("the page says of the lines: %q", c.NoSource)
	}
}

// TestFoldsLeaveMoments: a step with a moment is a row of its own, also
// in the middle of a loop, and what is before and after it still folds.
func TestFoldsLeaveMoments(t *testing.T) {
	s := loop(400)
	x := *doubleFork
	x.Cast = nil
	x.Moments = []lab.Moment{{Name: "here", Says: "Look."}}
	x.Questions = nil
	x.Moments[0].At = func(o *lab.Observation) *trace.Event { return &o.Recording.Events[800] }
	s.options.Experiment = &x
	var got []string
	for _, f := range contentOf(t, s).Folds {
		got = append(got, fmt.Sprintf("%d–%d", f.First+1, f.Last+1))
	}
	if s, want := strings.Join(got, ", "), "6–800, 802–1601"; s != want {
		t.Errorf("with a moment at step 801 it folds %s, want %s", s, want)
	}
}

// TestOpens: before the first step a page shows the file of the
// experiment, whatever file the first step is in.
func TestOpens(t *testing.T) {
	s := loop(1)
	x := *doubleFork
	x.Name, x.Cast, x.Moments, x.Questions = "main", nil, nil, nil
	s.options.Experiment = &x
	s.recording.Events[1].Source = &trace.Source{File: "/src/main.c", Line: 3, Func: "main"}
	for name, want := range map[string]string{"main": "main.c", "many": "many.c"} {
		x.Name = name
		if c := contentOf(t, s); c.Opens < 0 || c.Files[c.Opens].Name != want {
			t.Errorf("the page of %s opens file %d, want %s", name, c.Opens, want)
		}
	}
	if c := contentOf(t, loop(1)); c.Opens != -1 {
		t.Errorf("the page of no experiment opens file %d, not that of the first step", c.Opens)
	}
}
