//go:build amd64 || arm64

package trace

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"
)

func init() {
	goPrograms["bench"] = playBench
}

// playBench records the program named by its arguments once, as a
// command of its own would: the cost of starting is in it.
func playBench() {
	os.Unsetenv("TRACE_TEST_PROGRAM")
	o := Options{Sink: func(*Event) error { return nil }}
	if _, out, err := recordArgs(context.Background(), o, nil, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, err, out)
		os.Exit(1)
	}
}

// BenchmarkOverhead prints the CPU time, user and system, of programs
// alone and under each tracer, as multiples of the program alone. All
// tracers look at the same calls.
//
//	go test -run '^$' -bench Overhead -benchtime 20x ./ch8/trace
func BenchmarkOverhead(b *testing.B) {
	exe, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	const calls = "trace=fork,vfork,clone,clone3,execve,execveat,exit_group,wait4,waitid,kill,tkill,tgkill," +
		"setsid,setpgid,chdir,umask,pipe2,dup,dup2,dup3,write,writev"
	programs := []struct {
		name string
		args []string
	}{
		{"double fork", []string{cProgram(b, "doublefork")}},
		{"200 forks", []string{cProgram(b, "loop"), "forks", "200"}},
		{"20,000 calls", []string{cProgram(b, "loop"), "calls", "20000"}},
	}
	tools := []struct {
		name   string
		prefix []string
		env    string
	}{
		{"alone", nil, ""},
		{"strace -f", []string{"strace", "-f", "-o", "/dev/null", "-e", calls}, ""},
		{"strace -f --seccomp-bpf", []string{"strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", calls}, ""},
		{"this recorder", []string{exe}, "TRACE_TEST_PROGRAM=bench"},
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(out, "\nCPU time, as multiples of the program alone\n\nprogram\talone")
	for _, tool := range tools[1:] {
		fmt.Fprint(out, "\t", tool.name)
	}
	fmt.Fprintln(out)
	b.ResetTimer()
	for _, p := range programs {
		fmt.Fprint(out, p.name)
		var alone time.Duration
		for _, tool := range tools {
			if tool.prefix != nil {
				if _, err := exec.LookPath(tool.prefix[0]); err != nil {
					fmt.Fprint(out, "\tnot installed")
					continue
				}
			}
			var total time.Duration
			for range b.N {
				total += cpuTime(b, append(append([]string{}, tool.prefix...), p.args...), tool.env)
			}
			if tool.prefix == nil {
				alone = total
				fmt.Fprintf(out, "\t%.2f ms", float64(total.Microseconds())/float64(b.N)/1000)
				continue
			}
			ratio := float64(total) / float64(alone)
			fmt.Fprintf(out, "\t%.1f", ratio)
			b.ReportMetric(ratio, strings.ReplaceAll(p.name+"/"+tool.name, " ", "-"))
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out)
	out.Flush()
}

// cpuTime is the processor time of a command and all it waited for.
func cpuTime(b *testing.B, args []string, env string) time.Duration {
	b.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), env)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%q: %v\n%s", args, err, out)
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
