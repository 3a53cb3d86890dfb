package trace

import (
	"slices"
	"testing"
)

// TestInOrder: a write comes before the read that returned its bytes, and
// the close of the write end before the end of the file. Others stay.
func TestInOrder(t *testing.T) {
	pipe := Event{Process: "P0", Kind: KindPipe, Object: "pipe 1", OFD: 4, NewOFD: 5}
	write := func(p string, at int64) Event {
		return Event{Process: p, Kind: KindWrite, Object: "pipe 1", OFD: 5, Result: 1, Time: at}
	}
	read := func(n, at int64) Event {
		return Event{Process: "P0", Kind: KindRead, Object: "pipe 1", OFD: 4, Result: n, Time: at}
	}
	closed := func(ofd int, at int64) Event {
		return Event{Process: "P1", Kind: KindClose, Object: "pipe 1", OFD: ofd, Time: at}
	}
	sleep := Event{Process: "P1", Kind: KindSleep, Time: 2}
	for _, tc := range []struct {
		name   string
		events []Event
		times  []int64 // of the events, in order; the first one is the pipe
		kinds  []Kind
	}{
		{"the write returned late", []Event{read(1, 1), write("P1", 2)}, []int64{1, 1}, []Kind{KindWrite, KindRead}},
		{"the close returned late", []Event{read(0, 1), closed(5, 2)}, []int64{1, 1}, []Kind{KindClose, KindRead}},
		{"as it should be", []Event{write("P1", 1), read(1, 2), write("P2", 3)}, []int64{1, 2, 3}, []Kind{KindWrite, KindRead, KindWrite}},
		{"the read end", []Event{read(0, 1), closed(4, 2)}, []int64{1, 2}, []Kind{KindRead, KindClose}},
		{"begun after the read", []Event{read(1, 1), sleep, write("P1", 3)}, []int64{1, 2, 3}, []Kind{KindRead, KindSleep, KindWrite}},
	} {
		r := &Recording{Events: append([]Event{pipe}, tc.events...)}
		ordered := r.InOrder()
		var kinds []Kind
		var times []int64
		for _, e := range ordered.Events[1:] {
			kinds, times = append(kinds, e.Kind), append(times, e.Time)
		}
		if !slices.Equal(kinds, tc.kinds) || !slices.Equal(times, tc.times) {
			t.Errorf("%s: %v at %v, want %v at %v", tc.name, kinds, times, tc.kinds, tc.times)
		}
		if same := kinds[0] == tc.events[0].Kind; same != (ordered == r) {
			t.Errorf("%s: a new recording was made: %v", tc.name, ordered != r)
		}
	}
}
