package grade

import (
	"strings"
	"testing"

	"apue/internal/lab"
)

// TestMasked: a report names no temporary folder of ours, wherever the lines
// of a sentence break.
func TestMasked(t *testing.T) {
	const tmp = "/var/tmp/a/folder/with/a/long/name/ch8-grade-3rytzf5fji20f"
	g := &grader{folders: ourFolders(tmp)}
	for n := range 70 {
		said := strings.Repeat("x", n) + ` "` + tmp + `/34821476/run: no such command"`
		e := &Exercise{ID: "fork/glob"}
		e.grade(&lab.Agreement{
			Report: &lab.Report{
				Experiment: &lab.Experiment{Dir: "fork", Name: "glob"},
				Results: []lab.Result{{Claim: &lab.Claim{Name: "forked"}, Verdict: lab.Verdict{
					Status: lab.Fail, Observed: said, Means: said, Remarks: []string{said},
				}}},
			},
			Statuses: [][]lab.Status{{lab.Fail}},
		}, g.masked)
		if m := strings.Join(strings.Fields(e.Grades[0].Message), " "); strings.Contains(m, "34821476") || !strings.Contains(m, "no such command") {
			t.Fatalf("after %d characters: %s", n, m)
		}
	}
}
