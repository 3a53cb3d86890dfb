//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"text/tabwriter"
	"time"
)

// BenchmarkCost prints the processor time, user and system, that each
// tracer adds to a program: for one fork (with the child's _exit and the
// parent's wait), for one call that is recorded (umask), and for all of
// true. The tracers take turns, so that a noisy machine is as noisy for all
// of them; the figures are medians. The programs have debug information,
// and so the recorder tells a source line with each call, which strace does
// not. All of them stop at the same calls.
//
// The rows: strace, without and with its filter; floor, a tracer in C that
// has the recorder's stops and does nothing with them; recorder, the
// smallest program around this package; and ch8 trace, which starts itself
// once more as the keeper of its box, and takes the events from there.
//
//	make bench-trace
//
// Of the recorder's own time for a fork, perf shows a quarter in waiting for
// reports and a quarter in letting threads go on; the floor has these too. A
// tenth goes to the three source lines (the stack pointer comes with each
// stop; usually one word of the stack is read), a tenth to the monitor of
// Go's runtime, a sixteenth to the events, and most of the rest to what the
// kernel is asked at the stops of a birth and of an exit. Of a call it is
// the source line and the event. ch8 trace adds that the events go through
// a pipe as JSON lines, and from there into the file. On two processors most of
// the time of every tracer, the floor among them, is spent waking the other
// processor; bound to one (taskset -c 1 make bench-trace) the figures are a
// half to a quarter of that and vary less.
//
// Three runs on a machine with two processors that did nothing else, as
// multiples of strace with its filter: for a fork the recorder 0.91, 0.84 and
// 0.86, ch8 trace 0.82, 0.85 and 0.81; for a call the recorder 0.88, 0.80 and
// 0.76, ch8 trace 0.78, 0.86 and 0.80. Bound to one processor both take 0.78
// for a fork and 1.02 for a call, that is 0.3 µs of 14.5: the source line,
// which strace does not tell, and the event take more than that. Before, a
// fork took 1.0 to 1.2. Two things had made the difference between the runs:
// Go's monitor takes the processor from a goroutine that has gone on for
// 10 ms, and then looks every 20 µs for a while whether to do so again (the
// recorder lets others run every 5 ms now); and at each exit the whole stack
// was walked.
//
// What true costs is the start of programs, and of that mostly the pages that
// a process touches for the first time, 5 to 10 µs each in a virtual machine.
// perf stat -e page-faults counts 330 for strace with true, 165 for an empty
// Go program, 780 for the smallest recorder with true, and 1,800 for ch8
// trace: 820 in its first process, most of them before main, where the
// packages of all verbs set up what they have; 800 in the keeper, which is
// the same file and begins before most of these packages; and the rest in the
// launcher before it becomes true. So ch8 trace true costs about three times
// the processor time of strace, and the smallest recorder one and a half times.
// On the clock make measure, where each tracer runs once in its turn, saw 1.8
// and 1.9 times (10.7 ms and 5.7 ms), and a loop of nothing else, in which all
// stays in the processor's caches, 2.8 to 3.4 times (10.7 ms and 3.1 to 4.0).
// Patterns are compiled when they are first needed, folders are made with the
// first file in them, and of the names in the C library only those are looked
// for that the program's end needs: before, ch8 trace touched 2,200 pages. A
// pattern with a large count is the dearest: one of a parser of Markdown was
// an eighth of that (GODEBUG=inittrace=1 shows what each package allocates).
// Nothing else is started: a run does not try out ptrace before it uses it.
// Filling the pages with one call (MADV_POPULATE_WRITE) was tried and costs
// more than it saves.
func BenchmarkCost(b *testing.B) {
	const rounds, forks, calls = 9, 500, 10000
	const traced = "trace=fork,vfork,clone,clone3,execve,execveat,exit_group,wait4,waitid,kill,tkill,tgkill," +
		"setsid,setpgid,chdir,umask,pipe2,dup,dup2,dup3,write,writev"
	tools := []*tracer{
		{name: "alone"},
		{name: "strace -f", prefix: []string{"strace", "-f", "-o", os.DevNull, "-e", traced}},
		{name: "strace -f --seccomp-bpf", prefix: []string{"strace", "-f", "--seccomp-bpf", "-o", os.DevNull, "-e", traced}},
		{name: "floor", prefix: []string{cProgram(b, "floor", "-O2")}},
		{name: "recorder", prefix: []string{built(b, "./testdata/record"), os.DevNull}},
		{name: "ch8 trace", prefix: []string{built(b, "apue/ch8"), "trace", "-o", os.DevNull, "--"}},
	}
	if _, err := exec.LookPath("strace"); err != nil {
		b.Skip("no strace: install it")
	}
	loop := cProgram(b, "loop", "-g")
	for range rounds {
		for _, t := range tools {
			none := t.run(b, loop, "umask", "0")
			t.whole = append(t.whole, t.run(b, "/bin/true"))
			t.fork = append(t.fork, (t.run(b, loop, "forks", strconv.Itoa(forks))-none)/forks)
			t.call = append(t.call, (t.run(b, loop, "umask", strconv.Itoa(calls))-none)/calls)
		}
	}
	printCosts(b, tools)
}

// A tracer is one row: its command, and the processor time of each round
// for all of true, for one fork, and for one call.
type tracer struct {
	name              string
	prefix            []string
	whole, fork, call []time.Duration
}

// run is the processor time of a command under the tracer, with that of
// all it has waited for.
func (t *tracer) run(b *testing.B, args ...string) time.Duration {
	b.Helper()
	args = append(slices.Clone(t.prefix), args...)
	cmd := exec.Command(args[0], args[1:]...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		b.Fatalf("%q: %v\n%s", args, err, &said)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// printCosts prints the table: true as a multiple of strace's, the others as
// what is added to the program alone, also as multiples of strace with its
// filter.
func printCosts(b *testing.B, tools []*tracer) {
	var table bytes.Buffer
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\ttrue\tof strace -f\tadded per fork\tof --seccomp-bpf\tadded per call\tof --seccomp-bpf")
	alone, plain, filtered := tools[0], tools[1], tools[2]
	added := func(t *tracer, of func(*tracer) []time.Duration) float64 {
		return float64(median(of(t))-median(of(alone))) / float64(time.Microsecond)
	}
	fork := func(t *tracer) []time.Duration { return t.fork }
	call := func(t *tracer) []time.Duration { return t.call }
	for _, t := range tools {
		whole := median(t.whole)
		ratio := float64(whole) / float64(median(plain.whole))
		forks, calls := added(t, fork)/added(filtered, fork), added(t, call)/added(filtered, call)
		fmt.Fprintf(out, "%s\t%.2f ms\t%.2f\t%.1f µs\t%.2f\t%.2f µs\t%.2f\n",
			t.name, float64(whole)/float64(time.Millisecond), ratio, added(t, fork), forks, added(t, call), calls)
	}
	out.Flush()
	fmt.Printf("\nprocessor time, user and system; medians of %d rounds\n\n%s\n", len(alone.whole), &table)
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

// built is a Go program, built for this run, and without cgo, as the
// documentation says that ch8 is built: nothing has to be linked at its start.
func built(b *testing.B, pkg string) string {
	b.Helper()
	exe := filepath.Join(b.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", exe, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return exe
}
