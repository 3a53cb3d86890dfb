package grade

import (
	"strings"
	"testing"

	"apue/internal/lab"
)

// TestNotGraded: where the machine failed a report has no zero.
func TestNotGraded(t *testing.T) {
	xs := lab.Registry{{Dir: "fork", Name: "glob", Title: "copies"}, {Dir: "wait", Name: "status", Title: "statuses"}}
	s := &Student{Name: "ann", Exercises: []Exercise{
		{ID: "fork/glob", Machine: true, Grades: []Grade{{Status: string(lab.CannotCheck), Max: 3, Message: "too busy\n"}}},
		{ID: "wait/status", Grades: []Grade{{Status: string(lab.Pass), Points: 2, Max: 2, Message: "ok\n"}}},
	}}
	var b strings.Builder
	text(&b, xs, s)
	const want = `ann: not graded yet: fork/glob

== fork/glob, copies: not graded yet

too busy

== wait/status, statuses: 2 of 2 points

ok
`
	if b.String() != want {
		t.Errorf("%s", b.String())
	}
}
