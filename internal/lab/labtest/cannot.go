package labtest

import (
	_ "embed"
	"os"
	"strings"
	"testing"
)

// cannotCheck lists what a machine may be unable to check in CI, each with
// the reason: the id of a claim, or the name of a tool.
//
//go:embed cannot-check.txt
var cannotCheck string

// Cannot ends a test that this machine cannot do, because it lacks
// something. The test is skipped with the reason. In CI it fails, unless
// the list in cannot-check.txt excuses what is named by id: the id of a
// claim, or the name of a tool like cc.
func Cannot(t testing.TB, id, reason, remedy string) {
	t.Helper()
	if os.Getenv("CI") != "" && !excused(id) {
		t.Fatalf("%s could not be checked, and cannot-check.txt does not excuse it: %s", id, reason)
	}
	if remedy != "" {
		reason += "; " + remedy
	}
	t.Skipf("cannot check %s: %s", id, reason)
}

// excused reports whether the id is in the list.
func excused(id string) bool {
	for line := range strings.Lines(cannotCheck) {
		if name, _, _ := strings.Cut(line, " "); strings.TrimSpace(name) == id {
			return true
		}
	}
	return false
}
