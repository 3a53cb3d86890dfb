//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"
)

// BenchmarkOverhead prints the processor time, user and system, of
// programs alone and under each tracer, as multiples of the program
// alone: the median of some runs, the tracers taking turns. All look at
// the same calls. The recorder is measured as a command of its own, like
// strace, and once more when its process is running already, as for the
// checks: what it costs to start a Go program is left out there, and the
// launcher is still forked each time.
//
//	go test -run '^$' -bench Overhead ./internal/trace
func BenchmarkOverhead(b *testing.B) {
	const rounds = 15
	const calls = "trace=fork,vfork,clone,clone3,execve,execveat,exit_group,wait4,waitid,kill,tkill,tgkill," +
		"setsid,setpgid,chdir,umask,pipe2,dup,dup2,dup3,write,writev"
	recorder := filepath.Join(b.TempDir(), "record")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", recorder, "./testdata/record").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
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
	}{
		{"alone", nil},
		{"strace -f", []string{"strace", "-f", "-o", "/dev/null", "-e", calls}},
		{"strace -f --seccomp-bpf", []string{"strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", calls}},
		{"recorder", []string{recorder, os.DevNull}},
		{"recorder, running", []string{recorder, "-n", "2", os.DevNull}},
	}
	var table bytes.Buffer
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(out, "program\talone")
	for _, tool := range tools[1:] {
		fmt.Fprint(out, "\t", tool.name)
	}
	fmt.Fprintln(out)
	for _, p := range programs {
		fmt.Fprint(out, p.name)
		times := make([][]time.Duration, len(tools))
		for range rounds {
			for i, tool := range tools {
				if tool.prefix != nil {
					if _, err := exec.LookPath(tool.prefix[0]); err != nil {
						continue
					}
				}
				args := append(slices.Clone(tool.prefix), p.args...)
				times[i] = append(times[i], processorTime(b, strings.HasSuffix(tool.name, "running"), args))
			}
		}
		alone := median(times[0])
		fmt.Fprintf(out, "\t%.2f ms", float64(alone.Microseconds())/1000)
		for i, tool := range tools[1:] {
			if len(times[i+1]) == 0 {
				fmt.Fprint(out, "\tnot installed")
				continue
			}
			ratio := float64(median(times[i+1])) / float64(alone)
			fmt.Fprintf(out, "\t%.1f", ratio)
			b.ReportMetric(ratio, strings.ReplaceAll(p.name+"/"+tool.name, " ", "-"))
		}
		fmt.Fprintln(out)
	}
	out.Flush()
	fmt.Printf("\nprocessor time, as multiples of the program alone; medians of %d runs\n\n%s\n", rounds, &table)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// processorTime is the time of a command and all it waited for; or,
// with last, what the command says its last round took.
func processorTime(b *testing.B, last bool, args []string) time.Duration {
	b.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		b.Fatalf("%q: %v\n%s", args, err, &said)
	}
	if last {
		lines := strings.Fields(said.String())
		d, err := time.ParseDuration(lines[len(lines)-1])
		if err != nil {
			b.Fatal(err)
		}
		return d
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
