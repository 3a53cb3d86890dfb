package main

import (
	"fmt"
	"strings"

	doublefork "apue/doublefork/checks"
	exitchecks "apue/exit/checks"
	fork "apue/fork/checks"
	"apue/internal/lab"
	vfork "apue/vfork/checks"
	wait "apue/wait/checks"
)

// all are the experiments of the suite in the order of the book.
var all = concat(fork.All, vfork.All, exitchecks.All, wait.All, doublefork.All)

func concat(parts ...lab.Registry) (r lab.Registry) {
	for _, p := range parts {
		r = append(r, p...)
	}
	return r
}

// find returns what an id names, or an error that names the
// nearest ids.
func find(id string) ([]*lab.Experiment, string, error) {
	found, claim := all.Find(id)
	if len(found) > 0 {
		return found, claim, nil
	}
	near := nearest(id)
	return nil, "", fmt.Errorf("there is no %q; the nearest are: %s (see ch8 list)", id, strings.Join(near, ", "))
}

// findOne is find where an id has to name one experiment. A
// folder's name stands for its default experiment, unless one is
// called the same.
func findOne(id string) (*lab.Experiment, string, error) {
	found, claim, err := find(id)
	if err != nil {
		return nil, "", err
	}
	return found[0], claim, nil
}

// nearest returns the three ids that are the fewest edits away.
func nearest(id string) []string {
	type near struct {
		id string
		d  int
	}
	best := []near{}
	add := func(name string) {
		d := distance(id, name)
		i := len(best)
		for i > 0 && best[i-1].d > d {
			i--
		}
		best = append(best[:i], append([]near{{name, d}}, best[i:]...)...)
		best = best[:min(len(best), 3)]
	}
	for _, x := range all {
		if !strings.Contains(id, "/") {
			add(x.Name)
			continue
		}
		add(x.ID())
		if strings.Count(id, "/") == 2 {
			for _, c := range x.Claims {
				add(x.ID() + "/" + c.Name)
			}
		}
	}
	var ids []string
	for _, n := range best {
		ids = append(ids, n.id)
	}
	return ids
}

// distance is the Levenshtein distance: how many insertions,
// deletions and replacements of a byte lead from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
