package trace

import (
	"cmp"
	"sync"
)

// A Process is one process of a recording, from its birth to its
// reaping: what the events say, gathered. Times are ns since the
// start; −1 stands for "not seen".
type Process struct {
	Name     string     // P0, P0.1: the birth path
	Pid      int        // as the recorder sees it
	NSpid    int        // as the program sees it
	Parent   *Process   // the process that made it; see [Recording.ParentAt]
	Children []*Process // in the order of their birth

	// Birth is the event that made it (KindFork, KindVfork or
	// KindClone); nil for the first process.
	Birth *Event
	Born  int64

	// Exec is its last successful exec, nil if it only ever ran
	// its parent's program.
	Exec *Event

	// Exit is its end, with the raw status word; nil if it was
	// not seen to end.
	// It began to end at Ending, and closed its descriptors after that;
	// what had waited for those can have ended before it Died.
	Exit   *Event
	Ending int64
	Died   int64

	// Reparented lists its adoptions, in order.
	Reparented []*Event

	// Reap is the wait that collected it: the wait of another
	// traced process. nil when an adopter outside the recording
	// reaped it, or SIGCHLD was ignored, or nobody did.
	Reap   *Event
	Reaper *Process
	Reaped int64

	// Resumed is when the parent of a vfork ran again, −1 if it
	// was no vfork.
	Resumed int64
}

// ParentAt returns the parent of p at time t: the one that made
// it or, after an adoption, the adopter. It is nil when that is a
// process outside the recording.
func (r *Recording) ParentAt(p *Process, t int64) *Process {
	parent := p.Parent
	const cloneParent = 0x8000 // CLONE_PARENT: the parent is its maker's
	if parent != nil && p.Birth != nil && p.Birth.Flags&cloneParent != 0 {
		parent = r.ParentAt(parent, p.Born)
	}
	for _, e := range p.Reparented {
		if e.Time <= t {
			parent = r.Process(e.NewParentProcess)
		}
	}
	return parent
}

// Processes gathers the events into processes, in the order of
// their birth; the first one is P0. A recording gathers them once: two
// looks at a process are the same *Process. When events were added since,
// the processes that were there are brought up to date and stay the same
// ones; events that are in the table must not be changed.
func (r *Recording) Processes() []*Process { return r.gathered().all }

// Process returns the process of that name, or nil.
func (r *Recording) Process(name string) *Process { return r.gathered().byName[name] }

// processTable is what the events of a recording say of its processes.
type processTable struct {
	all    []*Process
	byName map[string]*Process
	events []Event    // that it was made of
	of     *Recording // a copy of a recording gathers its own
}

// tables guards the table of every recording.
var tables sync.Mutex

// gathered is the table of all events that there are now.
func (r *Recording) gathered() *processTable {
	tables.Lock()
	defer tables.Unlock()
	if t := r.table; t != nil && t.of == r && len(t.events) == len(r.Events) &&
		(len(t.events) == 0 || &t.events[0] == &r.Events[0]) {
		return t
	}
	known := map[string]*Process{}
	if r.table != nil && r.table.of == r {
		known = r.table.byName
	}
	t := &processTable{byName: map[string]*Process{}, events: r.Events, of: r}
	for i := range r.Events {
		if e := &r.Events[i]; e.Process != "" {
			t.add(e, known)
		}
	}
	r.table = t
	return t
}

// process is the process of that name; the first event that names it
// makes it.
func (t *processTable) process(name string, pid, nspid int, at int64, known map[string]*Process) *Process {
	p := t.byName[name]
	if p == nil {
		if p = known[name]; p == nil {
			p = new(Process)
		}
		*p = Process{
			Name: name, Pid: pid, NSpid: nspid,
			Born: at, Ending: -1, Died: -1, Reaped: -1, Resumed: -1,
		}
		t.byName[name] = p
		t.all = append(t.all, p)
	}
	if p.NSpid == 0 {
		p.NSpid = nspid
	}
	return p
}

// add adds what one event says.
func (t *processTable) add(e *Event, known map[string]*Process) {
	p := t.process(e.Process, e.Pid, e.NSpid, e.Time, known)
	switch e.Kind {
	case KindFork, KindVfork, KindClone:
		if e.Errno != "" {
			return // no child was made
		}
		c := t.process(e.ChildProcess, e.Child, e.ChildNSpid, e.Time, known)
		if c.Birth != nil || c.isAncestorOf(p) {
			return // the recording is not true: see Check
		}
		c.Parent, c.Birth, c.Born = p, e, e.Time
		p.Children = append(p.Children, c)
	case KindVforkDone:
		if c := t.byName[e.ChildProcess]; c != nil {
			c.Resumed = e.Time
		}
	case KindExec:
		if e.Errno == "" {
			p.Exec = e
		}
	case KindExit:
		p.Exit, p.Ending, p.Died = e, cmp.Or(e.Entered, e.Time), e.Time
	case KindReparented:
		p.Reparented = append(p.Reparented, e)
	case KindWait:
		if c := t.byName[e.ResultProcess]; c != nil && e.Reaps() {
			c.Reap, c.Reaper, c.Reaped = e, p, e.Time
		}
	}
}

// isAncestorOf reports whether p is q, or made it or one of its ancestors. A
// file can say so of any two processes; the table is a tree whatever it says.
func (p *Process) isAncestorOf(q *Process) bool {
	for ; q != nil; q = q.Parent {
		if p == q {
			return true
		}
	}
	return false
}

// wnowait is WNOWAIT of wait(2): look, and leave the child
// waitable. The value is the same on every Linux architecture.
const wnowait = 0x01000000

// Reaps reports whether the event is a wait that collected a
// dead child: not a stop, not a continue, not a look with
// WNOWAIT. A wait that failed with EFAULT has reaped the child it names.
func (e *Event) Reaps() bool {
	return e.Kind == KindWait && (e.Result > 0 || e.Errno != "" && e.ResultProcess != "") && e.Options&wnowait == 0 && e.SawDeath()
}

// NoneYet reports whether the event is a wait that returned 0, because no
// child had anything to tell yet.
func (e *Event) NoneYet() bool {
	return e.Kind == KindWait && e.Errno == "" && e.Result == 0 && e.OneOf == nil
}

// SawDeath reports whether the status is of a child that ended, not
// of one that stopped or continued.
func (e *Event) SawDeath() bool {
	return e.Status&0xff != 0x7f && e.Status != 0xffff
}
