//go:build amd64 || arm64

package record

import (
	"maps"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// A fileTable is what is known of a process's descriptors; processes
// made with CLONE_FILES share one.
type fileTable struct {
	files map[int]*openFile
	free  [3]bool // 0, 1 or 2 is closed
}

// An openFile is an open file description: struct file.
type openFile struct {
	number int
	file   fileKey
}

// fileKey is a file, however it was opened.
type fileKey struct{ dev, ino uint64 }

func newFileTable() *fileTable { return &fileTable{files: map[int]*openFile{}} }

func (ft *fileTable) clone() *fileTable {
	return &fileTable{files: maps.Clone(ft.files), free: ft.free}
}

// hasRoom says whether the next new descriptor may be 0, 1 or 2.
func (ft *fileTable) hasRoom() bool { return ft.free != [3]bool{} }

func (ft *fileTable) opened(fd int) {
	delete(ft.files, fd)
	if isStandard(fd) {
		ft.free[fd] = false
	}
}

func (ft *fileTable) closed(first, last int) {
	for fd := range ft.free {
		if fd >= first && fd <= last {
			ft.free[fd] = true
		}
	}
	maps.DeleteFunc(ft.files, func(fd int, _ *openFile) bool { return fd >= first && fd <= last })
}

func (ft *fileTable) duplicated(old, fd int) {
	ft.opened(fd)
	if f := ft.files[old]; f != nil {
		ft.files[fd] = f
	}
}

// execedFiles drops what was closed on exec; the table is the process's
// own from now on.
func (p *process) execedFiles() {
	ft := p.files.clone()
	maps.DeleteFunc(ft.files, func(fd int, _ *openFile) bool {
		_, ok := fileOf(p.eye, fd)
		return !ok
	})
	p.files = ft
}

// fileOf is the file behind a descriptor.
func fileOf(pid, fd int) (unix.Stat_t, bool) {
	var st unix.Stat_t
	err := unix.Stat(procfs.Path(pid, "fd/"+itoa(fd)), &st)
	return st, err == nil
}

// fileNumbers numbers the open file descriptions of a recording.
type fileNumbers struct {
	last    int
	refused bool
	outputs [2]fileKey // what 1 and 2 of the program were at first
}

// startFiles looks at what the program was given.
func (r *recorder) startFiles(root *process) {
	for fd := range root.files.free {
		st, ok := fileOf(root.pid, fd)
		root.files.free[fd] = !ok
		if ok && fd > 0 {
			r.ofds.outputs[fd-1] = fileKey{st.Dev, st.Ino}
		}
	}
}

// isOutput says whether a descriptor leads to where the program's
// standard output or error led at first.
func (r *recorder) isOutput(p *process, fd int) bool {
	st, ok := fileOf(p.eye, fd)
	key := fileKey{st.Dev, st.Ino}
	return ok && (key == r.ofds.outputs[0] || key == r.ofds.outputs[1])
}

// fileNumber identifies the open file description behind a
// descriptor: the kernel is asked (kcmp) whether it is one that a
// living process is known to hold. It is 0 without Options.Files, or
// where the kernel refuses.
func (r *recorder) fileNumber(p *process, fd int) int {
	if !r.o.Files || r.ofds.refused {
		return 0
	}
	st, ok := fileOf(p.eye, fd)
	if !ok {
		return 0
	}
	key := fileKey{st.Dev, st.Ino}
	own := p.files.files[fd]
	different := map[*openFile]bool{}
	for _, q := range r.procs {
		if q.dead {
			continue
		}
		for other, f := range q.files.files {
			if f.file != key || different[f] || q.files == p.files && other == fd {
				continue
			}
			order, err := kcmp(p.eye, q.eye, kcmpFile, fd, other)
			switch {
			case err == unix.EPERM || err == unix.ENOSYS:
				r.ofds.refused = true
				return 0
			case err == nil && order == 0:
				p.files.files[fd] = f
				return f.number
			case err == nil:
				different[f] = true
			}
		}
	}
	if own == nil || own.file != key || different[own] {
		r.ofds.last++
		own = &openFile{number: r.ofds.last, file: key}
		p.files.files[fd] = own
	}
	return own.number
}
