//go:build linux

package main

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"apue/internal/lab/labtest"
	"apue/wait/checks"
)

func TestMain(m *testing.M) { labtest.Main(m) }

func TestMenu(t *testing.T)      { labtest.Menu(t, checks.All) }
func TestChecks(t *testing.T)    { labtest.Checks(t, checks.All) }
func TestIsolated(t *testing.T)  { labtest.Isolated(t, checks.All) }
func TestWrong(t *testing.T)     { labtest.Wrong(t, checks.All) }
func TestRight(t *testing.T)     { labtest.Right(t, checks.All) }
func TestSheet(t *testing.T)     { labtest.Sheet(t, checks.All) }
func TestTasks(t *testing.T)     { labtest.Tasks(t, checks.All) }
func TestQuestions(t *testing.T) { labtest.Questions(t, checks.All) }
func TestProgram(t *testing.T)   { labtest.Program(t, checks.All) }

// The one worker that there is does not wait for what it leaves
// behind: that waits for its end.
func TestStrayOfTheOnlyWorker(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, labtest.Go(t, "."), "supervise", "-stray", "-n", "1", "-bad", "0").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestUnsaid(t *testing.T) {
	labtest.Unsaid(t, checks.All, map[string]string{
		"options/whilestopped": "not-yet", "status/exit134": "abort", "status/nullstatus": "reaped",
	})
}
