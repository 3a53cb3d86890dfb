//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
	"apue/internal/trace"
)

// sentences say in the header what is changed.
func (m *Tamper) sentences() (said []string) {
	for _, from := range slices.Sorted(maps.Keys(m.Exits)) {
		said = append(said, fmt.Sprintf("a child that calls exit(%d) ends with exit status %d", from, m.Exits[from]))
	}
	for _, from := range slices.Sorted(maps.Keys(m.Signals)) {
		said = append(said, fmt.Sprintf("a child that %s would kill gets %s instead", proc.SignalText(from), proc.SignalText(m.Signals[from])))
	}
	return said
}

// addTamperCalls stops at the calls that end a process.
func addTamperCalls(add func(int, callSpec)) {
	add(unix.SYS_EXIT_GROUP, callSpec{name: "exit_group", enter: enterExit})
	add(unix.SYS_EXIT, callSpec{name: "exit", enter: enterExit})
}

// enterExit gives the call another argument before the kernel reads it.
func enterExit(r *recorder, t *thread, c *call) bool {
	asked := c.arg(0)
	to, ok := r.o.Tamper.Exits[asked&0xff]
	if !ok || t.proc == r.root || !r.started {
		return false
	}
	var regs unix.PtraceRegs
	if getRegs(t.tid, &regs) != nil {
		return false
	}
	setFirstArgument(&regs, uint64(to))
	if setRegs(t.tid, &regs) != nil {
		return false
	}
	t.proc.exitAsked = &asked
	e := r.event(t, trace.KindNote)
	e.Call = c.spec.name
	e.Note = fmt.Sprintf("the recorder changes %s(%d) of %s to %s(%d)", c.spec.name, asked, t.proc.name, c.spec.name, to)
	r.emit(e)
	return false // it does not return
}

// tampered returns the signal to deliver instead of one that would kill a
// child, or the same one.
func (r *recorder) tampered(t *thread, signal int) int {
	if r.o.Tamper == nil || t.proc == r.root || !r.started {
		return signal
	}
	to, ok := r.o.Tamper.Signals[signal]
	if !ok {
		return signal
	}
	status := procfs.ReadStatus(t.tid)
	if (status.Signals("SigIgn")|status.Signals("SigCgt"))&(1<<(signal-1)) != 0 {
		return signal
	}
	e := r.event(t, trace.KindNote)
	e.Note = fmt.Sprintf("the recorder delivers %s to %s instead of %s", proc.SignalText(to), t.proc.name, proc.SignalText(signal))
	r.emit(e)
	return to
}
