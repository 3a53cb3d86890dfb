package lab

import "testing"

// A processor that can be plugged in is allowed, and none to run on.
func TestCPUs(t *testing.T) {
	for _, c := range []struct {
		allowed, online string
		want            int
	}{
		{"0-127", "0-3\n", 4},
		{"0,2-3", "0-3\n", 3},
		{"1", "0-3", 1},
		{"0-3", "", 4},
		{"", "0-3", 0},
	} {
		if n := CPUs(c.allowed, c.online); n != c.want {
			t.Errorf("of %q %q are online: %d, want %d", c.allowed, c.online, n, c.want)
		}
	}
}
