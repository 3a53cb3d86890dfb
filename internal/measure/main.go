//go:build linux

// Measure writes docs/measurements.md and its charts: what a fork
// costs here, what recording and checking cost, and how long the
// tests take. It takes some minutes and wants a machine that does
// nothing else.
//
//	make measure
//	go run ./internal/measure -only Starting
//
// Everything is a ratio to something run beside it, round by
// round; absolute times are of this machine on this day.
//
// With the argument soak it runs all checks again and again where it
// is hard, looks whether a verdict changes or anything is left, and
// writes docs/soak.md. That takes an hour or two.
//
//	make soak
//	go run ./internal/measure soak -n 3 -only cpu,memory
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"apue/internal/timeline"

	"golang.org/x/sys/unix"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM)
	defer stop()
	run, args := measure, os.Args[1:]
	if len(args) > 0 {
		if beside := besides[args[0]]; beside != nil {
			run = func(_ context.Context, args []string) error { return beside(args[1:]) }
		} else if args[0] == "soak" {
			run = func(ctx context.Context, args []string) error { return soak(ctx, args[1:]) }
		}
	}
	if err := run(ctx, args); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		if errors.As(err, new(usageError)) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// A usageError is one in what was asked for.
type usageError struct{ error }

// A section is a heading and what stands under it.
type section struct {
	title, text string
	run         func(ctx context.Context, tmp string) (string, error)
}

var sections = []section{
	{"A child: fork and vfork from Go, C and Python, and starting again",
		"`make bench`: each child calls `_exit` at once and is waited for. The C program is dynamically linked and has as much resident memory as the Go one.",
		children},
	{"The parent's memory", "Microseconds for a child and its wait, as the touched memory of a C program grows; `spawn` executes /bin/true. A fork copies the page tables, vfork and posix_spawn do not. The chart: [measurements-memory.svg](measurements-memory.svg).", growth},
	{"Recording against strace", "`make bench-trace` says what its columns are.",
		func(ctx context.Context, _ string) (string, error) {
			return output(ctx, "make", "--silent", "bench-trace")
		}},
	{"Starting", "The program `true`, run in each of these ways, one after the other in each round. `ch8 check` and `ch8 grade` start the box from a process that is already running; the other rows start a program that starts `true`.", starting},
	{"Checking", "Every claim on our own programs, and what a single check takes.", checking},
	{"Grading", "200 submissions of the five default exercises: our C twins, and of every other one, three are programs that sleep as the book's do. Each is built and run three times (of each way to give it standard output that the exercise asks for).", grading},
	{"The tests", "`go test -count=1 ./...` from a warm build cache, by package.",
		func(ctx context.Context, _ string) (string, error) {
			return output(ctx, "go", "test", "-count=1", "./...")
		}},
}

// inSuite says how to run this, where it is not run so.
func inSuite() error {
	if _, err := os.Stat("go.mod"); err != nil {
		return fmt.Errorf("run it in the suite's folder, the one with go.mod: make measure")
	}
	return nil
}

// toolchains are the Go that runs this and, if the module proxy can be
// reached and has a newer one, the newest.
func toolchains(ctx context.Context) []string {
	mine := runtime.Version()
	newest, err := output(ctx, "go", "list", "-m", "-f", "go{{.Version}}", "go@latest")
	if newest = strings.TrimSpace(newest); err != nil || newest == mine {
		return []string{mine}
	}
	return []string{mine, newest}
}

// children runs make bench with each toolchain.
func children(ctx context.Context, tmp string) (string, error) {
	var b strings.Builder
	for _, version := range toolchains(ctx) {
		bench := filepath.Join(tmp, "bench-"+version)
		if _, err := output(ctx, "env", "GOTOOLCHAIN="+version, "go", "build", "-o", bench, "./ch8/proc/bench"); err != nil {
			return "", err
		}
		out, err := output(ctx, bench, "-rounds", "15")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s: %s\n", version, out)
	}
	return b.String(), nil
}

func measure(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("measure", flag.ExitOnError)
	only := flags.String("only", "", "print the sections whose `title` begins so, and leave docs/measurements.md as it is")
	flags.Parse(args) // it exits
	if flags.NArg() > 0 {
		return usageError{fmt.Errorf("%s: there is only soak: go run ./internal/measure soak", flags.Arg(0))}
	}
	if err := inSuite(); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "measure-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	var b strings.Builder
	before := processors()
	for _, s := range sections {
		if !strings.HasPrefix(s.title, *only) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", s.title)
		text, err := s.run(ctx, tmp)
		if err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n```\n%s\n```\n", s.title, s.text, strings.TrimRight(text, "\n"))
	}
	if *only != "" {
		_, err := fmt.Print(b.String())
		return err
	}
	head := fmt.Sprintf("# Measurements\n\nMade by `make measure`: %s\n", machine())
	head += "\nThe ratios are what counts; the times are this machine's.\n"
	if p := before.stolen(processors()); p >= 1 {
		head += fmt.Sprintf("\nIt is a virtual machine, of whose processors its host gave others %d %% meanwhile:\nthe shortest times tell more than the medians.\n", p)
	}
	return os.WriteFile(filepath.Join("docs", "measurements.md"), []byte(head+b.String()), 0o644)
}

// ticks are the first line of /proc/stat, see proc_stat(5).
type ticks [8]int

func processors() (t ticks) {
	b, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(strings.TrimPrefix(string(b), "cpu "), "\n")
	for i, word := range strings.Fields(line) {
		if i < len(t) {
			t[i], _ = strconv.Atoi(word)
		}
	}
	return t
}

// stolen is the share, in per cent, of the time that a host gave others
// (steal), in what was used and stolen between two looks.
func (t ticks) stolen(later ticks) int {
	const user, nice, system, steal = 0, 1, 2, 7
	passed := func(i int) int { return later[i] - t[i] }
	sum := passed(user) + passed(nice) + passed(system) + passed(steal)
	if sum <= 0 {
		return 0
	}
	return 100 * passed(steal) / sum
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

// command is a command that ends with all of its process group when
// ctx does, and is not waited for because something that it left
// behind still has its output open.
func command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := unix.Kill(-cmd.Process.Pid, unix.SIGKILL); err != unix.ESRCH {
			return err
		}
		return os.ErrProcessDone
	}
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// output is what a command prints, both ways.
func output(ctx context.Context, args ...string) (string, error) {
	out, err := command(ctx, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// growth times children of parents of 1 MiB to 1 GiB, as far as the
// machine has the memory.
func growth(ctx context.Context, tmp string) (string, error) {
	grow := filepath.Join(tmp, "grow")
	if _, err := output(ctx, "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", grow, "internal/measure/c/grow.c"); err != nil {
		return "", err
	}
	calls := []string{"fork", "vfork", "spawn"}
	chart := timeline.LineChart{
		Title: "A child of a large parent", X: "touched memory of the parent, MiB", Y: "µs for a child",
		FormatX: func(mib float64) string { return strconv.FormatFloat(mib, 'f', 0, 64) },
		LogX:    true, LogY: true, Series: make([]timeline.Series, len(calls)),
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
	return b.String(), chart.SVG(f, timeline.Options{})
}

// freeMemory is what the machine can give, in bytes.
func freeMemory() uint64 {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return 0
	}
	return uint64(s.Freeram) * uint64(s.Unit)
}

// builtCh8 is ch8, which the first section that needs it builds.
func builtCh8(ctx context.Context, tmp string) (string, error) {
	ch8 := filepath.Join(tmp, "ch8")
	if _, err := os.Stat(ch8); err == nil {
		return ch8, nil
	}
	_, err := output(ctx, "go", "build", "-o", ch8, "./ch8")
	return ch8, err
}

// checking times all checks, and one.
func checking(ctx context.Context, tmp string) (string, error) {
	ch8, err := builtCh8(ctx, tmp)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, args := range [][]string{{"check"}, {"check", "fork/glob"}, {"check", "doublefork/doublefork"}} {
		start := time.Now()
		out, err := output(ctx, append([]string{ch8}, args...)...)
		if err != nil {
			return "", err
		}
		lines := strings.Split(strings.TrimSpace(out), "\n")
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

var defaults = []string{"fork/glob", "vfork/glob", "exit/stdio", "wait/status", "doublefork/doublefork"}

// submit writes what a student hands in: the C twin of each exercise,
// or another program where there is one for it.
func submit(dir string, student int, exercises []string, others map[string]string) error {
	for _, x := range exercises {
		folder, name, _ := strings.Cut(x, "/")
		from := filepath.Join(folder, "c", name+".c")
		if other := others[x]; other != "" {
			from = other
		}
		source, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, fmt.Sprintf("student%03d", student), folder+"-"+name)
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		// The headers that our twins share.
		headers, err := filepath.Glob(filepath.Join(folder, "c", "*.h"))
		if err != nil {
			return err
		}
		for _, h := range headers {
			text, err := os.ReadFile(h)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(to, filepath.Base(h)), text, 0o644); err != nil {
				return err
			}
		}
		if err := os.WriteFile(filepath.Join(to, "main.c"), source, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// grading times 200 submissions, every other one of programs that
// sleep where the book's do.
func grading(ctx context.Context, tmp string) (string, error) {
	const students = 200
	dir := filepath.Join(tmp, "submissions")
	sleeping := map[string]string{
		"fork/glob":             "fork/testdata/right/glob/sleeps.c",
		"exit/stdio":            "exit/testdata/right/stdio/sleeps.c",
		"doublefork/doublefork": "doublefork/testdata/right/doublefork/book.c",
	}
	for i := range students {
		others := sleeping
		if i%2 == 0 {
			others = nil
		}
		if err := submit(dir, i, defaults, others); err != nil {
			return "", err
		}
	}
	ch8, err := builtCh8(ctx, tmp)
	if err != nil {
		return "", err
	}
	var before, after unix.Rusage
	unix.Getrusage(unix.RUSAGE_CHILDREN, &before)
	start := time.Now()
	results := filepath.Join(tmp, "results")
	if _, err := output(ctx, ch8, "grade", "-o", results, dir); err != nil {
		return "", err
	}
	took := time.Since(start).Seconds()
	unix.Getrusage(unix.RUSAGE_CHILDREN, &after)
	cpu := func(a, b unix.Timeval) float64 { return float64(b.Nano()-a.Nano()) / 1e9 }
	summary, err := os.ReadFile(filepath.Join(results, "summary.csv"))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d submissions: %.0f s, %.2f s each; processor %.0f s user and %.0f s system\n%s", students, took, took/students,
		cpu(before.Utime, after.Utime), cpu(before.Stime, after.Stime),
		strings.Join(strings.SplitAfter(string(summary), "\n")[:3], "")), nil
}
