//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"
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
	costMax  = costFlags.Int("max", 1024, "largest size, in `MiB`")
	costRuns = costFlags.Int("n", 5,
		"forks of each kind; the median counts")
	costBrief = costFlags.Bool("brief", false, "only the last line")
	costSVG   = costFlags.String("svg", "",
		"draw the times into `file`")
)

// A costRow is one line of the table.
type costRow struct {
	mib         int
	fork, vfork time.Duration
	tables      int // kB: the page tables of a forked child
}

func cost() {
	if *costMax < 4 {
		sorry("-max takes a number from 4 up, " +
			"for two sizes are compared")
	}
	largest := min(*costMax, roomFor())
	if largest < 4 {
		sorry("it needs 8 MiB of memory, end something else first")
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
		sorry("there was no memory for two sizes")
	}
	first, last := rows[0], rows[len(rows)-1]
	grown := float64(last.mib - first.mib)
	rate := float64(last.tables-first.tables) / grown
	fmt.Printf("fork copies %.0f kB of page tables for each MiB, "+
		"vfork 0\n", rate)
	if *costSVG != "" {
		proc.Check(os.WriteFile(*costSVG, chart(rows), 0o666))
	}
}

// roomFor is how many MiB may be used: half of what is free.
func roomFor() int {
	free := field("/proc/meminfo", "MemAvailable:") / 1024
	if limit := group("memory.max"); limit > 0 {
		free = min(free, (limit-group("memory.current"))>>20)
	}
	return free / 2
}

// group is the number in a file of the control group, 0 if there
// is none.
func group(file string) (n int) {
	b, err := os.ReadFile("/sys/fs/cgroup/" + file)
	if err == nil {
		fmt.Sscan(string(b), &n) // "max": no limit
	}
	return n
}

// sorry says in a sentence what to do.
func sorry(what string) {
	fmt.Fprintln(os.Stderr, "vfork cost: "+what)
	proc.Exit(2)
}
