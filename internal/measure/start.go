//go:build linux

package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"apue/internal/record"
	"apue/internal/sandbox"

	"golang.org/x/sys/unix"
)

// A way is one of the ways to run the program true.
type way struct {
	name string
	run  func() error
}

// ways are the ways to run true on this machine.
func ways(ctx context.Context, ch8 string) []way {
	spawn := func(name string, args ...string) way {
		if _, err := exec.LookPath(args[0]); err != nil {
			return way{} // it is not installed
		}
		return way{name, func() error {
			_, err := output(ctx, args...)
			return err
		}}
	}
	box := func(name string, o *record.Options) way {
		return way{name, func() error {
			_, err := sandbox.Run(ctx, sandbox.Command{Args: []string{"true"}, Isolate: true, Trace: o})
			return err
		}}
	}
	all := []way{
		spawn("true", "true"),
		spawn("strace -f", "strace", "-f", "-o", "/dev/null", "true"),
		spawn("strace -f --seccomp-bpf", "strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true"),
		spawn("ch8 trace", ch8, "trace", "-o", "/dev/null", "--format", "text", "--", "true"),
		spawn("bwrap", "bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "true"),
		box("the box", nil),
		box("the box, recorded", &record.Options{}),
	}
	return slices.DeleteFunc(all, func(w way) bool { return w.run == nil })
}

// A spent is what something took: on the clock, and of the processors.
type spent struct{ clock, processor time.Duration }

// processorTime is what this process and its reaped descendants have
// used of the processors, see getrusage(2).
func processorTime() (sum time.Duration) {
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		unix.Getrusage(who, &r)
		sum += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return sum
}

// starting times each way in each of 31 rounds.
func starting(ctx context.Context, tmp string) (string, error) {
	ch8, err := builtCh8(ctx, tmp)
	if err != nil {
		return "", err
	}
	all := ways(ctx, ch8)
	took := make([][]spent, len(all))
	for range 31 {
		for i, w := range all {
			clock, processor := time.Now(), processorTime()
			if err := w.run(); err != nil {
				return "", fmt.Errorf("%s: %w", w.name, err)
			}
			took[i] = append(took[i], spent{time.Since(clock), processorTime() - processor})
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-26s %10s %10s   ms, the median of 31\n", "", "clock", "processor")
	for i, w := range all {
		fmt.Fprintf(&b, "%-26s %10.1f %10.1f\n", w.name,
			median(took[i], func(s spent) time.Duration { return s.clock }),
			median(took[i], func(s spent) time.Duration { return s.processor }))
	}
	return b.String(), nil
}

// median is the median of one of the two times, in milliseconds.
func median(took []spent, of func(spent) time.Duration) float64 {
	var times []time.Duration
	for _, s := range took {
		times = append(times, of(s))
	}
	slices.Sort(times)
	return times[len(times)/2].Seconds() * 1e3
}
