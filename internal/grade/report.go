package grade

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
)

// reportName is the name of a student's report without its ending: the
// student's name where that can be a file's, otherwise a part of it and a
// digest.
func reportName(student Name) string {
	shown := show.Line(string(student))
	if shown == string(student) && len(shown) <= 200 {
		return shown
	}
	shown = show.Clip(strings.ReplaceAll(shown, "/", "_"), 40)
	return shown + "-" + nameDigest(student)[:8]
}

// notIsolated is what each report says that was made outside of the box.
const notIsolated = "These programs were not isolated: the machine was said to be disposable."

// report writes what a student is sent: a text to read and the same as
// JSON.
func report(out string, xs lab.Registry, s *Student) error {
	var b strings.Builder
	text(&b, xs, s)
	base := filepath.Join(out, "reports", reportName(s.Name))
	if err := replace(out, base+".txt", []byte(show.Text(b.String()))); err != nil {
		return err
	}
	points, most := s.Points()
	type exercise struct {
		ID     string  `json:"id"`
		Grades []Grade `json:"grades"`
	}
	sent := struct {
		Student   string     `json:"student"`
		Points    int        `json:"points"`
		Max       int        `json:"max"`
		NotGraded []string   `json:"not_graded,omitempty"` // because the machine failed
		Note      string     `json:"note,omitempty"`
		Exercises []exercise `json:"exercises"`
	}{Student: show.Line(string(s.Name)), Points: points, Max: most, NotGraded: s.notGraded()}
	for _, x := range s.Exercises {
		gs := slices.Clone(x.Grades)
		for i := range gs {
			gs[i].Seconds = 0
		}
		sent.Exercises = append(sent.Exercises, exercise{x.ID, gs})
		if x.NotIsolated {
			sent.Note = notIsolated
		}
	}
	j, err := json.MarshalIndent(sent, "", " ")
	if err != nil {
		return err
	}
	return replace(out, base+".json", append(j, '\n'))
}

// text writes a student's report.
func text(w io.Writer, xs lab.Registry, s *Student) {
	points, most := s.Points()
	if open := s.notGraded(); len(open) > 0 {
		fmt.Fprintf(w, "%s: not graded yet: %s\n", show.Line(string(s.Name)), strings.Join(open, ", "))
	} else {
		fmt.Fprintf(w, "%s: %d of %d points\n", show.Line(string(s.Name)), points, most)
	}
	if slices.ContainsFunc(s.Exercises, func(e Exercise) bool { return e.NotIsolated }) {
		fmt.Fprintln(w, notIsolated)
	}
	for i := range s.Exercises {
		x := &s.Exercises[i]
		got := "not graded yet"
		if sum, max := x.sum(); !x.Machine {
			got = fmt.Sprintf("%d of %d points", sum, max)
		}
		fmt.Fprintf(w, "\n== %s, %s: %s\n\n", x.ID, xs[i].Title, got)
		switch x.Grades[0].Status {
		case Missing, NotBuilt:
			fmt.Fprintf(w, "%s: %s\n", x.Grades[0].Status, x.Grades[0].Message)
			continue
		}
		for _, g := range x.Grades {
			io.WriteString(w, g.Message)
		}
	}
}
