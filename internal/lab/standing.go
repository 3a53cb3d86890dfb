package lab

import (
	"slices"
	"strconv"
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
	for _, c := range p.Children {
		if c.Birth.Kind == trace.KindVfork && c.Resumed < 0 && c.Exit == nil && !Execed(c) {
			return "was suspended in vfork" + atSource(c.Birth) + ", until " + o.Who(c) + " ends or executes a program"
		}
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
	case e.Call == "wait4" || e.Call == "waitid":
		s = "in a wait for a child"
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
			s = append(s, o.Who(p)+" was "+Ended(p.Exit.Status)+atSource(o.DeathLine(p))+fault(o.DeathLine(p)))
		}
	}
	return strings.Join(s, "; ")
}

// fault says what the process did to get the signal, as far as the kernel
// tells: ": SEGV_MAPERR at address 0x0, a null pointer".
func fault(e *trace.Event) string {
	if e == nil || e.CrashText() == "" {
		return ""
	}
	s := ": " + e.CrashText()
	addr, err := strconv.ParseUint(strings.TrimPrefix(e.FaultAddr, "0x"), 16, 64)
	switch name := trace.SiCodeName(e.Signal, e.SiCode); {
	case name == "SEGV_MAPERR" && err == nil && addr < nullPage:
		s += ", a null pointer"
	case name == "SEGV_MAPERR":
		s += ", where the process has no memory"
	case name == "SEGV_ACCERR":
		s += ", where the process has memory that does not allow this access"
	}
	return s
}

// nullPage is the size of the smallest page: the first page of the address
// space is never mapped, so an address in it came from a null pointer.
const nullPage = 4096

const sigill, sigbus = 4, 7
