package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/trace"
)

// TestAsk: what is typed chooses an option.
func TestAsk(t *testing.T) {
	q := question{"Which?", []string{"one", "two"}, "two", "because"}
	for _, c := range []struct {
		typed, answer string
		more          bool
	}{
		{"1\n", "one", true}, {"2\n", "two", true}, {"\n", "", true}, {"q\n", "", false}, {"", "", false},
		{"3\n0\nx\n 2 \n", "two", true}, {"p\n1\n", "one", true},
	} {
		var out bytes.Buffer
		a := newAsker(strings.NewReader(c.typed), &out)
		a.program = "the program\n"
		answer, more := a.ask(1, q)
		if answer != c.answer || more != c.more {
			t.Errorf("%q is taken as %q, %v; want %q, %v", c.typed, answer, more, c.answer, c.more)
		}
		if again := strings.Contains(out.String(), "the program\n\n1. Which?"); again != strings.HasPrefix(c.typed, "p") {
			t.Errorf("%q shows the program and the question again: %v\n%s", c.typed, again, &out)
		}
	}
	for answer, want := range map[string]string{
		"two": "= two (right)", "one": "= two (you answered: one)", "": "= two (you gave no answer)",
	} {
		var out bytes.Buffer
		if right := newAsker(strings.NewReader(""), &out).judge(1, q, answer); right != (answer == "two") || !strings.Contains(out.String(), want) {
			t.Errorf("the answer %q is judged right: %v, and told so:\n%s", answer, right, &out)
		}
	}
}

// TestAskProgram: a program that is longer than the screen is shown a
// screen at a time, if somebody reads at a terminal.
func TestAskProgram(t *testing.T) {
	for _, c := range []struct {
		typed string
		waits bool
		want  string
	}{
		{"", false, "1 2 3 4 5 6 7 8 9 0"},
		{"\n\n", true, "1 2 3 Enter: 7 more lines 4 5 6 Enter: 4 more lines 7 8 9 0"},
		{"\nq\n", true, "1 2 3 Enter: 7 more lines 4 5 6 Enter: 4 more lines"},
		{"", true, "1 2 3 Enter: 7 more lines"},
	} {
		var out bytes.Buffer
		a := newAsker(strings.NewReader(c.typed), &out)
		a.program, a.waits, a.height = "1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n", c.waits, func() int { return 5 }
		a.showProgram()
		got := strings.ReplaceAll(out.String(), " of the program. q: to the questions >", "")
		if got = strings.Join(strings.Fields(got), " "); got != c.want {
			t.Errorf("after %q is shown %q, want %q", c.typed, got, c.want)
		}
	}
}

// TestQuizNext: the quiz waits before the next program only where
// somebody reads at a terminal, and what is typed there changes the level.
func TestQuizNext(t *testing.T) {
	for _, c := range []struct {
		typed string
		waits bool
		level int
		more  bool
	}{
		{"", false, 2, true}, {"\n", true, 2, true}, {"+\n", true, 3, true}, {"-\n", true, 1, true},
		{"q\n", true, 2, false}, {"", true, 2, false},
	} {
		a := newAsker(strings.NewReader(c.typed), io.Discard)
		a.waits = c.waits
		o := &quizOptions{level: 2}
		if more := o.next(a); more != c.more || o.level != c.level {
			t.Errorf("%q: level %d, more %v; want %d, %v", c.typed, o.level, more, c.level, c.more)
		}
	}
}

// TestPredict: the experiment's own questions are asked, each with the
// answer that the recording gives; the score counts the right ones; the
// part of the picture that answers stands below.
func TestPredict(t *testing.T) {
	w := walkOf(t, "fork/glob")
	x := *w.x
	x.Moments = []lab.Moment{{Name: "forks", At: func(o *lab.Observation) *trace.Event { return o.Events(trace.KindFork)[0] }}}
	x.Questions = []lab.Question{
		{Name: "a", Ask: "How many children?", Answers: []string{"none", "one", "two"}, Right: func(*lab.Observation) string { return "one" }, Why: "It forks once.", Moment: "forks"},
		{Name: "c", Ask: "Does it fork?", Answers: []string{"yes", "no"}, Right: func(*lab.Observation) string { return "yes" }, Why: "It does.", Moment: "forks"},
		{Name: "b", Ask: "Undecided?", Answers: []string{"yes", "no"}, Right: func(*lab.Observation) string { return "" }, Why: "-"},
	}
	o := &predictOptions{seed: 1, most: 8}
	asked := o.questions(&x, w.rec)
	i := slices.IndexFunc(asked, func(q predicted) bool { return q.ask == "How many children?" })
	if len(asked) != 2 || i < 0 || asked[i].right != "one" || asked[i].at == nil {
		t.Fatalf("asked: %+v", asked)
	}
	for _, right := range []bool{true, false} {
		answer := slices.Index(asked[i].options, "one")
		if !right {
			answer = (answer + 1) % 3
		}
		var out bytes.Buffer
		if err := o.predict(strings.NewReader(strings.Repeat("\n", i)+string(rune('1'+answer))+"\n"), &out, &x, w.rec); err != nil {
			t.Fatal(err)
		}
		want := map[bool]string{true: "1 of 2 right", false: "0 of 2 right"}[right]
		if !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "The parent forks the child") || strings.Contains(out.String(), "The parent ends") {
			t.Errorf("want %q, the fork and not the rest of the picture:\n%s", want, &out)
		}
	}
	if o.most = 0; len(o.questions(&x, w.rec)) > 0 {
		t.Error("no question was wanted, and one is asked")
	}
}

// TestPredictable: every experiment has at least two questions, its
// recording answers them, with the right answer among the options, no two
// options the same, and no question twice. A new run may leave one of them
// open: on a busy machine its program did not see what it asks for.
func TestPredictable(t *testing.T) {
	for _, w := range walks(t) {
		o := &predictOptions{most: 100}
		seen := map[string]bool{}
		qs := o.questions(w.x, w.rec)
		if len(w.x.Questions) < 2 || len(qs) < 1 || len(qs) < 2 && !strings.HasSuffix(w.name, "a new run") {
			t.Errorf("%s asks %d of %d questions", w.name, len(qs), len(w.x.Questions))
		}
		for _, q := range qs {
			options := slices.Compact(slices.Sorted(slices.Values(q.options)))
			if seen[q.ask] || len(options) != len(q.options) || !slices.Contains(options, q.right) || q.why == "" {
				t.Errorf("%s: %+v", w.name, q.question)
			}
			seen[q.ask] = true
		}
	}
}

// TestProgramOf: the program is shown without what answers the
// questions.
func TestProgramOf(t *testing.T) {
	t.Chdir("..")
	for _, x := range all {
		if text, err := programOf(x); err != nil || !strings.Contains(text, "func ") || strings.HasPrefix(text, "//") || strings.Contains(text, "import") {
			t.Errorf("%s: %v\n%s", x.ID(), err, text)
		}
	}
}
