//go:build 386 || amd64 || arm64

package record

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// recordAs records a program whose launcher is started with these
// attributes.
func recordAs(t *testing.T, sys *unix.SysProcAttr, args ...string) run {
	t.Helper()
	if err := beSubreaper(); err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		t.Fatal(err)
	}
	start := func() (Launched, error) {
		r, w, err := os.Pipe()
		if err != nil {
			return Launched{}, err
		}
		defer r.Close()
		spec, err := json.Marshal(launchSpec{path, args, Options{}, false})
		if err != nil {
			return Launched{}, err
		}
		p, err := os.StartProcess("/proc/self/exe", []string{"launcher"}, &os.ProcAttr{
			Env:   append(os.Environ(), "TRACE_TEST_LAUNCH="+string(spec)),
			Files: []*os.File{nil, nil, os.Stderr, r},
			Sys:   sys,
		})
		if err != nil {
			return Launched{}, err
		}
		return Launched{Pid: p.Pid, Release: func() error {
			_, err := w.Write([]byte{1})
			w.Close()
			p.Release()
			return err
		}}, nil
	}
	r, err := Run(context.Background(), args, start, Options{})
	if os.IsPermission(err) {
		t.Skip("this needs root: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range trace.Check(r) {
		t.Error(err)
	}
	return run{r, ""}
}

// isolated records a program that is the init of a pid namespace.
func isolated(t *testing.T, args ...string) run {
	t.Helper()
	return recordAs(t, &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWPID}, args...)
}

// TestUnprivileged records a program of somebody else, who may install a
// filter only with no_new_privs.
func TestUnprivileged(t *testing.T) {
	needNativeShell(t)
	const nobody = 65534
	r := recordAs(t, &unix.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}},
		"sh", "-c", "/bin/true & wait; exit 3")
	equal(t, "status", r.one(t, "P0", trace.KindExit).Status, uint32(0x300))
	equal(t, "waits", r.find("P0", trace.KindWait) != nil, true)
	equal(t, "set-user-ID programs", r.Header.SetID, "ignored")
}

// TestNamespace: the program's pids are small and its own, the
// recorder's are others.
func TestNamespace(t *testing.T) {
	r := isolated(t, cProgram(t, "doublefork"))
	ps := r.Processes()
	if len(ps) != 3 {
		t.Fatalf("%d processes", len(ps))
	}
	first := ps[1].NSpid // the launcher's threads had the ones before
	equal(t, "pids in the namespace", []int{ps[0].NSpid, ps[2].NSpid}, []int{1, first + 1})
	for _, p := range ps {
		if p.Pid == p.NSpid {
			t.Errorf("%s has one pid only", p.Name)
		}
	}
	wait := r.one(t, "P0", trace.KindWait)
	equal(t, "wait", []any{wait.WaitPid, wait.Result, wait.ResultPid, wait.ResultProcess},
		[]any{first, int64(first), ps[1].Pid, "P0.1"})
	signal := r.find("P0", trace.KindSignal)[0]
	equal(t, "sender", []any{signal.Sender, signal.SenderProcess}, []any{first, "P0.1"})
	if a := r.find("P0.1.1", trace.KindReparented); len(a) == 1 {
		equal(t, "adopter", []any{a[0].NewParentProcess, a[0].NewParentNSpid}, []any{"P0", 1})
	}

	// Signals, groups and waits by the namespace's numbers.
	r = isolated(t, cProgram(t, "waits"))
	equal(t, "statuses", r.statuses("P0"),
		[]uint32{0x100, 0x200, 0x200, 0x300, 0x400, 0x500, 0x600, 0x700})
	r = isolated(t, cProgram(t, "kills"))
	for i, e := range r.find("P0", trace.KindKill)[:2] {
		equal(t, "target", e.TargetProcess, "P0."+strconv.Itoa(i+1))
	}
}

// TestUnshare: a program that makes a namespace in the middle of its
// life.
func TestUnshare(t *testing.T) {
	needNativeShell(t)
	r := runProgram(t, Options{}, "unshare", "--fork", "--pid", "sh", "-c", "echo $$; (exit 3); exit 4")
	if r.find("P0.1", trace.KindExec) == nil {
		t.Skip("unshare is not permitted: ", r.out)
	}
	equal(t, "output", r.out, "1\n")
	fork := r.find("P0", trace.KindFork)[0]
	if fork.Child != fork.ChildNSpid {
		t.Errorf("its parent calls it %d, it is %d", fork.ChildNSpid, fork.Child)
	}
	equal(t, "own pid", r.find("P0.1", trace.KindExec)[0].NSpid, 1)
	inner := r.find("P0.1", trace.KindFork)[0]
	equal(t, "pid inside", inner.ChildNSpid, 2)
	wait := r.find("P0.1", trace.KindWait)
	equal(t, "wait inside", []any{wait[0].Result, wait[0].Status, wait[0].ResultProcess},
		[]any{int64(2), uint32(0x300), "P0.1.1"})
	equal(t, "statuses", r.statuses("P0"), []uint32{0x400})
}

// TestInitEnds: the processes of a pid namespace end with its init, and
// nobody adopts them.
func TestInitEnds(t *testing.T) {
	needNativeShell(t)
	if os.Getuid() != 0 {
		t.Skip("only root makes a pid namespace here")
	}
	r := runProgram(t, Options{}, "unshare", "--pid", "--fork", "sh", "-c", "sleep 100 & exit 3")
	sleep := r.Process("P0.1.1")
	if sleep == nil || sleep.Exit == nil || sleep.Exit.Status&0x7f != 9 {
		t.Fatalf("sleep: %+v\n%s", sleep, text(r.Recording))
	}
	notes := r.find("P0.1.1", trace.KindNote)
	if len(sleep.Reparented) != 0 || len(notes) != 1 || !strings.Contains(notes[0].Note, "ended with its pid namespace") {
		t.Errorf("adopted %d times, %d notes\n%s", len(sleep.Reparented), len(notes), text(r.Recording))
	}
	equal(t, "status", r.statuses("P0"), []uint32{3 << 8})
}
