package grade

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
)

// writeTables replaces the tables by those of these students, in the order
// of their names.
func writeTables(out string, xs lab.Registry, students []*Student, others []entry) error {
	students = slices.Clone(students)
	slices.SortFunc(students, func(a, b *Student) int { return strings.Compare(string(a.Name), string(b.Name)) })
	groups := copies(students, xs)
	for name, rows := range map[string][][]string{
		"grades.csv":      grades(students),
		"summary.csv":     summary(xs, students),
		"needs-human.csv": needsHuman(students, others, groups),
		"copies.csv":      copyRows(groups),
	} {
		if err := table(out, name, rows); err != nil {
			return err
		}
	}
	return writeOthers(out, others)
}

// table writes rows of comma-separated values (RFC 4180). A field is quoted
// whenever any program could take a part of it for something else: in some
// countries a semicolon separates columns.
func table(out, name string, rows [][]string) error {
	var b bytes.Buffer
	for _, row := range rows {
		for i, field := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			if strings.ContainsAny(field, ",;\t\"'\r\n ") || field == "" {
				field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
			}
			b.WriteString(field)
		}
		b.WriteByte('\n')
	}
	return replace(out, filepath.Join(out, name), b.Bytes())
}

// names are the first two columns: a name unchanged, and safe to show.
func names(n Name) []string { return []string{string(n), cell(string(n))} }

func grades(students []*Student) [][]string {
	rows := [][]string{{"student", "shown", "claim", "status", "points", "max", "seconds"}}
	for _, s := range students {
		for _, x := range s.Exercises {
			for _, g := range x.Grades {
				rows = append(rows, append(names(s.Name), g.Claim, g.Status, fmt.Sprint(g.Points), fmt.Sprint(g.Max), fmt.Sprintf("%.2f", g.Seconds)))
			}
		}
	}
	return rows
}

func summary(xs lab.Registry, students []*Student) [][]string {
	head := []string{"student", "shown", "points", "max"}
	for _, x := range xs {
		head = append(head, x.ID())
	}
	rows := [][]string{head}
	for _, s := range students {
		points, most := s.Points()
		row := append(names(s.Name), fmt.Sprint(points), fmt.Sprint(most))
		for i := range s.Exercises {
			sum, _ := s.Exercises[i].sum()
			cell := fmt.Sprint(sum)
			if s.Exercises[i].Machine {
				// Not graded is not 0 points.
				cell, row[2] = "", ""
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

func needsHuman(students []*Student, others []entry, groups []group) [][]string {
	rows := [][]string{{"student", "shown", "exercise", "why"}}
	for _, o := range others {
		rows = append(rows, append(names(o.name), "", "not a submission: "+cell(o.why)))
	}
	for _, s := range students {
		for _, x := range s.Exercises {
			for _, why := range x.Human {
				rows = append(rows, append(names(s.Name), x.ID, cell(why)))
			}
			for _, g := range groups {
				if g.exercise == x.ID && g.ours && slices.Contains(g.students, s.Name) {
					rows = append(rows, append(names(s.Name), x.ID, fmt.Sprintf("near copy of our own C program (%.0f %%)", 100*g.likeness)))
				}
			}
		}
	}
	return rows
}

// othersFile keeps for Merge what was not a submission.
func othersFile(out string) string { return filepath.Join(out, "state", "others") }

// kept is an entry as JSON.
type kept struct {
	Name Name
	Why  string
}

func writeOthers(out string, others []entry) error {
	all := []kept{}
	for _, o := range others {
		all = append(all, kept{o.name, o.why})
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return replace(out, othersFile(out), b)
}

func readOthers(out string) (others []entry, err error) {
	b, err := os.ReadFile(othersFile(out))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []kept
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	for _, k := range all {
		others = append(others, entry{k.Name, k.Why})
	}
	return others, err
}
