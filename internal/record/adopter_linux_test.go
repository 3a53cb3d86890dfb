//go:build 386 || amd64 || arm64

package record

import (
	"math"
	"os/exec"
	"testing"

	"apue/internal/trace"
)

// TestInferred: of a child that its new parent has reaped before the
// recorder looks, the adopter is inferred, and the event says so. Without one
// that the rules tell it is not known.
func TestInferred(t *testing.T) {
	gone := exec.Command("/bin/true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, adopter := range []int{77, 0} {
		r := &recorder{
			rec: &trace.Recording{}, started: true, adopter: adopter, seen: map[string]bool{},
			procs: map[int]*process{}, threads: map[int]*thread{}, live: map[int]bool{},
		}
		r.root = r.newProcess(nil, 1<<22+1, 0)
		r.root.name, r.root.dead = "P0", true
		kid := r.newProcess(r.root, gone.Process.Pid, 17)
		kid.dead = true
		r.orphan(r.root, kid)
		if len(r.queue) != 1 {
			t.Fatalf("%d events: %+v", len(r.queue), r.queue)
		}
		e := r.queue[0]
		equal(t, "inferred", []any{e.Kind, e.NewParent, e.Inferred}, []any{trace.KindReparented, adopter, adopter != 0})
		equal(t, "not known", e.Unknown["new_parent"] != "", adopter == 0)
	}
}

// TestMayMean: which process a call that sends a signal can mean.
func TestMayMean(t *testing.T) {
	caller, other := &process{pid: 5, pids: []int{5}}, &process{pid: 7, pids: []int{7}}
	for _, c := range []struct {
		call   string
		target int
		want   bool
	}{
		{"kill", 7, true}, {"kill", 8, false}, {"kill", 0, true}, {"kill", -1, true}, {"kill", -8, true},
		{"kill", math.MinInt32, false}, {"tgkill", -1, false}, {"tgkill", 7, true}, {"pidfd_send_signal", 3, true},
	} {
		k := &call{spec: &callSpec{name: c.call}, caller: caller, args: [6]uint64{uint64(c.target)}}
		equal(t, c.call+" "+itoa(c.target), k.mayMean(other), c.want)
	}
}
