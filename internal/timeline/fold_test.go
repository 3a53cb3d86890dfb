package timeline

import (
	"bytes"
	"fmt"
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
