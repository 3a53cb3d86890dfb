package trace

import (
	"fmt"
	"reflect"
	"slices"
)

// Check looks for contradictions in a finished recording: a child reaped
// twice, or reaped by a process that was not its parent then, or reaped
// though its status was discarded, two living processes of one pid, an
// event of a process that has ended, a status that differs between the
// end and the wait, a wait that found no child where there was one, keys
// that a kind does not have. It returns one error for each; none for a
// recording that could be true.
func Check(r *Recording) []error {
	c := &checker{states: map[string]*checkState{}, alive: map[int]string{}}
	for i := range r.Events {
		c.at = i
		c.event(&r.Events[i])
	}
	c.at = len(r.Events)
	if !c.ended {
		c.wrong("the recording has no end")
	}
	for _, p := range r.Processes() {
		if p.Exit == nil {
			c.wrong("%s has not ended", p.Name)
		}
	}
	return c.found
}

type checker struct {
	found  []error
	at     int
	time   int64
	states map[string]*checkState // by name
	alive  map[int]string         // who has a pid
	ended  bool
}

// A checkState is what is known of a process at an event.
type checkState struct {
	parent    string // "" outside of the recording
	signal    uint64 // sent to the parent at the end
	children  []string
	exit      *Event
	reaped    bool
	stopped   bool
	discarded bool
	suspends  bool   // the vfork's parent waits for it
	vforked   string // the child that it waits for
}

func (c *checker) wrong(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf("event %d: "+format, append([]any{c.at}, args...)...))
}

func (c *checker) event(e *Event) {
	if c.ended {
		c.wrong("%s after the end", e.Kind)
	}
	if e.Time < c.time {
		c.wrong("time goes back from %d to %d", c.time, e.Time)
	}
	c.time = e.Time
	c.keys(e)
	p := c.states[e.Process]
	if p == nil {
		if len(c.states) > 0 {
			c.wrong("%s has not been born", e.Process)
		}
		p = &checkState{}
		c.states[e.Process] = p
		c.alive[e.Pid] = e.Process
	}
	if p.exit != nil && e.Kind != KindReparented && e.Kind != KindEnd && e.Kind != KindNote {
		c.wrong("%s of %s, which has ended", e.Kind, e.Process)
	}
	switch e.Kind {
	case KindFork, KindVfork, KindClone:
		c.birth(e, p)
	case KindVforkDone:
		if q := c.states[e.ChildProcess]; q != nil && q.suspends {
			c.wrong("%s runs again, and %s has neither ended nor executed", e.Process, e.ChildProcess)
		}
		p.vforked = ""
	case KindExec:
		if e.Errno == "" {
			p.suspends, p.vforked = false, "" // another thread executed it
		}
	case KindExit:
		// SIGKILL ends the wait of a vfork too.
		if q := c.states[p.vforked]; q != nil && q.suspends && e.Status&0x7f != sigkill {
			c.wrong("%s ended, and its memory was with its vfork child %s", e.Process, p.vforked)
		}
		p.exit, p.discarded, p.suspends = e, e.Discarded, false
		if c.alive[e.Pid] == e.Process {
			delete(c.alive, e.Pid)
		}
	case KindWait:
		c.wait(e, p)
	case KindReparented:
		c.adoption(e, p)
	case KindStop, KindContinue:
		if stopped := e.Kind == KindStop; p.stopped == stopped {
			c.wrong("%s of %s twice", e.Kind, e.Process)
		} else {
			p.stopped = stopped
		}
	case KindEnd:
		c.ended = true
		if p.exit != nil && p.exit.Status != e.Status {
			c.wrong("the end says status %#x, the exit of %s %#x", e.Status, e.Process, p.exit.Status)
		}
	}
}

// keys holds an event to the keys of its kind.
func (c *checker) keys(e *Event) {
	own, known := kindFields(e.Kind)
	if !known {
		c.wrong("%q is no kind of event", e.Kind)
		return
	}
	v := reflect.ValueOf(e).Elem()
	for _, f := range eventFields() {
		if !isEmpty(v.Field(f.index)) && !slices.ContainsFunc(own, func(o field) bool { return o.index == f.index }) {
			c.wrong("%s of %s has the key %s", e.Kind, e.Process, f.key)
		}
	}
}

func (c *checker) birth(e *Event, p *checkState) {
	if e.Errno != "" {
		return
	}
	if c.states[e.ChildProcess] != nil {
		c.wrong("%s is born twice", e.ChildProcess)
		return
	}
	if owner := c.alive[e.Child]; owner != "" {
		c.wrong("%s gets pid %d, which %s has", e.ChildProcess, e.Child, owner)
	}
	child := &checkState{parent: e.Process, signal: e.Flags & 0xff, suspends: e.Kind == KindVfork}
	if child.suspends {
		p.vforked = e.ChildProcess
	}
	const cloneParent = 0x8000
	if e.Flags&cloneParent != 0 {
		child.parent = p.parent
	}
	if q := c.states[child.parent]; q != nil {
		q.children = append(q.children, e.ChildProcess)
	}
	c.states[e.ChildProcess] = child
	c.alive[e.Child] = e.ChildProcess
}

func (c *checker) adoption(e *Event, p *checkState) {
	if p.reaped {
		c.wrong("%s is adopted after it was reaped", e.Process)
	}
	if p.parent != e.OldParentProcess {
		c.wrong("%s leaves %s and its parent is %q", e.Process, e.OldParentProcess, p.parent)
	}
	if q := c.states[e.OldParentProcess]; q != nil && q.exit == nil {
		c.wrong("%s is adopted, and its parent %s has not ended", e.Process, e.OldParentProcess)
	}
	p.parent = e.NewParentProcess
	if q := c.states[p.parent]; q != nil {
		q.children = append(q.children, e.Process)
	}
}

// wait holds what a wait returned against what is known of the children.
func (c *checker) wait(e *Event, p *checkState) {
	if e.Errno == "ECHILD" && e.Call == "wait4" && e.WaitPid == -1 && e.Options&^(wnohang|wuntraced|wcontinued) == 0 {
		for _, name := range p.children {
			if q := c.states[name]; q.parent == e.Process && !q.reaped && !q.discarded && q.signal == sigchld {
				c.wrong("%s has no child to wait for, and %s is one", e.Process, name)
			}
		}
	}
	if !e.Reaps() || e.ResultProcess == "" {
		return
	}
	q := c.states[e.ResultProcess]
	switch {
	case q == nil:
		c.wrong("%s reaps %s, which has not been born", e.Process, e.ResultProcess)
		return
	case q.exit == nil:
		c.wrong("%s reaps %s, which has not ended", e.Process, e.ResultProcess)
	case q.reaped:
		c.wrong("%s is reaped twice", e.ResultProcess)
	case q.discarded:
		c.wrong("%s is reaped, and its status was discarded", e.ResultProcess)
	case q.parent != e.Process:
		c.wrong("%s reaps %s, whose parent is %q", e.Process, e.ResultProcess, q.parent)
	case q.exit.Status != e.Status && e.Call != "waitid" && !e.NullStatus:
		c.wrong("%s ended with status %#x, the wait says %#x", e.ResultProcess, q.exit.Status, e.Status)
	}
	q.reaped = true
}

const (
	wnohang    = 1
	wuntraced  = 2
	wcontinued = 8
)
