//go:build amd64 || arm64

package record

import (
	"maps"
	"os"
	"slices"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// snapshot records what /proc says of every process of the tree
// while t is stopped. A process seen zombie here may be dead for the
// kernel and not yet for its parent: the recorder collects first.
func (r *recorder) snapshot(t *thread) {
	if !r.started {
		return
	}
	e := r.event(t, trace.KindSnapshot)
	for _, p := range slices.SortedFunc(maps.Values(r.procs), func(a, b *process) int { return a.serial - b.serial }) {
		s := trace.ProcState{Process: p.name, Pid: p.pid, Files: map[string]string{}}
		names := []string{"stat", "status", "limits", "cmdline"}
		if r.o.Smaps {
			names = append(names, "smaps")
		}
		for _, name := range names {
			of := p.pid
			if name == "cmdline" || name == "smaps" {
				of = p.eye
			}
			if b, err := os.ReadFile(procfs.Path(of, name)); err == nil {
				s.Files[name] = string(b)
			}
		}
		if s.Files["stat"] == "" {
			continue // collected
		}
		for _, name := range []string{"cwd", "root"} {
			if link, err := os.Readlink(procfs.Path(p.eye, name)); err == nil {
				s.Files[name] = link
			}
		}
		fds, _ := os.ReadDir(procfs.Path(p.eye, "fd"))
		for _, fd := range fds {
			if link, err := os.Readlink(procfs.Path(p.eye, "fd/"+fd.Name())); err == nil {
				s.Files["fd/"+fd.Name()] = link
			}
			if b, err := os.ReadFile(procfs.Path(p.eye, "fdinfo/"+fd.Name())); err == nil {
				s.Files["fdinfo/"+fd.Name()] = string(b)
			}
		}
		e.Snapshot = append(e.Snapshot, s)
	}
	r.emit(e)
}
