package checks

import (
	"math"
	"os"
	"testing"

	"apue/internal/trace"
)

// TestOlderWith finds the group of this test, which was there before
// the end of time, and not before its beginning.
func TestOlderWith(t *testing.T) {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Skip("cannot check: there is no /proc")
	}
	group := trace.ProcFiles{"stat": string(b)}.StatNumber(5)
	if olderWith(group, math.MaxInt) == "" {
		t.Errorf("nobody is in the group %d", group)
	}
	if who := olderWith(group, 0); who != "" {
		t.Errorf("%s was there before the boot", who)
	}
}
