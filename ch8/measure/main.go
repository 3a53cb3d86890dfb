//go:build linux

// Measure writes docs/measurements.md and its charts: what a fork
// costs here, what recording and checking cost, and how long the
// tests take. It takes some minutes and wants a machine that does
// nothing else.
//
//	make measure
//
// Everything is a ratio to something run beside it, round by
// round; absolute times are of this machine on this day.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/ch8/timeline"

	"golang.org/x/sys/unix"
)

func main() {
	if err := measure(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// A section is a heading and what stands under it.
type section struct {
	title, text string
	run         func(ctx context.Context, tmp string) (string, error)
}

var sections = []section{
	{"A child: fork and vfork from Go, C and Python, and starting again",
		"`make bench`: each child calls `_exit` at once and is waited for. The C program is dynamically linked and has as much resident memory as the Go one.",
		func(ctx context.Context, _ string) (string, error) {
			return output(ctx, "go", "run", "./ch8/proc/bench", "-rounds", "15")
		}},
	{"The parent's memory", "Microseconds for a child and its wait, as the touched memory of a C program grows; `spawn` executes /bin/true. A fork copies the page tables, vfork and posix_spawn do not. The chart: [measurements-memory.svg](measurements-memory.svg).", growth},
	{"Recording against strace", "`make bench-trace`: processor time as a multiple of the bare run, in the same run.",
		func(ctx context.Context, _ string) (string, error) {
			return output(ctx, "go", "test", "-count=1", "-run", "^$", "-bench", ".", "./ch8/trace")
		}},
	{"Checking", "Every claim on our own programs, and what a single check takes.", checking},
	{"Grading", "The C twins of the five default exercises as submissions, three runs each.", grading},
	{"The tests", "`go test -count=1 ./...` from a warm build cache, by package.",
		func(ctx context.Context, _ string) (string, error) {
			return output(ctx, "go", "test", "-count=1", "./...")
		}},
}

func measure(ctx context.Context) error {
	if _, err := os.Stat("go.mod"); err != nil {
		return fmt.Errorf("run it in the suite's folder, the one with go.mod: make measure")
	}
	tmp, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	var b strings.Builder
	fmt.Fprintf(&b, "# Measurements\n\nMade by `make measure`: %s\n", machine())
	b.WriteString("\nThe ratios are what counts; the times are this machine's.\n")
	for _, s := range sections {
		fmt.Fprintln(os.Stderr, "measuring:", s.title)
		text, err := s.run(ctx, tmp)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", s.title, s.text, strings.TrimRight(text, "\n"))
	}
	return os.WriteFile(filepath.Join("docs", "measurements.md"), []byte(b.String()), 0o644)
}

// machine says what this was measured on.
func machine() string {
	model := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range bytes.Lines(b) {
			if name, value, ok := bytes.Cut(line, []byte(":")); ok && string(bytes.TrimSpace(name)) == "model name" {
				model = string(bytes.TrimSpace(value))
				break
			}
		}
	}
	var u unix.Utsname
	unix.Uname(&u)
	return fmt.Sprintf("%s, %d × %s, Linux %s, %s.", time.Now().Format(time.DateOnly),
		runtime.NumCPU(), model, unix.ByteSliceToString(u.Release[:]), runtime.Version())
}

// output is what a command prints, both ways.
func output(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// growth times children of parents of 1 MiB to 1 GiB, as far as the
// machine has the memory.
func growth(ctx context.Context, tmp string) (string, error) {
	grow := filepath.Join(tmp, "grow")
	if _, err := output(ctx, "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", grow, "ch8/measure/c/grow.c"); err != nil {
		return "", err
	}
	calls := []string{"fork", "vfork", "spawn"}
	chart := timeline.LineChart{
		Title: "A child of a large parent", X: "touched memory of the parent, MiB", Y: "µs for a child",
		LogX: true, LogY: true, Series: make([]timeline.Series, len(calls)),
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%8s %10s %10s %10s   µs, the median of 5\n", "MiB", calls[0], calls[1], calls[2])
	for mib := 1; mib <= 1024; mib *= 4 {
		if mib<<20 > int(freeMemory()/2) {
			fmt.Fprintf(&b, "%8d   not enough memory\n", mib)
			break
		}
		times := make([][]float64, len(calls))
		for range 5 {
			for i, call := range calls {
				n := "20"
				if mib < 64 {
					n = "200"
				}
				out, err := output(ctx, grow, call, n, strconv.Itoa(mib))
				if err != nil {
					return "", err
				}
				us, err := strconv.ParseFloat(strings.TrimSpace(out), 64)
				if err != nil {
					return "", err
				}
				times[i] = append(times[i], us)
			}
		}
		fmt.Fprintf(&b, "%8d", mib)
		for i := range calls {
			slices.Sort(times[i])
			median := times[i][len(times[i])/2]
			chart.Series[i].Name = calls[i]
			chart.Series[i].Points = append(chart.Series[i].Points, timeline.Point{X: float64(mib), Y: median})
			fmt.Fprintf(&b, " %10.1f", median)
		}
		fmt.Fprintln(&b)
	}
	f, err := os.Create(filepath.Join("docs", "measurements-memory.svg"))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return b.String(), chart.SVG(f, timeline.SVGOptions{})
}

// freeMemory is what the machine can give, in bytes.
func freeMemory() uint64 {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return 0
	}
	return s.Freeram * uint64(s.Unit)
}

// checking times all checks, and one.
func checking(ctx context.Context, tmp string) (string, error) {
	ch8 := filepath.Join(tmp, "ch8")
	if _, err := output(ctx, "go", "build", "-o", ch8, "./ch8"); err != nil {
		return "", err
	}
	var b strings.Builder
	for _, args := range [][]string{{"check"}, {"check", "fork/glob"}, {"check", "doublefork/doublefork"}} {
		start := time.Now()
		out, err := exec.CommandContext(ctx, ch8, args...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("ch8 %s: %w\n%s", strings.Join(args, " "), err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		last := ""
		for _, l := range lines {
			if strings.Contains(l, " claims: ") {
				last = l
			}
		}
		fmt.Fprintf(&b, "ch8 %-28s %6.2f s   %s\n", strings.Join(args, " "), time.Since(start).Seconds(), last)
	}
	return b.String(), nil
}

// grading times submissions made of the C twins.
func grading(ctx context.Context, tmp string) (string, error) {
	const students = 20
	dir := filepath.Join(tmp, "submissions")
	for i := range students {
		for _, x := range []string{"fork/glob", "vfork/glob", "exit/stdio", "wait/status", "doublefork/doublefork"} {
			folder, name, _ := strings.Cut(x, "/")
			source, err := os.ReadFile(filepath.Join(folder, "c", name+".c"))
			if err != nil {
				return "", err
			}
			to := filepath.Join(dir, fmt.Sprintf("student%02d", i), folder+"-"+name)
			if err := os.MkdirAll(to, 0o755); err != nil {
				return "", err
			}
			if err := os.WriteFile(filepath.Join(to, "main.c"), source, 0o644); err != nil {
				return "", err
			}
		}
	}
	start := time.Now()
	if _, err := output(ctx, filepath.Join(tmp, "ch8"), "grade", "-o", filepath.Join(tmp, "results"), dir); err != nil {
		return "", err
	}
	took := time.Since(start).Seconds()
	return fmt.Sprintf("%d submissions of 5 exercises, 3 runs each: %.1f s, %.2f s a submission\n", students, took, took/students), nil
}
