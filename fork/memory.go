//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Memory changes memory on both sides of a fork, over three
// generations. Then a child writes to some pages, and only those
// are copied.
//
// The book: the child gets a copy of the parent's data space, heap
// and stack; the two share the text. Most systems copy a page only
// when one of the two writes to it: copy-on-write.
//
// Linux today: the same. A private mapping is copied too; a shared
// mapping is the same memory in all processes. /proc/PID/smaps
// says how many pages belong to one process alone.
//
// To see it:
//
//	go run ./fork memory

// fiveBytes are one byte in the initialized data, one on the heap,
// one on the stack, one in a private and one in a shared mapping.
type fiveBytes [5]*byte

var inData byte = 1

// The child writes to some of the pages of the private mapping.
const pages, written = 16, 5

func memory() {
	// Up to 64 KiB Go may put what new returns on the stack.
	heap := new([1<<16 + 1]byte)
	var onStack byte
	private := mapZero(pages, unix.MAP_PRIVATE)
	shared := mapZero(1, unix.MAP_SHARED)
	b := fiveBytes{&inData, &heap[0], &onStack, &private[0],
		&shared[0]}

	fmt.Printf("%-26s%-8s%-8s%-8s%-9s%s\n", "", "data", "heap",
		"stack", "private", "shared")
	b.generation([]string{"parent", "child", "grandchild"}, 1)

	copyOnWrite(private)
}

// mapZero maps /dev/zero: so the mapping has a name in smaps.
func mapZero(n, flags int) []byte {
	fd, err := unix.Open("/dev/zero", unix.O_RDWR|unix.O_CLOEXEC, 0)
	proc.Check(err)
	defer unix.Close(fd)
	mem, err := unix.Mmap(fd, 0, n*os.Getpagesize(),
		unix.PROT_READ|unix.PROT_WRITE, flags)
	proc.Check(err)
	return mem
}

// generation is the life of one process. It sets the bytes to n,
// forks the next generation, and sets them to 10n. Then its child
// may look. It looks itself when the child has ended.
func (b *fiveBytes) generation(role []string, n byte) {
	b.set(n)
	if len(role) == 1 { // the youngest
		b.print(role[0] + " changes them")
		return
	}
	if n == 1 {
		b.print(role[0] + " before its fork")
	}
	changed := newPipe()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		changed.wait()
		b.print(role[1] + " finds")
		b.generation(role[1:], n+1)
		proc.Exit(0)
	}
	b.set(10 * n)
	b.print(role[0] + " after its fork")
	changed.tell()
	reap(pid)
	changed.close()
	b.print(role[0] + " at the end")
}

func (b *fiveBytes) set(n byte) {
	for _, one := range b {
		*one = n
	}
}

func (b *fiveBytes) print(when string) {
	fmt.Printf("%-26s%-8d%-8d%-8d%-9d%d\n", when,
		*b[0], *b[1], *b[2], *b[3], *b[4])
}

// copyOnWrite writes to all pages, forks, and lets the child write
// to some of them.
func copyOnWrite(mem []byte) {
	// With huge pages one write would copy many pages.
	unix.Madvise(mem, unix.MADV_NOHUGEPAGE)
	size := os.Getpagesize()
	for i := range pages {
		mem[i*size] = 1
	}
	inChild(func() {
		for i := range written {
			mem[i*size] = 2
		}
		fmt.Printf("the child wrote to %d of %d pages\n",
			written, pages)
	})
}
