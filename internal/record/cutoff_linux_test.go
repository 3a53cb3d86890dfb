//go:build 386 || amd64 || arm64

package record

import (
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// TestWaitCutOff: a wait that has reaped a child and did not return, because
// the process ended in it, is recorded, whether SIGKILL or another thread
// ended the process. A wait that a signal handler has interrupted is cut off
// by SIGKILL only: exit ends the process in the handler.
func TestWaitCutOff(t *testing.T) {
	gone := exec.Command("/bin/true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name        string
		status      uint32
		interrupted bool
		told        int
	}{
		{"exit_group of another thread", 7 << 8, false, 1},
		{"SIGKILL", uint32(unix.SIGKILL), false, 1},
		{"SIGKILL in a handler", uint32(unix.SIGKILL), true, 1},
		{"exit in a handler", 7 << 8, true, 0},
	} {
		r := &recorder{
			rec: &trace.Recording{}, started: true, seen: map[string]bool{},
			procs: map[int]*process{}, threads: map[int]*thread{}, live: map[int]bool{},
		}
		r.root = r.newProcess(nil, 1<<22+1, 0)
		r.root.name = "P0"
		kid := r.newProcess(r.root, gone.Process.Pid, uint64(unix.SIGCHLD))
		kid.dead = true
		th := r.newThread(r.root, r.root.pid)
		wait := &call{spec: &callSpec{name: "wait4", isWait: true}}
		if th.call = wait; c.interrupted {
			th.call, th.interrupted = nil, []*call{wait}
		}
		r.waitCutOff(th, c.status)
		equal(t, c.name+": events", len(r.queue), c.told)
		if len(r.queue) > 0 {
			e := r.queue[0]
			equal(t, c.name, []any{e.Kind, e.ResultProcess, e.Note}, []any{trace.KindWait, "P0.1", "the process ended before the call returned"})
		}
		equal(t, c.name+": the child is a child still", r.root.kids[kid.pid] == kid, c.told == 0)
	}
}
