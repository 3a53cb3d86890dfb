package record

import (
	"os"
	"strings"
	"testing"

	"apue/internal/trace"
)

// roles are what this test binary plays when it is executed again.
var roles []func() bool

// atEnd are called when all tests are done.
var atEnd []func()

// TestMain plays the launcher, or one of the programs that the tests
// record, when the test binary is executed again for that.
func TestMain(m *testing.M) {
	for _, role := range roles {
		if role() {
			return
		}
	}
	status := m.Run()
	for _, remove := range atEnd {
		remove()
	}
	os.Exit(status)
}

// text is a recording as it is printed.
func text(r *trace.Recording) string {
	var b strings.Builder
	for i := range r.Events {
		b.WriteString(trace.Text(&r.Events[i]))
		b.WriteByte('\n')
	}
	return b.String()
}
