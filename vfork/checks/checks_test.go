package checks

import (
	"strings"
	"testing"

	"apue/ch8/trace"
)

// Each way to make a child that is no vfork lacks something else.
func TestNotVfork(t *testing.T) {
	for flags, want := range map[uint64]string{
		0:          "the parent runs on",
		cloneVM:    "the parent is not suspended",
		cloneVfork: "the parent is suspended",
	} {
		if said := notVfork(&trace.Process{Birth: &trace.Event{Flags: flags}}); !strings.Contains(said, want) {
			t.Errorf("flags %#x: %s", flags, said)
		}
	}
}
