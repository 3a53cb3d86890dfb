//go:build 386 || amd64 || arm64

package record

import (
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestSnapshots: what /proc says at writes to standard output and
// before exits.
func TestSnapshots(t *testing.T) {
	r := runProgram(t, Options{Snapshots: true, Smaps: true}, cProgram(t, "zombie"))
	shots := r.find("P0", trace.KindSnapshot)
	if len(shots) != 2 { // its write, its exit
		t.Fatalf("%d snapshots\n%s", len(shots), text(r.Recording))
	}
	own := shots[0].Snapshot[0]
	equal(t, "process", own.Process, "P0")
	for _, name := range []string{"stat", "status", "limits", "cmdline", "cwd", "root", "fd/1", "fdinfo/1", "smaps"} {
		if own.Files[name] == "" {
			t.Errorf("%s is empty", name)
		}
	}
	if !strings.Contains(own.Files["cmdline"], "zombie") {
		t.Errorf("cmdline %q", own.Files["cmdline"])
	}

	// In the child's snapshot before its exit the parent is there too.
	child := r.one(t, "P0.1", trace.KindSnapshot)
	if n := len(child.Snapshot); n != 2 {
		t.Errorf("%d processes", n)
	}

	// One that nobody has collected is seen as a zombie.
	r = runProgram(t, Options{Snapshots: true}, cProgram(t, "zombie"), "unreaped")
	shots = r.find("P0", trace.KindSnapshot)
	for _, p := range shots[len(shots)-1].Snapshot {
		if p.Process == "P0.1" && !strings.Contains(p.Files["stat"], ") Z ") {
			t.Errorf("the unreaped child: %s", p.Files["stat"])
		}
	}

	// A vfork's parent sleeps in its child's.
	r = runProgram(t, Options{Snapshots: true}, cProgram(t, "vfork"))
	for _, p := range r.one(t, "P0.1", trace.KindSnapshot).Snapshot {
		if p.Process == "P0" && !strings.Contains(p.Files["stat"], ") D ") {
			t.Errorf("the vfork's parent: %s", p.Files["stat"])
		}
	}
}
