package main

import (
	"strings"
	"testing"

	"apue/internal/sandbox"
)

// TestDoctorBox: the probe of the box is printed, a line an attempt, and
// nothing is wider than a report.
func TestDoctorBox(t *testing.T) {
	if err := sandbox.CanIsolate(); err != nil {
		t.Skip(err)
	}
	var b strings.Builder
	if err := probeBox(t.Context(), &b); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"files\n  ok   read a file of the person who grades: no such file", "\nkeys\n", "\nmemory\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 69 && strings.HasPrefix(line, "  ") || strings.Contains(line, "LOOK") {
			t.Errorf("%q", line)
		}
	}
}
