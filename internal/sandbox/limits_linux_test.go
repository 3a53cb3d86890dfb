package sandbox

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLowLimit: a limit that is too low is named with the option that
// raises it.
func TestLowLimit(t *testing.T) {
	if reason, _ := LowLimit(); reason != "" {
		t.Skip("these tests run under a low limit: ", reason)
	}
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_SIGPENDING, &now); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_SIGPENDING, &unix.Rlimit{Cur: 3, Max: now.Max}); err != nil {
		t.Fatal(err)
	}
	defer unix.Setrlimit(unix.RLIMIT_SIGPENDING, &now)
	reason, remedy := LowLimit()
	if reason != "the limit on pending signals (ulimit -i) is only 3" || !strings.Contains(remedy, "ulimit -i") {
		t.Errorf("%q, %q", reason, remedy)
	}
}
