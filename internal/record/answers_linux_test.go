//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"apue/ch8/proc"
	"apue/internal/trace"
)

// TestUnstored: of a wait that stores no answer the recording tells what it
// returned, or that it was one of several children.
func TestUnstored(t *testing.T) {
	source, err := os.ReadFile("testdata/unstored.c")
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]string{}
	mark := regexp.MustCompile(`/\* mark: (.*) \*/`)
	for i, line := range strings.Split(string(source), "\n") {
		if m := mark.FindStringSubmatch(line); m != nil {
			want[i+1] = m[1]
		}
	}
	children := map[string]string{"P0.1": "a", "P0.2": "z", "P0.3": "g", "P0.4": "c", "P0.5": "y"}
	for range repeats() {
		r := runProgram(t, Options{}, cProgram(t, "unstored", "-g"))
		seen := 0
		var unsure []*trace.Event
		for _, w := range r.find("P0", trace.KindWait) {
			if w.OneOf != nil {
				unsure = append(unsure, w)
			}
			if w.Source == nil || want[w.Source.Line] == "" {
				continue
			}
			seen++
			got := children[w.ResultProcess]
			switch status := proc.WaitStatus(w.Status); {
			case w.OneOf != nil:
				got = "one of " + strings.Join(w.OneOf, ", ")
			case w.NoneYet():
				got = "none"
			case status.Stopped():
				got += " stops"
			case status.Continued():
				got += " continues"
			case w.ResultProcess == "P0.1":
				got += " ends"
			}
			equal(t, trace.Text(w), got, want[w.Source.Line])
			if w.Reaps() && w.Status != r.Process(w.ResultProcess).Exit.Status {
				t.Errorf("%s: the status is another one", trace.Text(w))
			}
		}
		equal(t, "waits seen", seen, len(want))
		// Two threads have reaped one zombie each: both were gone when the
		// first wait was looked at, or not.
		for _, w := range unsure {
			equal(t, trace.Text(w), w.OneOf, []string{"P0.6", "P0.7"})
		}
		for _, name := range []string{"P0.6", "P0.7"} {
			told := r.Process(name).Reap != nil || slices.ContainsFunc(r.Events, func(e trace.Event) bool {
				return e.Kind == trace.KindNote && e.Process == name && strings.Contains(e.Note, "stored no answer")
			})
			if !told || r.Process(name).Reparented != nil {
				t.Errorf("%s was reaped by a wait without an answer, and that is not told", name)
			}
		}
		if t.Failed() {
			t.Fatal(text(r.Recording))
		}
	}
}
