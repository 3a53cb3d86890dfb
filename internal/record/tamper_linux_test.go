//go:build 386 || amd64 || arm64

package record

import (
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestTamper: children end in another way than they asked for, the first
// process does not, and the recording says what was changed.
func TestTamper(t *testing.T) {
	path := cProgram(t, "ends")
	for _, noSeccomp := range []bool{false, true} {
		o := Options{noSeccomp: noSeccomp}
		equal(t, "alone", runProgram(t, o, path).out, "exit 7\nsignal 6\nexit 3\nsignal 11\n")
		o.Tamper = &Tamper{
			Exits:   map[int]int{7: 9},
			Signals: map[int]int{6: 15, 11: 8, 10: 9}, // SIGUSR1 is ignored
		}
		r := runProgram(t, o, path)
		equal(t, "tampered", r.out, "exit 9\nsignal 15\nexit 3\nsignal 8\n")
		equal(t, "the first process", r.one(t, "P0", trace.KindExit).Status, uint32(7<<8))
		first := r.one(t, "P0.1", trace.KindExit)
		equal(t, "asked for", *first.ExitArg, 7)
		equal(t, "status", first.Status, uint32(9<<8))
		equal(t, "notes", len(r.find("P0.1", trace.KindNote)), 1)
		equal(t, "notes where nothing was changed", len(r.find("P0.3", trace.KindNote)), 0)
		if said := strings.Join(r.Header.Tampered, "; "); !strings.Contains(said, "exit(7)") || !strings.Contains(said, "SIGABRT (6)") {
			t.Errorf("the header says %q", said)
		}
	}
	if plain := runProgram(t, Options{}, path); plain.Header.Tampered != nil {
		t.Errorf("a recording that changed nothing says %q", plain.Header.Tampered)
	}
}
