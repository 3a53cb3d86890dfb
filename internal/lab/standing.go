package lab

import (
	"fmt"
	"strings"

	"apue/internal/trace"
)

// Standing says where the process was when the run was over: the call
// that it was in, as far as the recording tells, or what it did last.
func (o *Observation) Standing(p *trace.Process) string {
	if w, ok := Word(p); ok {
		if w.Signaled() {
			return "was " + Ended(uint32(w)) + atSource(o.DeathLine(p))
		}
		return Ended(uint32(w))
	}
	if o.Stopped(p, forever) {
		return "stopped by a signal, and no SIGCONT came"
	}
	var last *trace.Event
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Process == p.Name && e.Kind != trace.KindSnapshot && e.Kind != trace.KindExit && e.Kind != trace.KindEnd {
			last = e
		}
	}
	if last == nil {
		return "it made no call that was recorded"
	}
	if last.Kind == trace.KindVfork && last.ChildProcess != "" {
		return "suspended in vfork until its child ends or executes a program" + atSource(last)
	}
	if last.Kind == trace.KindNote && last.Call == "clock_nanosleep" {
		return "its last recorded step is a sleep: " + last.Note + atSource(last)
	}
	return fmt.Sprintf("its last recorded step is %s%s", last.Kind, atSource(last))
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
