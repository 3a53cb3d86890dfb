//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Memory changes memory on both sides of a fork, over three
// generations, and then looks which pages were really copied.
//
// The book: the child gets a copy of the parent's data space, heap
// and stack; the two share the text. Most systems copy a page
// when one of the two writes to it: copy-on-write.
//
// Linux today: the same. A private mapping is copied too, a shared
// one is one memory for all. /proc/PID/smaps tells which pages a
// process has for itself.
//
// To see it:
//
//	go run ./fork memory

// cells are five bytes: one in the initialized data, one on the
// heap, one on the stack, one in a private and one in a shared
// mapping.
type cells [5]*byte

var inData byte = 1

// Of the private mapping's pages the child writes to a few.
const pages, touched = 16, 5

func memory() {
	// What new gives may lie on the stack, up to 64 KiB.
	heap := new([1<<16 + 1]byte)
	var onStack byte
	private := zeroPages(pages, unix.MAP_PRIVATE)
	shared := zeroPages(1, unix.MAP_SHARED)
	c := cells{&inData, &heap[0], &onStack, &private[0], &shared[0]}

	fmt.Printf("%-26s%-8s%-8s%-8s%-9s%s\n", "", "data", "heap",
		"stack", "private", "shared")
	c.generation([]string{"parent", "child", "grandchild"}, 1)

	copied(private)
}

// zeroPages maps /dev/zero, which gives the mapping a name.
func zeroPages(n, how int) []byte {
	fd, err := unix.Open("/dev/zero", unix.O_RDWR|unix.O_CLOEXEC, 0)
	proc.Check(err)
	defer unix.Close(fd)
	mem, err := unix.Mmap(fd, 0, n*os.Getpagesize(),
		unix.PROT_READ|unix.PROT_WRITE, how)
	proc.Check(err)
	return mem
}

// generation is the life of one process: it sets the cells to n,
// forks the next one, sets them to 10n, lets that one look, and
// looks itself when it has ended.
func (c *cells) generation(who []string, n byte) {
	c.set(n)
	if len(who) == 1 { // the youngest
		c.print(who[0] + " changes them")
		return
	}
	if n == 1 {
		c.print(who[0] + " before its fork")
	}
	var gate [2]int
	proc.Check(unix.Pipe2(gate[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		unix.Close(gate[1])
		unix.Read(gate[0], make([]byte, 1))
		c.print(who[1] + " finds")
		c.generation(who[1:], n+1)
		proc.Exit(0)
	}
	c.set(10 * n)
	c.print(who[0] + " after its fork")
	unix.Close(gate[0])
	unix.Close(gate[1])
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	c.print(who[0] + " at the end")
}

func (c *cells) set(n byte) {
	for _, cell := range c {
		*cell = n
	}
}

func (c *cells) print(when string) {
	fmt.Printf("%-26s%-8d%-8d%-8d%-9d%d\n", when,
		*c[0], *c[1], *c[2], *c[3], *c[4])
}

// copied has a child write to some of the pages, which the parent
// had all written to.
func copied(mem []byte) {
	// Pages of the usual size only, or one write copies many.
	unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	size := os.Getpagesize()
	for i := range pages {
		mem[i*size] = 1
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		for i := range touched {
			mem[i*size] = 2
		}
		fmt.Printf("the child wrote to %d of %d pages\n",
			touched, pages)
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
