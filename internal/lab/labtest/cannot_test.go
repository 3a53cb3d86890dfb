package labtest

import (
	"testing"
)

// recorder is a testing.TB that notes how it ended.
type recorder struct {
	testing.TB
	fatal, skipped bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.fatal = true; panic(r) }
func (r *recorder) Skipf(string, ...any)  { r.skipped = true; panic(r) }

// TestCannot: what a machine cannot check is skipped at home, and fails in
// CI unless the list excuses it.
func TestCannot(t *testing.T) {
	for _, test := range []struct {
		ci, id       string
		fatal, skips bool
	}{
		{"", "fork/glob/copied", false, true},
		{"true", "fork/glob/copied", true, false},
		{"true", "fork/limit/user-limit", false, true},
		{"", "fork/limit/user-limit", false, true},
	} {
		t.Setenv("CI", test.ci)
		r := &recorder{}
		func() {
			defer func() { recover() }()
			Cannot(r, test.id, "no terminal", "")
		}()
		if r.fatal != test.fatal || r.skipped != test.skips {
			t.Errorf("CI=%q, %s: fails %v, is skipped %v; want %v, %v", test.ci, test.id, r.fatal, r.skipped, test.fatal, test.skips)
		}
	}
}
