package trace

import (
	"slices"
	"testing"
)

// TestInOrder: a write comes before the read that returned its bytes, and
// what closed the last write end before the end of the file. Others stay.
// P0 makes a pipe and two children, and keeps only its read end.
func TestInOrder(t *testing.T) {
	begin := func(cloexec bool) []Event {
		return []Event{
			{Process: "P0", Kind: KindPipe, Object: "pipe 1", Fd: 3, NewFd: 4, OFD: 4, NewOFD: 5, Cloexec: cloexec},
			{Process: "P0", Kind: KindFork, ChildProcess: "P1"},
			{Process: "P0", Kind: KindFork, ChildProcess: "P2"},
			{Process: "P2", Kind: KindClose, Fd: 4, Object: "pipe 1", OFD: 5},
			{Process: "P0", Kind: KindClose, Fd: 4, Object: "pipe 1", OFD: 5},
		}
	}
	write := func(p string, at int64) Event {
		return Event{Process: p, Kind: KindWrite, Object: "pipe 1", OFD: 5, Result: 1, Time: at}
	}
	read := func(n, at int64) Event {
		return Event{Process: "P0", Kind: KindRead, Object: "pipe 1", OFD: 4, Result: n, Time: at}
	}
	closed := func(fd int, at int64) Event {
		return Event{Process: "P1", Kind: KindClose, Object: "pipe 1", Fd: fd, OFD: fd + 1, Time: at}
	}
	of := func(p string, k Kind) Event { return Event{Process: p, Kind: k, Time: 2} }
	dup := Event{Process: "P1", Kind: KindDup, Fd: 0, NewFd: 4, Time: 2}
	kill := Event{Process: "P2", Kind: KindKill, Signal: 9, TargetProcess: "P1", Time: 2}
	killed := Event{Process: "P1", Kind: KindExit, Status: 9, Time: 3}
	for _, tc := range []struct {
		name    string
		cloexec bool
		events  []Event
		times   []int64 // of the events, in order
		kinds   []Kind
	}{
		{"the write returned late", false, []Event{read(1, 1), write("P1", 2)}, []int64{1, 1}, []Kind{KindWrite, KindRead}},
		{"the close returned late", false, []Event{read(0, 1), closed(4, 2)}, []int64{1, 1}, []Kind{KindClose, KindRead}},
		{"a dup over it", false, []Event{read(0, 1), dup}, []int64{1, 1}, []Kind{KindDup, KindRead}},
		{"an exec", true, []Event{read(0, 1), of("P1", KindExec)}, []int64{1, 1}, []Kind{KindExec, KindRead}},
		{"an exec that keeps it", false, []Event{read(0, 1), of("P1", KindExec)}, []int64{1, 2}, []Kind{KindRead, KindExec}},
		{"the end of the writer", false, []Event{read(0, 1), of("P1", KindExit)}, []int64{1, 1}, []Kind{KindExit, KindRead}},
		{"the end of another", false, []Event{read(0, 1), of("P2", KindExit)}, []int64{1, 2}, []Kind{KindRead, KindExit}},
		{"a byte, and then the end", false, []Event{read(1, 1), write("P1", 2), of("P1", KindExit)}, []int64{1, 1, 2}, []Kind{KindWrite, KindRead, KindExit}},
		{"a writer that is killed", false, []Event{read(0, 1), kill, killed}, []int64{1, 1, 1}, []Kind{KindKill, KindExit, KindRead}},
		{"and the kill began after the read", false, []Event{read(0, 1), of("P2", KindSleep), kill, killed}, []int64{1, 2, 2, 3}, []Kind{KindRead, KindSleep, KindKill, KindExit}},
		{"as it should be", false, []Event{write("P1", 1), read(1, 2), write("P2", 3)}, []int64{1, 2, 3}, []Kind{KindWrite, KindRead, KindWrite}},
		{"the end after the last write", false, []Event{closed(4, 1), read(0, 2), of("P1", KindExit)}, []int64{1, 2, 2}, []Kind{KindClose, KindRead, KindExit}},
		{"the read end", false, []Event{read(0, 1), closed(3, 2)}, []int64{1, 2}, []Kind{KindRead, KindClose}},
		{"begun after the read", false, []Event{read(1, 1), of("P1", KindSleep), write("P1", 3)}, []int64{1, 2, 3}, []Kind{KindRead, KindSleep, KindWrite}},
	} {
		first := begin(tc.cloexec)
		r := &Recording{Events: append(first, tc.events...)}
		ordered := r.InOrder()
		var kinds []Kind
		var times []int64
		for _, e := range ordered.Events[len(first):] {
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

// TestInOrderOfSockets: the other end of a pair of sockets is the one that
// the reader does not read from.
func TestInOrderOfSockets(t *testing.T) {
	pair := Event{Process: "P0", Kind: KindPipe, Call: "socketpair", Object: "socket 1", Fd: 3, NewFd: 4, OFD: 4, NewOFD: 5}
	fork := Event{Process: "P0", Kind: KindFork, ChildProcess: "P1"}
	for _, ofd := range []int{4, 5} {
		other := Event{Process: "P0", Kind: KindClose, Fd: 8 - ofd, Object: "socket 1", OFD: 9 - ofd}
		read := Event{Process: "P0", Kind: KindRead, Object: "socket 1", OFD: ofd}
		exit := Event{Process: "P1", Kind: KindExit}
		r := &Recording{Events: []Event{pair, fork, other, read, exit}}
		if got := r.InOrder().Events[3].Kind; got != KindExit {
			t.Errorf("the end of the file at descriptor %d comes before the %s", ofd-1, got)
		}
	}
}
