//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// clockNow is what a clock shows to a thread, in ns. The processor time of
// another thread, and a clock that is a file, cannot be read; ok is false.
func (r *recorder) clockNow(t *thread, clock int32) (ns int64, ok bool) {
	// The number of a clock of processor time is that of a process, with
	// its bits turned round, before three bits that say which of its clocks
	// (clock_getcpuclockid(3); include/linux/posix-timers.h).
	const thread, which, file, scheduler = 4, 3, 3, 2
	switch {
	case clock == unix.CLOCK_PROCESS_CPUTIME_ID:
		clock = int32(^t.proc.pid<<3 | scheduler)
	case clock == unix.CLOCK_THREAD_CPUTIME_ID:
		return 0, false
	case clock < 0:
		p := t.proc
		if pid := int(^(clock >> 3)); pid != 0 {
			p = r.visible(t.proc, pid)
		}
		if p == nil || clock&which == file || clock&thread != 0 {
			return 0, false
		}
		clock = int32(^p.pid<<3) | clock&which
	}
	var now unix.Timespec
	if unix.ClockGettime(clock, &now) != nil {
		return 0, false
	}
	return now.Nano(), true
}

// numbers reads n numbers of 64 bits, or n longs; nil if they cannot be read.
func numbers(tid int, addr uint64, n int, wide bool) []int64 {
	if !wide {
		return words(tid, addr, n)
	}
	b := make([]byte, 8*n)
	if readMemory(tid, addr, b) != len(b) {
		return nil
	}
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(binary.NativeEndian.Uint64(b[8*i:]))
	}
	return list
}

// enterTimer reads the setting: interval and first expiry, of which the
// smaller unit is µs for setitimer and ns for timer_settime. An expiry that
// is a time of the timer's clock becomes the time until then. Nothing is
// said of one whose clock cannot be read.
func enterTimer(r *recorder, t *thread, c *call) bool {
	addr, unit, absolute := c.args[1], time.Microsecond, false
	if c.spec.name == "timer_settime" {
		addr, unit, absolute = c.args[2], time.Nanosecond, c.args[1]&unix.TIMER_ABSTIME != 0
	}
	w := numbers(t.tid, addr, 4, c.spec.time64)
	if w == nil {
		return true
	}
	c.interval, c.offset = nanoseconds(w[0], w[1], unit), nanoseconds(w[2], w[3], unit)
	if !absolute || c.offset == 0 { // 0 takes the setting away
		return true
	}
	clock, known := t.proc.timers[int32(c.args[0])]
	now, ok := r.clockNow(t, clock)
	c.offset = max(1, c.offset-now) // one that is past rings at once
	return known && ok
}

func exitTimer(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindTimer, c, errno)
	e.Duration, e.Interval = c.offset, c.interval
	old, unit := uint64(0), time.Microsecond
	switch c.spec.name {
	case "alarm":
		e.Duration, e.Old = int64(uint32(c.args[0]))*int64(time.Second), result*int64(time.Second)
	case "setitimer":
		e.Which, old = c.arg(0), c.args[2]
	case "timer_create":
		e.Which = c.arg(0) // the clock
		var id [4]byte
		if errno == 0 && readMemory(t.tid, c.args[2], id[:]) == len(id) {
			if t.proc.timers == nil {
				t.proc.timers = map[int32]int32{}
			}
			t.proc.timers[int32(binary.NativeEndian.Uint32(id[:]))] = int32(e.Which)
		}
	case "timer_settime":
		e.Which, old, unit = c.arg(0), c.args[3], time.Nanosecond
	}
	if errno == 0 {
		if w := numbers(t.tid, old, 4, c.spec.time64); w != nil {
			e.Old = nanoseconds(w[2], w[3], unit)
		}
	}
	r.emit(e)
}
