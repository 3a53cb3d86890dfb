package sampling

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
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

// TestOpenTemp: a folder that is closed to others, or is in one that is, is
// not what OpenTemp returns.
func TestOpenTemp(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	inside := filepath.Join(closed, "inside")
	if err := errors.Join(os.Mkdir(closed, 0o700), os.Mkdir(inside, 0o700), os.Chmod(inside, 0o1777)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{closed, inside} {
		t.Setenv("TMPDIR", dir)
		if got := OpenTemp(); got == dir || got != "" && !isOpen(got) {
			t.Errorf("with TMPDIR=%s it is %q", dir, got)
		}
	}
	t.Setenv("TMPDIR", "/tmp")
	if got := OpenTemp(); isOpen("/tmp") && got != "/tmp" {
		t.Errorf("it is %q", got)
	}
}

// TestSaid: a line of a comment in C, Go or Python, and no word of code.
func TestSaid(t *testing.T) {
	for _, c := range []struct {
		source, key, value string
		ok                 bool
	}{
		{"/* fails: status reaped */\nint main", "fails", "status reaped", true},
		{"// The child races.\n// fails: status\n// races\n", "races", "", true},
		{"#!/usr/bin/python3\n# races: who is first\n", "races", "who is first", true},
		{"/*\n * may pass: status\n */", "may pass", "status", true},
		{"// The child races.\nraces = 1", "races", "", false},
	} {
		if value, ok := Said(c.source, c.key); value != c.value || ok != c.ok {
			t.Errorf("%q says %s: %q, %v; want %q, %v", c.source, c.key, value, ok, c.value, c.ok)
		}
	}
}
