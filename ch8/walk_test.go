package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// walkOf is a walkthrough of the recording that comes with ch8.
func walkOf(t *testing.T, id string) *walk {
	t.Helper()
	x := named(t, id)
	rec, err := kept(x)
	if err != nil {
		t.Fatal(err)
	}
	return newWalk(id, rec, x, timeline.Options{})
}

// walks are walkthroughs of the recordings that come with ch8
// (TestRecordings says where one is missing), and of a new run of each
// experiment. Every sixth recording is in the sample.
func walks(t *testing.T) (ws []*walk) {
	t.Helper()
	for _, x := range all {
		if rec, err := kept(x); err == nil {
			ws = append(ws, newWalk(x.ID(), rec, x, timeline.Options{}))
		}
	}
	if len(ws) < 11 {
		t.Fatalf("only %d experiments have a recording", len(ws))
	}
	if !sampling.All() {
		return sampling.Every(6, ws)
	}
	t.Chdir("..")
	for _, x := range all {
		rec, err := (&subject{experiment: x}).record(false)
		if err != nil {
			t.Errorf("%s: %v", x.ID(), err)
			continue
		}
		ws = append(ws, newWalk(x.ID()+", a new run", rec, x, timeline.Options{}))
	}
	return ws
}

// TestWalkSource: lines that do not fit lose the blanks that all begin
// with, and are wrapped; of a file without text the screen says so.
func TestWalkSource(t *testing.T) {
	rec := &trace.Recording{
		Header:  trace.Header{Command: []string{"./a"}},
		Sources: []trace.SourceFile{{Name: "a.c", Text: "\t\tfirst();\n\t\tsecond(a, b, c, d, e, f);\n\t\tthird();\n"}},
	}
	for i, file := range []string{"a.c", "gone.c"} {
		rec.Add(&trace.Event{Kind: trace.KindExit, Process: "P0", Pid: 1, Source: &trace.Source{File: file, Line: 2}})
		w := newWalk("a", rec, nil, timeline.Options{})
		w.at = i + 1
		_, lines := w.source(3, 30)
		want := "     1  first();\n>    2  second(a, b, c, d,\n          e, f);\n     3  third();"
		if file == "gone.c" {
			want = "The recording does not have\nthe text of this file."
		}
		if got := strings.Join(lines, "\n"); !strings.HasPrefix(got, want) {
			t.Errorf("%s:2 is shown as\n%s\nwant\n%s", file, got, want)
		}
	}
}

// TestWalkKeys: where each key leads from step 5.
func TestWalkKeys(t *testing.T) {
	last := len(walkOf(t, "doublefork/doublefork").model.Steps)
	for _, c := range []struct {
		typed string
		at    int
		done  bool
	}{
		{"n", 6, false}, {" ", 6, false}, {"\r", 6, false}, {"b", 4, false}, {"\x7f", 4, false},
		{"\x1b[C", 6, false}, {"\x1b[B", 6, false}, {"\x1b[6~", 6, false}, {"\x1bOC", 6, false},
		{"\x1b[D", 4, false}, {"\x1b[A", 4, false}, {"\x1b[5~", 4, false}, {"\x1bOA", 4, false},
		{"\x1b[H", 0, false}, {"\x1b[F", last, false}, {"\x1b[1~", 0, false}, {"\x1b[4~", last, false},
		{"g12\r", 12, false}, {"g7x", 5, false}, {"g99999999999999999999\r", last, false}, {"g\r", 0, false},
		{"nnn", 8, false}, {"\x1b[C\x1b[Cb", 6, false},
		{"x", 5, false}, {"\x1b[15~", 5, false}, {"\x1b", 5, false}, {"\xe1", 5, false}, {"\xe1n", 6, false}, {"p", 5, false}, {".", 5, false},
		{"q", 5, true}, {"\x03", 5, true}, {"\x04", 5, true}, {"g\x03", 5, true},
	} {
		w := walkOf(t, "doublefork/doublefork")
		w.at = 5
		done := false
		for _, k := range keysIn(c.typed) {
			done = w.key(k)
		}
		if w.at != c.at || done != c.done {
			t.Errorf("%q leads to step %d, ended %v; want %d, %v", c.typed, w.at, done, c.at, c.done)
		}
	}
}

// TestWalkEnds: there is no step before the first and after the last
// one, and the last one says so.
func TestWalkEnds(t *testing.T) {
	w := walkOf(t, "doublefork/doublefork")
	w.key('b')
	if w.at != 0 {
		t.Errorf("back leads from the beginning to step %d", w.at)
	}
	w.key(keyEnd)
	w.key('n')
	if lines := w.draw(80, 24); w.at != len(w.model.Steps) || lines[len(lines)-1] != wasLast {
		t.Errorf("after the last step the screen of step %d ends in %q", w.at, lines[len(lines)-1])
	}
}

// TestWalkScreen walks every experiment from start to end: on every
// screen stand the step, its new row, the marked line of source and how
// to go on.
func TestWalkScreen(t *testing.T) {
	sizes := [][2]int{{80, 24}}
	if sampling.All() {
		sizes = append(sizes, [][2]int{{68, 40}, {120, 40}, {60, 18}, {200, 60}}...)
	}
	for _, w := range walks(t) {
		for w.at = 0; w.at <= len(w.model.Steps); w.at++ {
			for i, size := range sizes {
				if w.at < 30 || w.at%len(sizes) == i {
					screenOf(t, w, size[0], size[1])
				}
			}
		}
	}
}

func screenOf(t *testing.T, w *walk, width, height int) {
	t.Helper()
	lines := w.draw(width, height)
	bad := ""
	for _, l := range lines {
		if show.Width(l) > width {
			bad = "a line is wider than the screen: " + l
		}
	}
	has := func(text string) bool { return strings.Contains(strings.Join(lines, "\n"), text) }
	isRow := regexp.MustCompile(fmt.Sprintf(`^> *%d `, w.number(w.at)))
	row := slices.ContainsFunc(lines, isRow.MatchString)
	where, source := w.source(5, width)
	switch {
	case len(lines) != height:
		bad = fmt.Sprintf("%d lines", len(lines))
	case !has(fmt.Sprintf("step %d of %d", w.number(w.at), w.steps())):
		bad = "it does not say which step it is"
	case w.at > 0 && !row:
		bad = "the new row is not there, or not marked"
	case len(source) > 0 && !has("\n> "), where != "" && !has(show.Clip(where, width)):
		bad = "the line of source is not there"
	case slices.ContainsFunc(source, func(l string) bool { return show.Width(l) > width }):
		bad = "a line of source is cut"
	case !strings.Contains(lines[height-1], "b back"):
		bad = "it does not say how to go on"
	}
	if bad != "" {
		t.Errorf("%s, step %d on %d×%d: %s\n%s", w.name, w.at, width, height, bad, strings.Join(lines, "\n"))
	}
}

// TestWalkNotes: a decisive moment of the experiment stands instead of
// what the book says in general, and m goes to it.
func TestWalkNotes(t *testing.T) {
	w := walkOf(t, "doublefork/doublefork")
	w.moments = map[int]string{3: "here it is", 9: "and here"}
	for _, at := range []int{3, 9} {
		if w.key('m'); w.at != at {
			t.Fatalf("m leads to step %d, want %d", w.at, at)
		}
	}
	if !strings.Contains(strings.Join(w.draw(80, 24), "\n"), "and here") {
		t.Error("the moment is not on the screen of its step")
	}
	if w.key('m'); w.at != 9 || !strings.Contains(w.said, "no decisive moment") {
		t.Errorf("after the last moment m leads to step %d and says %q", w.at, w.said)
	}
	w.moments = nil
	for w.at = 1; w.note() == "" || !strings.Contains(w.note(), "§8.3"); w.at++ {
	}
	first := w.at
	for w.at++; w.at <= len(w.model.Steps); w.at++ {
		if strings.Contains(w.note(), "fork is called once") {
			t.Errorf("what the book says of fork stands at step %d, and stood at step %d already", w.at, first)
		}
	}
}

// TestWalkAsks: p asks before the next step is shown, a full stop
// blanks the screen, and the next key brings it back.
func TestWalkAsks(t *testing.T) {
	w := walkOf(t, "doublefork/doublefork")
	w.at = 2
	w.key('p')
	if out := strings.Join(w.draw(80, 24), "\n"); !strings.Contains(out, "Step 3 is next") || strings.Contains(out, ">  3") {
		t.Errorf("p shows\n%s", out)
	}
	w.key('.')
	if len(w.draw(80, 24)) > 0 {
		t.Error("a full stop does not blank the screen")
	}
	if w.key('.'); len(w.draw(80, 24)) == 0 {
		t.Error("a second full stop does not bring it back")
	}
	w.key('.')
	if w.key('n'); len(w.draw(80, 24)) == 0 || w.at != 2 {
		t.Errorf("on a blank screen the next key leads to step %d, want the same screen again", w.at)
	}
	if w.key('x'); !strings.Contains(w.said, "Unknown key") {
		t.Errorf("a key that does nothing says %q", w.said)
	}
}

// TestWalkPids: the screen says who is who by role and pid.
func TestWalkPids(t *testing.T) {
	w := walkOf(t, "fork/glob")
	w.key(keyEnd)
	out := strings.Join(w.draw(80, 24), " ")
	for i := range w.model.Lanes {
		l := &w.model.Lanes[i]
		if want := fmt.Sprintf("%s %d gone", l.Title, l.PID()); !l.Outside && !strings.Contains(out, want) {
			t.Errorf("the last screen does not say %q:\n%s", want, out)
		}
	}
}

// TestWalkMany: of many processes only those are named that are not
// gone, and not all of these.
func TestWalkMany(t *testing.T) {
	w := walkOf(t, "wait/status")
	w.key(keyEnd)
	living := func(n int) {
		w.model = &timeline.Model{Steps: []timeline.Step{{N: 1}}}
		w.whole = w.model
		for i := range 300 {
			st := timeline.Gone
			if i < n {
				st = timeline.Running
			}
			w.model.Lanes = append(w.model.Lanes, timeline.Lane{Title: "child", Pid: i, Spans: []timeline.Span{{State: st, To: -1}}})
		}
		w.at = 1
	}
	for n, want := range map[int]string{2: "now: child 0 running, child 1 running, 298 gone", 100: "child 5 running, 94 more, 200 gone"} {
		living(n)
		if got := strings.Join(w.now(200), " "); !strings.Contains(got, want) {
			t.Errorf("%d of 300 are living: %q, want %q", n, got, want)
		}
	}
}

// TestWalkAnswers: p asks the experiment's questions in turn, a number is
// the room's answer, and the next step says what is right; the screen
// before says that there is a question, and the first screen does not
// answer it.
func TestWalkAnswers(t *testing.T) {
	w := walkOf(t, "exit/stdio")
	at := 0
	for n, qs := range w.asks {
		if len(qs) == 2 {
			at = n - 1
		}
	}
	if at == 0 {
		t.Fatal("no step of exit/stdio answers two questions")
	}
	qs := w.asks[at+1]
	screen := func() string { return strings.Join(w.draw(80, 24), "\n") }
	typed := func(keys string) {
		for _, k := range keysIn(keys) {
			w.key(k)
		}
	}
	if out := screen(); strings.Contains(out, "second child") {
		t.Errorf("the first screen shows who takes part:\n%s", out)
	}
	number := func(q lab.Asked, right bool) string {
		i := slices.Index(q.Answers, q.Answer)
		if !right {
			i = (i + 1) % len(q.Answers)
		}
		return fmt.Sprint(i + 1)
	}
	w.at = at
	if out := screen(); !strings.Contains(out, "p a question") {
		t.Errorf("the screen before the questions does not say that p asks one:\n%s", out)
	}
	typed("p" + number(qs[0], true))
	if out := screen(); !strings.Contains(out, "> "+number(qs[0], true)+") ") || w.at != at {
		t.Errorf("the answer is not marked, or step %d is shown:\n%s", w.at, out)
	}
	typed("9p" + number(qs[1], false))
	if w.at != at || w.asking != 2 {
		t.Fatalf("at step %d question %d is asked, want the second one at step %d", w.at, w.asking, at)
	}
	typed("\r")
	right := strings.Join(w.right(1000), "\n")
	for _, want := range []string{"You were right: " + qs[0].Answer + ". " + qs[0].Why, "You said: ", "It is: " + qs[1].Answer + ". " + qs[1].Why} {
		if !strings.Contains(right, want) {
			t.Errorf("%q is not among the answers: %s", want, right)
		}
	}
	if out := screen(); w.at != at+1 || !strings.Contains(out, "You were right: ") || !strings.Contains(w.text(), "It is: ") {
		t.Errorf("step %d does not say what was right:\n%s", w.at, out)
	}
	typed("b")
	if len(w.right(80)) > 0 {
		t.Error("one step back the answers are still there")
	}
	typed("p\r")
	if got := strings.Join(w.right(1000), "\n"); !strings.Contains(got, "You were right: "+qs[0].Answer) || strings.Contains(got, qs[1].Why) {
		t.Errorf("only the first question was asked again: %s", got)
	}
}

// TestWalkFolds: the turns of a loop are one step, o shows each of them,
// and g goes to the step with the number that was typed, or to the row
// that stands for it.
func TestWalkFolds(t *testing.T) {
	rec := trace.Recording{Header: trace.Header{Command: []string{"./loop"}}}
	for i := range 20 {
		child := fmt.Sprintf("P0.%d", i+1)
		rec.Add(&trace.Event{Kind: trace.KindFork, Process: "P0", Pid: 1, ChildProcess: child, Child: i + 2})
		rec.Add(&trace.Event{Kind: trace.KindExit, Process: child, Pid: i + 2})
		rec.Add(&trace.Event{Kind: trace.KindWait, Process: "P0", Pid: 1, Call: "wait4", WaitPid: -1, Result: int64(i + 2), ResultProcess: child})
	}
	rec.Add(&trace.Event{Kind: trace.KindExit, Process: "P0", Pid: 1})
	w := newWalk("./loop", &rec, nil, timeline.Options{})
	var seen []int
	for w.at < len(w.model.Steps) {
		w.key('n')
		seen = append(seen, w.number(w.at))
	}
	if want := []int{1, 2, 3, 60, 61}; !slices.Equal(seen, want) {
		t.Fatalf("the steps are %v, want %v", seen, want)
	}
	w.key('b')
	screenOf(t, w, 80, 24)
	if out := strings.Join(w.draw(80, 24), "\n"); !strings.Contains(out, "Steps 4 to 60: 57 more steps of the loop") || !strings.Contains(out, "20 gone") {
		t.Errorf("the row of the loop, or how many are gone, is missing:\n%s", out)
	}
	typed := func(keys string, n int) {
		t.Helper()
		for _, k := range keysIn(keys) {
			w.key(k)
		}
		if w.number(w.at) != n {
			t.Errorf("%q leads to step %d, want %d", keys, w.number(w.at), n)
		}
		screenOf(t, w, 80, 24)
	}
	typed("o", 4)
	typed("nn", 6)
	typed("g50\r", 50)
	typed("o", 60)
	typed("g3\r", 3)
	typed("oo", 3)
	typed("g20\r", 60)
}

// TestWalkPlain: line by line nothing is drawn again: whatever is typed,
// no byte is a control character, and each step is a sentence.
func TestWalkPlain(t *testing.T) {
	ws := []*walk{walkOf(t, "doublefork/doublefork"), walkOf(t, "exec/path")}
	if sampling.All() {
		ws = walks(t)
	}
	for _, w := range ws {
		w.options.Color = true // as on a terminal
		var typed, out strings.Builder
		typed.WriteString("v\nx\np\n1\n.\n\no\ng 2\nm\n\x1b[B\n")
		typed.WriteString(strings.Repeat("\nv\n", 5) + "g 0\n\ng 99999\nv\nb\n")
		if err := w.byLine(strings.NewReader(typed.String()), &out); err != nil {
			t.Fatal(err)
		}
		for i, b := range []byte(out.String()) {
			if b < ' ' && b != '\n' || b == 0x7f {
				t.Fatalf("%s: byte %d is %#x, in %q", w.name, i, b, out.String()[max(i-60, 0):i+1])
			}
		}
		if first := w.whole.Steps[0].Text; !strings.Contains(strings.Join(strings.Fields(out.String()), " "), strings.Join(strings.Fields(first), " ")) {
			t.Errorf("%s: the first step, %q, is not said", w.name, first)
		}
	}
}
