package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestInterrupted sends a signal to ch8, once the program it runs has
// begun: ch8 says so in a sentence and leaves nothing behind.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ch8 := installed(t)
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	began := filepath.Join(work, "began")
	program := "true & wait; echo > " + began + "; sleep 60"
	goesOn := "echo > " + began + "; sleep 1; exit 7" // as a shell does at Ctrl-C
	for _, c := range []struct {
		name, stdout, stderr string
		sig                  os.Signal
		status               int
		args                 []string
	}{
		{"trace", "P0", "ch8: trace: interrupted\n", os.Interrupt, 130, []string{"trace", "--", "sh", "-c", program}},
		{"draw", "parent forks", "ch8: trace: interrupted\n", os.Interrupt, 130, []string{"trace", "--draw", "--", "sh", "-c", program}},
		{"output", "", "ch8: trace: interrupted\n", syscall.SIGTERM, 130, []string{"trace", "-o", filepath.Join(work, "run.jsonl"), "--", "sh", "-c", program}},
		{"same terminal", "", "", os.Interrupt, 7, []string{"trace", "-o", filepath.Join(work, "run.jsonl"), "--", "sh", "-c", goesOn}},
		{"check", "", "ch8: interrupted\n", os.Interrupt, 2, []string{"check", "--plain", "--no-progress", "fork/glob", "--", "sh", "-c", program}},
		{"run", "no worker left", "", syscall.SIGTERM, 0, []string{"run", "wait/supervise", "--", "-hold"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmp := t.TempDir()
			var stdout, stderr screen
			cmd := exec.Command(ch8, c.args...)
			cmd.Dir, cmd.Env = root, append(os.Environ(), "TMPDIR="+tmp)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(time.Minute); os.Remove(began) != nil && !strings.Contains(stdout.String(), "worker 0"); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					cmd.Process.Kill()
					t.Fatalf("the program did not begin: %q", &stderr)
				}
			}
			cmd.Process.Signal(c.sig)
			cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != c.status {
				t.Errorf("exit status %d, want %d", got, c.status)
			}
			// A second may have passed before the program began.
			said := strings.TrimPrefix(stderr.String(), "checking fork/glob …\n")
			if said != c.stderr || !strings.Contains(stdout.String(), c.stdout) {
				t.Errorf("it printed %q and %q", &stdout, &stderr)
			}
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("it left %v, %v", left, err)
			}
		})
	}
}
