//go:build linux

package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"apue/internal/suite"

	"golang.org/x/sys/unix"
)

func TestKnown(t *testing.T) {
	for only, want := range map[string]bool{"": true, "cpu": true, "memory,files": true, "memroy": false, "cpu,": false, "file": false} {
		err := known(only)
		if (err == nil) != want || err != nil && !errors.As(err, new(usageError)) {
			t.Errorf("-only %q: %v", only, err)
		}
	}
}

// inEmptyFolders has the test run where all folders of the suite are, and
// nothing in them.
func inEmptyFolders(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, dir := range suite.Folders() {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRows: a place that cannot be prepared, and one where nothing
// runs, have a row that says so.
func TestRows(t *testing.T) {
	s := &soaker{tmp: t.TempDir(), tests: t.TempDir(), load: map[int]bool{}}
	refused := place{what: "no room", prepare: func(*soaker) (func() error, error) {
		return nil, errors.New("no | room\nat all")
	}}
	if r := s.soakIn(t.Context(), refused, "go1", 1); !s.bad || r.runs != 0 || !slices.Equal(r.notes, []string{"not run: no / room"}) {
		t.Errorf("%v: %s", s.bad, r)
	}
	// There are no test programs here.
	inEmptyFolders(t)
	for _, tc := range []struct {
		cgroup string
		wrap   []string
		want   string
	}{
		{"", nil, "| fork: fork/exec "},
		{"", []string{"true"}, "; wait: nothing was checked; "},
		{"/nowhere", []string{"true"}, "| fork: exit status "},
	} {
		s.cgroup, s.bad = tc.cgroup, false
		r := s.soakIn(t.Context(), place{what: "here", wrap: tc.wrap}, "go1", 1)
		if !s.bad || !strings.Contains(r.String(), tc.want) {
			t.Errorf("%v: %s\nwant %s", s.bad, r, tc.want)
		}
	}
}

// TestRunsAreNew: each run is a process of its own, because a test program
// keeps what it saw, and would say 25 times what one run of a program did.
func TestRunsAreNew(t *testing.T) {
	inEmptyFolders(t)
	starts := filepath.Join(t.TempDir(), "starts")
	test := `echo "$@" >> ` + starts + `; echo "    --- PASS: TestChecks/a/go/b (0.00s)"`
	s := &soaker{tmp: t.TempDir(), tests: t.TempDir(), load: map[int]bool{}}
	r := s.soakIn(t.Context(), place{what: "here", wrap: []string{"sh", "-c", test, "sh"}}, "go1", 3)
	b, err := os.ReadFile(starts)
	n := 3 * len(suite.Folders())
	if got := strings.Count(string(b), "\n"); err != nil || got != n || strings.Contains(string(b), "count") {
		t.Errorf("%d starts, want %d (%v):\n%s", got, n, err, b)
	}
	if s.bad || r.verdicts != n || r.changed != 0 || len(r.notes) != 0 {
		t.Errorf("%v: %s", s.bad, r)
	}
}

// TestCount: what fails in some runs, or is not judged in each, has changed; what
// cannot be checked in some runs is named.
func TestCount(t *testing.T) {
	for _, tc := range []struct {
		tally
		bad  bool
		want row
	}{
		{tally{3, 0, 0}, false, row{verdicts: 3}},
		{tally{0, 0, 3}, false, row{verdicts: 3, never: 1}},
		{tally{2, 0, 1}, false, row{verdicts: 3, sometimes: 1, notes: []string{"x: 2 passed, 0 failed, 1 could not be checked"}}},
		{tally{0, 3, 0}, true, row{verdicts: 3, failed: 1, notes: []string{"x: 0 passed, 3 failed, 0 could not be checked"}}},
		{tally{2, 1, 0}, true, row{verdicts: 3, failed: 1, changed: 1, notes: []string{"x: 2 passed, 1 failed, 0 could not be checked"}}},
		{tally{2, 0, 0}, true, row{verdicts: 2, changed: 1, notes: []string{"x: 2 passed, 0 failed, 0 could not be checked"}}},
	} {
		r := row{runs: 3}
		tc.want.runs = 3
		if bad := r.count(map[string]*tally{"x": &tc.tally}); bad != tc.bad || r.String() != tc.want.String() {
			t.Errorf("%v: %v %s\nwant %v %s", tc.tally, bad, r, tc.bad, tc.want)
		}
	}
}

// TestKept: a page is read and written again as it is, in the order of the
// places; one row of it is replaced.
func TestKept(t *testing.T) {
	var first, second soaked
	idle, cpu := places[len(places)-1].what, places[0].what
	first.put(row{place: idle, version: "go1.26.8", runs: 25})
	first.put(row{place: cpu, version: "go1.27.4", runs: 5})
	first.put(row{place: cpu, version: "go1.26.8", runs: 25, notes: []string{"a note"}})
	first.files = []string{"- `ch8 watch`: 7 files"}
	page := first.page()
	second.read(page)
	if again := second.page(); again != page {
		t.Errorf("%s\nwas\n%s", again, page)
	}
	at := func(what string) int { return strings.Index(page, what) }
	if !(0 < at("| "+cpu+" | go1.26.8") && at("| "+cpu+" | go1.26.8") < at(idle) && at(idle) < at("| go1.27.4")) {
		t.Errorf("the order: %s", page)
	}
	second.put(row{place: idle, version: "go1.26.8", runs: 3})
	if again := second.page(); strings.Count(again, idle) != 1 || !strings.Contains(again, "| "+idle+" | go1.26.8 |  | 3 |") {
		t.Errorf("not replaced: %s", again)
	}
}

// TestParts: the sections of a page, as measure keeps them.
func TestParts(t *testing.T) {
	got := parts("# Head\n\ntext\n\n## One\n\na\n\n```\nb\n```\n\n## Two\n\nc\n")
	want := map[string]string{"One": "a\n\n```\nb\n```\n", "Two": "c\n"}
	if !maps.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestCommandEnds: what a command has started ends with it, and what
// it leaves behind does not keep us waiting.
func TestCommandEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	cmd := command(ctx, "sh", "-c", "sleep 60 & echo $!; wait")
	start := time.Now()
	out, err := cmd.CombinedOutput()
	if took := time.Since(start); err == nil || took > 30*time.Second { // the sleep takes 60
		t.Errorf("it took %v: %v", took, err)
	}
	pid := strings.TrimSpace(string(out))
	for range 3000 {
		if state, err := os.ReadFile("/proc/" + pid + "/stat"); err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the sleep %q is still there", pid)
}

// TestStrays: one whose parent is killed is found too.
func TestStrays(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	// An orphan with a child, which is there when the orphan says so.
	cmd := exec.Command("sh", "-c", "sh -c 'sleep 60 & echo forked; wait' &")
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := said.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	s := &soaker{load: map[int]bool{}}
	found := s.strays()
	if len(found) != 2 {
		t.Errorf("%q, want a shell and a sleep", found)
	}
}

// TestOthers: what is neither idle nor ours nor taken by the host.
func TestOthers(t *testing.T) {
	before := usage{all: ticks{100, 0, 100, 1000, 0, 0, 0, 10}}
	after := usage{all: ticks{150, 0, 120, 1090, 0, 0, 0, 50}, ours: 300 * time.Millisecond}
	if processes, host := before.others(after); processes != 20 || host != 20 {
		t.Errorf("processes %d %%, host %d %%, want 20 and 20", processes, host)
	}
	if processes, host := before.others(before); processes != 0 || host != 0 {
		t.Errorf("%d %% and %d %% of nothing", processes, host)
	}
	if said := before.meanwhile(before); said != "" {
		t.Errorf("nothing was done meanwhile: %s", said)
	}
}
