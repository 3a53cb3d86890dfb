//go:build linux

package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// costOf measures with mib MiB of resident memory in the parent.
func costOf(mib int) (row costRow, err error) {
	b, err := unix.Mmap(-1, 0, mib<<20,
		unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return row, err
	}
	defer unix.Munmap(b)
	unix.Madvise(b, unix.MADV_NOHUGEPAGE) // an entry for each page
	for i := 0; i < len(b); i += os.Getpagesize() {
		b[i] = 1
	}
	row.mib = mib
	row.fork = median(func() int {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			proc.Exit(0)
		}
		return pid
	})
	row.vfork = median(func() int {
		pid, err := proc.Vfork(func() { proc.Exit(0) })
		proc.Check(err)
		return pid
	})
	row.tables = tablesOfChild()
	return row, nil
}

// median is the time from the start of a child until it is reaped.
func median(start func() int) time.Duration {
	took := make([]time.Duration, max(*costRuns, 1))
	for i := range took {
		from := time.Now()
		_, err := proc.Waitpid(start(), nil, 0)
		proc.Check(err)
		took[i] = time.Since(from)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// tablesOfChild is the size of the page tables of a forked child,
// in kB.
func tablesOfChild() int {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // lives until its parent has looked
		unix.Close(p[1])
		proc.Read(p[0], make([]byte, 1))
		proc.Exit(0)
	}
	unix.Close(p[0])
	kB := field(fmt.Sprintf("/proc/%d/status", pid), "VmPTE:")
	unix.Close(p[1])
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	return kB
}

// field is the number after the key in a file of /proc.
func field(file, key string) (n int) {
	b, err := os.ReadFile(file)
	proc.Check(err)
	_, after, _ := strings.Cut(string(b), key)
	fmt.Sscan(after, &n)
	return n
}
