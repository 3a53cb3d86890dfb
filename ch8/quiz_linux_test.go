package main

import (
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/grade"
	"apue/internal/quiz"
)

// TestQuizForces: an output that no run has shown is forced, and the
// outputs shown are all that are possible.
func TestQuizForces(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
	var p *quiz.Program
	for seed := uint64(1); p == nil || len(p.Explore().Outputs) < 3; seed++ {
		var err error
		if p, err = quiz.New(seed, 2); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	o := &quizOptions{in: "c", runs: 1}
	if err := o.show(t.Context(), &out, io.Discard, p); err != nil {
		t.Fatal(err)
	}
	outputs := p.Explore().Outputs
	if n := strings.Count(out.String(), "not by itself; printed when the order was forced"); n != len(outputs)-1 {
		t.Errorf("one run shows one output of %d, and %d are forced:\n%s", len(outputs), n, out.String())
	}
	for _, want := range append(outputs, "The kernel ran it once:") {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}

// TestPlatforms: the file of a course platform is of one submission.
func TestPlatforms(t *testing.T) {
	for n, refused := range []bool{true, false, true} {
		students := make([]*grade.Student, n)
		for i := range students {
			students[i] = &grade.Student{}
		}
		err := platforms(students, filepath.Join(t.TempDir(), "results.json"), "")
		if (err != nil) != refused {
			t.Errorf("%d submissions: %v", n, err)
		}
	}
	if err := platforms(nil, "", ""); err != nil {
		t.Errorf("no platform was asked for: %v", err)
	}
}
