//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// TestUrgent: SIGURG from a thread to itself is Go's runtime, and is left
// out; of a program that is not Go's it is an event like others.
func TestUrgent(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "urgent"))
	got := r.one(t, "P0", trace.KindSignal)
	equal(t, "signal", got.Signal, int(unix.SIGURG))
	equal(t, "code", got.SiCode, siTkill)
}

// TestReadMemory: a word of a tracee's memory, and nothing where none is.
func TestReadMemory(t *testing.T) {
	runtime.LockOSThread() // which is the tracer
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait() // it reports the stop, or that it was killed
	defer cmd.Process.Kill()
	pid := cmd.Process.Pid
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, unix.WALL, nil); err != nil || !status.Stopped() {
		t.Fatalf("%v, status %#x", err, uint32(status))
	}
	maps := procfs.ReadMaps(pid)
	if len(maps) == 0 {
		t.Fatal("no memory is mapped")
	}
	f, err := os.Open(procfs.Path(pid, "mem"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var want [longSize]byte
	at := maps[0].Start // the header of an ELF file
	if _, err := f.ReadAt(want[:], int64(at)); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 4, longSize} {
		got := make([]byte, size)
		equal(t, "bytes read", readMemory(pid, at, got), size)
		equal(t, "the bytes", string(got), string(want[:size]))
		equal(t, "bytes read where nothing is mapped", readMemory(pid, 16, got), 0)
	}
}

// TestRefusal: EPERM and EACCES are refusals; a request that a kernel does
// not know fails.
func TestRefusal(t *testing.T) {
	for errno, want := range map[unix.Errno]string{
		unix.EPERM: "PTRACE_SEIZE is refused", unix.EACCES: "PTRACE_SEIZE is refused", unix.EIO: "PTRACE_SEIZE fails with " + unix.EIO.Error(),
	} {
		if got := refusal("PTRACE_SEIZE", errno).Error(); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %q, want %q", errno, got, want)
		}
	}
}
