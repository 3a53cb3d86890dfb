//go:build 386 || amd64 || arm64

package record

import (
	"bufio"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/procfs"
	"apue/internal/sampling"
	"apue/internal/trace"
)

func init() {
	goPrograms["recorder"] = playRecorder
	goPrograms["probe"] = func() { fmt.Println(Probe()) }
}

// hang is a program that never ends by itself: three processes, one of
// them in a session of its own.
var hang = []string{"sh", "-c", "sleep 1000 & setsid sleep 1000 & echo ready; wait; wait"}

// foreignShell reports whether sh is a program of another architecture
// than the recorder, so that its writes are not recorded.
func foreignShell(t *testing.T) bool {
	t.Helper()
	path, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Machine != nativeMachine
}

// needNativeShell skips a test about what sh does itself: with a
// shell of 64 bits, a recorder of 32 bits sees only its births and deaths.
func needNativeShell(t *testing.T) {
	t.Helper()
	if foreignShell(t) {
		t.Skip("sh is a program of another architecture than this recorder: its writes are not recorded")
	}
}

// stillThere counts the processes of a recording that are still there.
func stillThere(r *trace.Recording) (n int) {
	for _, p := range r.Processes() {
		if s, ok := procfs.ReadStat(p.Pid); ok && s.State() != 'Z' {
			n++
		}
	}
	return n
}

// A deadline passes when the test says so.
type deadline struct {
	context.Context
	passed chan struct{}
}

func (d *deadline) Done() <-chan struct{} { return d.passed }

func (d *deadline) Err() error {
	select {
	case <-d.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestDeadline(t *testing.T) {
	needNativeShell(t)
	ctx := &deadline{context.Background(), make(chan struct{})}
	r := &trace.Recording{}
	ready, programs := false, 0
	o := Options{Sink: func(e *trace.Event) error {
		r.Events = append(r.Events, *e)
		if string(e.Data) == "ready\n" {
			ready = true
		}
		if e.Kind == trace.KindExec && e.Call != "" && e.Errno == "" {
			programs++
		}
		if ready && programs == 3 { // sleep, setsid and its sleep
			programs = 0
			close(ctx.passed)
		}
		return nil
	}}
	_, _, err := recordArgs(ctx, o, nil, hang...)
	if err != nil {
		t.Fatal(err)
	}
	end := r.Events[len(r.Events)-1]
	if !end.Timeout || end.Leftovers != 3 || end.Status != uint32(unix.SIGKILL) {
		t.Errorf("end %+v", end)
	}
	if n := stillThere(r); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestCancel(t *testing.T) {
	needNativeShell(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := Options{Sink: func(e *trace.Event) error {
		if string(e.Data) == "ready\n" {
			cancel()
		}
		return nil
	}}
	r, _, err := recordArgs(ctx, o, nil, hang...)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Events) != 0 {
		t.Error("events are kept although they were handed on")
	}
}

// TestCancelFork cancels a program in the middle of a great many
// births: none may slip through.
func TestCancelFork(t *testing.T) {
	for { // what another test has left to its subreaper is not ours
		if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
			break
		}
	}
	for range sampling.Number(2, 5) {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		o := Options{Sink: func(e *trace.Event) error {
			if e.Kind == trace.KindFork {
				if n++; n == 100 {
					cancel()
				}
			}
			return nil
		}}
		exe := cProgram(t, "loop")
		if _, _, err := recordArgs(ctx, o, nil, exe, "alive", "300"); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("children are left: %v", err)
	}
}

func TestSinkError(t *testing.T) {
	full := errors.New("disk full")
	o := Options{Sink: func(*trace.Event) error { return full }}
	_, _, err := recordArgs(context.Background(), o, nil, hang...)
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// TestOsExecBeside runs os/exec in other goroutines while recording:
// neither may lose a child.
func TestOsExecBeside(t *testing.T) {
	exe := cProgram(t, "doublefork")
	done := make(chan struct{})
	var wg sync.WaitGroup
	commands := 0
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			err := exec.Command("sh", "-c", "exit 9").Run()
			var status *exec.ExitError
			if !errors.As(err, &status) || status.ExitCode() != 9 {
				t.Errorf("os/exec: %v", err)
				return
			}
			commands++
		}
	})
	for range sampling.Number(3, 10) * repeats() {
		r := runProgram(t, Options{}, exe)
		if n := len(r.Processes()); n != 3 {
			t.Errorf("%d processes", n)
		}
	}
	close(done)
	wg.Wait()
	if commands == 0 {
		t.Error("nothing ran beside")
	}
}

// TestParallel makes several recordings at once, each on its thread.
func TestParallel(t *testing.T) {
	exe := cProgram(t, "doublefork")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				r, out, err := recordArgs(context.Background(), Options{}, nil, exe)
				if err != nil || len(r.Processes()) != 3 {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
	wg.Wait()
}

// playRecorder records a program that hangs and prints the pids of its
// tree.
func playRecorder() {
	os.Unsetenv("TRACE_TEST_PROGRAM")
	born := 0
	o := Options{Sink: func(e *trace.Event) error {
		switch e.Kind {
		case trace.KindFork, trace.KindVfork:
			fmt.Println(e.Pid, e.Child)
			if born++; born == 2 {
				fmt.Println("all")
			}
		}
		return nil
	}}
	_, _, err := recordArgs(context.Background(), o, nil, hang...)
	fmt.Println(err)
}

// TestRecorderKilled kills a recorder with SIGKILL: its tracees must
// die with it.
func TestRecorderKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "TRACE_TEST_PROGRAM=recorder")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var pidfds []unix.PollFd
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "all" {
		for _, f := range strings.Fields(lines.Text()) {
			pid, err := strconv.Atoi(f)
			if err != nil {
				t.Fatalf("the recorder says %q", lines.Text())
			}
			fd, err := unix.PidfdOpen(pid, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			pidfds = append(pidfds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
	}
	cmd.Process.Kill()
	cmd.Wait()
	if len(pidfds) != 4 {
		t.Fatalf("%d processes seen", len(pidfds))
	}
	for i := range pidfds {
		if n, err := poll(pidfds[i:i+1], 10*time.Second); n != 1 {
			t.Errorf("process %d outlives its recorder (%v)", i, err)
		}
	}
}

func poll(fds []unix.PollFd, d time.Duration) (n int, err error) {
	for {
		n, err = unix.Poll(fds, int(d.Milliseconds()))
		if err != unix.EINTR {
			return n, err
		}
	}
}

func TestNotStarted(t *testing.T) {
	dir := t.TempDir()
	script := dir + "/script"
	if err := os.WriteFile(script, []byte("#!/nowhere/at/all\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, noSeccomp := range []bool{false, true} {
		_, out, err := recordArgs(context.Background(), Options{noSeccomp: noSeccomp}, nil, script)
		var not *NotStartedError
		if !errors.As(err, &not) || not.Status != 127<<8 {
			t.Errorf("error %v", err)
		}
		if !strings.Contains(out, "no such file") {
			t.Errorf("the launcher says %q", out)
		}
	}
}

// TestTracedAlready records a process that has a tracer.
func TestTracedAlready(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p, err := os.StartProcess("/bin/sleep", []string{"sleep", "1000"}, &os.ProcAttr{
		Sys: &unix.SysProcAttr{Ptrace: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer end(p)
	_, err = Run(context.Background(), nil, func() (Launched, error) {
		return Launched{Pid: p.Pid, Release: func() error { return nil }}, nil
	}, Options{})
	if err == nil || !strings.Contains(err.Error(), "already traced by process") {
		t.Errorf("error %v", err)
	}
}

func TestProbe(t *testing.T) {
	reapOrphans()
	if err := Probe(); err != nil {
		t.Skip("this machine cannot record: ", err)
	}
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err != unix.ECHILD {
		t.Errorf("the probe leaves a child: %v", err)
	}
}

// TestProbeTraced asks a program that strace traces.
func TestProbeTraced(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("no other tracer: install strace")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(strace, "-f", "-o", os.DevNull, "-e", "trace=none", exe)
	cmd.Env = append(os.Environ(), "TRACE_TEST_PROGRAM=probe")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("already traced by process %d (strace)", cmd.Process.Pid)
	if !strings.Contains(string(out), want) {
		t.Errorf("it says %q, not %q", out, want)
	}
}

// TestForeign records a program of another word size: its births,
// deaths and signals are the kernel's own events, and the recording says
// that the rest is missing.
func TestForeign(t *testing.T) {
	program := []string{t.TempDir() + "/i386"}
	switch {
	case runtime.GOARCH == "386" && foreignShell(t):
		program = []string{"sh", "-c", "(exit 3); exit 5"}
	case runtime.GOARCH != "amd64":
		t.Skip("a kernel of 64 bits runs the programs of two architectures: this is for amd64 and 386")
	default:
		if out, err := build.C("cc", "testdata/i386.s", program[0], "-m32", "-nostdlib", "-static"); err != nil {
			t.Skipf("no 32-bit assembler: %v: %s", err, out)
		}
	}
	for _, noSeccomp := range []bool{false, true} {
		r := runProgram(t, Options{noSeccomp: noSeccomp}, program...)
		equal(t, "status", r.one(t, "P0", trace.KindExit).Status, uint32(0x500))
		equal(t, "child's status", r.one(t, "P0.1", trace.KindExit).Status, uint32(0x300))
		equal(t, "adoptions", len(r.find("P0.1", trace.KindReparented)), 0)
		if n := r.find("P0", trace.KindNote); len(n) != 1 || !strings.Contains(n[0].Note, "another architecture") {
			t.Errorf("notes %v", n)
		}
	}
}

// TestStreaming records many events: the memory held must not grow
// with them. TRACE_EVENTS=1000000 is the full size.
func TestStreaming(t *testing.T) {
	want := sampling.Number(2000, 5000)
	if n, err := strconv.Atoi(os.Getenv("TRACE_EVENTS")); err == nil {
		want = n
	}
	file, err := os.Create(t.TempDir() + "/recording.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var (
		w            *trace.Writer
		events       int
		first, after runtime.MemStats
	)
	o := Options{
		Begin: func(h *trace.Header) (err error) { w, err = trace.NewWriter(file, h); return err },
		Sink: func(e *trace.Event) error {
			if events++; events == want/4 {
				runtime.GC()
				runtime.ReadMemStats(&first)
			}
			return w.Event(e)
		},
	}
	// Each process is four events, and a fork the memory of one.
	exe := cProgram(t, "loop")
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if _, out, err := recordArgs(ctx, o, nil, exe, "forks", strconv.Itoa(want/4)); err != nil {
		t.Fatal(err, out)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(first.HeapAlloc); grown > 2<<20 {
		t.Errorf("%d events more hold %d KiB more", events*3/4, grown>>10)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	file.Seek(0, 0)
	in, err := trace.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for {
		e, err := in.Next()
		if err != nil {
			t.Fatalf("event %d: %v", read, err)
		}
		if read++; e.Kind == trace.KindEnd {
			break
		}
	}
	equal(t, "events in the file", read, events)
	if events < want {
		t.Errorf("%d events", events)
	}
}

// TestEnding: what a process's end sets free can end before it. When it
// began to end is recorded then.
func TestEnding(t *testing.T) {
	exe := cProgram(t, "setfree")
	for range 3 {
		r := runProgram(t, Options{}, exe)
		all := r.Processes()
		if parent, child := all[0], all[1]; parent.Ending > child.Died || parent.Ending > parent.Died {
			t.Errorf("the parent began to end at %d and ended at %d; its child, which had waited for that, ended at %d", parent.Ending, parent.Died, child.Died)
		}
	}
}
