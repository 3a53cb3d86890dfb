package checks

import (
	"slices"
	"strings"
	"testing"
)

// TestMerge has lines of two processes that are all alike.
func TestMerge(t *testing.T) {
	lines := slices.Repeat([][]byte{[]byte("line\n")}, 40)
	all := strings.Repeat("line\n", 80)
	for _, x := range []struct {
		name, content string
		want          bool
	}{
		{"whole", all, true},
		{"another end", strings.TrimSuffix(all, "line\n") + "LINE\n", false},
		{"another start", "LINE\n" + strings.TrimPrefix(all, "line\n"), false},
	} {
		m := merge{content: []byte(x.content), chunks: [][][]byte{lines, lines}, failed: map[string]bool{}}
		if m.is() != x.want {
			t.Errorf("%s: not %v", x.name, x.want)
		}
		if n := len(m.failed); n > 41*41 {
			t.Errorf("%s: %d ways were tried", x.name, n)
		}
	}
}

// TestStart quotes no more than a sentence can hold.
func TestStart(t *testing.T) {
	if s := start([]byte(strings.Repeat("x", 1<<20))); len(s) > 250 || !strings.HasSuffix(s, " and 1048376 bytes more") {
		t.Errorf("%s", s)
	}
	if s := start([]byte("a\n")); s != `"a\n"` {
		t.Errorf("%s", s)
	}
}
