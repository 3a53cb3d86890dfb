//go:build linux

// Bench times what a child costs: fork, _exit and wait, and vfork,
// _exit and wait, by package proc; the same in C with as much resident
// memory, in Python; and starting this program again, which is what Go
// offers instead of fork.
//
//	go run ./ch8/proc/bench [--rounds 11] [--with OTHER]
//
// The programs take turns, so that a noisy machine is as noisy for
// all of them; what counts are the ratios of each round. C and Python
// are left out, with a message, where they are not installed. OTHER is
// another build of this program, or a commit of this repository that it
// is built from: its fork and vfork take turns with the others. It is the
// first edition (commit 7834fde) if nothing is said, and none if OTHER is
// empty.
//
// Two things are measured: the time that passes, and the processor
// time of parent and children together, which depends less on what
// else the machine does.
//
// The rows "raw wait" show where the time goes that Go needs beyond C.
// There the parent waits by a bare system call instead of Waitpid: the
// runtime is not told that the thread blocks, and so its monitor thread
// does not take the only processor away, which costs two more switches
// between threads for each child. It does so after 20 µs of a call when no
// other processor is idle (retake in runtime/proc.go), and after
// GOMAXPROCS(1), which Fork needs, there is no other. Waitpid must tell the
// runtime: otherwise no other goroutine of the parent could run during a
// wait.
//
// On a virtual machine with two processors, which nobody else used, in 41
// rounds, the ratios to C were, bound to one of them (taskset): fork 1.27,
// with a raw wait 1.15, by the first edition 1.26; vfork 1.24, with a raw
// wait 1.23, by the first edition 1.28. With both: fork 1.32, 1.15 and 1.35;
// vfork 1.05, 1.35 and 1.18. Where others used them too: fork 1.25 to 1.62,
// vfork 1.02 to 1.30. So little is left beside the wait; a child of vfork
// mostly ends before the monitor looks.
//
// The rest of fork is page faults, some 20 for each child, in C as in Go:
// each page that parent or child writes first after the copy, and each page
// of code that the child runs on. The rest of vfork is partly SIGCHLD, which
// Go's runtime catches: with SIG_DFL a child takes 0.8 µs of 13 less.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

var (
	rounds = flag.Int("rounds", 11, "how often the programs take turns")
	one    = flag.String("one", "", "only time this and print the nanoseconds for one child: fork, vfork, rawfork, rawvfork, reexec, exit")
	with   = flag.String("with", "7834fde", "another build of this program, or a commit of it, to compare with")
	count  = flag.Int("count", 1000, "with -one: how many children")
)

func main() {
	flag.Parse()
	if *rounds < 1 || *count < 1 {
		fmt.Fprintln(os.Stderr, "bench: --rounds and --count take numbers from 1 up")
		os.Exit(2)
	}
	if *one != "" {
		ns, cpu := children(*one, *count)
		fmt.Println(ns, cpu)
		return
	}
	if err := table(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// children times n children and returns the nanoseconds for one, and
// those of processor time.
func children(mode string, n int) (ns, cpu int64) {
	start, used := time.Now(), processorTime()
	for range n {
		switch mode {
		case "exit":
			return 0, 0
		case "reexec":
			proc.Check(exec.Command("/proc/self/exe", "-one", "exit").Run())
			continue
		case "fork", "rawfork":
			pid, err := proc.Fork()
			proc.Check(err)
			if pid == 0 {
				proc.Exit(0)
			}
			wait(pid, mode == "rawfork")
		case "vfork", "rawvfork":
			pid, err := proc.Vfork(func() { proc.Exit(0) })
			proc.Check(err)
			wait(pid, mode == "rawvfork")
		}
	}
	return time.Since(start).Nanoseconds() / int64(n), (processorTime() - used) / int64(n)
}

// processorTime is what this process and its reaped children have
// used, in nanoseconds.
func processorTime() int64 {
	var sum int64
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		proc.Check(unix.Getrusage(who, &r))
		sum += r.Utime.Nano() + r.Stime.Nano()
	}
	return sum
}

// wait reaps the child, raw: without telling the runtime.
func wait(pid int, raw bool) {
	if !raw {
		proc.Waitpid(pid, nil, 0)
		return
	}
	syscall.RawSyscall6(syscall.SYS_WAIT4, uintptr(pid), 0, 0, 0, 0, 0)
}

// A contender is one program of the comparison.
type contender struct {
	name string
	args []string
	ns   []int64 // for one child, round by round
	cpu  []int64 // the same of processor time; 0 is unknown
}

const python = `
import os, sys, time
n = int(sys.argv[1])
def cpu():
    return int(sum(os.times()[:4]) * 1e9)
a, b = time.monotonic_ns(), cpu()
for _ in range(n):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
print((time.monotonic_ns() - a) // n, (cpu() - b) // n)
`

func table() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	kib := resident(self)
	all := contenders(self, tmp, kib)
	for range *rounds {
		for _, c := range all {
			out, err := exec.Command(c.args[0], c.args[1:]...).Output()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			var ns, cpu int64
			if n, err := fmt.Sscan(string(out), &ns, &cpu); n == 0 {
				return fmt.Errorf("%s printed %q: %w", c.name, out, err)
			}
			c.ns, c.cpu = append(c.ns, ns), append(c.cpu, cpu)
		}
	}
	fmt.Printf("%d rounds, %s KiB resident\n\n", *rounds, kib)
	report(all)
	return nil
}

// contenders are the programs that take turns.
func contenders(self, tmp, kib string) []*contender {
	all := []*contender{
		{name: "Go fork", args: []string{self, "-one", "fork", "-count", "1000"}},
		{name: "Go vfork", args: []string{self, "-one", "vfork", "-count", "2000"}},
		{name: "Go fork, raw wait", args: []string{self, "-one", "rawfork", "-count", "1000"}},
		{name: "Go vfork, raw wait", args: []string{self, "-one", "rawvfork", "-count", "2000"}},
		{name: "Go re-exec", args: []string{self, "-one", "reexec", "-count", "50"}},
	}
	if other, err := otherBuild(tmp); err != nil {
		fmt.Printf("without %s: %v\n", *with, err)
	} else if other != "" {
		all = append(all,
			&contender{name: "other Go fork", args: []string{other, "-one", "fork", "-count", "1000"}},
			&contender{name: "other Go vfork", args: []string{other, "-one", "vfork", "-count", "2000"}})
	}
	if c, err := compile(tmp); err != nil {
		fmt.Println("without C:", err)
	} else {
		all = append(all,
			&contender{name: "C fork", args: []string{c, "fork", "1000", kib}},
			&contender{name: "C vfork", args: []string{c, "vfork", "2000", kib}})
	}
	if _, err := exec.LookPath("python3"); err != nil {
		fmt.Println("without Python:", err)
	} else {
		all = append(all, &contender{name: "Python fork", args: []string{"python3", "-c", python, "300"}})
	}
	return all
}

// otherBuild is the program that --with names: itself, or built from a
// commit in dir.
func otherBuild(dir string) (string, error) {
	if *with == "" {
		return "", nil
	}
	if _, err := os.Stat(*with); err == nil {
		return filepath.Abs(*with)
	}
	out := filepath.Join(dir, "other")
	script := `mkdir "$0.src" && git archive "$1" | tar -x -C "$0.src" && cd "$0.src" && go build -o "$0" ./ch8/proc/bench`
	if said, err := exec.Command("bash", "-o", "pipefail", "-c", script, out, *with).CombinedOutput(); err != nil {
		return "", fmt.Errorf("it is neither a file nor a commit that builds here (%w) %s", err, bytes.TrimSpace(said))
	}
	return out, nil
}

// report prints the times and the ratios.
func report(all []*contender) {
	fmt.Printf("%-18s %10s %10s %10s %10s   µs a child\n", "", "min", "median", "max", "processor")
	byName := map[string]*contender{}
	for _, c := range all {
		byName[c.name] = c
		s := slices.Sorted(slices.Values(c.ns))
		cpu := slices.Sorted(slices.Values(c.cpu))
		fmt.Printf("%-18s %10.1f %10.1f %10.1f %10.1f\n", c.name, us(s[0]), us(s[len(s)/2]), us(s[len(s)-1]), us(cpu[len(cpu)/2]))
	}
	fmt.Printf("\n%-30s %8s %10s   median of the rounds\n", "ratio", "time", "processor")
	for _, r := range [][2]string{
		{"Go fork", "C fork"}, {"Go fork, raw wait", "C fork"}, {"other Go fork", "C fork"},
		{"Go vfork", "C vfork"}, {"Go vfork, raw wait", "C vfork"}, {"other Go vfork", "C vfork"},
		{"Go re-exec", "Go fork"}, {"Python fork", "Go fork"},
	} {
		a, b := byName[r[0]], byName[r[1]]
		if a != nil && b != nil {
			fmt.Printf("%-30s %8.2f %10.2f\n", r[0]+" / "+r[1], ratio(a.ns, b.ns), ratio(a.cpu, b.cpu))
		}
	}
}

func us(ns int64) float64 { return float64(ns) / 1e3 }

// ratio is the median of the ratios round by round.
func ratio(a, b []int64) float64 {
	var r []float64
	for i := range a {
		if a[i] == 0 || b[i] == 0 {
			return math.NaN() // an older build does not say it
		}
		r = append(r, float64(a[i])/float64(b[i]))
	}
	slices.Sort(r)
	return r[len(r)/2]
}

// resident is how much memory the forking Go program has, in KiB:
// the C program is given as much.
func resident(self string) string {
	script := `"$0" -one fork -count 1000000 >/dev/null & sleep 0.2; sed -n 's/VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$!/status; kill $!; wait`
	out, _ := exec.Command("sh", "-c", script, self).Output()
	if kib := strings.TrimSpace(string(out)); kib != "" {
		return kib
	}
	fmt.Fprintln(os.Stderr, "bench: how much memory the Go program has could not be read: 4096 KiB are assumed")
	return "4096"
}

// compile builds the C program, dynamically linked.
func compile(dir string) (string, error) {
	source := filepath.Join("ch8", "proc", "bench", "c", "forks.c")
	out := filepath.Join(dir, "forks")
	b, err := exec.Command("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", out, source).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w %s", err, b)
	}
	return out, nil
}
