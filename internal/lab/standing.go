package lab

import (
	"slices"
	"strings"

	"apue/internal/show"
	"apue/internal/trace"
)

// Standing says how the process ended or where it was when the run was
// over, as the end of a sentence: "exited 0", "was in read of pipe 1".
func (o *Observation) Standing(p *trace.Process) string {
	if w, ok := Word(p); ok {
		if w.Signaled() {
			return "was " + Ended(uint32(w)) + atSource(o.DeathLine(p)) + o.killer(p)
		}
		return Ended(uint32(w))
	}
	if o.Stopped(p, forever) {
		return "was stopped by a signal, and no SIGCONT came"
	}
	if where := o.blocked(p); where != "" {
		return "was " + where
	}
	var last *trace.Event
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Process == p.Name && e.Kind != trace.KindSnapshot && e.Kind != trace.KindExit && e.Kind != trace.KindEnd {
			last = e
		}
	}
	if last == nil {
		return "made no call that was recorded"
	}
	if loop := o.loop(p, &trace.Event{Tid: last.Tid, Time: o.Recording.Events[len(o.Recording.Events)-1].Time}); loop != "" {
		return "was " + loop
	}
	if last.Kind == trace.KindVfork && last.ChildProcess != "" {
		return "was suspended in vfork until its child ends or executes a program" + atSource(last)
	}
	since := "made no call that was recorded since " + At(last.Time)
	if place := Place(last); place != "" {
		since += "; the last one was at " + place
	}
	return since
}

// blocked says in which call each thread of the process was when the run
// was over, or which ones it made again and again; "" if the recording does
// not tell.
func (o *Observation) blocked(p *trace.Process) string {
	var calls []string
	for _, e := range o.EventsOf(p, trace.KindBlocked) {
		s := o.loop(p, e)
		switch {
		case s != "":
		case e.Call != "":
			s = o.inCall(e)
		default:
			s = "running" + inFunction(e)
		}
		if !slices.Contains(calls, s) {
			calls = append(calls, s)
		}
	}
	return strings.Join(calls, ", and in another thread ")
}

// inCall says in which call the process was, on what, since when, and who
// could end it.
func (o *Observation) inCall(e *trace.Event) string {
	s := "in " + e.Call
	switch {
	case e.Duration > 0 && strings.Contains(e.Call, "nanosleep"):
		s = "in a sleep of " + length(e.Duration)
	case e.Duration > 0:
		s += " for " + length(e.Duration)
	case e.Object != "":
		s += " of " + show.Line(e.Object)
	}
	s += atSource(e)
	if len(e.Holders) == 0 {
		return s
	}
	var holders []string
	for _, name := range e.Holders {
		switch q := o.Process(name); {
		case name == e.Process:
			holders = append(holders, "this process itself")
		case q != nil:
			holders = append(holders, o.Who(q))
		}
	}
	if len(holders) == 1 && holders[0] == "this process itself" {
		return s + "; only this process itself holds the other end open: it waits for itself"
	}
	return s + "; the other end is held open by " + strings.Join(holders, ", ")
}

// crashes names the processes that died of a fault of their own, each
// with its line; "" if none did.
func (o *Observation) crashes() string {
	var s []string
	for _, p := range o.Processes() {
		w, ok := Word(p)
		if !ok || !w.Signaled() {
			continue
		}
		switch w.TermSig() {
		case SIGSEGV, sigbus, sigill:
			s = append(s, o.Who(p)+" was "+Ended(p.Exit.Status)+atSource(o.DeathLine(p)))
		}
	}
	return strings.Join(s, "; ")
}

const sigill, sigbus = 4, 7
