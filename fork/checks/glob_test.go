package checks

import (
	"bufio"
	"bytes"
	"os"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/trace"
)

// TestGlobMoments: the moments and questions of fork/glob say only what
// this run shows. The recording of our program is changed as a learner's
// mistake would change it.
func TestGlobMoments(t *testing.T) {
	text, err := os.ReadFile("../../ch8/recordings/fork-glob.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name               string
		old, new           string // in what is written
		moments, questions string
	}{
		{"as it is", "", "", "direct fork child-flushes parent-flushes", "how-often=twice parents-glob=6"},
		{"flushed before the fork", "before fork\n", "", "direct fork", "parents-glob=6"},
		{"the parent counts too", "glob = 6, var = 88", "glob = 7, var = 89", "direct fork child-flushes", "how-often=twice"},
	} {
		rec, err := trace.ReadRecording(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			t.Fatal(err)
		}
		for i := range rec.Events {
			if e := &rec.Events[i]; e.Kind == trace.KindWrite {
				e.Data = bytes.Replace(e.Data, []byte(tc.old), []byte(tc.new), 1)
				e.Result = int64(len(e.Data))
			}
		}
		var moments, questions []string
		x := find(t, "glob")
		seen := x.Observe(rec)
		for _, m := range x.MomentsIn(seen) {
			moments = append(moments, m.Name)
		}
		for _, q := range x.QuestionsIn(seen) {
			questions = append(questions, q.Name+"="+q.Answer)
		}
		if got := strings.Join(moments, " "); got != tc.moments {
			t.Errorf("%s: the moments are %s, want %s", tc.name, got, tc.moments)
		}
		if got := strings.Join(questions, " "); got != tc.questions {
			t.Errorf("%s: the questions are %s, want %s", tc.name, got, tc.questions)
		}
	}
}

// find is the experiment with this name.
func find(t *testing.T, name string) *lab.Experiment {
	t.Helper()
	for _, x := range All {
		if x.Name == name {
			return x
		}
	}
	t.Fatalf("there is no experiment %s", name)
	return nil
}
