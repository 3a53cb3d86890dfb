package trace

import "maps"

// inFlight is how many events after a read are looked at for what must have
// happened before it.
const inFlight = 64

// InOrder returns the recording with each read of a pipe after the writes
// whose bytes it returned, or after what let it return the end of the file:
// a close, a dup over the descriptor, an exec, the end of a process. It
// returns the recording itself where that is so. The recorder learns of a
// call when it returns, and on a busy machine a read can return before the
// write does that woke it.
func (r *Recording) InOrder() *Recording {
	o := order{
		events: r.Events, moved: map[int]bool{}, unread: map[string]int64{}, ends: map[string][2]int{},
		files: newFileTables(r),
	}
	for i := range r.Events {
		if o.moved[i] {
			continue
		}
		if e := &r.Events[i]; e.Kind == KindRead && e.Errno == "" && o.ends[e.Object] != [2]int{} {
			o.before(i)
		}
		o.add(i)
	}
	if len(o.moved) == 0 {
		return r
	}
	ordered := *r
	ordered.Events = o.out
	return &ordered
}

// order is the state of [Recording.InOrder].
type order struct {
	events []Event
	out    []Event
	moved  map[int]bool
	unread map[string]int64  // bytes that are in a pipe
	ends   map[string][2]int // the open file descriptions of a pipe
	files  fileTables        // after the events of out
}

// add appends the event with this index.
func (o *order) add(i int) {
	e := &o.events[i]
	o.out = append(o.out, *e)
	o.files.event(e)
	switch {
	case e.Errno != "":
	case e.Kind == KindPipe:
		o.ends[e.Object] = [2]int{e.OFD, e.NewOFD}
	case e.Kind == KindWrite:
		o.unread[e.Object] += e.Result
	case e.Kind == KindRead:
		o.unread[e.Object] -= e.Result
	}
}

// before adds the later events that must have happened before the read with
// this index: calls that had begun before it, and ends of processes.
func (o *order) before(i int) {
	read := &o.events[i]
	ends := o.ends[read.Object]
	writeEnd := ends[1]
	if read.OFD == writeEnd { // of a pair of sockets
		writeEnd = ends[0]
	}
	for j := i + 1; j < min(len(o.events), i+inFlight); j++ {
		e := &o.events[j]
		if o.moved[j] || !o.begun(i, j) {
			continue
		}
		wrote := e.Kind == KindWrite && e.Errno == "" && e.Object == read.Object && o.unread[read.Object] < read.Result
		if wrote || read.Result == 0 && o.closes(e, writeEnd) && o.killed(i, j) {
			o.earlier(j, read)
		}
	}
}

// begun says that the thread of event j reported nothing since event i: what
// it reports now was under way.
func (o *order) begun(i, j int) bool {
	e := &o.events[j]
	for k := i; k < j; k++ {
		f := &o.events[k]
		if f.Process == e.Process && f.Tid == e.Tid && !o.moved[k] {
			return false
		}
	}
	return true
}

// closes says whether an event takes the last descriptor for an open file
// description from a table.
func (o *order) closes(e *Event, ofd int) bool {
	switch e.Kind {
	case KindClose, KindDup, KindExec, KindExit:
	default:
		return false
	}
	table := o.files[e.Process]
	after := fileTables{e.Process: maps.Clone(table)}
	after.event(e)
	return table.refersTo(ofd) && !after[e.Process].refersTo(ofd)
}

// killed moves the kill that ended the process of event j before the read
// with index i too, and says that the end can be moved.
func (o *order) killed(i, j int) bool {
	const signal = 0x7f
	e := &o.events[j]
	if e.Kind != KindExit || e.Status&signal == 0 {
		return true
	}
	for k := i + 1; k < j; k++ {
		f := &o.events[k]
		mayMean := f.TargetProcess == "" || f.TargetProcess == e.Process
		if f.Kind != KindKill || f.Signal != int(e.Status&signal) || !mayMean || o.moved[k] {
			continue
		}
		if !o.begun(i, k) {
			return false
		}
		o.earlier(k, &o.events[i])
	}
	return true
}

// earlier adds the event with this index before a read that comes first in
// the recording.
func (o *order) earlier(j int, read *Event) {
	o.add(j)
	last := &o.out[len(o.out)-1]
	last.Time = min(last.Time, read.Time)
	o.moved[j] = true
}
