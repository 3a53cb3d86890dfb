package timeline

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestFolded: the turns of a loop after the first one are one row with
// the number of the last step, the processes of these turns have no
// lane, and a kept event has its row.
func TestFolded(t *testing.T) {
	tp := newTape("./loop")
	tp.exec("P0", "./loop")
	for i := range 10 {
		c := fmt.Sprintf("P0.%d", i+1)
		tp.fork("P0", c, 12)
		tp.exit(c, 0, 13)
		tp.reap("P0", c, 0, 0, 15)
	}
	tp.exit("P0", 0, 17)
	rec := tp.done(0)
	m := New(rec, nil)
	kept := -1
	for i := range rec.Events {
		if rec.Events[i].ChildProcess == "P0.6" {
			kept = i
		}
	}
	for _, c := range []struct {
		kept  []int
		rows  string
		lanes int
	}{
		{nil, "1 2 3 4 5-31 32 33", 2},
		{[]int{kept}, "1 2 3 4 5-16 17 18-31 32 33", 3},
	} {
		f := m.Folded(rec, c.kept)
		var rows []string
		for _, s := range f.Steps {
			row := fmt.Sprint(s.N)
			if s.Folds > 0 {
				row = fmt.Sprintf("%d-%d", s.N-s.Folds+1, s.N)
			}
			rows = append(rows, row)
		}
		if got := strings.Join(rows, " "); got != c.rows || len(f.Lanes) != c.lanes {
			t.Errorf("kept %v: rows %s and %d lanes, want %s and %d", c.kept, got, len(f.Lanes), c.rows, c.lanes)
		}
		for n := range f.Steps {
			if err := f.Step(n+1).Text(&bytes.Buffer{}, Options{}); err != nil {
				t.Error(err)
			}
		}
		var text, svg bytes.Buffer
		if err := f.Text(&text, Options{}); err != nil || !strings.Contains(text.String(), "more steps of the") {
			t.Errorf("%v\n%s", err, &text)
		}
		if err := f.SVG(&svg, Options{}); err != nil || !strings.Contains(svg.String(), "more steps of the") {
			t.Errorf("%v: the SVG has no row of the loop", err)
		}
	}
	if len(m.Steps) != 33 || len(m.Lanes) != 11 {
		t.Errorf("the picture that was folded has %d steps and %d lanes now", len(m.Steps), len(m.Lanes))
	}
}

// TestRepeatedStep: one sentence stands for many steps only where it says
// the same of each.
func TestRepeatedStep(t *testing.T) {
	tp := newTape("./many")
	tp.exec("P0", "./many")
	for i := range 12 {
		tp.fork("P0", fmt.Sprintf("P0.%d", i+1), 12)
	}
	for range 11 {
		tp.add("P0", trace.KindChdir, 14, trace.Event{Path: "/", Call: "chdir"})
	}
	rec := tp.done(0)
	m := New(rec, nil)
	var got []string
	for _, f := range m.Folds(rec, func(int) bool { return false }) {
		got = append(got, f.Text)
	}
	want := []string{"12 times the same step: The parent forks child 1, and so on", "11 times: The parent changes directory to /"}
	if !slices.Equal(got, want) {
		t.Errorf("the folded rows are %q, want %q", got, want)
	}
}

// TestFoldedSearch: what a search in PATH tries is one row, but not a
// folder that has the file and refuses it.
func TestFoldedSearch(t *testing.T) {
	tp := newTape("./search")
	tp.exec("P0", "./search")
	for i, errno := range strings.Fields("ENOENT ENOENT ENOENT EACCES ENOENT ENOENT") {
		tp.add("P0", trace.KindExec, 9, trace.Event{Path: fmt.Sprintf("/%d/prog", i), Errno: errno, Call: "execve"})
	}
	tp.exec("P0", "prog")
	rec := tp.done(0)
	var said []string
	for _, s := range New(rec, nil).Folded(rec, nil).Steps {
		said = append(said, fmt.Sprint(s.N, " ", s.Text))
	}
	got := strings.Join(said, "\n")
	if !strings.Contains(got, "4 Steps 2 to 4: 3 folders of PATH do not have prog: ENOENT\n5 ") || !strings.Contains(got, "EACCES\n6 ") || len(said) != 7 {
		t.Errorf("the steps are\n%s", got)
	}
}

// TestFoldedCompiler: a run of a compiler, with the programs that it
// starts, is one row, but not one beside which something else happens.
func TestFoldedCompiler(t *testing.T) {
	for _, beside := range []bool{false, true} {
		tp := newTape("./ways")
		tp.exec("P0", "./ways")
		tp.fork("P0", "P0.1", 9)
		tp.fork("P0", "P0.2", 10)
		tp.exec("P0.2", "cc", "-o", "x", "x.c")
		tp.fork("P0.2", "P0.2.1", 0)
		tp.exec("P0.2.1", "ld")
		if beside {
			tp.write("P0.1", "meanwhile\n", 12)
		}
		tp.exit("P0.2.1", 0, 0)
		tp.reap("P0.2", "P0.2.1", 0, 0, 0)
		tp.exit("P0.2", 0, 0)
		tp.reap("P0", "P0.2", 0, 0, 11)
		rec := tp.done(0)
		m := New(rec, nil)
		f := m.Folded(rec, nil)
		if folded := len(f.Steps) == 4 && len(f.Lanes) == 2 && strings.Contains(f.Steps[2].Text, "the compiler cc builds"); folded == beside {
			t.Errorf("beside it %v: %d rows of %d, %d lanes", beside, len(f.Steps), len(m.Steps), len(f.Lanes))
		}
	}
}

// TestLongTurns: a turn of a loop in which much happens, and never the
// same, is a row that says what it printed; the first one and a kept event
// have their rows, and short turns stay, because they can be the lesson.
func TestLongTurns(t *testing.T) {
	loop := func(turns, writes int, beside bool) (*Model, *trace.Recording) {
		tp := newTape("./rows")
		for i := range turns {
			c := fmt.Sprintf("P0.%d", i+1)
			tp.fork("P0", c, 12)
			for k := range writes {
				tp.write(c, fmt.Sprintf("%d of %d", k, i), 20+(i*7+k*k)%5)
			}
			tp.exit(c, 0, 13)
			if beside && i == 2 {
				tp.fork("P0", "P0.99", 40) // another child, which stays
			}
			tp.reap("P0", c, 0, 0, 15)
			tp.write("P0", fmt.Sprintf("row %d", i), 16).OFD = 7
		}
		tp.exit("P0", 0, 17)
		rec := tp.done(0)
		rec.Header.Descriptors = []trace.Descriptor{{Fd: 1, OFD: 7}}
		for i := range rec.Events {
			rec.Events[i].Fd = 1
		}
		return New(rec, nil), rec
	}
	rows := func(m *Model) (folds []string) {
		for _, s := range m.Steps {
			if s.Folds > 0 {
				folds = append(folds, s.Text)
			}
		}
		return folds
	}
	m, rec := loop(6, 10, false)
	folds := rows(m.Folded(rec, nil))
	if len(folds) != 5 || !strings.Contains(folds[0], "Steps 15 to 28: a turn of the loop.") || !strings.Contains(folds[0], `"row 1"`) || !strings.Contains(folds[4], `"row 5"`) {
		t.Errorf("six turns of 14 steps have the folds %q, want five, the first of steps 15 to 28, with rows 1 to 5", folds)
	}
	kept := m.Steps[18].Event
	folds = rows(m.Folded(rec, []int{kept}))
	if len(folds) != 6 || strings.Contains(folds[0], "row 1") || !strings.Contains(folds[1], `"row 1"`) {
		t.Errorf("with a kept step in the second turn the folds are %q", folds)
	}
	for _, c := range []struct {
		turns, writes int
		beside        bool
		want          int
	}{{4, 10, false, 0}, {6, 3, false, 0}, {6, 10, true, 4}} {
		m, rec := loop(c.turns, c.writes, c.beside)
		if folds := rows(m.Folded(rec, nil)); len(folds) != c.want {
			t.Errorf("%d turns with %d writes, another child beside: %v: %d folds, want %d: %q", c.turns, c.writes, c.beside, len(folds), c.want, folds)
		}
	}
}
