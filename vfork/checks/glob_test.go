package checks

import (
	"bufio"
	"bytes"
	"os"
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestGlobMoments: the moments of vfork/glob say only what this run shows.
// The recording of our program is changed as a learner's mistake would
// change it.
func TestGlobMoments(t *testing.T) {
	text, err := os.ReadFile("../../ch8/recordings/vfork-glob.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		change func(*trace.Event)
		want   string
	}{
		{"as it is", func(*trace.Event) {}, "vfork exit changed"},
		{"the child calls exit", func(e *trace.Event) {
			if e.Kind == trace.KindExit && e.Process != "P0" {
				e.Via = "exit"
			}
		}, "vfork changed"},
		{"var has another value", func(e *trace.Event) {
			e.Data = bytes.Replace(e.Data, []byte("var = 89"), []byte("var = 99"), 1)
		}, "vfork exit"},
		{"a word went from 6 to 7", func(e *trace.Event) {
			if e.Kind == trace.KindVforkDone {
				e.Words = []trace.Word{{Before: 6, After: 7}}
			}
		}, "vfork exit changed"},
		{"another word changed", func(e *trace.Event) {
			if e.Kind == trace.KindVforkDone {
				e.Words = []trace.Word{{Before: 6, After: 5}}
			}
		}, "vfork exit"},
	} {
		rec, err := trace.ReadRecording(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		for i := range rec.Events {
			tc.change(&rec.Events[i])
		}
		for _, x := range All {
			if x.Name != "glob" {
				continue
			}
			var got []string
			for _, m := range x.MomentsIn(x.Observe(rec)) {
				got = append(got, m.Name)
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("%s: the moments are %s, want %s", tc.name, s, tc.want)
			}
		}
	}
}
