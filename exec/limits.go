//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Limits shows how much an exec can hand on.
//
// The book: the total size of arguments and environment is limited
// by ARG_MAX; xargs splits a list that is too long.
//
// Linux today: one string may have 32 pages, with its null byte.
// All strings and a pointer of 8 bytes for each are together at
// most a quarter of RLIMIT_STACK (since 2.6.23), but at least 128
// KiB and at most 6 MiB. The pathname counts too. The manual page
// says that the pointers do not count; they do since 4.13.
//
// The program computes each limit and tries it: a list that just
// fits, then the same with one byte more.
//
// To see it:
//
//	go run ./exec limits

// page is the size of a page.
var page = os.Getpagesize()

const program = "/bin/true"

func limits() {
	longest := 32*page - 1 // without the null byte
	fmt.Printf("one string of %d bytes: %s, %d: %s\n", longest,
		with(longest), longest+1, with(longest+1))

	for _, stack := range []int{8 << 20, 4 << 20, 256 << 10,
		64 << 20} {
		total := min(max(stack/4, 128<<10), 6<<20)
		inChild(func() {
			limit := unix.Rlimit{Cur: uint64(stack),
				Max: unix.RLIM_INFINITY}
			var now unix.Rlimit
			unix.Getrlimit(unix.RLIMIT_STACK, &now)
			limit.Max = now.Max
			err := unix.Setrlimit(unix.RLIMIT_STACK, &limit)
			if err != nil {
				fmt.Printf("stack %d KiB: %s\n", stack>>10,
					name(err))
				return
			}
			fmt.Printf("stack %5d KiB: %d bytes: %s, %d: %s\n",
				stack>>10, total, withTotal(total, nil),
				total+1, withTotal(total+1, nil))
			saidLimit(stack)
			if stack == 8<<20 {
				env := []string{strings.Repeat("e", 1000)}
				fmt.Printf("with a variable of 1000 bytes: "+
					"%s, one byte more: %s\n",
					withTotal(total, env),
					withTotal(total+1, env))
			}
			if stack == 256<<10 {
				split(total)
			}
		})
	}
	say("process", "still runs after E2BIG")
}

// with executes a program with one argument of n bytes.
func with(n int) string {
	return execWith([]string{"true", strings.Repeat("a", n)}, nil)
}

// withTotal executes a program so that the pathname, the strings
// and the pointers have together n bytes.
func withTotal(n int, env []string) string {
	argv := []string{"true"}
	used := len(program) + 1 + size(argv) + size(env)
	for used < n {
		// Leave room for the null byte and the pointer of one more.
		m := min(n-used-9, 16*page)
		if rest := n - used - 9 - m; rest > 0 && rest < 9 {
			m -= 9
		}
		argv = append(argv, strings.Repeat("a", max(m, 0)))
		used += m + 9
	}
	return execWith(argv, env)
}

// size is what strings take: their bytes, a null byte, a pointer.
func size(list []string) (n int) {
	for _, s := range list {
		n += len(s) + 9
	}
	return n
}

// execWith executes the program in a child and returns the result.
func execWith(argv, env []string) string {
	read, write := newPipe()
	pid := childThat(func() {
		err := proc.Execve(program, argv, env)
		proc.Write(write, []byte(name(err)))
		proc.Exit(126)
	})
	unix.Close(write)
	b := make([]byte, 20)
	n, err := proc.Read(read, b)
	proc.Check(err)
	unix.Close(read)
	reap(pid)
	if n == 0 {
		return "success"
	}
	return string(b[:n])
}

// split hands on in two parts what is too much for one exec.
func split(total int) {
	n := total/1000 + 1
	list := make([]string, n)
	for i := range list {
		list[i] = strings.Repeat("a", 991)
	}
	all := append([]string{"true"}, list...)
	first := append([]string{"true"}, list[:n/2]...)
	second := append([]string{"true"}, list[n/2:]...)
	fmt.Printf("a list of %d: %s; in two parts: %s, %s\n", n,
		execWith(all, nil), execWith(first, nil),
		execWith(second, nil))
}
