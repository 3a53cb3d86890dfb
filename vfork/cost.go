//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"
)

// Cost compares fork and vfork, for a parent that has more and
// more memory.
//
// The book: vfork avoids the copy of the parent's memory, which a
// child that calls exec at once does not need. Copy-on-write makes
// fork cheaper, but no copying is still faster than some copying.
//
// Linux today: fork does not copy pages. It copies the page
// tables, which say where the pages are: 8 bytes for each page, so
// 2 kB for each MiB in pages of 4 kB. vfork does not copy them.
// The times are printed; the checks do not depend on them.
//
// To see it:
//
//	go run ./vfork cost
//	go run ./vfork cost --max 256

var costFlags = flag.NewFlagSet("cost", flag.ContinueOnError)

var (
	costMax  = costFlags.Int("max", 1024, "largest size, in `MiB`")
	costRuns = costFlags.Int("n", 5,
		"how many forks of each kind; the median is printed")
	costBrief = costFlags.Bool("brief", false,
		"print only the last line")
)

// A costRow is one line of the table.
type costRow struct {
	mib         int
	fork, vfork time.Duration
	tables      int // kB: the page tables of a forked child
}

func cost() {
	if *costMax < 4 {
		proc.Cannot("--max takes a number from 4, " +
			"because two sizes are compared")
	}
	largest := min(*costMax, freeMiB()/2)
	if largest < 4 {
		proc.Cannot("it needs 8 MiB of free memory: " +
			"end another program first")
	}
	var rows []costRow
	for mib := 1; mib <= largest; mib *= 4 {
		row, err := costOf(mib)
		if err != nil {
			fmt.Fprintln(os.Stderr, "no more memory:", err)
			break
		}
		rows = append(rows, row)
		if *costBrief {
			continue
		}
		if mib == 1 {
			fmt.Println("   MiB     fork    vfork   page tables")
		}
		fmt.Printf("%6d %5d µs %5d µs %10d kB\n",
			mib, row.fork.Microseconds(),
			row.vfork.Microseconds(), row.tables)
	}
	if len(rows) < 2 {
		proc.Cannot("it could not get 4 MiB of memory: " +
			"end another program first")
	}
	first, last := rows[0], rows[len(rows)-1]
	grown := float64(last.mib - first.mib)
	rate := float64(last.tables-first.tables) / grown
	fmt.Printf("fork copies %.0f kB of page tables for each MiB, "+
		"vfork 0\n", rate)
}

// freeMiB is how much memory is free, in MiB, on the machine and in
// its control group.
func freeMiB() int {
	free := field("/proc/meminfo", "MemAvailable:") / 1024
	if limit := cgroup("memory.max"); limit > 0 {
		free = min(free, (limit-cgroup("memory.current"))>>20)
	}
	return free
}

// cgroup is the number in a file of the control group, or 0 if
// there is no such file or no limit ("max").
func cgroup(file string) (n int) {
	b, err := os.ReadFile("/sys/fs/cgroup/" + file)
	if err == nil {
		fmt.Sscan(string(b), &n)
	}
	return n
}
