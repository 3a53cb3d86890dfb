//go:build linux

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestMemoryHasAHeap asks the compiler where the byte of the column
// heap lies.
func TestMemoryHasAHeap(t *testing.T) {
	t.Parallel()
	// go list compiles and does not link.
	said, err := exec.Command("go", "list", "-export", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for l := range strings.Lines(string(said)) {
		if strings.Contains(l, "memory.go:") && strings.Contains(l, "new([") {
			if !strings.Contains(l, "escapes to heap") {
				t.Error(l)
			}
			return
		}
	}
	t.Error("the compiler says nothing of it")
}
