//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// The part of rusage about what the book names beside the times:
// page faults, signals, and the processor that was given up.

const (
	pages   = 200 // that the child touches first
	sleeps  = 20  // of 1 ms
	signals = 5   // that it handles
)

func allFields() {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		useAll()
		proc.Exit(0)
	}
	// The library's waitid has four arguments, and the kernel's a
	// fifth. With WNOWAIT the child stays a zombie.
	var fifth, usage unix.Rusage
	proc.Check(unix.Waitid(unix.P_PID, pid, nil,
		unix.WEXITED|unix.WNOWAIT, &fifth))
	_, err = proc.Wait4(pid, nil, 0, &usage)
	proc.Check(err)
	report := func(name string, did int, n int64, least bool) {
		counted := "not counted"
		if least && n >= int64(did) || !least && n == int64(did) {
			counted = "counted"
		}
		stdio.Printf("%-18s %3d   %s\n", name, did, counted)
		if *showMs {
			stdio.Printf("  the kernel says %d\n", n)
		}
	}
	stdio.Printf("%-18s did   rusage\n", "the child")
	report("ru_minflt", pages, int64(usage.Minflt), true)
	report("ru_nvcsw", sleeps, int64(usage.Nvcsw), true)
	report("ru_nsignals", signals, int64(usage.Nsignals), false)
	says := "another rusage"
	if fifth == usage {
		says = "the same rusage"
	}
	stdio.Printf("waitid's fifth argument: %s\n", says)
	stdio.Exit(0)
}

// useAll touches pages, sleeps and handles signals.
func useAll() {
	size := os.Getpagesize()
	mem, err := unix.Mmap(-1, 0, pages*size,
		unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	proc.Check(err)
	// With huge pages one fault would be enough for many pages.
	unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	for i := range pages {
		mem[i*size] = 1
	}
	for range sleeps {
		proc.Sleep(1e6)
	}
	proc.Check(proc.Catch(unix.SIGUSR1, 0))
	for range signals {
		unix.Kill(os.Getpid(), unix.SIGUSR1)
	}
}
