package proc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"apue/internal/sampling"

	"golang.org/x/sys/unix"
)

var returns = register("returns", func() {
	parent := os.Getpid()
	pid, err := Fork()
	Check(err)
	if pid == 0 {
		if os.Getppid() != parent || os.Getpid() == parent {
			Exit(1)
		}
		Exit(7)
	}
	var status WaitStatus
	got, err := Wait(&status)
	Check(err)
	fmt.Println(got == pid, pid > 1, status)
})

func TestForkReturnsTwice(t *testing.T) {
	prints(t, returns, "true true normal termination, exit status = 7\n")
}

var namespaced = register("namespaced", func() {
	_, err := Clone(unix.CLONE_VM)
	fmt.Println(errors.Is(err, unix.EINVAL))
	pid, err := Clone(unix.CLONE_NEWPID | unix.CLONE_NEWUSER)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
		fmt.Println("not here:", err)
		return
	}
	Check(err)
	if pid == 0 {
		if os.Getpid() != 1 || os.Getppid() != 0 {
			Exit(1)
		}
		inChild(func() {
			if os.Getpid() != 2 || os.Getppid() != 1 {
				Exit(2)
			}
		})
		Exit(7)
	}
	var status WaitStatus
	got, err := Wait(&status)
	Check(err)
	fmt.Println(got == pid, os.Getpid() > 1, status)
})

func TestCloneNamespaces(t *testing.T) {
	r := run(t, namespaced)
	if strings.Contains(r.out, "not here") {
		t.Skip(r.out)
	}
	want := "true\nnormal termination, exit status = 0\ntrue true normal termination, exit status = 7\n"
	if r.err != nil || r.out != want {
		t.Errorf("%v: printed %q, want %q\n%s", r.err, r.out, want, r.errout)
	}
}

// A grandchild for each child.
func ordinaryChildren() int { return sampling.Number(100, 300) }

var ordinary = register("ordinary", func() {
	for range ordinaryChildren() {
		inChild(func() {
			var out bytes.Buffer
			w := bufio.NewWriter(&out)
			m := map[int]string{}
			for i := range 1000 {
				m[i] = fmt.Sprint(i)
				fmt.Fprintln(w, m[i])
			}
			w.Flush()
			if _, err := os.ReadFile("/proc/self/stat"); err != nil || out.Len() != 3890 {
				Exit(1)
			}
			inChild(func() {})
		})
	}
})

func TestChildDoesOrdinaryGo(t *testing.T) {
	r := run(t, ordinary)
	n := 2 * ordinaryChildren()
	want := strings.Repeat("normal termination, exit status = 0\n", n)
	if r.err != nil || r.out != want {
		t.Errorf("%v: %d lines are not what %d children should give\n%s", r.err, strings.Count(r.out, "\n"), n, r.errout)
	}
}

var large = register("large", func() {
	inChild(func() {
		const mib = 1 << 20
		var all [][]byte
		for range 200 {
			b := make([]byte, mib)
			for i := 0; i < mib; i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
		}
		if len(all) != 200 || deep(100000) != 100000 {
			Exit(1)
		}
	})
})

func deep(n int) int {
	var pad [64]byte
	if n == 0 {
		return int(pad[0])
	}
	return deep(n-1) + 1 + int(pad[n%64])
}

func TestChildAllocatesAndRecurses(t *testing.T) {
	prints(t, large, "normal termination, exit status = 0\n")
}

// keepers grow while the parent's collector marks.
var keepers [][]*int

var collecting = register("collecting", func() {
	for i := range sampling.Number(150, 500) {
		var more []*int
		for range 2000 {
			more = append(more, new(int))
		}
		keepers = append(keepers, more)
		if len(keepers) > 50 {
			keepers = nil
		}
		pid, err := Fork()
		Check(err)
		if pid == 0 {
			b := make([]byte, 4<<20)
			Exit(int(b[i]) + i%100)
		}
		var status WaitStatus
		Waitpid(pid, &status, 0)
		if status.ExitStatus() != i%100 {
			fmt.Println(i, status)
		}
	}
	fmt.Println("done")
})

func TestForkWhileCollecting(t *testing.T) { prints(t, collecting, "done\n") }

// A child can execute a program although the runtime was making a
// thread when its parent forked. Locked to its thread the parent has
// others make them, at its side; each of these ends with its goroutine.
var threads = register("threads", func() {
	path, err := exec.LookPath("true")
	Check(err)
	runtime.LockOSThread()
	forks := sampling.Number(150, 600)
	var over atomic.Bool
	for range 2 {
		go func() {
			for !over.Load() {
				done := make(chan bool)
				go func() {
					runtime.LockOSThread()
					Sleep(100 * time.Microsecond)
					close(done)
				}()
				<-done
			}
		}()
	}
	hung := 0
	begin := time.Now()
	// An emulated processor is slow.
	for i := 0; i < forks && time.Since(begin) < 30*time.Second; i++ {
		pid, err := Fork()
		Check(err)
		if pid == 0 {
			Check(Execve(path, []string{"true"}, nil))
		}
		var status WaitStatus
		for start := time.Now(); ; Sleep(50 * time.Microsecond) {
			if p, err := Waitpid(pid, &status, unix.WNOHANG); p == pid || err != nil {
				break
			}
			if time.Since(start) > 20*time.Second {
				unix.Kill(pid, unix.SIGKILL)
			}
		}
		if status != 0 {
			hung++
		}
		if hung > 2 {
			break
		}
	}
	over.Store(true)
	fmt.Println(hung, "hung")
})

func TestExecAsThreadsAreMade(t *testing.T) { prints(t, threads, "0 hung\n") }

// The parent can do everything again after a fork.
var parentGoesOn = register("parentGoesOn", func() {
	inChild(func() {})
	c := make(chan int)
	go func() { time.Sleep(time.Millisecond); c <- 1 }()
	<-c
	runtime.GC()
	fmt.Println("done")
})

func TestParentGoesOn(t *testing.T) {
	prints(t, parentGoesOn, "normal termination, exit status = 0\ndone\n")
}

// What a child must not do, and how it fails.
var forbidden = []struct {
	name   string
	body   func()
	stdout string
	stderr string // part of it
}{
	{"receive", func() { <-make(chan int) }, exited2, "schedule: holding locks"},
	{"time.Sleep", func() { time.Sleep(time.Millisecond) }, exited2, "schedule: holding locks"},
	{"Gosched", runtime.Gosched, exited2, "schedule: holding locks"},
	{"GC", runtime.GC, exited2, "holding locks"},
	{"mutex", func() {
		held.Lock()
		held.Lock()
	}, exited2, "schedule: holding locks"},
	{"os.Pipe", func() {
		r, _, err := os.Pipe()
		Check(err)
		r.Read(make([]byte, 1))
	}, exited2, "schedule: holding locks"},
	{"panic", func() {
		defer func() { recover() }()
		panic("in the child")
	}, exited2, "panic holding locks"},
	{"nil", func() {
		defer func() { recover() }()
		var p *int
		*p = 1
	}, "abnormal termination, signal number = 11\n", ""},
}

const exited2 = "normal termination, exit status = 2\n"

var held sync.Mutex

func init() {
	for _, f := range forbidden {
		register("forbidden "+f.name, func() { inChild(f.body) })
	}
}

func TestForbiddenIsLoud(t *testing.T) {
	for _, f := range forbidden {
		t.Run(f.name, func(t *testing.T) {
			r := run(t, "forbidden "+f.name)
			out := strings.Replace(r.out, " (core file generated)", "", 1)
			if out != f.stdout || !strings.Contains(r.errout, f.stderr) {
				t.Errorf("printed %q and %.200q, want %q and %q", r.out, r.errout, f.stdout, f.stderr)
			}
		})
	}
}

// The one that is silent: a goroutine started in a child.
var goroutine = register("goroutine", func() {
	inChild(func() {
		go func() { fmt.Println("the goroutine ran"); Exit(1) }()
		Sleep(50 * time.Millisecond)
	})
})

func TestGoroutineInChildNeverRuns(t *testing.T) {
	prints(t, goroutine, "normal termination, exit status = 0\n")
}

// A goroutine of the parent is copied and never runs in the child.
var copied = register("copied", func() {
	go func() {
		for {
			time.Sleep(time.Millisecond)
			if forkedChild {
				Exit(1)
			}
		}
	}()
	time.Sleep(5 * time.Millisecond)
	inChild(func() {
		forkedChild = true
		Sleep(50 * time.Millisecond)
	})
})

var forkedChild bool

func TestParentsGoroutinesStayBehind(t *testing.T) {
	prints(t, copied, "normal termination, exit status = 0\n")
}

var oneThread = register("oneThread", func() {
	inChild(func() {
		b, err := os.ReadFile("/proc/self/status")
		if err != nil || !bytes.Contains(b, []byte("\nThreads:\t1\n")) {
			Exit(1)
		}
	})
})

func TestChildHasOneThread(t *testing.T) {
	prints(t, oneThread, "normal termination, exit status = 0\n")
}

var fails = register("fails", func() {
	inChild(func() { // a throw-away process under a limit
		const uid = 61_003
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); errno != 0 {
			Exit(77)
		}
		Check(unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: 1, Max: 1}))
		pid, err := Fork()
		if pid != -1 || !errors.Is(err, unix.EAGAIN) || err.Error() != "fork: resource temporarily unavailable" {
			fmt.Fprintln(os.Stderr, pid, err)
			Exit(1)
		}
		if _, err := Vfork(func() {}); !errors.Is(err, unix.EAGAIN) {
			Exit(2)
		}
		_, err = Wait(nil)
		if !errors.Is(err, unix.ECHILD) {
			Exit(3)
		}
	})
})

func TestForkFails(t *testing.T) {
	r := run(t, fails)
	if strings.Contains(r.out, "= 77") {
		t.Skip("needs to change its user id: run as root")
	}
	if r.err != nil || r.out != "normal termination, exit status = 0\n" {
		t.Errorf("%v, printed %q\n%s", r.err, r.out, r.errout)
	}
}

var layout = register("layout", func() {
	inChild(func() {})
	fmt.Println(schedLayout)
})

func TestSchedLayout(t *testing.T) {
	prints(t, layout, "normal termination, exit status = 0\ntrue\n")
}

// Without clone3 (a container's filter) clone does it.
var olderKernel = register("olderKernel", func() {
	forkArgs.flags = 1 << 63 // EINVAL
	vforkArgs.flags = 1 << 63
	inChild(func() { Abort() })
	shared := 6
	pid, err := Vfork(func() { shared++ })
	Check(err)
	Waitpid(pid, nil, 0)
	fmt.Println(shared)
})

func TestWithoutClone3(t *testing.T) {
	r := run(t, olderKernel)
	out := strings.Replace(r.out, " (core file generated)", "", 1)
	if out != "abnormal termination, signal number = 6\n7\n" {
		t.Errorf("printed %q\n%s", r.out, r.errout)
	}
}
