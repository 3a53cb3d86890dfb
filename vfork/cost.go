//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Cost compares fork and vfork while the parent's memory grows.
//
// The book: vfork was made because fork copied all memory for a
// child that was to call exec at once. Copy-on-write makes fork
// cheaper, but no copying is cheaper than some copying.
//
// Linux today: fork copies no page, but the page tables that say
// where the pages are: 8 bytes for each page, so 2 kB for each
// MiB in pages of 4 kB. vfork copies none of them. How long both
// take is shown, and nothing is claimed of it. -svg draws it.
//
// To see it:
//
//	go run ./vfork cost
//	go run ./vfork cost -max 256 -svg cost.svg

var costFlags = flag.NewFlagSet("cost", flag.ContinueOnError)

var (
	costMax   = costFlags.Int("max", 1024, "largest size, in `MiB`")
	costRuns  = costFlags.Int("n", 5, "forks of each kind; the median counts")
	costBrief = costFlags.Bool("brief", false, "only the last line")
	costSVG   = costFlags.String("svg", "", "draw the times into `file`")
)

// A costRow is one line of the table.
type costRow struct {
	mib         int
	fork, vfork time.Duration
	tables      int // kB: the page tables of a forked child
}

func cost() {
	largest := min(*costMax, roomFor())
	var rows []costRow
	for mib := 1; mib <= largest; mib *= 4 {
		row, err := costOf(mib)
		if err != nil {
			fmt.Println("no more memory:", err)
			break
		}
		rows = append(rows, row)
		if *costBrief {
			continue
		}
		if mib == 1 {
			fmt.Println("   MiB     fork    vfork   page tables")
		}
		fmt.Printf("%6d %5d µs %5d µs %10d kB\n", mib,
			row.fork.Microseconds(), row.vfork.Microseconds(), row.tables)
	}
	if len(rows) < 2 {
		fmt.Println("two sizes are needed to compare")
		proc.Exit(1)
	}
	first, last := rows[0], rows[len(rows)-1]
	rate := float64(last.tables-first.tables) / float64(last.mib-first.mib)
	fmt.Printf("fork copies %.0f kB of page tables for each MiB, "+
		"vfork 0\n", rate)
	if *costSVG != "" {
		proc.Check(os.WriteFile(*costSVG, chart(rows), 0o666))
	}
}

// costOf measures with mib MiB of resident memory.
func costOf(mib int) (row costRow, err error) {
	b, err := unix.Mmap(-1, 0, mib<<20, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return row, err
	}
	defer unix.Munmap(b)
	unix.Madvise(b, unix.MADV_NOHUGEPAGE) // each page has an entry
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

// median is the time from the start of a child to its collection.
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

// tablesOfChild is the size of a forked child's page tables in kB.
func tablesOfChild() int {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 { // it lives until its parent has looked
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

// roomFor is how many MiB may be used: half of what is free.
func roomFor() int {
	free := field("/proc/meminfo", "MemAvailable:") / 1024
	var limit int
	b, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err == nil {
		fmt.Sscan(string(b), &limit) // "max": none
	}
	if limit > 0 {
		free = min(free, limit>>20)
	}
	return free / 2
}

// field is the number after the key in a file of /proc.
func field(file, key string) (n int) {
	b, err := os.ReadFile(file)
	proc.Check(err)
	_, after, _ := strings.Cut(string(b), key)
	fmt.Sscan(after, &n)
	return n
}
