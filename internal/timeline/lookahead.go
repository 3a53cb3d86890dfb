package timeline

import (
	"cmp"
	"slices"
	"sort"

	"apue/internal/trace"
)

// lookAhead gathers what a step has to know of later events: where a
// call that blocked was entered, which wait reaps a process, which
// signal a kill announces.
func (b *builder) lookAhead(keep func(*trace.Event) bool) {
	a := &ahead{
		builder: b, sent: map[sentSignal][]int{}, before: map[thread]int{},
		ended: map[string]int64{}, changed: map[string]int64{}, discarded: map[string]int64{}, parent: map[string]string{},
	}
	b.groups = map[int]bool{}
	if len(b.rec.Events) > 0 {
		b.groups[b.rec.Events[0].NSpid] = true // what starts a program makes it a leader
	}
	for i := range b.rec.Events {
		e := &b.rec.Events[i]
		a.note(i, e)
		if e.Entered != 0 && keep(e) && inside(e) != Running {
			a.place(i, e)
		}
		if e.Kind != trace.KindSnapshot {
			now := e.Time
			if n := len(a.clock); n > 0 {
				now = max(now, a.clock[n-1])
			}
			a.order, a.clock = append(a.order, i), append(a.clock, now)
		}
		switch e.Kind {
		case trace.KindSignal, trace.KindStop, trace.KindContinue, trace.KindReparented:
		default:
			a.before[thread{e.Process, e.Tid}] = i
		}
	}
}

// ahead is the state of [builder.lookAhead] at an event.
type ahead struct {
	*builder

	// sent are the kills whose signal did not arrive yet.
	sent map[sentSignal][]int

	// before is the index of the last call of a thread so far. Something
	// from outside may happen to it within its call.
	before map[thread]int

	// ended and changed are when a process ended, and when it stopped or
	// went on; discarded is when the kernel last threw away a child's
	// status.
	ended, changed, discarded map[string]int64
	parent                    map[string]string

	// order are the events that are not snapshots, so far, and clock
	// their times, which never go back.
	order []int
	clock []int64
}

type sentSignal struct {
	from, to string
	number   int
}

type thread struct {
	process string
	tid     int
}

// note takes from an event what later ones are compared with.
func (a *ahead) note(i int, e *trace.Event) {
	switch e.Kind {
	case trace.KindSetsid, trace.KindSetpgid:
		if e.Errno == "" {
			a.groups[cmp.Or(e.Pgid, e.Target, e.NSpid)] = true
		}
	case trace.KindReparented:
		a.lastParent[e.Process] = i
		a.parent[e.Process] = e.NewParentProcess
	case trace.KindFork, trace.KindVfork, trace.KindClone:
		if e.ChildProcess != "" {
			a.parent[e.ChildProcess] = e.Process
		}
	case trace.KindStop, trace.KindContinue:
		a.changed[e.Process] = e.Time
	case trace.KindExit:
		a.ended[e.Process] = e.Time
		if e.Discarded {
			a.discarded[a.parent[e.Process]] = e.Time
		}
	case trace.KindKill:
		if e.Errno == "" && e.TargetProcess != "" {
			k := sentSignal{e.Process, e.TargetProcess, e.Signal}
			a.sent[k] = append(a.sent[k], i)
		}
	case trace.KindSignal:
		k := sentSignal{e.SenderProcess, e.Process, e.Signal}
		if q := a.sent[k]; len(q) > 0 {
			a.delivered[q[0]] = true
			a.announced[i] = true
			a.sent[k] = q[1:]
		}
	case trace.KindWait:
		if e.Reaps() && e.ResultProcess != "" {
			a.reapedAt[e.ResultProcess] = i
		}
	}
}

// place finds the event before which the call of event i was entered. A
// call has a step for its entry if it blocked: if what it waited for
// happened between its entry and its return.
func (a *ahead) place(i int, e *trace.Event) {
	first, ok := a.before[thread{e.Process, e.Tid}]
	if !ok {
		first = -1
	}
	from, _ := slices.BinarySearch(a.order, first+1)
	from += sort.Search(len(a.order)-from, func(k int) bool { return a.clock[from+k] > e.Entered })
	if from >= len(a.order) || !a.blocked(e, a.order[from:]) {
		return
	}
	a.enters[a.order[from]] = append(a.enters[a.order[from]], i)
	a.entered[i] = true
}

// blocked says whether what the call waited for happened among the
// events between its entry and its return.
func (a *ahead) blocked(e *trace.Event, between []int) bool {
	other := func(match func(f *trace.Event) bool) bool {
		return slices.ContainsFunc(between, func(i int) bool {
			f := &a.rec.Events[i]
			return f.Process != e.Process && match(f)
		})
	}
	switch e.Kind {
	case trace.KindBlocked:
		return true
	case trace.KindWait:
		return e.Options&wNOHANG == 0 && a.waited(e)
	case trace.KindRead:
		return other(func(f *trace.Event) bool {
			if e.Result == 0 {
				return f.Kind == trace.KindExit || f.Kind == trace.KindClose || f.Kind == trace.KindDup || f.Kind == trace.KindExec
			}
			return f.Kind == trace.KindWrite && f.Object == e.Object
		})
	case trace.KindWrite:
		return other(func(f *trace.Event) bool { return f.Kind == trace.KindRead && f.Object == e.Object })
	}
	return other(func(*trace.Event) bool { return true })
}

// waited says whether the child that a wait returned changed its state
// only after the wait was entered.
func (a *ahead) waited(e *trace.Event) bool {
	switch {
	case e.Errno == "ECHILD":
		// At once, except where the children leave no zombie: there
		// after the last one.
		at, ok := a.discarded[e.Process]
		return ok && at > e.Entered
	case e.Errno != "" && e.Errno != "EINTR":
		return false
	}
	news := a.ended
	if e.Status == 0xffff || e.Status&0xff == 0x7f {
		news = a.changed
	}
	at, ok := news[e.ResultProcess]
	return !ok || at >= e.Entered
}
