//go:build linux

package main

import (
	"bytes"
	osexec "os/exec"
	"strings"
	"testing"

	"apue/internal/lab/labtest"
)

// TestWrongValues: one sentence, and exit status 2.
func TestWrongValues(t *testing.T) {
	for _, args := range [][]string{
		{labtest.Go(t, "."), "cost", "-max", "1"},
		{labtest.C(t, "c/cost.c"), "-max", "1"},
	} {
		var out, said bytes.Buffer
		cmd := osexec.Command(args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = &out, &said
		cmd.Run()
		if cmd.ProcessState.ExitCode() != 2 || out.Len() > 0 || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%q: %v, %q, %q", args[1:], cmd.ProcessState, out.String(), said.String())
		}
	}
}
