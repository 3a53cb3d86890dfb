//go:build linux

// Stress forks until something goes wrong.
//
//	go run ./ch8/proc/stress [-n 100000] [-vfork] [-noise]
//
// Each child of proc.Fork uses fmt, bufio, append, a map and some
// garbage, forks a child of its own, and ends with a status that
// its parent knows. Each child of proc.Vfork changes a variable.
// A child that has not ended after 10 s is a hang. With -noise
// the parent also allocates between the forks, so that its
// collector runs all the time.
//
// The last line counts forks, hangs and wrong statuses. Exit
// status 1 if there was a hang or a wrong status.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

var (
	n     = flag.Int("n", 100000, "number of forks, each with one more inside")
	vfork = flag.Bool("vfork", false, "vfork instead of fork")
	noise = flag.Bool("noise", false, "keep the parent's collector busy")
)

// shared is what the child of a vfork changes.
var shared int

// garbage keeps the parent's collector at work.
var garbage [][]byte

func main() {
	flag.Parse()
	hangs, wrong := 0, 0
	start := time.Now()
	for i := range *n {
		if *noise {
			garbage = append(garbage, make([]byte, 64<<10))
			if len(garbage) > 256 {
				garbage = nil
			}
		}
		want := proc.WaitStatus(i % 200 << 8)
		var pid int
		var err error
		if *vfork {
			pid, err = proc.Vfork(func() { shared++; proc.Exit(i % 200) })
		} else if pid, err = proc.Fork(); pid == 0 {
			proc.Exit(child(i))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		got, hung := reap(pid)
		switch {
		case hung:
			hangs++
			fmt.Printf("fork %d: child %d hung\n", i, pid)
		case got != want || *vfork && shared != i+1:
			wrong++
			fmt.Printf("fork %d: status %#x, want %#x\n", i, got, want)
		}
	}
	fmt.Printf("%d forks, %d hangs, %d wrong, %v\n", *n, hangs, wrong, time.Since(start).Round(time.Millisecond))
	if hangs+wrong > 0 {
		os.Exit(1)
	}
}

// child does what a child of a textbook program may do and
// returns its exit status, 201 or more if something was wrong.
func child(i int) int {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	words := map[string]int{}
	var all []string
	for k := range 50 {
		word := fmt.Sprintf("word %d", k)
		words[word] += k
		all = append(all, word)
		fmt.Fprintln(w, word, words[word])
	}
	w.Flush()
	trash := make([]byte, 256<<10)
	trash[i%len(trash)] = 1
	if len(all) != 50 || bytes.Count(out.Bytes(), []byte{'\n'}) != 50 {
		return 201
	}
	pid, err := proc.Fork()
	if err != nil {
		return 202
	}
	if pid == 0 {
		fmt.Fprintf(w, "grandchild of %d\n", i)
		proc.Exit(7)
	}
	var status proc.WaitStatus
	if _, err := proc.Waitpid(pid, &status, 0); err != nil || status != 7<<8 {
		return 203
	}
	return i % 200
}

// reap waits at most 10 s for the child; one that does not end is
// killed.
func reap(pid int) (status proc.WaitStatus, hung bool) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == nil {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		deadline := time.Now().Add(10 * time.Second)
		for {
			ready, err := unix.Poll(poll, 10_000)
			if ready > 0 {
				break
			}
			if err == nil || time.Now().After(deadline) {
				hung = true
				unix.Kill(pid, unix.SIGKILL)
				break
			}
		}
		unix.Close(fd)
	}
	proc.Waitpid(pid, &status, 0)
	return status, hung
}
