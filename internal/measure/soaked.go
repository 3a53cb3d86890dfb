//go:build linux

package main

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// soakPage is what soak writes.
var soakPage = filepath.Join("docs", "soak.md")

// A row is what was seen in one place with one toolchain.
type row struct {
	place, version, date string

	runs, verdicts   int
	changed, failed  int
	never, sometimes int // could not be checked in any run, in some runs
	left, others     int
	minutes          float64
	notes            []string
}

// note adds what a reader of the table has to know.
func (r *row) note(format string, args ...any) {
	text := strings.NewReplacer("|", "/", "\n", " ").Replace(fmt.Sprintf(format, args...))
	if !slices.Contains(r.notes, text) { // once, in however many runs
		r.notes = append(r.notes, text)
	}
}

// count adds up the results and reports whether one of them is bad: a claim
// that failed, or that was not judged once in each run. A claim that could
// not be checked in some runs, as where no processor had time to spare, is
// named and is not a changed verdict.
func (r *row) count(results map[string]*tally) (bad bool) {
	for _, name := range slices.Sorted(maps.Keys(results)) {
		t := results[name]
		n := t.pass + t.fail + t.skip
		r.verdicts += n
		switch {
		case t.fail > 0:
			r.failed++
		case t.skip == n:
			r.never++
		case t.skip > 0:
			r.sometimes++
		}
		if n != r.runs || t.fail > 0 && t.fail != n {
			r.changed++
		}
		if n != r.runs || t.fail > 0 || t.skip > 0 && t.skip != n {
			r.note("%s: %d passed, %d failed, %d could not be checked", name, t.pass, t.fail, t.skip)
		}
	}
	return r.changed+r.failed > 0
}

// String is the row of the table.
func (r row) String() string {
	return fmt.Sprintf("| %s | %s | %s | %d | %d | %d | %d | %d | %d | %d | %.0f | %d %% | %s |", r.place, r.version, r.date,
		r.runs, r.verdicts, r.changed, r.failed, r.never, r.sometimes, r.left, r.minutes, r.others, strings.Join(r.notes, "; "))
}

// soaked is what docs/soak.md tells: rows by their first two cells.
type soaked struct {
	rows  map[[2]string]string
	files []string // lines about open files
}

const soakHead = `# Soak

Made by ` + "`make soak`" + ` on %s.

Every claim on every program of ours and its C twin, again and again.
*Changed* counts the claims that failed in one run and not in another, or
that were not judged in each run. *Never* and *not always* count those that
could not be checked in any run, and in some runs: most of these measure
shares of a processor, and need one with time to spare. *Others* is the part of the
processors that processes beside the soak used meanwhile.

| place | Go | made on | runs | verdicts | changed | failed | never | not always | left running | minutes | others | notes |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|
`

// read takes what a page of an earlier day tells.
func (d *soaked) read(page string) {
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		if cells := strings.Split(line, " | "); len(cells) == 13 && !strings.HasPrefix(line, "| place") {
			d.keep(strings.TrimPrefix(cells[0], "| "), cells[1], line)
		}
		if strings.HasPrefix(line, "- `ch8 ") || strings.HasPrefix(line, "- not looked at") {
			d.files = append(d.files, line)
		}
	}
}

// put replaces the row of a place and a toolchain.
func (d *soaked) put(r row) { d.keep(r.place, r.version, r.String()) }

func (d *soaked) keep(place, version, line string) {
	if d.rows == nil {
		d.rows = map[[2]string]string{}
	}
	d.rows[[2]string{place, version}] = line
}

// page is docs/soak.md: the rows by toolchain, and in the order of the places.
func (d *soaked) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, soakHead, machine())
	number := func(what string) int { return slices.IndexFunc(places, func(p place) bool { return p.what == what }) }
	for _, key := range slices.SortedFunc(maps.Keys(d.rows), func(x, y [2]string) int {
		return cmp.Or(strings.Compare(x[1], y[1]), number(x[0])-number(y[0]))
	}) {
		if number(key[0]) >= 0 { // a place that there still is
			b.WriteString(d.rows[key] + "\n")
		}
	}
	if len(d.files) > 0 {
		b.WriteString("\n## Open files\n\n" + strings.Join(d.files, "\n") + "\n")
	}
	return b.String()
}
