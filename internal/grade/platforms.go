package grade

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"apue/internal/lab"
	"apue/internal/show"
)

// gradescope is /autograder/results/results.json, as Gradescope's
// autograder specification has it.
type gradescope struct {
	Score            int              `json:"score"`
	ExecutionTime    int              `json:"execution_time"` // whole seconds
	Output           string           `json:"output"`
	OutputFormat     string           `json:"output_format"`
	TestOutputFormat string           `json:"test_output_format"`
	Visibility       string           `json:"visibility"`
	StdoutVisibility string           `json:"stdout_visibility"`
	Tests            []gradescopeTest `json:"tests"`
}

type gradescopeTest struct {
	Score      int      `json:"score"`
	MaxScore   int      `json:"max_score"`
	Status     string   `json:"status"` // passed, failed
	Name       string   `json:"name"`
	Number     string   `json:"number"`
	Output     string   `json:"output"`
	Tags       []string `json:"tags"`
	Visibility string   `json:"visibility"`
}

// Gradescope writes a student's results as Gradescope reads them. It
// has no status for a claim that could not be checked: the test's
// text and its tag say so.
func Gradescope(w io.Writer, s *Student) error {
	points, most := s.Points()
	r := gradescope{
		Score:            points,
		Output:           fmt.Sprintf("%d of %d points", points, most),
		OutputFormat:     "text",
		TestOutputFormat: "text",
		Visibility:       "visible",
		StdoutVisibility: "hidden",
		Tests:            []gradescopeTest{},
	}
	seconds := 0.0
	for i, x := range s.Exercises {
		if x.NotIsolated {
			r.Output = fmt.Sprintf("%d of %d points\n%s", points, most, notIsolated)
		}
		for j, g := range x.Grades {
			seconds += g.Seconds
			status := "failed"
			if g.Status == string(lab.Pass) {
				status = "passed"
			}
			output := g.Message
			if output == "" {
				output = g.Status
			}
			r.Tests = append(r.Tests, gradescopeTest{
				Score: g.Points, MaxScore: g.Max, Status: status, Name: g.Claim,
				Number: fmt.Sprintf("%d.%d", i+1, j+1), Output: output,
				Tags: []string{g.Status}, Visibility: "visible",
			})
		}
	}
	r.ExecutionTime = int(seconds)
	return encode(w, r)
}

// GradescopeError writes what Gradescope shows when nothing could be
// graded: no points, and why.
func GradescopeError(w io.Writer, err error) error {
	return encode(w, gradescope{
		Output:           "nothing was graded; this is not the student's fault: " + show.Text(err.Error()),
		OutputFormat:     "text",
		TestOutputFormat: "text",
		Visibility:       "visible",
		StdoutVisibility: "hidden",
		Tests:            []gradescopeTest{},
	})
}

// classroom50 is the result.json of Classroom 50's runner, schema
// classroom50/result/v1.
type classroom50 struct {
	Schema     string            `json:"schema"`
	Classroom  string            `json:"classroom"`
	Assignment string            `json:"assignment"`
	Submission string            `json:"submission"`
	Commit     string            `json:"commit"`
	Release    string            `json:"release"`
	Review     string            `json:"review"`
	Datetime   string            `json:"datetime"`
	Score      int               `json:"score"`
	MaxScore   int               `json:"max-score"`
	Tests      []classroom50Test `json:"tests"`
}

type classroom50Test struct {
	Name     string `json:"test-name"`
	Passed   bool   `json:"passed"`
	Score    int    `json:"score"`
	MaxScore int    `json:"max-score"`
	// The runner keeps fields that it does not know.
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// Classroom50 writes a student's results as Classroom 50 reads
// them. The runner describes the submission in its
// environment; the error names what is missing there. now is the instant
// of grading. A claim that could not be checked would count as wrong: then
// nothing is written, and the error says why.
func Classroom50(w io.Writer, s *Student, now time.Time, getenv func(string) string) error {
	points, most := s.Points()
	r := classroom50{
		Schema:   "classroom50/result/v1",
		Datetime: now.UTC().Format("2006-01-02T15:04:05Z"),
		Score:    points, MaxScore: most,
		Tests: []classroom50Test{},
	}
	for _, v := range []struct {
		to   *string
		name string
	}{
		{&r.Classroom, "CLASSROOM"}, {&r.Assignment, "ASSIGNMENT"}, {&r.Submission, "SUBMISSION_TAG"},
		{&r.Commit, "COMMIT_URL"}, {&r.Release, "RELEASE_URL"},
	} {
		if *v.to = getenv(v.name); *v.to == "" {
			return fmt.Errorf("the environment has no %s: --classroom50 is for Classroom 50's runner, which sets it", v.name)
		}
	}
	if r.Review = getenv("REVIEW_URL"); r.Review == "" {
		r.Review = r.Commit
	}
	var unchecked []string
	for _, x := range s.Exercises {
		for _, g := range x.Grades {
			if g.Status == string(lab.CannotCheck) {
				unchecked = append(unchecked, fmt.Sprintf("%s (%s)", g.Claim, g.Reason))
			}
			r.Tests = append(r.Tests, classroom50Test{g.Claim, g.Status == string(lab.Pass), g.Points, g.Max, g.Status, g.Message})
		}
	}
	if len(unchecked) > 0 {
		return fmt.Errorf("--classroom50 would count as wrong what could not be checked: %s; ch8 doctor says what this machine lacks", strings.Join(unchecked, ", "))
	}
	return encode(w, r)
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
