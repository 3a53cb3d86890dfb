//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// conformanceRow is one row of the table in docs/CONFORMANCE.md.
type conformanceRow struct {
	id, says, sources string
	claims            []string
}

// backquoted is an id in the last column of the table.
var backquoted = regexp.MustCompile("`([^`]+)`")

// conformanceTable reads the rows of docs/CONFORMANCE.md.
func conformanceTable(t *testing.T) (rows []conformanceRow) {
	t.Helper()
	b, err := os.ReadFile("../docs/CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00"), "|")
		if len(cells) != 6 || !regexp.MustCompile(`^ [A-Z]\d+ $`).MatchString(cells[1]) {
			continue
		}
		row := conformanceRow{id: strings.TrimSpace(cells[1]), says: strings.TrimSpace(cells[2]), sources: strings.TrimSpace(cells[3])}
		for _, m := range backquoted.FindAllStringSubmatch(cells[4], -1) {
			row.claims = append(row.claims, m[1])
		}
		rows = append(rows, row)
	}
	return rows
}

// TestConformanceRows: all rows are there, in order, and none is empty.
func TestConformanceRows(t *testing.T) {
	var want []string
	for _, series := range []struct {
		format string
		n      int
	}{{"L%02d", 40}, {"R%d", 5}, {"E%02d", 20}, {"U%02d", 8}, {"S%02d", 1}, {"A%02d", 2}, {"N%02d", 3}, {"T%02d", 1}} {
		for i := 1; i <= series.n; i++ {
			want = append(want, fmt.Sprintf(series.format, i))
		}
	}
	rows := conformanceTable(t)
	if len(rows) != len(want) {
		t.Fatalf("docs/CONFORMANCE.md has %d rows, want %d", len(rows), len(want))
	}
	for i, r := range rows {
		if r.id != want[i] {
			t.Errorf("row %d is %s, want %s", i, r.id, want[i])
		}
		if r.says == "" || r.sources == "" || len(r.claims) == 0 {
			t.Errorf("row %s has an empty cell", r.id)
		}
	}
}

// TestConformanceClaims: each id in the table names one claim that
// exists.
func TestConformanceClaims(t *testing.T) {
	for _, r := range conformanceTable(t) {
		seen := map[string]bool{}
		for _, id := range r.claims {
			if found, claim := all.Find(id); len(found) != 1 || claim == "" || found[0].ID()+"/"+claim != id {
				t.Errorf("row %s names %s, and there is no such claim", r.id, id)
			}
			if seen[id] {
				t.Errorf("row %s names %s twice", r.id, id)
			}
			seen[id] = true
		}
	}
}

// TestChapter: docs/chapter.md names experiments and claims that exist,
// and each experiment of the suite. With -update an experiment that it does
// not name gets a row, with its title, below the rows of its section.
func TestChapter(t *testing.T) {
	const chapter = "../docs/chapter.md"
	b, err := os.ReadFile(chapter)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range backquoted.FindAllStringSubmatch(string(b), -1) {
		id := m[1]
		if strings.Contains(id, " ") {
			continue // a command
		}
		found, claim := all.Find(id)
		if len(found) != 1 || found[0].ID() != id && found[0].ID()+"/"+claim != id {
			t.Errorf("docs/chapter.md names %s, and there is no such experiment or claim", id)
			continue
		}
		named[found[0].ID()] = true
	}
	for section := 2; section <= 17; section++ {
		if !strings.Contains(string(b), fmt.Sprintf("\n| 8.%d | ", section)) {
			t.Errorf("docs/chapter.md has no row of section 8.%d", section)
		}
	}
	for _, x := range all {
		switch {
		case named[x.ID()]:
		case !updating():
			t.Errorf("docs/chapter.md does not name %s: go test ./ch8 -run Chapter -update adds a row", x.ID())
		default:
			_, section, _ := strings.Cut(x.Ref, "§")
			section = regexp.MustCompile(`^[\d.]+`).FindString(section)
			last := regexp.MustCompile(`(?m)^\| `+regexp.QuoteMeta(section)+` \| .*\n`).FindAllIndex(b[:bytes.Index(b, []byte("\n## The exercises"))], -1)
			if len(last) == 0 {
				t.Fatalf("docs/chapter.md has no row of section %s, which %s is about", section, x.ID())
			}
			row := fmt.Sprintf("| %s | %s%s. | `%s` |\n", section, strings.ToUpper(x.Title[:1]), x.Title[1:], x.ID())
			b = slices.Insert(b, last[len(last)-1][1], []byte(row)...)
		}
	}
	if updating() {
		write(t, chapter, b)
	}
}
