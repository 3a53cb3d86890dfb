//go:build linux

package main

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// What the workers of supervise do. A worker is a forked child for
// good: one thread, no channel, no time.Sleep.
var (
	bad = superFlags.Int("bad", 2,
		"how many of the first workers end badly")
	hold = superFlags.Bool("hold", false,
		"the others do not finish: they wait to be stopped")
	stop = superFlags.Bool("stop", false,
		"-hold, and the last worker sends SIGUSR1 and SIGTERM")
	stray = superFlags.Bool("stray", false,
		"the first worker leaves a child of its own behind")
	crash = superFlags.Bool("crash", false,
		"-hold, and the last worker kills the supervisor")
	draw = superFlags.Bool("draw", false,
		"each worker prints a random number")

	superPid    int // of the supervisor
	superThread int // of the supervisor, which waits
	wanted      int // so many are started if all goes well
	strayPipe   = []int{-1, -1}
)

// worker is the life of a worker; serial counts them.
func worker(id, serial int) {
	// A worker is not to outlive a supervisor that is killed. The
	// signal comes when the thread that forked ends.
	unix.Prctl(unix.PR_SET_PDEATHSIG,
		uintptr(unix.SIGTERM), 0, 0, 0)
	if os.Getppid() != superPid {
		proc.Exit(1) // it had ended before
	}
	// What ps shows.
	os.WriteFile("/proc/self/comm",
		[]byte("worker "+strconv.Itoa(id)), 0)
	if *draw {
		// A generator made before the fork would give all of
		// them the same numbers: it is copied.
		seed := make([]byte, 16)
		unix.Getrandom(seed, 0)
		random := rand.New(rand.NewPCG(
			binary.NativeEndian.Uint64(seed),
			binary.NativeEndian.Uint64(seed[8:])))
		logf("worker %d drew %d", id, random.Uint64())
	}
	if *stray && serial == 0 {
		leaveStray()
	}
	switch {
	case serial < *bad && serial%2 == 0:
		unix.Kill(os.Getpid(), unix.SIGKILL)
	case serial < *bad:
		proc.Exit(3)
	case *stop && serial == wanted-1:
		untilAsleep(superPid, superThread)
		unix.Kill(superPid, unix.SIGUSR1)
		untilAsleep(superPid, superThread)
		unix.Kill(superPid, unix.SIGTERM)
		fallthrough
	case *stop || *hold || *crash:
		if *crash && serial == wanted-1 {
			unix.Kill(superPid, unix.SIGKILL)
		}
		for {
			proc.Sleep(time.Hour)
		}
	case *stray && serial == wanted-1 && serial > 0:
		awaitStray() // the first one's: its own end comes first
	}
	proc.Exit(0)
}

// openStrayPipe makes the pipe through which the one left behind
// tells its pid.
func openStrayPipe() {
	if *stray {
		proc.Check(unix.Pipe2(strayPipe, unix.O_CLOEXEC))
	}
}

// leaveStray makes a child that outlives its parent.
func leaveStray() {
	parent := os.Getpid()
	pid, err := proc.Fork()
	proc.Check(err)
	if pid != 0 {
		return
	}
	for os.Getppid() == parent { // until it has been adopted
		proc.Sleep(time.Millisecond)
	}
	unix.Write(strayPipe[1], []byte(strconv.Itoa(os.Getpid())))
	proc.Exit(0)
}

// awaitStray returns when the one left behind has been collected.
func awaitStray() {
	b := make([]byte, 20)
	n, _ := unix.Read(strayPipe[0], b)
	pid, err := strconv.Atoi(string(b[:max(n, 0)]))
	proc.Check(err)
	for unix.Kill(pid, 0) == nil {
		proc.Sleep(time.Millisecond)
	}
}
