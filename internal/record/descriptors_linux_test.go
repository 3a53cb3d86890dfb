//go:build 386 || amd64 || arm64

package record

import (
	"maps"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// A rebuiltFile is an open file description: what open(2) makes, and dup
// and fork share.
type rebuiltFile struct {
	Number int    // as the events count them
	Object string // what it leads to
	Flags  uint64 // O_* of open, F_SETFL
	Offset int64  // of a file; −1 for what has none, and where it is not known
}

// A rebuiltEntry is an entry of a descriptor table.
type rebuiltEntry struct {
	*rebuiltFile
	Cloexec bool
}

// filesAt rebuilds the descriptor tables of all living processes as they
// were after event i, by process and descriptor; −1 means when the program
// began. Descriptors of one open file description have the same *rebuiltFile.
// A recording that was made without Options.Files knows
// only 0, 1 and 2, what the program was given, pipes, pairs of sockets, and
// all copies of these, and no offsets after the start.
//
// A recording does not order calls that two processes make at the same
// time. If both move the offset of one open file description, the offset
// here is that of the call which was reported last.
func filesAt(r *trace.Recording, i int) map[string]map[int]rebuiltEntry {
	f := rebuilder{tables: map[string]*rebuiltTable{}, open: map[int]*rebuiltFile{}}
	first := &rebuiltTable{entries: map[int]rebuiltEntry{}}
	for _, d := range r.Header.Descriptors {
		file := f.file(d.OFD, d.Object, d.Flags)
		file.Offset = d.Offset
		first.entries[d.Fd] = rebuiltEntry{file, d.Cloexec}
	}
	f.tables["P0"] = first
	for at := range r.Events[:i+1] {
		f.event(&r.Events[at])
	}
	all := map[string]map[int]rebuiltEntry{}
	for name, table := range f.tables {
		all[name] = table.entries
	}
	return all
}

// A rebuiltTable is shared by processes that were made with CLONE_FILES.
type rebuiltTable struct{ entries map[int]rebuiltEntry }

func (t *rebuiltTable) copied() *rebuiltTable { return &rebuiltTable{entries: maps.Clone(t.entries)} }

type rebuilder struct {
	tables map[string]*rebuiltTable
	open   map[int]*rebuiltFile
}

// file is the description of that number, a new one where it is not known
// yet.
func (f *rebuilder) file(number int, object string, flags uint64) *rebuiltFile {
	file := f.open[number]
	if file == nil || number == 0 {
		file = &rebuiltFile{Number: number, Object: object, Flags: flags &^ unix.O_CLOEXEC, Offset: -1}
		f.open[number] = file
	}
	return file
}

func (f *rebuilder) event(e *trace.Event) {
	table := f.tables[e.Process]
	if table == nil || e.Errno != "" && e.Kind != trace.KindClose {
		return
	}
	switch e.Kind {
	case trace.KindFork, trace.KindVfork, trace.KindClone:
		if e.Flags&unix.CLONE_FILES == 0 {
			table = table.copied()
		}
		f.tables[e.ChildProcess] = table
	case trace.KindNote:
		if e.Call == "unshare" && e.Flags&unix.CLONE_FILES != 0 {
			f.tables[e.Process] = table.copied()
		}
	case trace.KindExec:
		table = table.copied()
		maps.DeleteFunc(table.entries, func(_ int, d rebuiltEntry) bool { return d.Cloexec })
		f.tables[e.Process] = table
	case trace.KindExit:
		delete(f.tables, e.Process)
	case trace.KindOpen:
		file := f.file(e.OFD, e.Object, e.Flags)
		if isFile := e.Path != ""; isFile {
			file.Offset = 0
		}
		table.entries[e.Fd] = rebuiltEntry{file, e.Cloexec}
	case trace.KindPipe:
		const oWronly = 1
		write := uint64(oWronly)
		if e.Call == "socketpair" {
			write = 0
		}
		table.entries[e.Fd] = rebuiltEntry{f.file(e.OFD, e.Object, e.Flags), e.Cloexec}
		table.entries[e.NewFd] = rebuiltEntry{f.file(e.NewOFD, e.Object, e.Flags|write), e.Cloexec}
	case trace.KindDup:
		if e.Fd != e.NewFd {
			table.entries[e.NewFd] = rebuiltEntry{f.file(e.OFD, e.Object, 0), e.Cloexec}
		}
	default:
		f.change(e, table)
	}
}

// change follows what happens to a descriptor that there is.
func (f *rebuilder) change(e *trace.Event, table *rebuiltTable) {
	last := e.Fd
	if e.Call == "close_range" {
		last = e.NewFd
	}
	switch e.Kind {
	case trace.KindClose:
		maps.DeleteFunc(table.entries, func(fd int, _ rebuiltEntry) bool { return fd >= e.Fd && fd <= last })
	case trace.KindFcntl:
		for fd, d := range table.entries {
			switch {
			case fd < e.Fd || fd > last:
			case e.Command == unix.F_SETFD:
				d.Cloexec = e.Value&1 != 0
				table.entries[fd] = d
			case e.Command == unix.F_SETFL:
				const settable = 0o2000 | 0o4000 | 0o20000 | 0o40000 | 0o1000000 // APPEND NONBLOCK ASYNC DIRECT NOATIME
				d.Flags = d.Flags&^settable | uint64(e.Value)&settable
			}
		}
	case trace.KindSeek:
		if d, ok := table.entries[e.Fd]; ok {
			d.Offset = e.Result
		}
	case trace.KindWrite, trace.KindRead:
		if d, ok := table.entries[e.Fd]; ok && e.Path != "" {
			d.Offset = e.FilePos
		}
	}
}

// TestCloseRangeAbove: a range above all descriptors closes none of them.
func TestCloseRangeAbove(t *testing.T) {
	r := &recorder{started: true, rec: &trace.Recording{}}
	p := &process{name: "P0", pid: 1, pids: []int{1}, files: newFileTable()}
	p.files.fds[1] = descriptor{file: &openFile{number: 1, object: &object{}}}
	c := &call{spec: &callSpec{name: "close_range"}, args: [6]uint64{1<<32 - 2, 1<<32 - 1}}
	exitCloseRange(r, &thread{tid: 1, proc: p}, c, 0, 0)
	if p.files.followed(1) == nil {
		t.Error("descriptor 1 is taken for closed")
	}
}
