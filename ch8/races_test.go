package main

import (
	"slices"
	"strings"
	"testing"
)

// TestMaskPids: pids become ranks, whatever the order of the lines;
// other numbers stay.
func TestMaskPids(t *testing.T) {
	for _, c := range []struct {
		name          string
		lines, want   []string
		before, after int
	}{
		{"ranks", []string{"parent 1001", "child 1002, ppid 1001"}, []string{"parent #1", "child #2, ppid #1"}, 1000, 1003},
		{"the other order", []string{"child 1002, ppid 1001", "parent 1001"}, []string{"child #2, ppid #1", "parent #1"}, 1000, 1003},
		{"other numbers stay", []string{"glob = 88, pid = 1001, 1000 and 1004"}, []string{"glob = 88, pid = #1, 1000 and 1004"}, 1000, 1003},
		{"padding", []string{"pid    1001 |     88"}, []string{"pid #1 |     88"}, 1000, 1003},
		{"pids begin anew", []string{"32001 305 4000 88"}, []string{"#1 #2 4000 88"}, 32000, 310},
		{"nothing known", []string{"pid 1001"}, []string{"pid 1001"}, 0, 0},
	} {
		if got := maskPids(c.lines, c.before, c.after); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// races are 3 runs in one order and 1 in another.
var races = [][]string{{"a", "b", "z"}, {"b", "a", "z"}, {"a", "b", "z"}, {"a", "b", "z"}}

// TestRacesOrders: the most frequent order comes first, and is A.
func TestRacesOrders(t *testing.T) {
	var out strings.Builder
	if err := showRaces(&out, "x", races, ""); err != nil {
		t.Fatal(err)
	}
	orders := ordersOf(races)
	if len(orders) != 2 || orders[0].count != 3 || orders[0].lines[0] != "a" {
		t.Errorf("orders %v, want the one that begins with a first, 3 times", orders)
	}
	for _, want := range []string{
		"A a ", "B b ", "\nA\n   a\n   b\n   z\n", "\nB differs from A:\n   line 1: b\n   line 2: a\n\n",
		"In all 4 runs:\n  * \"a\" came before \"z\"\n  * \"b\" came before \"z\"\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), `"a" came before "b"`) {
		t.Errorf("a came before b in 3 of 4 runs, which is not always:\n%s", out.String())
	}
}

// TestRacesOne: one order in all runs is said to be one.
func TestRacesOne(t *testing.T) {
	var out strings.Builder
	if err := showRaces(&out, "x", races[2:], ""); err != nil || !strings.Contains(out.String(), "One order in all 2 runs.") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestDifference: the lines before and after a difference are not
// printed again.
func TestDifference(t *testing.T) {
	for _, c := range []struct {
		a, b, want string
	}{
		{"1 2 3", "1 x 3", "   line 2: x\n"},
		{"1 2 3", "1 2 3 4", "   line 4: 4\n"},
		{"1 2 3", "1 3", "   1 line fewer\n"},
		{"1", "2 3 4 5 6 7 8 9 10 11", "   line 1: 2\n   line 2: 3\n   line 3: 4\n   line 4: 5\n   line 5: 6\n   line 6: 7\n   line 7: 8\n   line 8: 9\n   … 2 more lines\n"},
	} {
		var out strings.Builder
		showDifference(&out, strings.Fields(c.a), strings.Fields(c.b))
		if out.String() != c.want {
			t.Errorf("%q after %q: %q, want %q", c.b, c.a, out.String(), c.want)
		}
	}
}
