package timeline

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"apue/internal/show"
	"apue/internal/trace"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file below testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run go test -update)", err)
	}
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		switch {
		case i >= len(g):
			t.Errorf("%s:%d: missing: %s", file, i+1, w[i])
		case i >= len(w):
			t.Errorf("%s:%d: too much: %s", file, i+1, g[i])
		case g[i] != w[i]:
			t.Errorf("%s:%d: differs (go test -update writes it anew)\ngot  %s\nwant %s", file, i+1, g[i], w[i])
		default:
			continue
		}
		return
	}
}

// text draws a model and checks what holds for every terminal
// picture.
func text(t *testing.T, m *Model, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := m.Text(&b, o); err != nil {
		t.Fatal(err)
	}
	s := b.String()
	columns := o.Width
	if columns == 0 {
		columns = 68
	}
	plain := s
	if o.Color {
		plain = sgrCode.ReplaceAllString(s, "")
	}
	for i, line := range strings.Split(plain, "\n") {
		if w := show.Width(line); w > columns {
			t.Errorf("line %d has %d columns, more than %d: %q", i+1, w, columns, line)
		}
		if strings.TrimRight(line, " ") != line {
			t.Errorf("line %d ends in blanks: %q", i+1, line)
		}
		for _, r := range line {
			if r < ' ' || r == 0x7f || o.ASCII && r > 0x7e {
				t.Errorf("line %d has %q in it: %q", i+1, r, line)
			}
		}
	}
	return s
}

var sgrCode = regexp.MustCompile("\x1b\\[[0-9;]*m")

// drawn is a model of one of the recordings.
func drawn(r int) *Model {
	return New(recordings[r].make(), recordings[r].roles)
}

func TestTextGolden(t *testing.T) {
	for i, r := range recordings {
		golden(t, r.name+".txt", []byte(text(t, drawn(i), Options{})))
		golden(t, r.name+".ascii.txt", []byte(text(t, drawn(i), Options{ASCII: true, Axis: Time, Source: true, Pids: true})))
	}
	golden(t, "doublefork.wide.txt", []byte(text(t, drawn(0), Options{Width: 120})))
	golden(t, "doublefork.color.txt", []byte(text(t, drawn(0), Options{Color: true})))
	golden(t, "forty.wide.txt", []byte(text(t, drawn(7), Options{Width: 120})))
}

// TestTextWidths draws every recording in every width, with the
// checks of text; and colour changes nothing but colour.
func TestTextWidths(t *testing.T) {
	t.Parallel()
	for i := range recordings {
		m := drawn(i)
		for _, columns := range []int{40, 53, 68, 80, 110, 120} {
			for _, o := range []Options{{}, {ASCII: true, Source: true}, {Axis: Time, Pids: true, Source: true}, {NoTimes: true, Rows: 7}} {
				o.Width = columns
				text(t, m, o)
			}
			plain := text(t, m, Options{Width: columns})
			if got := sgrCode.ReplaceAllString(text(t, m, Options{Width: columns, Color: true}), ""); got != plain {
				t.Errorf("%s: colour changes more than the colour", recordings[i].name)
			}
			if t.Failed() {
				t.Fatalf("%s in %d columns", recordings[i].name, columns)
			}
		}
	}
}

// TestForkMarks checks that a fork without an arrow has its letter,
// one that failed and one within a column, and that the legend says
// what it means; and that no other one has it.
func TestForkMarks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		rec   *trace.Recording
		marks int // on rows
	}{
		{"failed", otherCalls(), 1},
		{"folded", grandchild(80), 1},
		{"drawn", doubleFork(), 0},
	} {
		m := New(tc.rec, nil)
		s := text(t, m, Options{})
		if got := strings.Count(s, " F  "); got != tc.marks {
			t.Errorf("%s: %d rows with an F, want %d:\n%s", tc.name, got, tc.marks, s)
		}
		if got := strings.Contains(s, "F fork"); got != (tc.marks > 0) {
			t.Errorf("%s: the legend has an F: %v", tc.name, got)
		}
		for form, draw := range map[string]func(w io.Writer) error{
			"SVG": func(w io.Writer) error { return m.SVG(w, Options{}) },
		} {
			var b bytes.Buffer
			if err := draw(&b); err != nil {
				t.Fatal(err)
			}
			// Each of the rows, and one in the legend.
			want := tc.marks + min(tc.marks, 1)
			if got := strings.Count(b.String(), ">F</text>"); got != want {
				t.Errorf("%s, %s: %d letters F, want %d", tc.name, form, got, want)
			}
		}
	}
}

// TestStatesWithoutColor checks that no two states look alike where
// there is no colour.
func TestStatesWithoutColor(t *testing.T) {
	for _, g := range []glyphs{unicodeGlyphs, asciiGlyphs} {
		seen := map[string]State{}
		for s := Running; s < Gone; s++ {
			if other, ok := seen[g.state[s]]; ok {
				t.Errorf("%v and %v are both %q", s, other, g.state[s])
			}
			seen[g.state[s]] = s
			if w := show.Width(g.state[s]); w != 1 {
				t.Errorf("%v is %d columns wide", s, w)
			}
		}
		kinds := map[string]bool{}
		for _, l := range g.line {
			kinds[l] = true
		}
		if len(kinds) != len(g.line) {
			t.Errorf("two kinds of arrow look alike: %q", g.line)
		}
	}
}

// TestRows checks that a long recording can be shown from its end.
func TestRows(t *testing.T) {
	m := drawn(0)
	s := text(t, m, Options{Rows: 3})
	if !strings.Contains(s, "9 events before") || strings.Contains(s, "The original forks") || !strings.Contains(s, "Every process") {
		t.Errorf("not the last 3 of 12:\n%s", s)
	}
}

// TestNoTimes checks that the masked picture is the same for another
// speed of the machine.
func TestNoTimes(t *testing.T) {
	fast, slow := doubleFork(), doubleFork()
	for i := range slow.Events {
		slow.Events[i].Time *= 7
		slow.Events[i].Entered *= 7
	}
	o := Options{NoTimes: true}
	if diff := cmp.Diff(text(t, New(fast, nil), o), text(t, New(slow, nil), o)); diff != "" {
		t.Error(diff)
	}
	for _, axis := range []Axis{Ordinal, Time} {
		var a, b bytes.Buffer
		New(fast, nil).SVG(&a, Options{NoTimes: true, Axis: axis})
		New(slow, nil).SVG(&b, Options{NoTimes: true, Axis: axis})
		if a.String() != b.String() {
			t.Errorf("SVG differs:\n%s", cmp.Diff(a.String(), b.String()))
		}
	}
}

func TestDuration(t *testing.T) {
	for ns, want := range map[int64]string{
		-1: "?", 0: "0", 950: "950 ns", 12_300: "12 µs", 440_000: "0.4 ms", 5_050_000: "5.0 ms",
		12_400_000: "12 ms", 999_400_000: "999 ms", 1_020_000_000: "1.02 s", 61_000_000_000: "61.00 s",
	} {
		if got := Duration(ns); got != want {
			t.Errorf("Duration(%d) = %q, want %q", ns, got, want)
		}
	}
}

// TestLetters: names that do not fit above their lanes are replaced by
// letters, and the letters are explained.
func TestLetters(t *testing.T) {
	tp := newTape("./many")
	tp.exec("P0", "./many")
	for i := range 30 {
		tp.fork("P0", fmt.Sprintf("P0.%d", i+1), 3)
	}
	var b strings.Builder
	if err := New(tp.done(0), nil).Text(&b, Options{Width: 100, Bare: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A parent  B child 1  C child 2", "AE child 30", "  A "} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the picture has no %q:\n%s", want, b.String())
		}
	}
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := columnLetter(i); got != want {
			t.Errorf("column %d has the letter %s, want %s", i, got, want)
		}
	}
}
