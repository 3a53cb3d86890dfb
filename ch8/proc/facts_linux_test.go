package proc

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What this package takes for a fact about the runtime, shown by its
// effect: these tests are to be run with each new Go.

// sched.lock is the scheduler's lock: in a child where it is closed,
// a call that takes it never returns; where it is open it does.
var schedLock = register("schedLock", func() {
	for _, key := range []uintptr{1, 0} {
		pid, err := Fork()
		Check(err)
		if pid == 0 {
			sched.lock = key
			runtime.GOMAXPROCS(0)
			Exit(7)
		}
		fmt.Println(key, untilBlocked(pid))
	}
})

// futexTime64 is the number of futex_time64, which 32-bit systems have.
const futexTime64 = "422"

// untilBlocked waits until the process has ended, or has no way on
// but through a futex; that one it kills.
func untilBlocked(pid int) string {
	for {
		var status WaitStatus
		if got, err := Waitpid(pid, &status, unix.WNOHANG); got != 0 || err != nil {
			return status.Short()
		}
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
		if err != nil {
			return err.Error()
		}
		if number, _, _ := strings.Cut(string(b), " "); number == strconv.Itoa(unix.SYS_FUTEX) || runtime.GOARCH == "386" && number == futexTime64 {
			unix.Kill(pid, unix.SIGKILL)
			Waitpid(pid, nil, 0)
			return "blocked in futex"
		}
		Sleep(time.Millisecond)
	}
}

func TestSchedLockIsTheLock(t *testing.T) {
	r := run(t, schedLock)
	if strings.Contains(r.out, "/syscall: ") {
		t.Skip("what a process is blocked in cannot be read here: ", r.out)
	}
	if want := "1 blocked in futex\n0 exited 7\n"; r.err != nil || r.out != want {
		t.Errorf("%v: printed %q, want %q\n%s", r.err, r.out, want, r.errout)
	}
}

// writeBarrier.enabled is true while a collection marks, and false
// after it. The helper ends when it has seen it true.
var marks = register("marks", func() {
	for range 200_000 {
		live = append(live, new(int))
	}
	var seen atomic.Bool
	go func() {
		for !marking() {
		}
		seen.Store(true)
	}()
	for !seen.Load() {
		runtime.GC()
	}
	runtime.GC()
	fmt.Println(marking())
})

var live []*int

//go:noinline
func marking() bool { return writeBarrier.enabled }

func TestWriteBarrierMeansMarking(t *testing.T) {
	if runtime.NumCPU() == 1 {
		t.Skip("one processor: nobody can look while the collector marks")
	}
	prints(t, marks, "false\n")
}

// procPin keeps a goroutine where it is: another one does not run
// before procUnpin, and does after it.
var pins = register("pins", func() {
	runtime.GOMAXPROCS(1)
	var ran atomic.Bool
	go func() { ran.Store(true) }()
	procPin()
	for end := time.Now().Add(30 * time.Millisecond); time.Now().Before(end); {
	}
	during := ran.Load()
	procUnpin()
	runtime.Gosched()
	fmt.Println(during, ran.Load())
})

func TestPinnedIsNotPreempted(t *testing.T) { prints(t, pins, "false true\n") }
