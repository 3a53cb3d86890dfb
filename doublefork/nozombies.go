//go:build linux

package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Nozombies starts 200 jobs in each of three ways, and counts its
// zombies when the jobs are done.
//
// The book, section 8.6: a child that ended is a zombie until its
// parent waits for it. A process that does not want to wait can
// fork twice. Section 10.7 has another way: if the parent ignores
// SIGCHLD, its children do not become zombies.
//
// Linux today: the same. To ignore SIGCHLD is different from its
// default, although the default is to ignore the signal.
//
// To see it:
//
//	go run ./doublefork nozombies
//	go run ./doublefork nozombies --jobs 10

var (
	nozombiesFlags = flag.NewFlagSet("nozombies", 0)
	jobs           = nozombiesFlags.Int("jobs", 200,
		"how many jobs in each way")
)

// pipeSize is how many bytes fit into a pipe.
const pipeSize = 65536

func nozombies() {
	if *jobs < 0 || *jobs > pipeSize {
		proc.Cannot("--jobs takes a number from 0 to %d, because "+
			"each job writes a byte to a pipe", pipeSize)
	}
	proc.Check(proc.Signal(unix.SIGCHLD, proc.Default))
	show("fork and no wait", plainFork)
	for range *jobs { // reap the zombies
		_, err := proc.Wait(nil)
		proc.Check(err)
	}

	show("double fork", doubleFork)

	proc.Check(proc.Signal(unix.SIGCHLD, proc.Ignore))
	show("SIGCHLD ignored", ignoreChildren)
}

// show starts the jobs in one way. Each job writes a byte when it
// is done.
func show(way string, start func(job func())) {
	var done [2]int
	proc.Check(unix.Pipe2(done[:], unix.O_CLOEXEC))
	start(func() {
		_, err := proc.Write(done[1], []byte{1})
		proc.Check(err)
		proc.Exit(0)
	})
	unix.Close(done[1]) // only the jobs have it now
	for range *jobs {
		if receive(done[0]) == 0 {
			proc.Check(errors.New("a job could not be started"))
		}
	}
	unix.Close(done[0])
	sayf("%s: %d jobs done, %d zombies\n", way, *jobs, zombies())
}

// plainFork returns when all jobs have ended. It does not reap
// them.
func plainFork(job func()) {
	for range *jobs {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			job()
		}
		// WNOWAIT: the job stays a zombie.
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
	}
}

// doubleFork makes each job a second child, which is adopted. It
// reaps the first child, which ends at once.
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

// ignoreChildren returns when all jobs have ended. With SIGCHLD
// ignored a wait returns only then, and fails with ECHILD.
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

// zombies counts the children of this process that are in state Z,
// in /proc.
func zombies() int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	me, n := strconv.Itoa(os.Getpid()), 0
	for _, path := range stats {
		b, _ := os.ReadFile(path)
		// The name, in parentheses, may contain anything.
		s := string(b)
		f := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
		if len(f) > 1 && f[0] == "Z" && f[1] == me {
			n++
		}
	}
	return n
}
