package trace

import "slices"

// inFlight is how many events after a read are looked at for what must have
// happened before it.
const inFlight = 64

// InOrder returns the recording with each read of a pipe after the writes
// whose bytes it returned, or after the closes that let it return the end of
// the file; the recording itself where that is so. The recorder learns of a
// call when it returns, and on a busy machine a read can return before the
// write does that woke it.
func (r *Recording) InOrder() *Recording {
	o := order{events: r.Events, moved: map[int]bool{}, unread: map[string]int64{}, writeEnd: map[string]int{}}
	for i := range r.Events {
		if o.moved[i] {
			continue
		}
		if e := &r.Events[i]; e.Kind == KindRead && e.Errno == "" && o.writeEnd[e.Object] != 0 {
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
	events   []Event
	out      []Event
	moved    map[int]bool
	unread   map[string]int64 // bytes that are in a pipe
	writeEnd map[string]int   // the open file description of a pipe's write end
}

// add appends the event with this index.
func (o *order) add(i int) {
	e := &o.events[i]
	o.out = append(o.out, *e)
	switch {
	case e.Errno != "":
	case e.Kind == KindPipe:
		o.writeEnd[e.Object] = e.NewOFD
	case e.Kind == KindWrite:
		o.unread[e.Object] += e.Result
	case e.Kind == KindRead:
		o.unread[e.Object] -= e.Result
	}
}

// before adds the later events that must have happened before the read with
// this index: calls that had begun before it.
func (o *order) before(i int) {
	read := &o.events[i]
	for j := i + 1; j < min(len(o.events), i+inFlight); j++ {
		e := &o.events[j]
		wrote := e.Kind == KindWrite && e.Object == read.Object && o.unread[read.Object] < read.Result
		closed := e.Kind == KindClose && e.OFD == o.writeEnd[read.Object] && read.Result == 0
		begun := !slices.ContainsFunc(o.events[i:j], func(f Event) bool { return f.Process == e.Process && f.Tid == e.Tid })
		if e.Errno == "" && !o.moved[j] && begun && (wrote || closed) {
			o.add(j)
			o.out[len(o.out)-1].Time = min(e.Time, read.Time)
			o.moved[j] = true
		}
	}
}
