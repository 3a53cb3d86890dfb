//go:build linux

package main

import (
	"flag"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Supervise is what wait is for: a prefork server's supervisor.
//
// It makes N workers with the ids 0 to N−1. One that dies of a
// signal or exits with another status than 0 is made again with
// its id; one that exits with 0 has finished. Restarts are counted
// over all workers: when -max-restarts have been made, the next
// bad end makes it give up. SIGTERM or SIGINT stops it, SIGUSR1
// has it list its workers. Either way it collects every worker
// before it ends: with 0, or with 1 if it gave up.
//
// Two things are easily got wrong. A pid means a worker only until
// it is collected, then it may be anybody's: so the supervisor
// looks (WNOWAIT), and collects under the lock under which signals
// are sent. And what a worker leaves behind is adopted by the
// supervisor, a subreaper, which must collect it without taking it
// for a worker.
//
// To see it:
//
//	go run ./wait supervise -n 3 -hold        and kill some
//	go run ./wait supervise -bad 1000 -max-restarts 1000

var (
	superFlags = flag.NewFlagSet("supervise", flag.ContinueOnError)
	numWorkers = superFlags.Int("n", 3,
		"workers; 0: one per processor")
	maxRestarts = superFlags.Int("max-restarts", 100,
		"over all workers")
	grace = superFlags.Duration("grace", 5*time.Second,
		"how long a worker may take to stop before SIGKILL")
)

// A supervisor knows which worker each pid is.
type supervisor struct {
	sync.Mutex // held by who changes it, or sends a signal

	workers  map[int]int // pid to id
	started  int         // workers so far, restarted ones too
	restarts int
	stopping bool
	gaveUp   bool
}

func supervise() {
	runtime.LockOSThread() // the workers may look whether it sleeps
	superPid, superThread = os.Getpid(), unix.Gettid()
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	openStrayPipe()
	s := &supervisor{workers: map[int]int{}}
	c := make(chan os.Signal, 8)
	signal.Notify(c, unix.SIGTERM, unix.SIGINT, unix.SIGUSR1)
	go s.signals(c)

	n := *numWorkers
	if n <= 0 {
		n = runtime.NumCPU()
	}
	wanted = n + *bad
	s.Lock()
	logf("supervisor %d: workers 0 to %d", os.Getpid(), n-1)
	for id := 0; id < n && !s.stopping; id++ {
		s.start(id)
	}
	for len(s.workers) > 0 {
		s.Unlock()
		var info proc.Siginfo // look, until one has ended
		proc.Check(proc.Waitid(unix.P_ALL, 0, &info,
			unix.WEXITED|unix.WNOWAIT))
		s.Lock()
		s.collect(info.Pid)
	}
	logf("supervisor: no worker left, %d restarts", s.restarts)
	if s.gaveUp {
		stdio.Exit(1)
	}
	stdio.Exit(0)
}

// start makes a worker.
func (s *supervisor) start(id int) {
	serial := s.started
	pid, err := proc.Fork()
	if pid == 0 {
		worker(id, serial)
	}
	if err != nil { // no process to be had: as a bad end
		logf("worker %d: %v", id, err)
		s.gaveUp = true
		s.stop(unix.SIGTERM)
		return
	}
	s.started++
	s.workers[pid] = id
	logf("worker %d (pid %d) started", id, pid)
}

// collect collects one that has ended, and starts it again if that
// is called for.
func (s *supervisor) collect(pid int) {
	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	id, ours := s.workers[pid]
	delete(s.workers, pid)
	switch {
	case !ours:
		logf("pid %d is no worker, ignored: %v", pid, status)
		return
	case status == 0:
		logf("worker %d (pid %d) finished: %v", id, pid, status)
		return
	}
	logf("worker %d (pid %d) ended: %v", id, pid, status)
	switch {
	case s.stopping:
	case s.restarts >= *maxRestarts:
		logf("supervisor: %d restarts, giving up", s.restarts)
		s.gaveUp = true
		s.stop(unix.SIGTERM)
	default:
		s.restarts++
		s.start(id)
	}
}
