//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

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

// TestRows: a place that cannot be prepared, and one where nothing
// runs, have a row that says so.
func TestRows(t *testing.T) {
	s := &soaker{tmp: t.TempDir(), tests: t.TempDir(), load: map[int]bool{}}
	row, ok := s.soakIn(t.Context(), place{what: "no room", runs: 1, prepare: func(*soaker) (func() error, error) {
		return nil, errors.New("no | room\nat all")
	}})
	if ok || row != "| no room (not run: no / room) | 0 | 0 | 0 | 0 | 0 | 0 | 0 |" {
		t.Errorf("%v: %s", ok, row)
	}
	// There are no test programs here.
	t.Chdir(t.TempDir())
	for _, dir := range folders {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		cgroup string
		wrap   []string
		want   string
	}{
		{"", nil, "(fork: fork/exec "},
		{"", []string{"true"}, "; wait: nothing was checked; "},
		{"/nowhere", []string{"true"}, "(fork: exit status "},
	} {
		s.cgroup = tc.cgroup
		row, ok := s.soakIn(t.Context(), place{what: "here", runs: 1, wrap: tc.wrap})
		if ok || !strings.Contains(row, tc.want) {
			t.Errorf("%v: %s\nwant %s", ok, row, tc.want)
		}
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

func TestStolen(t *testing.T) {
	before := ticks{100, 0, 100, 1000, 0, 0, 0, 10}
	if got := before.stolen(ticks{150, 0, 120, 9000, 0, 0, 0, 40}); got != 30 {
		t.Errorf("%d %%, want 30", got)
	}
	if got := before.stolen(before); got != 0 {
		t.Errorf("%d %% of nothing", got)
	}
}
