package grade

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
)

// write writes the results of all students, in the order of their
// names.
func write(out string, xs lab.Registry, students []*Student) error {
	students = slices.Clone(students)
	slices.SortFunc(students, func(a, b *Student) int { return strings.Compare(a.Name, b.Name) })
	if err := table(out, "grades.csv", grades(students)); err != nil {
		return err
	}
	if err := table(out, "summary.csv", summary(xs, students)); err != nil {
		return err
	}
	if err := table(out, "needs-human.csv", needsHuman(students)); err != nil {
		return err
	}
	for _, s := range students {
		if err := report(out, xs, s); err != nil {
			return err
		}
	}
	return nil
}

func table(out, name string, rows [][]string) error {
	f, err := os.Create(filepath.Join(out, name))
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
	}
	if err := w.WriteAll(rows); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func grades(students []*Student) [][]string {
	rows := [][]string{{"student", "claim", "status", "points", "max", "seconds"}}
	for _, s := range students {
		for _, x := range s.Exercises {
			for _, g := range x.Grades {
				rows = append(rows, []string{s.Name, g.Claim, g.Status, fmt.Sprint(g.Points), fmt.Sprint(g.Max), fmt.Sprintf("%.2f", g.Seconds)})
			}
		}
	}
	return rows
}

func summary(xs lab.Registry, students []*Student) [][]string {
	head := []string{"student", "points", "max"}
	for _, x := range xs {
		head = append(head, x.ID())
	}
	rows := [][]string{head}
	for _, s := range students {
		points, most := s.Points()
		row := []string{s.Name, fmt.Sprint(points), fmt.Sprint(most)}
		for _, x := range s.Exercises {
			sum := 0
			for _, g := range x.Grades {
				sum += g.Points
			}
			row = append(row, fmt.Sprint(sum))
		}
		rows = append(rows, row)
	}
	return rows
}

func needsHuman(students []*Student) [][]string {
	rows := [][]string{{"student", "exercise", "why"}}
	for _, s := range students {
		for _, x := range s.Exercises {
			for _, why := range x.Human {
				rows = append(rows, []string{s.Name, x.ID, why})
			}
		}
	}
	return append(rows, copies(students)...)
}

// report writes what a student is sent: a text to read and the same
// as JSON.
func report(out string, xs lab.Registry, s *Student) error {
	var b strings.Builder
	text(&b, xs, s)
	base := filepath.Join(out, "reports", s.Name)
	if err := os.WriteFile(base+".txt", []byte(show.Text(b.String())), 0o644); err != nil {
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
		Exercises []exercise `json:"exercises"`
	}{Student: s.Name, Points: points, Max: most}
	for _, x := range s.Exercises {
		gs := slices.Clone(x.Grades)
		for i := range gs {
			gs[i].Seconds = 0
		}
		sent.Exercises = append(sent.Exercises, exercise{x.ID, gs})
	}
	j, err := json.MarshalIndent(sent, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(base+".json", append(j, '\n'), 0o644)
}

// text writes a student's report.
func text(w io.Writer, xs lab.Registry, s *Student) {
	points, most := s.Points()
	fmt.Fprintf(w, "%s: %d of %d points\n", s.Name, points, most)
	for i, x := range s.Exercises {
		sum, max := 0, 0
		for _, g := range x.Grades {
			sum += g.Points
			max += g.Max
		}
		fmt.Fprintf(w, "\n== %s, %s: %d of %d points\n\n", x.ID, xs[i].Title, sum, max)
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
