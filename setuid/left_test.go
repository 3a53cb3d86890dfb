//go:build linux

package main

import (
	"os/exec"
	"testing"

	"apue/internal/lab/labtest"
)

// TestNothingIsLeft: the experiments that mount, make set-id files, turn
// accounting on or change nice values leave nothing of it behind. The
// programs may lack the privilege, and then change nothing at all.
func TestNothingIsLeft(t *testing.T) {
	before := labtest.LookAtMachine()
	for _, name := range []string{"setid", "rules", "drop", "threads"} {
		if out, err := exec.Command(labtest.Go(t, "."), name).CombinedOutput(); err != nil {
			if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 2 {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
	}
	if after := labtest.LookAtMachine(); before != after {
		t.Errorf("before %+v, after %+v", before, after)
	}
}
