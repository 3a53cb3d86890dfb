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
// writes docs/soak.md. That takes some hours.
//
//	make soak
//	go run ./internal/measure soak -n 3 -only cpu,memory
//
// With -only both make a part of their page anew, and keep the rest of it.
// Each part says when and where it was made, and what else the processors
// did meanwhile.
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
		recording},
	{"Starting", "The program `true`, run in each of these ways, one after the other in each round. `ch8 check` and `ch8 grade` start the box from a process that is already running; the other rows start a program that starts `true`.", starting},
	{"Checking", "Every claim on our own programs, and then what a single check takes beside what a learner does without it. ch8 has the program run in the box, once for each standard output that the exercise asks for, and judges it; each of the others builds it too, and runs it once.", checking},
	{"Grading", "200 submissions of the seven default exercises: our C twins, and of every other one, three are programs that sleep as the book's do. Each is built and run three times (of each way to give it standard output that the exercise asks for). Beside it the first ten of them without ch8: a shell compiles each program and runs it three times in bubblewrap under strace, as many programs at once as there are processors, and judges nothing.", grading},
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
	only := flags.String("only", "", "make the sections whose `title` begins so, and keep the others of docs/measurements.md")
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
	page := filepath.Join("docs", "measurements.md")
	var kept map[string]string
	if *only != "" {
		old, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		kept = parts(string(old))
	}
	var b strings.Builder
	b.WriteString("# Measurements\n\nMade by `make measure`. The ratios are what counts; the times are those of the\nmachine that a section names.\n")
	for _, s := range sections {
		text := kept[s.title]
		if strings.HasPrefix(s.title, *only) {
			fmt.Fprintln(os.Stderr, "measuring:", s.title)
			before := look()
			said, err := s.run(ctx, tmp)
			if err != nil {
				return fmt.Errorf("%s: %w", s.title, err)
			}
			text = fmt.Sprintf("%s\n\nMeasured: %s, %s.%s\n\n```\n%s\n```\n", s.text, time.Now().Format(time.DateOnly), machine(), before.meanwhile(look()), strings.Trim(said, "\n"))
		}
		if text != "" {
			fmt.Fprintf(&b, "\n## %s\n\n%s", s.title, text)
		}
	}
	return os.WriteFile(page, []byte(b.String()), 0o644)
}

// parts are the sections of a page that was made before, by their titles.
func parts(page string) map[string]string {
	found := map[string]string{}
	for _, part := range strings.Split(page, "\n## ")[1:] {
		title, text, _ := strings.Cut(part, "\n\n")
		found[title] = strings.TrimRight(text, "\n") + "\n"
	}
	return found
}

// machine says what this is measured on.
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
	return fmt.Sprintf("%d × %s, Linux %s, %s", runtime.NumCPU(), model, unix.ByteSliceToString(u.Release[:]), runtime.Version())
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

// recording runs make bench-trace with each toolchain.
func recording(ctx context.Context, _ string) (string, error) {
	var b strings.Builder
	for _, version := range toolchains(ctx) {
		out, err := output(ctx, "env", "GOTOOLCHAIN="+version, "make", "--silent", "bench-trace")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%s: %s\n", version, strings.TrimSpace(out))
	}
	return b.String(), nil
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
		Series: make([]timeline.Series, len(calls)),
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
	return b.String(), chart.SVG(f)
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
	_, err := output(ctx, "env", "CGO_ENABLED=0", "go", "build", "-o", ch8, "./ch8") // as README says
	return ch8, err
}

// checking times all checks, and one of a C program beside what others do
// with that program.
func checking(ctx context.Context, tmp string) (string, error) {
	ch8, err := builtCh8(ctx, tmp)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	timed := func(name string, args ...string) error {
		clock, processor := time.Now(), processorTime()
		out, err := output(ctx, args...)
		if err != nil {
			return err
		}
		said := ""
		for line := range strings.Lines(out) {
			if strings.Contains(line, " claims: ") {
				said = line
			}
		}
		fmt.Fprintf(&b, "%-36s %6.2f s, processor %6.2f s   %s\n", name,
			time.Since(clock).Seconds(), (processorTime() - processor).Seconds(), strings.TrimSpace(said))
		return nil
	}
	if err := timed("ch8 check", ch8, "check", "--no-progress"); err != nil {
		return "", err
	}
	for _, x := range []string{"fork/glob", "doublefork/doublefork"} {
		folder, name, _ := strings.Cut(x, "/")
		source, program := filepath.Join(folder, "c", name+".c"), filepath.Join(tmp, name)
		cc := "cc -g -pthread -o " + program + " " + source + " && "
		for _, way := range [][]string{
			{"ch8 check " + x + " -- " + name + ".c", ch8, "check", "--no-progress", x, "--", source},
			{"  cc, strace -f --seccomp-bpf", "sh", "-c", cc + "strace -f --seccomp-bpf -e process,write -o /dev/null " + program},
			{"  cc, the program alone", "sh", "-c", cc + program},
		} {
			if err := timed(way[0], way[1:]...); err != nil {
				return "", err
			}
		}
	}
	return b.String(), nil
}

// defaults are the exercises that ch8 grade asks for if it is not told which.
var defaults = []string{"fork/glob", "vfork/glob", "exit/stdio", "wait/status", "doublefork/doublefork", "exec/echoall", "system/system"}

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

// boxed is a shell script that grades as one would without ch8: each
// source below $1 is compiled, and run three times in bubblewrap, recorded by
// strace.
const boxed = `box="bwrap --unshare-all --ro-bind / / --dev /dev --proc /proc strace -f --seccomp-bpf -e process,write -o /dev/null"
$box true || exit
find "$1" -name main.c | xargs -P "$(nproc)" -I {} sh -c '
	cc -pthread -o {}.out {} || exit
	for run in 1 2 3; do
		'"$box"' {}.out
	done >/dev/null 2>&1
	true'`

// grading times 200 submissions, every other one of programs that
// sleep where the book's do, and beside that boxed.
func grading(ctx context.Context, tmp string) (string, error) {
	dir, few := filepath.Join(tmp, "submissions"), filepath.Join(tmp, "few")
	sleeping := map[string]string{
		"fork/glob":             "fork/testdata/right/glob/sleeps.c",
		"exit/stdio":            "exit/testdata/right/stdio/sleeps.c",
		"doublefork/doublefork": "doublefork/testdata/right/doublefork/book.c",
	}
	const students, without = 200, 10
	for i := range students {
		others := sleeping
		if i%2 == 0 {
			others = nil
		}
		if err := submit(dir, i, defaults, others); err != nil {
			return "", err
		}
		if i >= without {
			continue
		}
		if err := submit(few, i, defaults, others); err != nil {
			return "", err
		}
	}
	ch8, err := builtCh8(ctx, tmp)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	results := filepath.Join(tmp, "results")
	for _, way := range []struct {
		name string
		n    int
		args []string
	}{
		{"ch8 grade", students, []string{ch8, "grade", "-o", results, dir}},
		{"cc, bwrap and strace", without, []string{"sh", "-c", boxed, "sh", few}},
	} {
		clock, processor := time.Now(), processorTime()
		if _, err := output(ctx, way.args...); err != nil {
			return "", err
		}
		took, used := time.Since(clock).Seconds(), (processorTime() - processor).Seconds()
		fmt.Fprintf(&b, "%-21s %3d submissions: %4.0f s, processor %4.0f s; each %.2f s, processor %.2f s\n",
			way.name+":", way.n, took, used, took/float64(way.n), used/float64(way.n))
	}
	summary, err := os.ReadFile(filepath.Join(results, "summary.csv"))
	if err != nil {
		return "", err
	}
	return b.String() + strings.Join(strings.SplitAfter(string(summary), "\n")[:3], ""), nil
}
