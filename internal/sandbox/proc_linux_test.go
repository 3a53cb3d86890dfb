package sandbox

import (
	"fmt"
	"testing"

	"apue/internal/trace"
)

// FuzzStat reads stat files of any text, and of processes that are
// called anything.
func FuzzStat(f *testing.F) {
	for _, s := range []string{"", "cat", "a) Z 1 2 3 (", ")", "(", ")(", "\n", "4711 (x", "NStgid:\n", "NStgid:\t5 1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		parseStat(1, in)
		trace.ProcFiles{"status": string(in)}.Status("NStgid")
		stat := fmt.Sprintf("4711 (%s) S 42 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 3 0 12345 0", in)
		s, ok := parseStat(4711, []byte(stat))
		if !ok || s.comm != string(in) || s.state != "S" || s.ppid != 42 || s.threads != 3 || s.start != 12345 {
			t.Errorf("a process called %q is %+v", in, s)
		}
	})
}
