//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"apue/ch8/conformance"
)

// TestConformanceRows: all 45 rows are there, in order, none is empty.
func TestConformanceRows(t *testing.T) {
	var want []string
	for i := 1; i <= 40; i++ {
		want = append(want, fmt.Sprintf("L%02d", i))
	}
	for i := 1; i <= 5; i++ {
		want = append(want, fmt.Sprintf("R%d", i))
	}
	if len(conformance.Table) != len(want) {
		t.Fatalf("there are %d rows of %d", len(conformance.Table), len(want))
	}
	for i, r := range conformance.Table {
		if r.ID != want[i] {
			t.Errorf("row %d is %s, not %s", i, r.ID, want[i])
		}
		if r.Says == "" || r.Sources == "" || len(r.Claims) == 0 {
			t.Errorf("%s is empty", r.ID)
		}
	}
}

// TestConformanceClaims: every id names one claim that is there.
func TestConformanceClaims(t *testing.T) {
	for _, r := range conformance.Table {
		seen := map[string]bool{}
		for _, id := range r.Claims {
			if found, claim := all.Find(id); len(found) != 1 || claim == "" || found[0].ID()+"/"+claim != id {
				t.Errorf("%s: there is no claim %s", r.ID, id)
			}
			if seen[id] {
				t.Errorf("%s names %s twice", r.ID, id)
			}
			seen[id] = true
		}
	}
}

// TestConformanceDocument: CONFORMANCE.md is the table.
func TestConformanceDocument(t *testing.T) {
	got := document()
	const file = "conformance/CONFORMANCE.md"
	if updating() {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Error("CONFORMANCE.md is not what the table says; go test ./ch8 -run Conformance -update writes it")
	}
}

// document is the table as text, with the sentence of each claim.
func document() string {
	var b strings.Builder
	b.WriteString(`# What the conformance suites assert, and where it is claimed here

Written by ` + "`go test ./ch8 -run Conformance -update`" + ` from table.go; the test
fails when a row is empty or a claim is not there any more.

Sources: LTP · OPTS, the Open POSIX test suite · gV, gVisor's system call
tests · KST, the kernel's selftests · FBSD, NBSD, GLIBC, those of the
systems and the library · APUE, the book.

| | asserted | by | our claims |
|---|---|---|---|
`)
	for _, r := range conformance.Table {
		var ids []string
		for _, id := range r.Claims {
			ids = append(ids, "`"+id+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.ID, cell(r.Says), cell(r.Sources), strings.Join(ids, " "))
	}
	b.WriteString("\n## The claims\n\n")
	told := map[string]bool{}
	for _, r := range conformance.Table {
		for _, id := range r.Claims {
			found, claim := all.Find(id)
			if told[id] || len(found) != 1 || claim == "" {
				continue
			}
			told[id] = true
			fmt.Fprintf(&b, "- `%s`: %s\n", id, found[0].Claim(claim).Says)
		}
	}
	return b.String()
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
