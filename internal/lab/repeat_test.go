package lab

import (
	"slices"
	"strings"
	"testing"
)

// TestRepeat: a program that failed once has failed, also where
// another run could not be checked.
func TestRepeat(t *testing.T) {
	for _, test := range []struct {
		runs   []Status
		want   Status
		remark string
	}{
		{[]Status{Pass, Pass, Pass}, Pass, ""},
		{[]Status{CannotCheck, Fail}, Fail, ""},
		{[]Status{Fail, CannotCheck}, Fail, ""},
		{[]Status{CannotCheck, CannotCheck}, CannotCheck, ""},
		{[]Status{Pass, CannotCheck}, CannotCheck, "1 of 2"},
		{[]Status{Pass, Fail, Pass}, Fail, "2 of 3"},
		{[]Status{Fail, Pass}, Fail, "1 of 2"},
		{[]Status{Timeout, Fail, NotJudged}, Fail, ""},
		{[]Status{Pass, Timeout}, Timeout, "1 of 2"},
		{[]Status{Pass, NotJudged}, NotJudged, "1 of 2"},
	} {
		n := 0
		a, err := Repeat(len(test.runs), func() (*Report, error) {
			s := test.runs[n]
			n++
			return &Report{Results: []Result{{&Claim{}, Verdict{Status: s, Observed: "run " + string(s)}}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		r := a.Results[0]
		if r.Status != test.want || r.Observed != "run "+string(test.want) {
			t.Errorf("%v: the result is %s (%s), want %s", test.runs, r.Status, r.Observed, test.want)
		}
		if got := strings.Join(r.Remarks, "; "); (test.remark == "") != (got == "") || !strings.Contains(got, test.remark) {
			t.Errorf("%v: the remark is %q, want %q in it", test.runs, got, test.remark)
		}
		if !slices.Equal(a.Statuses[0], test.runs) {
			t.Errorf("the results of the runs are %v, want %v", a.Statuses[0], test.runs)
		}
	}
}
