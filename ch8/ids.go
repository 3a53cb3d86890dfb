package main

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/suite"
)

// all are the experiments of the suite in the order of the book.
var all = suite.All

// find returns what an id names, or an error that names the
// nearest ids.
func find(id string) ([]*lab.Experiment, string, error) {
	found, claim := all.Find(id)
	if len(found) > 0 {
		return found, claim, nil
	}
	if isPath(id) || id == "." || exists(id) && otherSigns(id) == "" {
		return nil, "", fmt.Errorf("%s is a file or a folder, not an id (ch8 list names all ids)", show.Line(id))
	}
	return nil, "", fmt.Errorf("there is no %q%s", id, meant(id))
}

// meant is the end of a sentence that says which ids somebody may have
// meant.
func meant(id string) string {
	if id := otherSigns(id); id != "" {
		return fmt.Sprintf("; did you mean %s?", id)
	}
	if near := nearest(id); len(near) > 0 {
		return fmt.Sprintf("; the nearest are: %s (see ch8 list)", strings.Join(near, ", "))
	}
	return " (ch8 list names all ids)"
}

// otherSigns is the id that somebody wrote with other signs between the words,
// with capital letters or with blanks around it; "" if it is none.
func otherSigns(word string) string {
	id := strings.Join(strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return strings.ContainsRune(" \t./_:", r) }), "/")
	for _, id := range []string{id, strings.Replace(id, "-", "/", 1)} {
		if found, claim := all.Find(id); len(found) == 1 {
			if claim != "" {
				return found[0].ClaimID(found[0].Claim(claim))
			}
			return found[0].ID()
		}
	}
	return ""
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

// nearest returns the full ids of up to three folders, experiments or claims
// that are the fewest edits away. An id of which not even half the letters
// are right was not meant.
func nearest(id string) []string {
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	add := func(name, full string) { near = append(near, candidate{full, distance(id, name)}) }
	for _, x := range all {
		switch strings.Count(id, "/") {
		case 0:
			add(x.Dir, x.Dir)
			add(x.Name, x.ID())
		case 2:
			for _, c := range x.Asked() {
				add(x.ClaimID(c), x.ClaimID(c))
			}
			fallthrough
		default:
			add(x.ID(), x.ID())
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.distance - b.distance })
	var ids []string
	for _, c := range near {
		if c.distance <= max(len(id)/2, 1) && !slices.Contains(ids, c.id) {
			ids = append(ids, c.id)
		}
	}
	return ids[:min(len(ids), 3)]
}
