package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/sampling"
)

// TestReuse runs programs in one keeper, one after the other: nothing of a
// run is there in the next one.
func TestReuse(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	ctx, end := Reuse(context.Background())
	defer end()
	run := func(c Command) *Result {
		t.Helper()
		c.Isolate = true
		r, err := Run(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	keepers := func() (pids []int) {
		reused := ctx.Value(reuseKey{}).(*reuse)
		for _, w := range reused.idle {
			pids = append(pids, w.keeper.Pid)
		}
		return pids
	}
	const look = `ls -a . /tmp /dev/shm; echo $$; jobs; : >here; : >/tmp/here; : >/dev/shm/here`
	first := run(Command{Args: sh(look), Trace: &record.Options{}})
	same := keepers()
	if len(same) != 1 {
		t.Fatalf("after the first run %d keepers wait, want 1", len(same))
	}
	for _, c := range []Command{
		{Args: sh(look)},
		{Args: sh(look), Stdout: Pty},
		{Args: sh(look), Stdout: File, Trace: &record.Options{}},
	} {
		r := run(c)
		if strings.Contains(string(r.Stdout), "here") || !strings.Contains(string(r.Stdout), "/dev/shm:") {
			t.Errorf("after another run in the same keeper the program sees:\n%s", r.Stdout)
		}
		if (r.Recording == nil) != (c.Trace == nil) {
			t.Errorf("recording wanted: %v, there is one: %v", c.Trace != nil, r.Recording != nil)
		}
		if !slices.Equal(keepers(), same) {
			t.Errorf("keepers %v, and %v before: it was not used again", keepers(), same)
		}
	}
	if len(first.Recording.Events) == 0 {
		t.Error("nothing was recorded")
	}
	if r := run(Command{Args: sh("sleep 60"), Timeout: 300 * time.Millisecond}); !r.TimedOut {
		t.Errorf("a long sleep: %+v", r)
	}
	busy := run(Command{Args: sh("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")})
	if r := run(Command{Args: sh("exit 7")}); r.TimedOut || r.Status != 7<<8 || len(r.Leftovers) > 0 || r.Rusage.User > busy.Rusage.User/2 {
		t.Errorf("exit 7 after a sleep, and a loop that used %v: %+v", busy.Rusage.User, r)
	}
	if MemorySum() == nil {
		hog := sh("head -c 200000000 /dev/zero | tail -c 190000000 >/dev/null")
		limits := Limits{Memory: 64 << 20}
		if r := run(Command{Args: hog, Limits: limits}); !r.OutOfMemory {
			t.Errorf("190 MB in a run that can have 64 MiB: not out of memory: %+v", r)
		}
		if r := run(Command{Args: sh("exit 0"), Limits: limits}); r.OutOfMemory || r.MachineFull {
			t.Error("the run after that is out of memory as well")
		}
	}
	// Killed while it waits.
	for _, pid := range keepers() {
		unix.Kill(pid, unix.SIGKILL)
		unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
	}
	if r := run(Command{Args: sh("exit 3")}); r.Status != 3<<8 {
		t.Errorf("after the keeper was killed: status %#x", r.Status)
	}
	last := keepers()
	end()
	for _, pid := range append(same, last...) {
		if unix.Kill(pid, 0) == nil {
			t.Errorf("keeper %d is left", pid)
		}
		for _, parent := range memoryCgroups() {
			if path := cgroupOf(parent, pid); exists(path) {
				t.Errorf("the cgroup of a keeper is left: %s", path)
			}
		}
	}
}

// TestReuseParallel: runs that go on at once have keepers of their own, and
// a keeper whose program could not be started is not used again.
func TestReuseParallel(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	ctx, end := Reuse(context.Background())
	defer end()
	bad := filepath.Join(t.TempDir(), "bad")
	if err := build.WriteProgram(bad, []byte("#!/nowhere\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range sampling.Number(4, 8) {
		all.Go(func() {
			for j := range sampling.Number(2, 3) {
				if r, err := Run(ctx, Command{Args: sh(fmt.Sprintf("exit %d", i+j)), Isolate: true}); err != nil {
					t.Error(err)
				} else if r.Status != uint32(i+j)<<8 {
					t.Errorf("run %d.%d: status %#x", i, j, r.Status)
				}
				var not *NotExecutable
				if _, err := Run(ctx, Command{Args: []string{bad}, Isolate: true}); !errors.As(err, &not) {
					t.Errorf("a script without an interpreter: %v", err)
				}
			}
		})
	}
	all.Wait()
}

// TestWaited: the second number of schedstat is nanoseconds; a kernel
// without it says nothing.
func TestWaited(t *testing.T) {
	for text, want := range map[string]time.Duration{"712269 10566634 2\n": 10566634, "": 0} {
		if got := waited(text); got != want {
			t.Errorf("%q: waited %v, want %v", text, got, want)
		}
	}
}
