//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Interleave lets parent and child write to the same descriptor at
// the same time, many times.
//
// The book: if both write to the same descriptor without any form
// of synchronization, such as a parent that waits for its child,
// their output is intermixed.
//
// Linux today: no byte is lost, because the two share the offset,
// and a write locks it, writes, and moves it (since 3.14). A file
// from memfd_create is an exception: its offset has no lock, and
// bytes are lost. Nothing says which process writes first, or
// whether their letters mix.
//
// To see it:
//
//	go run ./fork interleave
//	go run ./fork interleave --histogram --letters 5000
//	go run ./fork interleave --memfd --letters 5000

var (
	interleaveFlags = flag.NewFlagSet("interleave",
		flag.ContinueOnError)
	interleaveRuns = interleaveFlags.Int("runs", 20,
		"how many times to fork")
	interleaveLetters = interleaveFlags.Int("letters", 50,
		"how many letters each process writes, one at a time")
	interleaveMemfd = interleaveFlags.Bool("memfd", false,
		"write to a file whose offset has no lock")
	interleaveShow = interleaveFlags.Bool("histogram", false,
		"count the orders; they differ from run to run")
)

func interleave() {
	times, letters := *interleaveRuns, *interleaveLetters
	if min(times, letters) < 1 || max(times, letters) > 1_000_000 {
		proc.Cannot("--runs and --letters take a number " +
			"from 1 to 1000000")
	}
	orders := map[string]int{}
	p, c := 0, 0
	for range times {
		fd := openScratch() // the two will share its offset
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			writeLetters(fd, "c", letters)
			proc.Exit(0)
		}
		writeLetters(fd, "p", letters)
		reap(pid)

		// One byte longer, to notice a file that is too long.
		buf := make([]byte, 2*letters+1)
		n, err := unix.Pread(fd, buf, 0)
		proc.Check(err)
		proc.Check(unix.Close(fd))
		text := string(buf[:n])
		p += strings.Count(text, "p")
		c += strings.Count(text, "c")
		orders[orderOf(text)]++
	}
	fmt.Printf("%s, %d letters from each side in each\n",
		runs(times), letters)
	fmt.Printf("arrived: %d of the parents, %d of the children\n",
		p, c)
	if *interleaveShow {
		histogram(orders)
	}
}

// openScratch opens a new file and removes its name.
func openScratch() int {
	if *interleaveMemfd {
		fd, err := unix.MemfdCreate("interleave", unix.MFD_CLOEXEC)
		proc.Check(err)
		return fd
	}
	name := fmt.Sprintf("%s/interleave.%d", os.TempDir(),
		os.Getpid())
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|
		unix.O_CLOEXEC, 0o600)
	if err != nil {
		err = &os.PathError{Op: "open", Path: name, Err: err}
	}
	proc.Check(err)
	proc.Check(unix.Unlink(name))
	return fd
}

// writeLetters writes the letter n times, with a write for each.
func writeLetters(fd int, letter string, n int) {
	for range n {
		_, err := proc.Write(fd, []byte(letter))
		proc.Check(err)
	}
}

// possible are the orders in which the letters may come.
var possible = [3]string{"parent, then child",
	"child, then parent", "mixed"}

// orderOf says in which order the letters came.
func orderOf(text string) string {
	switch strings.Count(text, "pc") + strings.Count(text, "cp") {
	case 0, 1:
		if strings.HasPrefix(text, "p") {
			return possible[0]
		}
		return possible[1]
	}
	return possible[2]
}

func histogram(orders map[string]int) {
	for _, o := range possible {
		bar := strings.Repeat("#", min(orders[o], 40))
		fmt.Printf("%-20s%5d %s\n", o, orders[o], bar)
	}
}
