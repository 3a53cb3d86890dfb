package page

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"testing"

	"apue/internal/build"
	"apue/internal/lab/labtest"
	"apue/internal/record"
	"apue/internal/sampling"
	"apue/internal/sandbox"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// fSETFL is the call with which testdata/descriptors.c asks the recorder
// about a descriptor.
const fSETFL = 4

// TestDescriptorsAreTheKernels: after random calls of open, pipe, dup,
// dup2, close and fork the tables that a page draws are those of the
// kernel: two descriptors share an open file description there if kcmp(2)
// says so.
func TestDescriptorsAreTheKernels(t *testing.T) {
	if err := record.Probe(); err != nil {
		labtest.Cannot(t, "page/descriptors", err.Error(), "")
	}
	if _, err := exec.LookPath("cc"); err != nil {
		labtest.Cannot(t, "page/descriptors", "there is no C compiler", "install gcc")
	}
	program := filepath.Join(t.TempDir(), "descriptors")
	if said, err := build.C("cc", "testdata/descriptors.c", program, "-Wall", "-Wextra", "-Werror"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	r := rand.New(rand.NewPCG(8, 2))
	for range sampling.Number(5, 1000) {
		calls := make([]byte, 5+r.IntN(25))
		for i := range calls {
			calls[i] = "oopdddDDccf"[r.IntN(11)]
		}
		res, err := sandbox.Run(context.Background(), sandbox.Command{
			Args: []string{program, string(calls)}, Trace: &record.Options{Files: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		compareTables(t, string(calls), res.Recording)
	}
}

// compareTables replays a recording without what kcmp said, and compares
// each answer of the recorder with the replayed table.
func compareTables(t *testing.T, calls string, rec *trace.Recording) {
	t.Helper()
	blind := &trace.Recording{Header: rec.Header, Events: append([]trace.Event(nil), rec.Events...)}
	for i := range blind.Events {
		blind.Events[i].OFD, blind.Events[i].NewOFD = 0, 0
	}
	c := &content{}
	f := newFollower(c, blind, timeline.New(blind, nil))
	kernel, ours := map[int]int{}, map[int]int{} // description by number, and back
	asked := 0
	for i := range rec.Events {
		e := &rec.Events[i]
		f.event(&blind.Events[i])
		if e.Kind != trace.KindFcntl || e.Command != fSETFL || e.OFD == 0 {
			continue
		}
		asked++
		row, ok := f.table(e.Process)[e.Fd]
		if !ok {
			t.Errorf("%s: %s has descriptor %d, the page does not", calls, e.Process, e.Fd)
			continue
		}
		if d, known := kernel[e.OFD]; known && d != row.description {
			t.Errorf("%s: descriptor %d of %s shares its description with another one, on the page it does not", calls, e.Fd, e.Process)
		}
		if n, known := ours[row.description]; known && n != e.OFD {
			t.Errorf("%s: on the page descriptor %d of %s shares its description with another one, in the kernel it does not", calls, e.Fd, e.Process)
		}
		kernel[e.OFD], ours[row.description] = row.description, e.OFD
	}
	if asked == 0 {
		t.Errorf("%s: the recorder told nothing", calls)
	}
}
