//go:build 386 || amd64 || arm64

package record

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// TestPassed: a descriptor that comes from another process leads to the
// open file description that the other process has, or has had.
func TestPassed(t *testing.T) {
	r := runProgram(t, Options{Files: true}, cProgram(t, "passed"))
	number := map[string]int{}
	for _, e := range r.find("P0", trace.KindOpen) {
		if e.Path == "/dev/null" {
			number["kept"] = e.OFD
		} else if e.Call == "eventfd2" && number["event"] == 0 {
			number["event"] = e.OFD
		}
	}
	var got []int
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.KindOpen && passes[e.Call] {
			got = append(got, e.OFD)
		}
	}
	if _, err := kcmp(unix.Getpid(), unix.Getpid(), kcmpFile, 0, 0); err != nil {
		t.Skip("the kernel does not compare open files: ", err)
	}
	if number["kept"] == 0 || number["event"] == 0 {
		t.Fatal(text(r.Recording))
	}
	equal(t, "open file descriptions", got, []int{number["kept"], number["event"], number["kept"]})
	if t.Failed() {
		t.Log(text(r.Recording))
	}
}

// TestRefused: what fails in a program because it is recorded is said, and
// that a filter of the program answers calls that are not recorded.
func TestRefused(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "refused"))
	notes := map[string]string{}
	for _, e := range r.Events {
		if e.Kind == trace.KindNote {
			notes[e.Process] += e.Note
		}
	}
	for process, want := range map[string]string{
		"P0.1": "ptrace fails with EPERM", "P0.2": "ptrace fails with EPERM", "P0.3": "",
		"P0.4": "strict mode fails with EINVAL", "P0.5": "installs a seccomp filter",
	} {
		if got := notes[process]; !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: note %q, should have %q", process, got, want)
		}
	}
	if t.Failed() {
		t.Log(text(r.Recording))
	}
}
