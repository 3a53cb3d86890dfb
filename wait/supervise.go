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

// Supervise is a program that you can copy: the supervisor of a
// prefork server.
//
// It makes N workers with the ids 0 to N−1. If a worker dies of a
// signal or exits with another status than 0, the supervisor makes
// a new one with the same id. A worker that exits with 0 has
// finished. Restarts are counted over all workers: after
// --max-restarts of them the next bad end makes the supervisor
// give up. SIGTERM or SIGINT stops it, SIGUSR1 makes it print how
// many workers there are. It always reaps every worker, then ends
// with 0, or with 1 if it gave up.
//
// Two mistakes are easy to make. First, a pid names a worker only
// until the worker is reaped; then any process can get it. So the
// supervisor looks (WNOWAIT), and reaps while it holds the lock
// that it also holds to send signals. Second, the supervisor is a
// subreaper, so it adopts the children that a worker leaves
// behind. It must reap them, and not mistake them for workers.
//
// To see it:
//
//	go run ./wait supervise -n 3 --hold
//	go run ./wait supervise --bad 1000 --max-restarts 1000

var (
	superFlags = flag.NewFlagSet("supervise", flag.ContinueOnError)
	numWorkers = superFlags.Int("n", 3,
		"how many workers; 0 means one for each processor")
	maxRestarts = superFlags.Int("max-restarts", 100,
		"how many restarts, over all workers")
	grace = superFlags.Duration("grace", 5*time.Second,
		"how long a worker may take to stop before SIGKILL")
)

// A supervisor is the table of the workers.
type supervisor struct {
	sync.Mutex // held to change the table, and to send a signal

	workers  map[int]int // pid to id
	started  int         // workers so far, with restarts
	restarts int
	stopping bool
	gaveUp   bool
}

func supervise() {
	runtime.LockOSThread() // workers look whether it sleeps
	superPid, superThread = os.Getpid(), unix.Gettid()
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	openStrayPipe()
	s := &supervisor{workers: map[int]int{}}
	c := make(chan os.Signal, 8)
	signal.Notify(c, unix.SIGTERM, unix.SIGINT, unix.SIGUSR1)
	go s.handleSignals(c)

	n := *numWorkers
	if n <= 0 {
		n = runtime.NumCPU()
	}
	allWorkers = n + *bad
	s.Lock()
	logf("supervisor %d: workers 0 to %d", superPid, n-1)
	for id := 0; id < n && !s.stopping; id++ {
		s.start(id)
	}
	for len(s.workers) > 0 {
		s.Unlock()
		var info proc.Siginfo // WNOWAIT: it does not reap
		proc.Check(proc.Waitid(unix.P_ALL, 0, &info,
			unix.WEXITED|unix.WNOWAIT))
		s.Lock()
		s.reap(info.Pid)
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
	if err != nil { // like a bad end
		logf("worker %d: %v", id, err)
		s.gaveUp = true
		s.stop(unix.SIGTERM)
		return
	}
	s.started++
	s.workers[pid] = id
	logf("worker %d (pid %d) started", id, pid)
}

// reap reaps a child that has ended. If it was a worker with a bad
// end, it starts the worker again.
func (s *supervisor) reap(pid int) {
	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	id, isWorker := s.workers[pid]
	delete(s.workers, pid)
	switch {
	case !isWorker:
		logf("pid %d is not a worker, ignored: %v", pid, status)
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
