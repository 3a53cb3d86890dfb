//go:build linux

package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"apue/internal/lab/labtest"
)

// TestWrongValues: one sentence, and exit status 2.
func TestWrongValues(t *testing.T) {
	t.Parallel()
	twin := labtest.C(t, "c/limit.c")
	for _, args := range [][]string{
		{labtest.Go(t, "."), "limit", "-only", "users"},
		{twin, "-only", "users"},
		{labtest.Go(t, "."), "interleave", "-letters", "-1"},
		{labtest.Go(t, "."), "interleave", "-runs", "0"},
		{labtest.Go(t, "."), "uses", "-clients", "51"},
	} {
		var out, said bytes.Buffer
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = &out, &said
		cmd.Run()
		if cmd.ProcessState.ExitCode() != 2 || out.Len() > 0 || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%q: %v, %q, %q", args[1:], cmd.ProcessState, out.String(), said.String())
		}
	}
}
