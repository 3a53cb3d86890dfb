package lab

import (
	"fmt"

	"apue/internal/trace"
)

// Standing says where the process was when the run was over: the call
// that it was in, as far as the recording tells, or what it did last.
func (o *Observation) Standing(p *trace.Process) string {
	if p.Exit != nil {
		return Ended(p.Exit.Status)
	}
	if o.Stopped(p, 1<<62) {
		return "stopped by a signal, and nothing continued it"
	}
	var last *trace.Event
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Process == p.Name && e.Kind != trace.KindSnapshot && e.Kind != trace.KindExit {
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
