package lab

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Process returns the process with that birth path, or nil. It is the
// same one in every call: a run has one table of processes.
func (o *Observation) Process(name string) *trace.Process {
	for _, p := range o.Processes() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// ByPid returns the process that the program knows by this pid, or
// nil.
func (o *Observation) ByPid(pid int) *trace.Process {
	for _, p := range o.Processes() {
		if Pid(p) == pid {
			return p
		}
	}
	return nil
}

// ParentAt returns the parent of p at time t: the process that made it
// or, after an adoption, the adopter. It is nil when the parent is not
// in the recording.
func (o *Observation) ParentAt(p *trace.Process, t int64) *trace.Process {
	return o.Recording.ParentAt(p, t)
}

// Adoption is the event that gave the process a new parent while it
// ran; nil if it had one parent until it ended.
func Adoption(p *trace.Process) *trace.Event {
	for _, e := range p.Reparented {
		if p.Died < 0 || e.Time < p.Died {
			return e
		}
	}
	return nil
}

// Alive reports whether the process had been born and had not ended at
// that time.
func Alive(p *trace.Process, t int64) bool {
	return p.Born <= t && (p.Died < 0 || p.Died > t)
}

// Held reports whether the process was at that time in the table of
// processes: alive or a zombie.
func Held(p *trace.Process, t int64) bool {
	return p.Born <= t && (p.Reaped < 0 || p.Reaped > t)
}

// ZombieOf reports whether p was a zombie of parent at time t: it had
// ended, parent was its parent, and nobody had reaped it.
func (o *Observation) ZombieOf(p, parent *trace.Process, t int64) bool {
	if p.Exit == nil || p.Died > t || p.Exit.Discarded || p.Reaped >= 0 && p.Reaped <= t {
		return false
	}
	return o.ParentAt(p, t) == parent && !o.autoReaped(p, parent)
}

// autoReaped reports whether the kernel kept no zombie of p, because a
// wait of its parent that asked for it failed with ECHILD although
// nobody had reaped it. That is so when SIGCHLD is ignored.
func (o *Observation) autoReaped(p, parent *trace.Process) bool {
	if parent == nil || p.Reap != nil {
		return false
	}
	for _, w := range o.WaitsOf(parent) {
		if w.Errno == "ECHILD" && w.Time > p.Died && w.Names(p) {
			return true
		}
	}
	return false
}

// AutoReaped reports whether the process ended without leaving a
// zombie: its parent ignores SIGCHLD or has set SA_NOCLDWAIT.
func (o *Observation) AutoReaped(p *trace.Process) bool {
	return p.Exit != nil && (p.Exit.Discarded || o.autoReaped(p, o.ParentAt(p, p.Died)))
}

// NoZombie says why the process left no zombie, as a sentence; "" if it
// left one.
func (o *Observation) NoZombie(p *trace.Process) string {
	switch {
	case !o.AutoReaped(p):
		return ""
	case !p.Exit.Discarded:
		return "the kernel kept no status for it"
	case p.Exit.NoChildWait:
		return "SA_NOCLDWAIT is set"
	}
	return "SIGCHLD is ignored"
}

// Word is the status with which the process ended; ok is false if it
// was not seen to end.
func Word(p *trace.Process) (w proc.WaitStatus, ok bool) {
	if p.Exit == nil {
		return 0, false
	}
	return proc.WaitStatus(p.Exit.Status), true
}

// EndedNormally reports whether the process was seen to end, and not
// by a signal.
func EndedNormally(p *trace.Process) bool {
	w, ok := Word(p)
	return ok && w.Exited()
}

// IsProbe reports whether Go's os package made the process, to try out
// pidfds. It sends no signal when it ends, and is not the program's.
func IsProbe(p *trace.Process) bool {
	return p.Birth != nil && p.Birth.Flags&0xff == 0
}

// IsVfork reports whether the child was made by a vfork: with CLONE_VM
// and CLONE_VFORK, whatever the call.
func IsVfork(p *trace.Process) bool {
	const both = CloneVM | CloneVfork
	return p.Birth != nil && p.Birth.Kind == trace.KindVfork && p.Birth.Flags&both == both &&
		!(IsProbe(p) && p.Birth.Flags&ClonePidfd != 0)
}

// IsFork reports whether a real fork made the process: a copy of its
// parent, whatever the call, without the parent's memory.
func IsFork(p *trace.Process) bool {
	return p.Birth != nil && !inParentsMemory(p)
}

// A WaitForm is what a wait asks for.
type WaitForm int

// The four forms of waitpid's first argument (§8.6): −1, a pid, 0, and
// a process group with its sign changed; and what waitid calls them.
const (
	AnyChild WaitForm = iota
	OnePid
	OwnGroup
	Group
)

// A Wait is a call of the wait family that returned.
type Wait struct {
	*trace.Event
	By   *trace.Process
	Form WaitForm
	ID   int // of OnePid the pid, of Group the group, as the program sees it

	// Child is the process whose end, stop or continue it returned,
	// nil for none. Took says that the child was reaped by it.
	Child *trace.Process
	Took  bool

	o *Observation
}

// WaitsOf are the waits of the process that returned, in order.
func (o *Observation) WaitsOf(p *trace.Process) (all []Wait) {
	if p == nil {
		return nil
	}
	for _, e := range o.Events(trace.KindWait) {
		if e.Process != p.Name {
			continue
		}
		w := Wait{Event: e, By: p, o: o}
		w.Form, w.ID = waitForm(e)
		if e.ResultProcess != "" {
			w.Child = o.Process(e.ResultProcess)
		}
		w.Took = w.Child != nil && w.Child.Reap == e
		all = append(all, w)
	}
	return all
}

// WaitName is what a message calls the call: wait4 is the system call of
// wait, waitpid and wait3 too, and the program seldom has that name in it.
func WaitName(e *trace.Event) string {
	if e.Call == "wait4" {
		return "wait"
	}
	return e.Call
}

// waitForm reads the arguments of wait4 or waitid.
func waitForm(e *trace.Event) (f WaitForm, id int) {
	if e.Call != "waitid" {
		switch {
		case e.WaitPid == 0:
			return OwnGroup, 0
		case e.WaitPid == -1:
			return AnyChild, 0
		case e.WaitGroup() != 0:
			return Group, e.WaitGroup()
		}
		return OnePid, e.WaitPid
	}
	switch {
	case e.IDType == PPid, e.IDType == PPidfd:
		return OnePid, e.ID
	case e.IDType == PPgid && e.ID == 0:
		return OwnGroup, 0
	case e.IDType == PPgid:
		return Group, e.ID
	}
	return AnyChild, 0
}

// Names reports whether the wait asked for this process by its pid, or
// for any child.
func (w Wait) Names(p *trace.Process) bool {
	return w.Form == AnyChild || w.Form == OnePid && w.IDType != PPidfd && w.ID == Pid(p)
}

// Asks reports whether the wait could return the child, as far as the
// recording tells: it does not say whom a pidfd names.
func (w Wait) Asks(c *trace.Process) bool {
	if w.Time < c.Born {
		return false
	}
	switch w.Form {
	case OnePid:
		return w.Call == "waitid" && w.IDType == PPidfd || w.ID == Pid(c)
	case Group:
		return w.o.GroupAt(c, w.Time) == w.ID
	case OwnGroup:
		return w.o.GroupAt(c, w.Time) == w.o.GroupAt(w.By, w.Time)
	}
	return true
}

// NoHang names a wait of the parent that asked for the child with WNOHANG, and
// came back because the child had not ended; "" if there is none.
func (o *Observation) NoHang(parent, c *trace.Process) string {
	for _, w := range o.WaitsOf(parent) {
		if w.Asks(c) && w.Result == 0 && w.Errno == "" && w.Options&WNOHANG != 0 {
			return WaitName(w.Event) + Where(w.Event) + " has WNOHANG, and came back at once"
		}
	}
	return ""
}

// For says for which children the wait asked.
func (w Wait) For() string {
	switch {
	case w.Form == OnePid && w.Call == "waitid" && w.IDType == PPidfd:
		return "a pidfd"
	case w.Form == OnePid:
		if p := w.o.ByPid(w.ID); p != nil {
			return w.o.Who(p)
		}
		return fmt.Sprintf("the pid %d", w.ID)
	case w.Form == OwnGroup:
		return "its own process group"
	case w.Form == Group:
		return fmt.Sprintf("the process group %d", w.ID)
	}
	return "any child"
}

// GroupAt follows fork, setpgid and setsid and returns the process
// group of the process at a time, as the program numbers them.
func (o *Observation) GroupAt(p *trace.Process, t int64) int {
	of := map[string]int{}
	if all := o.Processes(); len(all) > 0 {
		of[all[0].Name] = Pid(all[0]) // the sandbox made it a leader
	}
	for _, e := range o.Events(trace.KindFork, trace.KindVfork, trace.KindClone, trace.KindSetpgid, trace.KindSetsid) {
		if e.Time > t {
			break
		}
		target := o.Process(e.Process)
		switch {
		case e.Errno != "":
		case e.Kind == trace.KindSetsid:
			of[e.Process] = Pid(target)
		case e.Kind == trace.KindSetpgid:
			if e.Target != 0 {
				target = o.Process(e.TargetProcess)
			}
			if target == nil {
				continue
			}
			if of[target.Name] = e.Pgid; e.Pgid == 0 {
				of[target.Name] = Pid(target)
			}
		default:
			of[e.ChildProcess] = of[e.Process]
		}
	}
	return of[p.Name]
}

// Stopped reports whether the process was in a stop at that time.
func (o *Observation) Stopped(p *trace.Process, t int64) bool {
	in := false
	for _, e := range o.Events(trace.KindStop, trace.KindContinue) {
		if e.Process == p.Name && e.Time <= t {
			in = e.Kind == trace.KindStop
		}
	}
	return in
}

// forever is later than any event.
const forever = 1 << 62

// EventsOf are the events of the process of these kinds, in order.
func (o *Observation) EventsOf(p *trace.Process, kinds ...trace.Kind) (all []*trace.Event) {
	if p == nil {
		return nil
	}
	for _, e := range o.Events(kinds...) {
		if e.Process == p.Name {
			all = append(all, e)
		}
	}
	return all
}

// After are the events later than t.
func After(events []*trace.Event, t int64) []*trace.Event {
	for i, e := range events {
		if e.Time > t {
			return events[i:]
		}
	}
	return nil
}

// Before are the events not later than t.
func Before(events []*trace.Event, t int64) []*trace.Event {
	return events[:len(events)-len(After(events, t))]
}

// Texts are the lines as text.
func Texts(lines []Line) (texts []string) {
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

// Rest is the first line that the process wrote and that begins with
// the words, without them; ok is false when there is none.
func (o *Observation) Rest(p *trace.Process, words string) (rest string, ok bool) {
	for _, l := range o.Told(p) {
		if rest, ok = strings.CutPrefix(l.Text, words); ok {
			return rest, true
		}
	}
	return "", false
}

// Waits are the waits of the process that returned, in order, as
// events.
func (o *Observation) Waits(p *trace.Process) []*trace.Event {
	return o.EventsOf(p, trace.KindWait)
}

// StdoutName is what the standard output of the run was: "pipe", "file"
// or "terminal".
func (o *Observation) StdoutName() string {
	if o.Run.Stdout == sandbox.Pty {
		return "terminal"
	}
	return o.Run.Stdout.String()
}

// CutShort reports whether ch8 had to end the program, because its time was
// over or its recording full: what it would have done later is not known.
func (o *Observation) CutShort() bool { return o.TimedOut || o.RecordingFull }

// busiest names the call that filled most of a full recording, when one
// line of the program made it again and again; "" if there is none.
func (o *Observation) busiest() string {
	if !o.RecordingFull || o.Recording == nil {
		return ""
	}
	times := map[string]int{}
	best := ""
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Call == "" || Place(e) == "" {
			continue
		}
		call := WaitName(e) + Where(e)
		times[call]++
		if times[call] > times[best] {
			best = call
		}
	}
	if times[best] < len(o.Recording.Events)/2 {
		return ""
	}
	return fmt.Sprintf("%s was called %d times: a loop that asks again at once, and does not wait between two calls", best, times[best])
}

// WhenStopped says when a run was that ch8 had to end.
func (o *Observation) WhenStopped() string {
	switch {
	case o.RecordingFull:
		return "when the run was ended because it did more than a recording holds"
	case o.Flooded:
		return "when the run was ended because of its output"
	}
	return "when the time was over"
}

// WhyNoChild says why a program that had to make a child made none.
func (o *Observation) WhyNoChild() string { return o.WhyNoChildBy("fork") }

// WhyNoChildBy is WhyNoChild of an exercise that asks for this call.
func (o *Observation) WhyNoChildBy(call string) string {
	for _, e := range o.Events(trace.KindFork, trace.KindVfork, trace.KindClone) {
		if e.Errno != "" {
			return fmt.Sprintf("%s failed with %s%s", e.Call, e.Errno, atSource(e))
		}
	}
	all := o.Processes()
	if len(all) == 0 {
		return "nothing was recorded"
	}
	for _, e := range o.Events(trace.KindRead) {
		if e.Fd == 0 && e.Result == 0 && e.Errno == "" {
			return "it read standard input, which is empty" + atSource(e) + ", and made no child: the task says that nothing is read from standard input"
		}
	}
	switch w, ok := Word(all[0]); {
	case !ok:
		return "it had not called " + call + " " + o.WhenStopped() + ": it " + o.Standing(all[0])
	case w.Signaled():
		return "it was " + Ended(uint32(w)) + atSource(o.DeathLine(all[0])) + " before it called " + call
	case w.ExitStatus() != 0 && len(o.ErrorLines(all[0])) > 0:
		lines := o.ErrorLines(all[0])
		return fmt.Sprintf("it ended with exit status %d before it called %s, and wrote %q to standard error", w.ExitStatus(), call, lines[len(lines)-1])
	case w.ExitStatus() != 0:
		return fmt.Sprintf("it ended with exit status %d before it called %s", w.ExitStatus(), call)
	}
	if n := all[0].Exit.Threads; n == 1 {
		return "it made a thread, which is not a process: a thread has the memory and the pid of the process that it is in. Call " + call + " instead of pthread_create"
	} else if n > 1 {
		return fmt.Sprintf("it made %d threads, which are not processes: all threads have the memory and the pid of the process that they are in. Call %s instead of pthread_create", n, call)
	}
	return call + " was never called"
}

// InC reports whether the process ended, and was made at a line of a C
// program. The words of such a program's memory are its variables.
func (o *Observation) InC(p *trace.Process) bool {
	return p != nil && p.Exit != nil && p.Birth != nil && strings.HasSuffix(sourceFile(p.Birth), ".c")
}

// InGo reports whether the program made the call at a line of Go.
func InGo(e *trace.Event) bool { return strings.HasSuffix(sourceFile(e), ".go") }

func sourceFile(e *trace.Event) string {
	if e.Source == nil {
		return ""
	}
	return e.Source.File
}
