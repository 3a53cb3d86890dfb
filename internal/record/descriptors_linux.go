//go:build 386 || amd64 || arm64

package record

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// A fileTable is what is known of a process's descriptors; processes
// made with CLONE_FILES share one. Without Options.Files it knows 0, 1 and
// 2, what the program was given, pipes, and all copies of these; others
// are looked at when they are used, and then have number 0.
type fileTable struct {
	fds map[int]descriptor
}

type descriptor struct {
	file    *openFile
	cloexec bool
}

// An openFile is an open file description: struct file.
type openFile struct {
	number int // from 1; 0: which one it is is not known
	object *object
	writes bool // it is open for writing: which end of a pipe it is
}

// An object is what a descriptor leads to.
type object struct {
	name string
	mode uint32 // its type: S_IFIFO, S_IFCHR, S_IFREG, S_IFSOCK; 0: an anonymous inode
}

// isStream says whether reading may have to wait for somebody.
func (o *object) isStream() bool {
	return o.mode == unix.S_IFIFO || o.mode == unix.S_IFSOCK || strings.HasPrefix(o.name, "terminal ")
}

// isPipe says whether it is a pipe without a name.
func (o *object) isPipe() bool { return o.mode == unix.S_IFIFO && !strings.HasPrefix(o.name, "/") }

func newFileTable() *fileTable { return &fileTable{fds: map[int]descriptor{}} }

func (ft *fileTable) clone() *fileTable { return &fileTable{fds: maps.Clone(ft.fds)} }

// hasRoom says whether the next new descriptor may be 0, 1 or 2.
func (ft *fileTable) hasRoom() bool {
	for fd := range 3 {
		if _, ok := ft.fds[fd]; !ok {
			return true
		}
	}
	return false
}

// closed removes descriptors, and says whether one of them was followed.
func (ft *fileTable) closed(first, last int) (followed bool) {
	if first == last { // nearly always
		d, ok := ft.fds[first]
		delete(ft.fds, first)
		return ok && d.file.number != 0
	}
	maps.DeleteFunc(ft.fds, func(fd int, d descriptor) bool {
		inside := fd >= first && fd <= last
		followed = followed || inside && d.file.number != 0
		return inside
	})
	return followed
}

// executed drops what is closed on exec. The table is the process's own
// from now on. A descriptor that is not followed may be closed too.
func (ft *fileTable) executed() *fileTable {
	own := ft.clone()
	maps.DeleteFunc(own.fds, func(_ int, d descriptor) bool { return d.cloexec || d.file.number == 0 })
	return own
}

// followed is the open file description of a descriptor, nil if that is
// not followed.
func (ft *fileTable) followed(fd int) *openFile {
	if d, ok := ft.fds[fd]; ok && d.file.number != 0 {
		return d.file
	}
	return nil
}

// objectNames numbers what has no name of its own.
type objectNames struct {
	files   int      // open file descriptions
	outputs []string // objects of 1 and 2 of the program at its start
	// origin is added to the names of what the program was given, so that
	// what it makes is counted from 1 whatever it was given.
	origin string
	counts map[string]int
	known  map[string]*object // pipes and sockets, by what /proc calls them
}

// objectAt looks at what a descriptor of a process leads to.
func (r *recorder) objectAt(tid, fd int) *object {
	path := procfs.Path(tid, "fd/"+itoa(fd))
	link := procfs.Readlink(path)
	kind, rest, _ := strings.Cut(link, ":")
	switch {
	case kind == "pipe" || kind == "socket":
		if o := r.names.known[link]; o != nil {
			return o
		}
		mode := uint32(unix.S_IFIFO)
		if kind == "socket" {
			mode = unix.S_IFSOCK
		}
		o := &object{name: r.counted(kind), mode: mode}
		r.names.known[link] = o
		return o
	case kind == "anon_inode":
		return &object{name: r.counted(strings.Trim(rest, "[]"))}
	}
	o := &object{name: link}
	var st unix.Stat_t
	if unix.Stat(path, &st) == nil {
		o.mode = st.Mode & unix.S_IFMT
		if o.mode == unix.S_IFCHR && isTerminal(uint64(st.Rdev)) {
			o.name = "terminal " + link
		}
	}
	return o
}

// isTerminal says whether a character device's number is a terminal's
// (Documentation/admin-guide/devices.txt of the kernel).
func isTerminal(device uint64) bool {
	switch major := unix.Major(device); {
	case major == 4, major == 5, major >= 136 && major <= 143:
		return true
	}
	return false
}

// counted gives a thing without a name the next number of its kind.
func (r *recorder) counted(kind string) string {
	kind += r.names.origin
	r.names.counts[kind]++
	return kind + " " + strconv.Itoa(r.names.counts[kind])
}

// newFile numbers a new open file description of an object.
func (r *recorder) newFile(o *object, writes bool) *openFile {
	r.names.files++
	return &openFile{number: r.names.files, object: o, writes: writes}
}

// opened enters a new descriptor into the table.
func (r *recorder) opened(t *thread, fd int, writes, cloexec bool) *openFile {
	f := r.newFile(r.objectAt(t.tid, fd), writes)
	t.proc.files.fds[fd] = descriptor{f, cloexec}
	return f
}

// fileOf is the open file description behind a descriptor that is used;
// nil if it is not open. One that is not known is looked at now.
func (r *recorder) fileOf(t *thread, fd int) *openFile {
	d, ok := t.proc.files.fds[fd]
	if ok || !r.started {
		return d.file
	}
	o := r.objectAt(t.tid, fd)
	if o.name == "" {
		return nil
	}
	f := &openFile{object: o}
	if r.o.Files {
		f = r.newFile(o, false)
	}
	t.proc.files.fds[fd] = descriptor{file: f}
	return f
}

// name fills in what a descriptor leads to.
func (f *openFile) name(e *trace.Event) {
	if f != nil {
		e.OFD, e.Object = f.number, f.object.name
	}
}

// startFiles looks at what the program was given. Two descriptors of one
// open file description are told by the kernel (kcmp); where it refuses,
// descriptors of one object and one mode are taken for one.
func (r *recorder) startFiles(root *process) {
	t := &thread{tid: root.pid, proc: root}
	r.nameStandard(root.pid)
	r.names.origin = " from outside"
	defer func() { r.names.origin = "" }()
	var first []int // a descriptor of each description
	for _, fd := range procfs.Fds(root.pid) {
		info := procfs.ReadFdinfo(root.pid, fd)
		flags := commonOpenFlags(uint64(max(info.Flags(), 0)))
		d := descriptor{cloexec: flags&unix.O_CLOEXEC != 0}
		o := r.objectAt(root.pid, fd)
		for _, other := range first {
			f := root.files.fds[other].file
			order, err := kcmp(root.pid, root.pid, kcmpFile, fd, other)
			if err == nil && order == 0 || err != nil && f.object.name == o.name && f.writes == (flags&unix.O_ACCMODE != 0) {
				d.file = f
			}
		}
		if d.file == nil {
			first = append(first, fd)
			d.file = r.newFile(o, flags&unix.O_ACCMODE != 0)
		}
		t.proc.files.fds[fd] = d
		offset, ok := info.Pos()
		if !ok || o.mode != unix.S_IFREG && o.mode != unix.S_IFBLK {
			offset = -1
		}
		r.rec.Header.Descriptors = append(r.rec.Header.Descriptors, trace.Descriptor{
			Fd: fd, OFD: d.file.number, Object: d.file.object.name,
			Flags: flags &^ unix.O_CLOEXEC, Cloexec: d.cloexec, Offset: offset,
		})
		if fd == 1 || fd == 2 {
			r.names.outputs = append(r.names.outputs, d.file.object.name)
		}
	}
}

// nameStandard names the pipes and sockets that the program was given as
// its descriptors 0, 1 and 2. Those that it makes are counted from 1.
func (r *recorder) nameStandard(pid int) {
	for fd, name := range [...]string{"standard input", "standard output", "standard error"} {
		link := procfs.Readlink(procfs.Path(pid, "fd/"+itoa(fd)))
		kind, _, _ := strings.Cut(link, ":")
		modes := map[string]uint32{"pipe": unix.S_IFIFO, "socket": unix.S_IFSOCK}
		if mode := modes[kind]; mode != 0 && r.names.known[link] == nil {
			r.names.known[link] = &object{name: name, mode: mode}
		}
	}
}

// isOutput says whether a descriptor leads to where the program's
// standard output or error led at first.
func (r *recorder) isOutput(f *openFile) bool {
	return f != nil && slices.Contains(r.names.outputs, f.object.name)
}

// holders are the processes that hold the other end of a pipe open: those
// that could write to it, or read from it.
func (r *recorder) holders(f *openFile) (names []string) {
	if f == nil || !f.object.isPipe() {
		return nil
	}
	for _, p := range r.sorted() {
		if p.dead {
			continue
		}
		for _, d := range p.files.fds {
			if d.file.object == f.object && d.file.writes != f.writes {
				names = append(names, p.name)
				break
			}
		}
	}
	return names
}

// sorted are the processes of the tree in the order of their birth.
func (r *recorder) sorted() []*process {
	return slices.SortedFunc(maps.Values(r.procs), func(a, b *process) int { return a.serial - b.serial })
}
