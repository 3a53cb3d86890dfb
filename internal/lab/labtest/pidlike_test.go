package labtest

import (
	"os"
	"path/filepath"
	"testing"

	"apue/internal/lab"
	"apue/internal/trace"
)

// TestPidLike: a message is not compared where a process happens to have
// the pid 1792, and 1792 is also the status word that the message is about.
func TestPidLike(t *testing.T) {
	golden := filepath.Join(t.TempDir(), "rawword.golden")
	if err := os.WriteFile(golden, []byte("exit status = 1792 (0x700), 4711"), 0o666); err != nil {
		t.Fatal(err)
	}
	for pid, want := range map[int]string{1792: "1792", 700: "", 792: "", 31792: ""} {
		rec := &trace.Recording{}
		rec.Add(&trace.Event{Kind: trace.KindExec, Process: "P0", Pid: pid, NSpid: pid})
		rep := &lab.Report{Results: []lab.Result{{}, {Verdict: lab.Verdict{On: new(lab.Experiment).Observe(rec)}}}}
		if got, ok := pidLike(rep, golden); got != want || ok != (want != "") {
			t.Errorf("a process has the pid %d: %q, %v; want %q", pid, got, ok, want)
		}
	}
}
