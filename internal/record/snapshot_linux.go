//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// snapshot records what /proc says of every process of the tree
// while t is stopped. A process seen zombie here may be dead for the
// kernel and not yet for its parent: the recorder reaps first.
func (r *recorder) snapshot(t *thread, at string) {
	if !r.started {
		return
	}
	e := r.event(t, trace.KindSnapshot)
	e.At = at
	for _, p := range r.sorted() {
		if files := r.filesOf(p); files != nil {
			e.Snapshot = append(e.Snapshot, trace.ProcState{Process: p.name, Pid: p.pid, Files: files})
		}
	}
	r.emit(e)
}

// filesOf reads the files of a process; nil if it is gone. Those of its
// memory and descriptors are read by way of a thread that lives.
func (r *recorder) filesOf(p *process) procfs.Files {
	files := procfs.Files{}
	read := func(pid int, names ...string) {
		for _, name := range names {
			if s := procfs.ReadAll(procfs.Path(pid, name)); s != "" {
				files[name] = s
			}
		}
	}
	read(p.pid, "stat", "status", "limits")
	if files["stat"] == "" {
		return nil
	}
	read(p.liveTID, "cmdline")
	if r.o.Smaps {
		read(p.liveTID, "smaps")
	}
	if r.o.SnapshotExec || r.o.SnapshotBirth {
		read(p.pid, "schedstat", "autogroup", "loginuid", "cgroup")
		read(p.liveTID, "timers", "environ")
		for _, tid := range procfs.Threads(p.pid) {
			read(p.pid, "task/"+itoa(tid)+"/status")
		}
		var vector strings.Builder
		entries := auxv(p.liveTID)
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			fmt.Fprintf(&vector, "%d %d\n", key, entries[key])
		}
		if vector.Len() > 0 {
			files["auxv"] = vector.String()
		}
	}
	for _, name := range []string{"cwd", "root"} {
		if link := procfs.Readlink(procfs.Path(p.liveTID, name)); link != "" {
			files[name] = link
		}
	}
	for _, fd := range procfs.Fds(p.liveTID) {
		name := itoa(fd)
		if link := procfs.Readlink(procfs.Path(p.liveTID, "fd/"+name)); link != "" {
			files["fd/"+name] = link
		}
		read(p.liveTID, "fdinfo/"+name)
	}
	return files
}
