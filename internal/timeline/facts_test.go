package timeline

import (
	"slices"
	"testing"

	"apue/internal/trace"
)

// TestFacts: what tracing changes is said only where the recording has a
// vfork, or a stop; a recorder's sentence that is not known is always said.
func TestFacts(t *testing.T) {
	h := &trace.Header{
		Tampered: []string{"exit(3) is exit(4)"},
		Changed:  []string{trace.ChangedVfork, trace.ChangedStop, "the moon"},
		Missing:  []string{"1", "2", "3", "4", "5"},
	}
	for _, c := range []struct {
		has  trace.Kind
		want string
	}{{trace.KindFork, ""}, {trace.KindVfork, trace.ChangedVfork}, {trace.KindStop, trace.ChangedStop}} {
		want := []string{"Changed on purpose: exit(3) is exit(4)"}
		if c.want != "" {
			want = append(want, "Changed by recording: "+c.want)
		}
		want = append(want, "Changed by recording: the moon", "Not recorded: 1", "Not recorded: 2", "Not recorded: 3", "Not recorded: 4")
		if got := Facts(h, func(k trace.Kind) bool { return k == c.has }); !slices.Equal(got, want) {
			t.Errorf("with %s: %q, want %q", c.has, got, want)
		}
	}
}
