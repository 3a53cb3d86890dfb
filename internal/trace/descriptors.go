package trace

import "maps"

// An OpenFile is an open file description: what open(2) makes, and dup
// and fork share.
type OpenFile struct {
	Number int    // as the events count them
	Object string // what it leads to
	Flags  uint64 // O_* of open, F_SETFL
	Offset int64  // of a file; −1 for what has none, and where it is not known
}

// A FileEntry is an entry of a descriptor table.
type FileEntry struct {
	*OpenFile
	Cloexec bool
}

// FilesAt rebuilds the descriptor tables of all living processes as they
// were after event i, by process and descriptor; −1 means when the program
// began. Descriptors of one open file description have the same *OpenFile.
// A recording that was made without Options.Files of package record knows
// only 0, 1 and 2, what the program was given, pipes, pairs of sockets, and
// all copies of these, and no offsets after the start.
//
// A recording does not order calls that two processes make at the same
// time. If both move the offset of one open file description, the offset
// here is that of the call which was reported last.
func (r *Recording) FilesAt(i int) map[string]map[int]FileEntry {
	f := fileReplay{tables: map[string]*fileTable{}, open: map[int]*OpenFile{}}
	first := &fileTable{entries: map[int]FileEntry{}}
	for _, d := range r.Header.Descriptors {
		file := f.file(d.OFD, d.Object, d.Flags)
		file.Offset = d.Offset
		first.entries[d.Fd] = FileEntry{file, d.Cloexec}
	}
	f.tables["P0"] = first
	for at := range r.Events[:i+1] {
		f.event(&r.Events[at])
	}
	all := map[string]map[int]FileEntry{}
	for name, table := range f.tables {
		all[name] = table.entries
	}
	return all
}

// A fileTable is shared by processes that were made with CLONE_FILES.
type fileTable struct{ entries map[int]FileEntry }

func (t *fileTable) copied() *fileTable { return &fileTable{entries: maps.Clone(t.entries)} }

type fileReplay struct {
	tables map[string]*fileTable
	open   map[int]*OpenFile
}

// Linux's numbers, for any system that reads a recording.
const (
	cloneFiles = 0x400
	oCloexec   = 0o2000000
	fSetfd     = 2
	fSetfl     = 4
)

// file is the description of that number, a new one where it is not known
// yet.
func (f *fileReplay) file(number int, object string, flags uint64) *OpenFile {
	file := f.open[number]
	if file == nil || number == 0 {
		file = &OpenFile{Number: number, Object: object, Flags: flags &^ oCloexec, Offset: -1}
		f.open[number] = file
	}
	return file
}

func (f *fileReplay) event(e *Event) {
	table := f.tables[e.Process]
	if table == nil || e.Errno != "" && e.Kind != KindClose {
		return
	}
	switch e.Kind {
	case KindFork, KindVfork, KindClone:
		if e.Flags&cloneFiles == 0 {
			table = table.copied()
		}
		f.tables[e.ChildProcess] = table
	case KindNote:
		if e.Call == "unshare" && e.Flags&cloneFiles != 0 {
			f.tables[e.Process] = table.copied()
		}
	case KindExec:
		table = table.copied()
		maps.DeleteFunc(table.entries, func(_ int, d FileEntry) bool { return d.Cloexec })
		f.tables[e.Process] = table
	case KindExit:
		delete(f.tables, e.Process)
	case KindOpen:
		file := f.file(e.OFD, e.Object, e.Flags)
		if isFile := e.Path != ""; isFile {
			file.Offset = 0
		}
		table.entries[e.Fd] = FileEntry{file, e.Cloexec}
	case KindPipe:
		const oWronly = 1
		write := uint64(oWronly)
		if e.Call == "socketpair" {
			write = 0
		}
		table.entries[e.Fd] = FileEntry{f.file(e.OFD, e.Object, e.Flags), e.Cloexec}
		table.entries[e.NewFd] = FileEntry{f.file(e.NewOFD, e.Object, e.Flags|write), e.Cloexec}
	case KindDup:
		if e.Fd != e.NewFd {
			table.entries[e.NewFd] = FileEntry{f.file(e.OFD, e.Object, 0), e.Cloexec}
		}
	default:
		f.change(e, table)
	}
}

// change follows what happens to a descriptor that there is.
func (f *fileReplay) change(e *Event, table *fileTable) {
	last := e.Fd
	if e.Call == "close_range" {
		last = e.NewFd
	}
	switch e.Kind {
	case KindClose:
		maps.DeleteFunc(table.entries, func(fd int, _ FileEntry) bool { return fd >= e.Fd && fd <= last })
	case KindFcntl:
		for fd, d := range table.entries {
			switch {
			case fd < e.Fd || fd > last:
			case e.Command == fSetfd:
				d.Cloexec = e.Value&1 != 0
				table.entries[fd] = d
			case e.Command == fSetfl:
				const settable = 0o2000 | 0o4000 | 0o20000 | 0o40000 | 0o1000000 // APPEND NONBLOCK ASYNC DIRECT NOATIME
				d.Flags = d.Flags&^settable | uint64(e.Value)&settable
			}
		}
	case KindSeek:
		if d, ok := table.entries[e.Fd]; ok {
			d.Offset = e.Result
		}
	case KindWrite, KindRead:
		if d, ok := table.entries[e.Fd]; ok && e.Path != "" {
			d.Offset = e.FilePos
		}
	}
}
