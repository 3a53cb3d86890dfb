package lab

// An Agreement is what several checks of one program say together.
type Agreement struct {
	// Report is the first report, with the verdict of each claim that
	// all checks agree on. Where they disagree it is the verdict of
	// the first check that counts most, see Repeat.
	*Report

	// Statuses are the results of each claim, one for each check, in
	// the order of Report.Results.
	Statuses [][]Status
}

// Disagree reports whether the checks gave the claim with this index
// different results.
func (a *Agreement) Disagree(i int) bool {
	for _, s := range a.Statuses[i] {
		if s != a.Statuses[i][0] {
			return true
		}
	}
	return false
}

// weight orders the results by how much they say against a program: a
// program that failed once has failed, whatever could not be checked
// in the other runs.
var weight = map[Status]int{Pass: 0, CannotCheck: 1, NotJudged: 2, Timeout: 3, Fail: 4}

// Repeat checks n times and puts the reports together. For each claim
// the result that says most against the program counts: fail, then
// timeout, then not-judged, then cannot-check, then pass. A claim
// whose results differ gets a remark that says so.
func Repeat(n int, check func() (*Report, error)) (*Agreement, error) {
	var a *Agreement
	for run := range n {
		rep, err := check()
		if err != nil {
			return nil, err
		}
		if run == 0 {
			a = &Agreement{Report: rep, Statuses: make([][]Status, len(rep.Results))}
		}
		for i, r := range rep.Results {
			a.Statuses[i] = append(a.Statuses[i], r.Status)
			if weight[r.Status] > weight[a.Results[i].Status] {
				a.Results[i] = r
			}
		}
		if run > 0 {
			a.Leftovers = append(a.Leftovers, rep.Leftovers...)
		}
	}
	for i := range a.Results {
		passed := 0
		for _, s := range a.Statuses[i] {
			if s == Pass {
				passed++
			}
		}
		if a.Disagree(i) && passed > 0 {
			a.Results[i].Verdict = a.Results[i].Remark("it passed in %d of %d runs: the result depends on chance", passed, n)
		}
	}
	return a, nil
}
