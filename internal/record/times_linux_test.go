//go:build 386 || amd64 || arm64

package record

import (
	"math"
	"testing"
	"time"
)

// TestNanoseconds: a time that is too long for an event is a long one, and
// not a negative one.
func TestNanoseconds(t *testing.T) {
	for _, c := range []struct {
		seconds, rest int64
		unit          time.Duration
		want          int64
	}{
		{2, 500_000, time.Microsecond, 2_500_000_000},
		{2, 5, time.Nanosecond, 2_000_000_005},
		{math.MaxInt64, 999_999, time.Microsecond, 1<<33*1_000_000_000 + 999_999_000},
	} {
		if got := nanoseconds(c.seconds, c.rest, c.unit); got != c.want {
			t.Errorf("%d s and %d: %d ns, want %d", c.seconds, c.rest, got, c.want)
		}
	}
}
