//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestVanished: a child of which nothing is left when its death is reported
// has been reaped by a call that is not recorded, unless its parent has a
// recorded wait under way, which will tell.
func TestVanished(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	err = onOwnThread(func() error {
		// The parent: it ends when the pipe does.
		p, err := os.StartProcess("/bin/cat", []string{"cat"}, &os.ProcAttr{Files: []*os.File{r, os.Stderr, os.Stderr}})
		if err != nil {
			w.Close()
			return err
		}
		parent := &process{pid: p.Pid, liveTID: p.Pid, childSignal: &childSignal{}}
		kid := &process{pid: 1 << 30, parent: parent} // no pid is so large
		waits := &callSpec{isWait: true}
		for _, c := range []struct {
			name  string
			t     thread
			reaps bool // the kernel does
			want  bool
		}{
			{"no call", thread{}, false, true},
			{"a wait", thread{call: &call{spec: waits}}, false, false},
			{"an interrupted call", thread{interrupted: []*call{{spec: waits}}}, false, false},
			{"another call", thread{call: &call{spec: &callSpec{}}}, false, true},
			{"a wait, and no zombies", thread{call: &call{spec: waits}}, true, true},
		} {
			c.t.proc, parent.childSignal.ignored = parent, c.reaps
			rec := &recorder{threads: map[int]*thread{parent.pid: &c.t}}
			if got := rec.vanished(kid); got != c.want {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		w.Close()
		_, err = unix.Wait4(p.Pid, nil, 0, nil)
		if rec := (&recorder{}); rec.vanished(kid) {
			t.Error("of a parent that has ended")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
