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

// What the workers of supervise do. A worker stays a forked child:
// it has one thread, no channel and no time.Sleep.
var (
	bad = superFlags.Int("bad", 2,
		"how many of the first workers end badly")
	hold = superFlags.Bool("hold", false,
		"the other workers wait until they are stopped")
	stop = superFlags.Bool("stop", false,
		"--hold, and the last worker sends SIGUSR1 and SIGTERM")
	stray = superFlags.Bool("stray", false,
		"the first worker leaves a child behind")
	crash = superFlags.Bool("crash", false,
		"--hold, and the last worker kills the supervisor")
	draw = superFlags.Bool("draw", false,
		"each worker prints a random number")

	superPid    int // the pid of the supervisor
	superThread int // its thread, which waits
	allWorkers  int // how many it starts, with restarts
	strayPipe   = []int{-1, -1}
)

// worker is the life of a worker. serial is 0 for the first one
// that was started, 1 for the next.
func worker(id, serial int) {
	// If the supervisor is killed, its workers must end too. The
	// kernel sends the signal when the thread that forked ends.
	unix.Prctl(unix.PR_SET_PDEATHSIG,
		uintptr(unix.SIGTERM), 0, 0, 0)
	if os.Getppid() != superPid {
		proc.Exit(1) // the supervisor had ended before
	}
	// ps shows this name.
	os.WriteFile("/proc/self/comm",
		[]byte("worker "+strconv.Itoa(id)), 0)
	if *draw {
		// fork would copy a generator that was made before, and
		// all workers would draw the same numbers.
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
	case *stop && serial == allWorkers-1:
		untilAsleep(superPid, superThread)
		unix.Kill(superPid, unix.SIGUSR1)
		untilAsleep(superPid, superThread)
		unix.Kill(superPid, unix.SIGTERM)
		fallthrough
	case *stop || *hold || *crash:
		if *crash && serial == allWorkers-1 {
			unix.Kill(superPid, unix.SIGKILL)
		}
		for {
			proc.Sleep(time.Hour)
		}
	case *stray && serial == allWorkers-1 && serial > 0:
		awaitStray() // so that the supervisor does not end before
	}
	proc.Exit(0)
}

// openStrayPipe makes the pipe to which the child that is left
// behind writes its pid.
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

// awaitStray returns when the child that was left behind is reaped.
func awaitStray() {
	b := make([]byte, 20)
	n, _ := unix.Read(strayPipe[0], b)
	pid, err := strconv.Atoi(string(b[:max(n, 0)]))
	proc.Check(err)
	for unix.Kill(pid, 0) == nil {
		proc.Sleep(time.Millisecond)
	}
}
