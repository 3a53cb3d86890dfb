package timeline

import (
	"strconv"
	"strings"

	"apue/internal/locale"
	"apue/internal/trace"
)

// inside is the state of a process that is inside the call of an event,
// Running for a call that does not wait for anything.
func inside(e *trace.Event) State {
	switch unfinished(e).Kind {
	case trace.KindWait:
		return Waiting
	case trace.KindSleep:
		return Sleeping
	case trace.KindRead, trace.KindWrite, trace.KindPoll, trace.KindPause, trace.KindAccept, trace.KindLock:
		return Blocked
	}
	return Running
}

// unfinished is the event that the call would have made that a thread was
// still inside at its end; any other event as it is.
func unfinished(e *trace.Event) *trace.Event {
	if e.Kind != trace.KindBlocked {
		return e
	}
	f := *e
	switch {
	case strings.HasPrefix(e.Call, "wait"):
		f.Kind = trace.KindWait
	case strings.Contains(e.Call, "sleep"):
		f.Kind = trace.KindSleep
	case strings.HasPrefix(e.Call, "read"):
		f.Kind = trace.KindRead
	case strings.HasPrefix(e.Call, "write"):
		f.Kind = trace.KindWrite
	case strings.Contains(e.Call, "poll"), strings.Contains(e.Call, "select"):
		f.Kind = trace.KindPoll
	case e.Call == "pause", strings.Contains(e.Call, "sig"):
		f.Kind = trace.KindPause
	case strings.HasPrefix(e.Call, "accept"):
		f.Kind = trace.KindAccept
	}
	return &f
}

// notOurCode is the reason that the recorder gives for a call of a
// language's runtime.
const notOurCode = "not called from the program's own code"

// otherThread says that the process acts although its lane shows that it
// waits: the lane is of a process, and one of its threads waits.
func (b *builder) otherThread(e *trace.Event) {
	if b.step.Lane < 0 || e.Call == "" || e.Kind == trace.KindExit || e.Kind == trace.KindVforkDone || e.Kind == trace.KindBlocked {
		return
	}
	switch st := b.lives[b.step.Lane].state(); st {
	case Sleeping, Blocked, Waiting, Suspended:
		b.prove("another of its threads is %s", st)
	}
}

// waits says what a call that blocks waits for, as the verb of a
// sentence.
func (b *builder) waits(e *trace.Event) string {
	switch e.Kind {
	case trace.KindWait:
		return locale.Sprintf("blocks in %s", b.waitCall(e))
	case trace.KindSleep:
		return locale.Sprintf("sleeps %s", Duration(e.Duration))
	case trace.KindPause:
		return locale.Sprintf("waits for a signal in %s", callOf(e))
	case trace.KindLock:
		return locale.Sprintf("waits for a lock of %s", b.target(e))
	case trace.KindAccept:
		return locale.T("waits for a connection")
	case trace.KindWrite:
		return locale.Sprintf("blocks in a write to %s, which is full", b.target(e))
	case trace.KindRead:
		return locale.Sprintf("blocks in a read of %s", b.target(e))
	}
	return locale.Sprintf("waits in %s", callOf(e))
}

// doing is the same for the name of a state: "read of pipe 1".
func (b *builder) doing(e *trace.Event) string {
	switch e.Kind {
	case trace.KindSleep:
		return Duration(e.Duration)
	case trace.KindRead, trace.KindWrite:
		return locale.Sprintf("in %s of %s", e.Kind, b.target(e))
	case trace.KindLock:
		return locale.Sprintf("by a lock of %s", b.target(e))
	case trace.KindAccept, trace.KindPoll, trace.KindPause:
		return locale.Sprintf("in %s", callOf(e))
	}
	return ""
}

func callOf(e *trace.Event) string {
	if call := oneLine(e.Call, 20); call != "" {
		return call
	}
	return string(e.Kind)
}

// target names what a descriptor of an event leads to: the standard
// output of the program, a pipe, a file.
func (b *builder) target(e *trace.Event) string {
	standard := [...]string{locale.Key("standard input"), locale.Key("standard output"), locale.Key("standard error")}
	if e.Fd >= 0 && e.Fd < len(standard) {
		given, known := 0, false
		for _, d := range b.rec.Header.Descriptors {
			if d.Fd == e.Fd {
				given, known = d.OFD, true
			}
		}
		if !known || e.OFD == 0 || given == e.OFD {
			return locale.T(standard[e.Fd])
		}
	}
	name := e.Object
	if name == "" {
		name = e.Path
	}
	switch {
	case strings.HasPrefix(name, "pipe:["):
		return locale.T("a pipe")
	case strings.HasPrefix(name, "socket:["):
		return locale.T("a socket")
	case name == "":
		return locale.Sprintf("descriptor %d", e.Fd)
	case strings.HasPrefix(name, "terminal "), !strings.Contains(name, "/"), strings.HasPrefix(name, "/dev/"):
		return oneLine(name, 32)
	}
	return oneLine(name[strings.LastIndexByte(name, '/')+1:], 32)
}

// returns makes the step of a call that could block and is not a wait.
func (b *builder) returns(e *trace.Event, self, failed string) {
	late := ""
	if failed != "" {
		late = locale.Sprintf(": it returns -1, %s", failed)
	}
	switch e.Kind {
	case trace.KindSleep:
		switch {
		case failed != "":
			b.say("%s is woken from its sleep%s", self, late)
		case b.step.returned:
			b.say("%s wakes up after %s", self, Duration(e.Duration))
		default:
			b.say("%s sleeps %s", self, Duration(e.Duration))
		}
	case trace.KindRead:
		switch {
		case failed != "":
			b.say("%s reads from %s%s", self, b.target(e), late)
		case e.Result == 0:
			b.say("%s reads from %s and is at the end", self, b.target(e))
		default:
			b.say("%s reads from %s: %s", self, b.target(e), quoteData(e.Data, maxData))
		}
	case trace.KindLock:
		switch {
		case failed != "":
			b.say("%s does not get a lock of %s%s", self, b.target(e), late)
		case e.Value&lockUN != 0:
			b.say("%s releases its lock of %s", self, b.target(e))
		default:
			b.say("%s has its lock of %s", self, b.target(e))
		}
	case trace.KindAccept:
		b.say("%s has a connection%s", self, late)
	case trace.KindPause:
		b.say("%s goes on after %s%s", self, callOf(e), late)
	case trace.KindPoll:
		b.say("%s goes on after %s: %s%s", self, callOf(e), count(int(max(e.Result, 0)), "descriptor is ready", "descriptors are ready"), late)
	case trace.KindBlocked:
		b.stuck(e, self)
	}
	if failed != "" && errnoText[failed] != "" {
		b.prove("%s", locale.T(errnoText[failed]))
	}
}

// stuck is a thread that was still inside a call when the time was over.
func (b *builder) stuck(e *trace.Event, self string) {
	if e.Call == "" {
		b.say("%s is still running at the end", self)
		return
	}
	f := unfinished(e)
	b.say("%s is still inside a call at the end: it %s", self, b.waits(f))
	var holders []string
	for _, h := range e.Holders {
		if lane, ok := b.lane[h]; ok {
			holders = append(holders, b.name(lane))
		}
	}
	if len(holders) > 0 {
		b.prove("the other end is open in %s", strings.Join(holders, locale.T(" and ")))
	} else if strings.HasPrefix(e.Object, "pipe") && f.Kind == trace.KindRead {
		b.prove("no recorded process holds the other end")
	}
}

// attributes makes the step of one or more calls that change ids,
// priorities, timers, or ask for times.
func (b *builder) attributes(e *trace.Event, calls int, self, failed string) {
	var args []string
	for _, a := range e.Args {
		args = append(args, strconv.FormatInt(a, 10))
	}
	what := locale.Sprintf("calls %s(%s)", callOf(e), strings.Join(args, ", "))
	switch e.Kind {
	case trace.KindPriority:
		if e.Nice != nil {
			b.prove("the nice value is %d", *e.Nice)
		}
	case trace.KindTimes:
		if calls > 1 {
			b.prove("it does so %d times", calls)
		}
	case trace.KindTimer:
		what = locale.Sprintf("sets a timer with %s: %s", callOf(e), Duration(e.Duration))
	case trace.KindAcct:
		what = locale.T("switches process accounting off")
		if e.Path != "" {
			what = locale.Sprintf("switches process accounting on, into %s", oneLine(e.Path, 40))
		}
	}
	if failed != "" {
		what = locale.Sprintf("%s: %s", what, failed)
	}
	b.say("%s %s", self, what)
	b.ids(e)
}

// ids says which ids an event changed.
func (b *builder) ids(e *trace.Event) {
	if e.Before == nil || e.After == nil {
		return
	}
	for _, id := range []struct {
		name          string
		before, after [4]int
	}{{locale.T("user"), e.Before.UID, e.After.UID}, {locale.T("group"), e.Before.GID, e.After.GID}} {
		if id.before != id.after {
			b.prove("real, effective and saved %s ID %d %d %d → %d %d %d", id.name,
				id.before[0], id.before[1], id.before[2], id.after[0], id.after[1], id.after[2])
		}
	}
}
