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

// Interleave has parent and child write to one descriptor with
// nobody in step, many times.
//
// The book: if both write to the same descriptor without any form
// of synchronisation, such as a parent that waits, their output is
// intermixed.
//
// Linux today: the output of both is complete, for they share the
// offset, and a write locks it, writes, and moves it (since 3.14).
// The file of memfd_create is an exception: its offset has no
// lock, and bytes are lost. Who is first, and whether they mix, is
// nobody's promise.
//
// To see it:
//
//	go run ./fork interleave
//	go run ./fork interleave -histogram -letters 5000
//	go run ./fork interleave -memfd -letters 5000

var (
	interleaveFlags = flag.NewFlagSet("interleave",
		flag.ContinueOnError)
	interleaveRuns = interleaveFlags.Int("runs", 20,
		"how often to try")
	interleaveLetters = interleaveFlags.Int("letters", 50,
		"how many each process writes, one at a time")
	interleaveMemfd = interleaveFlags.Bool("memfd", false,
		"a file of memfd_create, whose offset has no lock")
	interleaveShow = interleaveFlags.Bool("histogram", false,
		"how often which order came: different every time")
)

func interleave() {
	runs, letters := *interleaveRuns, *interleaveLetters
	if min(runs, letters) < 1 || max(runs, letters) > 1_000_000 {
		fmt.Fprintln(os.Stderr, "fork interleave: -runs and "+
			"-letters take a number from 1 to 1000000")
		proc.Exit(2)
	}
	orders := map[string]int{}
	p, c := 0, 0
	for range runs {
		fd := scratch() // with one offset for both
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			write(fd, "c", letters)
			proc.Exit(0)
		}
		write(fd, "p", letters)
		_, err = proc.Waitpid(pid, nil, 0)
		proc.Check(err)

		// One more than fits: would there be more?
		buf := make([]byte, 2*letters+1)
		n, err := unix.Pread(fd, buf, 0)
		proc.Check(err)
		proc.Check(unix.Close(fd))
		text := string(buf[:n])
		p += strings.Count(text, "p")
		c += strings.Count(text, "c")
		orders[order(text)]++
	}
	fmt.Printf("%d runs, %d letters from each side in each\n",
		runs, letters)
	fmt.Printf("arrived: %d of the parents, %d of the children\n",
		p, c)
	if *interleaveShow {
		histogram(orders)
	}
}

// scratch opens a file that has no name any more.
func scratch() int {
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

// write writes the letter n times, with a call for each.
func write(fd int, letter string, n int) {
	for range n {
		_, err := proc.Write(fd, []byte(letter))
		proc.Check(err)
	}
}

// The orders in which the letters may come.
var inOrder = [3]string{"parent, then child", "child, then parent",
	"mixed"}

// order says in which order the letters came.
func order(text string) string {
	switch strings.Count(text, "pc") + strings.Count(text, "cp") {
	case 0, 1:
		if strings.HasPrefix(text, "p") {
			return inOrder[0]
		}
		return inOrder[1]
	}
	return inOrder[2]
}

func histogram(orders map[string]int) {
	for _, o := range inOrder {
		bar := strings.Repeat("#", min(orders[o], 40))
		fmt.Printf("%-20s%5d %s\n", o, orders[o], bar)
	}
}
