//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Nozombies starts 200 jobs in each of three ways and counts the
// zombies that it then has.
//
// The book, section 8.6: a child that its parent does not wait
// for is a zombie as long as that parent lives. Who does not want
// to wait forks twice. Section 10.7 has another way: a parent
// that ignores SIGCHLD gets no zombies at all.
//
// Linux today: all three are so. Ignoring is not the same as the
// default, though the default does nothing either.
//
// To see it:
//
//	go run ./doublefork nozombies
//	go run ./doublefork nozombies -jobs 10

var (
	nozombiesFlags = flag.NewFlagSet("nozombies", 0)
	jobs           = nozombiesFlags.Int("jobs", 200,
		"how many in each way")
)

// pipeSize is how many bytes a pipe holds that nobody reads.
const pipeSize = 65536

func nozombies() {
	if *jobs < 0 || *jobs > pipeSize {
		fmt.Fprintf(os.Stderr, "nozombies: -jobs is 0 to %d, as "+
			"each job leaves a byte in a pipe\n", pipeSize)
		os.Exit(2)
	}
	proc.Check(proc.Signal(unix.SIGCHLD, proc.Default))
	show("fork and no wait", plainFork)
	for range *jobs { // what these left
		_, err := proc.Wait(nil)
		proc.Check(err)
	}

	show("double fork", doubleFork)

	proc.Check(proc.Signal(unix.SIGCHLD, proc.Ignore))
	show("SIGCHLD ignored", ignoreChildren)
}

// show starts the jobs. Each writes a byte when it is done.
func show(way string, start func(job func())) {
	var done [2]int
	proc.Check(unix.Pipe2(done[:], unix.O_CLOEXEC))
	start(func() {
		_, err := proc.Write(done[1], []byte{1})
		proc.Check(err)
		proc.Exit(0)
	})
	unix.Close(done[1]) // the jobs have it
	for range *jobs {
		if receive(done[0]) == 0 {
			proc.Check(errors.New("a job could not be started"))
		}
	}
	unix.Close(done[0])
	sayf("%s: %d jobs done, %d zombies\n", way, *jobs, zombies())
}

// plainFork returns when all jobs have ended, and waits for none.
func plainFork(job func()) {
	for range *jobs {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			job()
		}
		// To look is not to wait: it stays a zombie.
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
	}
}

// doubleFork waits for the first child of each job, which ends at
// once, and leaves the second to whoever adopts it.
func doubleFork(job func()) {
	for range *jobs {
		first, err := proc.Fork()
		proc.Check(err)
		if first == 0 {
			second, err := proc.Fork()
			proc.Check(err)
			if second == 0 {
				job()
			}
			proc.Exit(0)
		}
		_, err = proc.Waitpid(first, nil, 0)
		proc.Check(err)
	}
}

// ignoreChildren returns when all jobs have ended: with SIGCHLD
// ignored, wait comes back only then, and with nothing.
func ignoreChildren(job func()) {
	for range *jobs {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			job()
		}
	}
	_, err := proc.Wait(nil)
	if !errors.Is(err, unix.ECHILD) {
		proc.Check(errors.New("wait returned a child"))
	}
}

// zombies counts our children in state Z, in /proc.
func zombies() int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	me, n := strconv.Itoa(os.Getpid()), 0
	for _, path := range stats {
		b, _ := os.ReadFile(path)
		// The name, in parentheses, may hold anything.
		s := string(b)
		f := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
		if len(f) > 1 && f[0] == "Z" && f[1] == me {
			n++
		}
	}
	return n
}
