//go:build linux

// Bench times what a child costs: fork, _exit and wait, and vfork,
// _exit and wait, by this suite's proc package, against the same in
// C with as much resident memory, in Python, and against starting
// this program again, which is what Go offers in place of fork.
//
//	go run ./ch8/proc/bench [-rounds 11]
//
// The programs take turns, so that a noisy machine is as noisy for
// all; what counts are the ratios of each round. C and Python are
// left out, and it is said, where they are not installed.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/ch8/proc"
)

var (
	rounds = flag.Int("rounds", 11, "how often the programs take turns")
	one    = flag.String("one", "", "only time this and print the nanoseconds for one child: fork, vfork, reexec, exit")
	count  = flag.Int("count", 1000, "with -one: how many children")
)

func main() {
	flag.Parse()
	if *rounds < 1 || *count < 1 {
		fmt.Fprintln(os.Stderr, "bench: -rounds and -count are numbers from 1 on")
		os.Exit(2)
	}
	if *one != "" {
		fmt.Println(children(*one, *count))
		return
	}
	if err := table(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// children times n children and returns the nanoseconds for one.
func children(mode string, n int) int64 {
	start := time.Now()
	for range n {
		switch mode {
		case "exit":
			return 0
		case "reexec":
			proc.Check(exec.Command("/proc/self/exe", "-one", "exit").Run())
			continue
		case "fork":
			pid, err := proc.Fork()
			proc.Check(err)
			if pid == 0 {
				proc.Exit(0)
			}
			proc.Waitpid(pid, nil, 0)
		case "vfork":
			pid, err := proc.Vfork(func() { proc.Exit(0) })
			proc.Check(err)
			proc.Waitpid(pid, nil, 0)
		}
	}
	return time.Since(start).Nanoseconds() / int64(n)
}

// A contender is one program of the comparison.
type contender struct {
	name string
	args []string
	ns   []int64
}

const python = `
import os, sys, time
n = int(sys.argv[1])
a = time.monotonic_ns()
for _ in range(n):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
print((time.monotonic_ns() - a) // n)
`

func table() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	kib := resident(self)
	all := []*contender{
		{name: "Go fork", args: []string{self, "-one", "fork", "-count", "1000"}},
		{name: "Go vfork", args: []string{self, "-one", "vfork", "-count", "2000"}},
		{name: "Go re-exec", args: []string{self, "-one", "reexec", "-count", "50"}},
	}
	tmp, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
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
	for range *rounds {
		for _, c := range all {
			out, err := exec.Command(c.args[0], c.args[1:]...).Output()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			ns, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
			if err != nil {
				return err
			}
			c.ns = append(c.ns, ns)
		}
	}
	fmt.Printf("%d rounds, %s KiB resident\n\n%-12s %10s %10s %10s   µs a child\n", *rounds, kib, "", "min", "median", "max")
	byName := map[string]*contender{}
	for _, c := range all {
		byName[c.name] = c
		s := slices.Sorted(slices.Values(c.ns))
		fmt.Printf("%-12s %10.1f %10.1f %10.1f\n", c.name, us(s[0]), us(s[len(s)/2]), us(s[len(s)-1]))
	}
	fmt.Printf("\n%-26s %8s   of each round\n", "ratio", "median")
	for _, r := range [][2]string{{"Go fork", "C fork"}, {"Go vfork", "C vfork"}, {"Go re-exec", "Go fork"}, {"Python fork", "Go fork"}} {
		a, b := byName[r[0]], byName[r[1]]
		if a != nil && b != nil {
			fmt.Printf("%-26s %8.2f\n", r[0]+" / "+r[1], ratio(a.ns, b.ns))
		}
	}
	return nil
}

func us(ns int64) float64 { return float64(ns) / 1e3 }

// ratio is the median of the ratios round by round.
func ratio(a, b []int64) float64 {
	var r []float64
	for i := range a {
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
