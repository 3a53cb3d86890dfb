// A recording takes some milliseconds, and each of its processes would
// spend one looking for a limit of the processors in its cgroup.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Record is the smallest program that records another: record [-n N]
// FILE COMMAND ARGS… writes the recording of COMMAND to FILE, N times, and
// prints the processor time of each time to standard error. It does none
// of the sandbox's work. The benchmarks measure it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"apue/ch8/proc"
	"apue/internal/record"
	"apue/internal/trace"
)

func main() {
	// Fork will do this, when there is more to throw away.
	runtime.GOMAXPROCS(1)
	n := flag.Int("n", 1, "record it so many `times`")
	flag.Parse()
	last := processorTime()
	for range *n {
		if err := recordTo(flag.Arg(0), flag.Args()[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(125)
		}
		now := processorTime()
		fmt.Fprintln(os.Stderr, now-last)
		last = now
	}
}

// processorTime is that of this process and all it has waited for.
func processorTime() time.Duration {
	var sum int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += u.Utime.Nano() + u.Stime.Nano()
		}
	}
	return time.Duration(sum)
}

func recordTo(name string, command []string) error {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var w *trace.Writer
	o := record.Options{
		Begin: func(h *trace.Header) (err error) { w, err = trace.NewWriter(file, h); return err },
		Sink:  func(e *trace.Event) error { return w.Event(e) },
	}
	if _, err := record.Run(context.Background(), command, start(o, path, command), o); err != nil {
		return err
	}
	return w.Flush()
}

// start makes the process that becomes the program.
func start(o record.Options, path string, command []string) record.Start {
	return func() (record.Launched, error) {
		ready, release, err := os.Pipe()
		if err != nil {
			return record.Launched{}, err
		}
		defer ready.Close()
		pid, err := proc.Fork()
		if pid == 0 && err == nil {
			release.Close()
			if n, _ := syscall.Read(int(ready.Fd()), make([]byte, 1)); n == 1 {
				err := record.Filter(o)
				if err == nil {
					err = syscall.Exec(path, command, os.Environ())
				}
				fmt.Fprintln(os.Stderr, err)
			}
			proc.Exit(125)
		}
		return record.Launched{Pid: pid, Release: func() error {
			defer release.Close()
			_, err := release.Write([]byte{1})
			return err
		}}, err
	}
}
