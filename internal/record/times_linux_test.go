//go:build 386 || amd64 || arm64

package record

import (
	"math"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
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

// TestPriorityOfUser: the number of a user is not taken for a pid.
func TestPriorityOfUser(t *testing.T) {
	p := &process{name: "P0", pid: 1000, pids: []int{1000}}
	r := &recorder{started: true, rec: &trace.Recording{}, procs: map[int]*process{1000: p}}
	for which, want := range map[uint64]string{unix.PRIO_USER: "", unix.PRIO_PROCESS: "P0"} {
		r.queue = nil
		exitPriority(r, &thread{tid: 1000, proc: p}, &call{spec: &callSpec{name: "setpriority"}, args: [6]uint64{which, 1000, 5}}, 0, 0)
		if got := r.queue[0].TargetProcess; got != want {
			t.Errorf("setpriority(%d, 1000, 5) is of %q, want %q", which, got, want)
		}
	}
}

// TestClocks: of a timer and a sleep that end at a time of a clock, the event
// has the time until then, of processor time too; nothing is said of a timer
// whose clock the recorder cannot read.
func TestClocks(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "clocks"))
	var set []int64 // in s
	for _, e := range r.find("P0", trace.KindTimer) {
		if e.Call == "timer_settime" {
			set = append(set, int64(time.Duration(e.Duration).Round(5*time.Second)/time.Second))
		}
	}
	equal(t, "timers", set, []int64{50, 60, 70, 80, 0})
	sleep := r.one(t, "P0", trace.KindSleep)
	if sleep.Duration < 1e6 || sleep.Duration > 30e6 {
		t.Errorf("the sleep until 30 ms of processor time are used is one of %v", time.Duration(sleep.Duration))
	}
}
