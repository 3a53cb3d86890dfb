package trace

import "maps"

// fileTables are the descriptor tables of the processes, by process.
// Processes that were made with CLONE_FILES have the same one.
type fileTables map[string]fileTable

// A fileTable is the entries of a table, by descriptor.
type fileTable map[int]fileEntry

type fileEntry struct {
	ofd     int // the number of the open file description
	cloexec bool
}

// refersTo says whether a descriptor refers to an open file description.
func (t fileTable) refersTo(ofd int) bool {
	for _, d := range t {
		if d.ofd == ofd {
			return true
		}
	}
	return false
}

// Linux's numbers, for any system that reads a recording.
const (
	cloneFiles = 0x400
	fSetfd     = 2
)

// newFileTables are the tables when the program begins.
func newFileTables(r *Recording) fileTables {
	first := fileTable{}
	for _, d := range r.Header.Descriptors {
		first[d.Fd] = fileEntry{d.OFD, d.Cloexec}
	}
	return fileTables{"P0": first}
}

// event does to the tables what an event did.
func (t fileTables) event(e *Event) {
	table := t[e.Process]
	if table == nil || e.Errno != "" && e.Kind != KindClose {
		return
	}
	last := e.Fd
	if e.Call == "close_range" {
		last = e.NewFd
	}
	switch e.Kind {
	case KindFork, KindVfork, KindClone:
		if e.Flags&cloneFiles == 0 {
			table = maps.Clone(table)
		}
		t[e.ChildProcess] = table
	case KindNote:
		if e.Call == "unshare" && e.Flags&cloneFiles != 0 {
			t[e.Process] = maps.Clone(table)
		}
	case KindExec:
		table = maps.Clone(table)
		maps.DeleteFunc(table, func(_ int, d fileEntry) bool { return d.cloexec })
		t[e.Process] = table
	case KindExit:
		delete(t, e.Process)
	case KindOpen:
		table[e.Fd] = fileEntry{e.OFD, e.Cloexec}
	case KindPipe:
		table[e.Fd], table[e.NewFd] = fileEntry{e.OFD, e.Cloexec}, fileEntry{e.NewOFD, e.Cloexec}
	case KindDup:
		if e.Fd != e.NewFd {
			table[e.NewFd] = fileEntry{e.OFD, e.Cloexec}
		}
	case KindClose:
		maps.DeleteFunc(table, func(fd int, _ fileEntry) bool { return fd >= e.Fd && fd <= last })
	case KindFcntl:
		for fd, d := range table {
			if e.Command == fSetfd && fd >= e.Fd && fd <= last {
				table[fd] = fileEntry{d.ofd, e.Value&1 != 0}
			}
		}
	}
}
