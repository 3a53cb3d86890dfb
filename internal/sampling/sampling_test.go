package sampling

import (
	"flag"
	"slices"
	"testing"
)

// TestSample: every third element by default; all of them with
// CH8_TEST_ALL, or when a subtest is asked for by its name.
func TestSample(t *testing.T) {
	run := flag.Lookup("test.run")
	before := run.Value.String()
	defer run.Value.Set(before)
	list := []string{"a", "b", "c", "d", "e"}
	for _, c := range []struct {
		env, run string
		want     []string
		number   int
	}{
		{"", "", []string{"a", "d"}, 3},
		{"", "TestWrong", []string{"a", "d"}, 3},
		{"", "TestWrong/status", list, 100},
		{"1", "", list, 100},
	} {
		t.Setenv("CH8_TEST_ALL", c.env)
		run.Value.Set(c.run)
		if got := Every(3, list); !slices.Equal(got, c.want) {
			t.Errorf("CH8_TEST_ALL=%q, -run %q: %v, want %v", c.env, c.run, got, c.want)
		}
		if got := Number(3, 100); got != c.number {
			t.Errorf("CH8_TEST_ALL=%q, -run %q: %d, want %d", c.env, c.run, got, c.number)
		}
	}
}
