// Package canonical brings recordings into a form that does not depend on
// luck, so that tests can compare two of them. Nothing but tests, and what
// makes the recordings that are shipped, imports it.
package canonical

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"apue/internal/trace"
)

// Of returns a recording in canonical order: what must
// precede comes first, the rest is ordered by name, and numbers that
// differ from run to run are replaced. Two recordings of one
// deterministic program have the same canonical form; a program whose
// processes race each other need not.
//
// What must precede: a birth everything of the child; the end, or exec, of
// a vfork's child its parent's next step; an end the wait that collects
// it, and the adoption of the children; a stop the wait that reports
// it; a kill the signal; a WNOHANG that found nothing the end of the
// child it asked for; and each process's events each other.
//
// Left out are snapshots and the delivery of the kernel's own SIGCHLDs
// and of SIGCONT, which is luck. Polls that find nothing, one after
// the other, are one. Time is an event's number; pids count the processes
// in the order of their names, also in the text of writes and
// arguments, where a number is the process's name instead.
func Of(r *trace.Recording) *trace.Recording {
	c := newForm(r)
	out := &trace.Recording{Header: r.Header, Sources: r.Sources}
	h := &out.Header
	h.Start, h.Kernel, h.Dir = "", "", ""
	h.Recorder, h.Adopter = 0, 0
	for _, i := range c.order() {
		out.Events = append(out.Events, c.normal(c.events[i], len(out.Events)))
	}
	return out
}

type form struct {
	events  []*trace.Event
	numbers map[string]int // of processes, by name
	after   [][]int        // edges: events that must come later
	before  []int          // how many must come earlier

	byPid    map[int]string // what the program calls a process
	outside  map[int]bool   // adopters
	dir      string
	ofds     map[int]int
	objects  map[string]string
	counts   map[string]int // of objects without a name, by what they are
	grown    map[int]int64  // by OFD: how much more its writes are in the canonical form
	lastTime map[string]int64
	ownFault map[string]int // the last signal that came of the process itself
}

func newForm(r *trace.Recording) *form {
	c := &form{
		byPid: map[int]string{}, outside: map[int]bool{}, ofds: map[int]int{}, objects: map[string]string{}, counts: map[string]int{}, grown: map[int]int64{},
		numbers: map[string]int{}, lastTime: map[string]int64{}, ownFault: map[string]int{}, dir: r.Header.Dir,
	}
	if a := r.Header.Adopter; a != 0 {
		c.outside[a] = true
	}
	idle := map[string]*trace.Event{} // by process: its last event, a poll that found nothing
	for i := range r.Events {
		e := &r.Events[i]
		if leftOut(e) {
			continue
		}
		if e.NoneYet() {
			if p := idle[e.Process]; p != nil && p.WaitPid == e.WaitPid && p.IDType == e.IDType && p.ID == e.ID {
				continue
			}
			idle[e.Process] = e
		} else {
			delete(idle, e.Process)
		}
		c.events = append(c.events, e)
		c.numbers[e.Process] = 0
		if e.NSpid != 0 {
			c.byPid[e.NSpid] = e.Process
		}
		if e.ChildNSpid != 0 {
			c.byPid[e.ChildNSpid] = e.ChildProcess
			c.numbers[e.ChildProcess] = 0
		}
		if e.Kind == trace.KindReparented && e.NewParentProcess == "" {
			c.outside[e.NewParentNSpid] = true
		}
	}
	var names []string
	for name := range c.numbers {
		names = append(names, name)
	}
	slices.SortFunc(names, compareNames)
	for i, name := range names {
		c.numbers[name] = i + 2 // 1 is the init, and -1 is everybody
	}
	c.after = make([][]int, len(c.events))
	c.before = make([]int, len(c.events))
	c.causes()
	return c
}

const (
	sigkill = 9
	sigchld = 17
	sigcont = 18
)

// leftOut says of an event that it may be there in one run and not in
// another: a snapshot, what a process was in when it was killed, the short
// sleep of a loop that polls.
func leftOut(e *trace.Event) bool {
	const shortSleep = 50e6
	return e.Kind == trace.KindSnapshot || e.Kind == trace.KindBlocked || e.Kind == trace.KindSleep && e.Duration < shortSleep ||
		e.Kind == trace.KindSignal && nondeterministic(e) ||
		e.Kind == trace.KindNote && strings.HasSuffix(e.Note, trace.NoteShortStop)
}

// nondeterministic says of a signal that the number of its arrivals is
// not determined: two SIGCHLDs that meet become one, and a stop signal
// takes back a SIGCONT that has done its work and is not delivered yet.
func nondeterministic(e *trace.Event) bool {
	return e.Signal == sigchld && e.SiCode > 0 || e.Signal == sigcont
}

// compareNames orders birth paths: P0, P0.1, P0.1.1, P0.2, P0.10.
func compareNames(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	return slices.CompareFunc(as, bs, func(x, y string) int {
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	})
}

// causes adds the edges.
func (c *form) causes() {
	f := causes{
		form: c, last: map[string]int{}, birth: map[string]int{}, exit: map[string]int{}, adopted: map[string]int{},
		orphans: map[string][]int{}, state: map[string]int{}, exec: map[string]int{}, kills: kills{},
		polls: map[pair]int{}, parent: map[string]string{}, given: map[pair]int{},
	}
	for i, e := range c.events {
		f.after(f.birth, e.Process, i)
		if e.Kind == trace.KindReparented {
			f.adoption(i, e)
			continue
		}
		f.after(f.last, e.Process, i)
		f.last[e.Process] = i
		f.event(i, e)
	}
}

// causes finds the edges, event by event. The maps hold, by process, the
// latest event of a kind.
type causes struct {
	*form
	last    map[string]int // of the process itself
	birth   map[string]int // by child
	exit    map[string]int
	adopted map[string]int
	orphans map[string][]int // adoptions, by the old parent
	state   map[string]int   // stop or continue
	exec    map[string]int
	kills   kills
	polls   map[pair]int
	parent  map[string]string
	given   map[pair]int // adoptions that a wait is after already
	end     int          // the last one
}

// edge says that event to comes after event from.
func (f *causes) edge(from, to int) {
	if from != to {
		f.form.after[from] = append(f.form.after[from], to)
		f.before[to]++
	}
}

// after says that an event comes after the one that is known of a process.
func (f *causes) after(known map[string]int, process string, to int) {
	if from, ok := known[process]; ok {
		f.edge(from, to)
	}
}

func (f *causes) adoption(i int, e *trace.Event) {
	f.after(f.exit, e.OldParentProcess, i)
	f.after(f.adopted, e.Process, i)
	f.after(f.exit, e.Process, i) // a zombie is adopted too
	f.adopted[e.Process] = i
	f.orphans[e.OldParentProcess] = append(f.orphans[e.OldParentProcess], i)
	f.parent[e.Process] = e.NewParentProcess
}

func (f *causes) event(i int, e *trace.Event) {
	p := e.Process
	switch e.Kind {
	case trace.KindFork, trace.KindVfork, trace.KindClone:
		if e.Errno == "" {
			f.birth[e.ChildProcess] = i
			f.parent[e.ChildProcess] = p
		}
	case trace.KindExec:
		if e.Errno == "" {
			f.exec[p] = i
		}
	case trace.KindVforkDone:
		if from, ok := f.exec[e.ChildProcess]; ok {
			f.edge(from, i)
		} else {
			f.after(f.exit, e.ChildProcess, i)
		}
	case trace.KindExit:
		f.exit[p] = i
		f.after(f.adopted, p, i)
		for _, child := range []string{p, anybody} {
			if from, ok := f.polls[pair{f.parent[p], child}]; ok {
				f.edge(from, i)
			}
		}
		if e.Status&0x7f == sigkill {
			f.kills.last(sigkill, p, func(k int) { f.edge(k, i) })
		}
	case trace.KindStop, trace.KindContinue:
		f.state[p] = i
		if e.Kind == trace.KindContinue {
			f.kills.last(sigcont, p, func(k int) { f.edge(k, i) })
		}
	case trace.KindWait:
		f.wait(i, e)
	case trace.KindKill:
		f.kills.add(i, e)
	case trace.KindSignal:
		if from, ok := f.kills.take(e); ok {
			f.edge(from, i)
		}
	case trace.KindEnd:
		// An event that leads to another one leads here by that.
		for j := f.end; j < i; j++ {
			if len(f.form.after[j]) == 0 {
				f.edge(j, i)
			}
		}
		f.end = i
	}
}

func (f *causes) wait(i int, e *trace.Event) {
	switch {
	case e.Result > 0 && e.SawDeath():
		f.after(f.exit, e.ResultProcess, i)
		// exit_notify gives the children away before it tells the
		// parent.
		key := pair{e.Process, e.ResultProcess}
		for _, a := range f.orphans[e.ResultProcess][f.given[key]:] {
			f.edge(a, i)
		}
		f.given[key] = len(f.orphans[e.ResultProcess])
	case e.Result > 0:
		f.after(f.state, e.ResultProcess, i)
	case e.NoneYet():
		// The last one comes after the others.
		if e.WaitPid <= 0 && e.IDType == 0 {
			f.polls[pair{e.Process, anybody}] = i
		} else if child := cmp.Or(f.byPid[e.WaitPid], f.byPid[e.ID]); child != "" {
			f.polls[pair{e.Process, child}] = i
		}
	}
}

// A pair is a process and another one that it asks for.
type pair struct{ by, whom string }

// anybody is whom a call means that does not say one process. None is
// called so.
const anybody = ""

// kills are the signals sent so far: by what was sent to whom, and then by
// who sent it, each list in its order.
type kills map[aim]map[string][]int

// An aim is a signal and the one process that it is sent to.
type aim struct {
	signal int
	whom   string // or anybody
}

// add notes event i, a kill.
func (k kills) add(i int, e *trace.Event) {
	to := aim{e.Signal, e.TargetProcess}
	if e.Target <= 0 {
		to.whom = anybody
	} else if to.whom == "" {
		return // a stranger
	}
	if k[to] == nil {
		k[to] = map[string][]int{}
	}
	k[to][e.Process] = append(k[to][e.Process], i)
}

// take returns the first kill that signal e may have come of. One that was
// meant for this process alone is taken away.
func (k kills) take(e *trace.Event) (from int, ok bool) {
	to := aim{e.Signal, e.Process}
	own := k[to][e.SenderProcess]
	group := k[aim{e.Signal, anybody}][e.SenderProcess]
	switch {
	case len(own) > 0 && (len(group) == 0 || own[0] < group[0]):
		k[to][e.SenderProcess] = own[1:]
		return own[0], true
	case len(group) > 0:
		return group[0], true
	}
	return 0, false
}

// last calls f with the last kill with the signal by each process that may
// have meant p: it comes after the sender's others.
func (k kills) last(signal int, p string, f func(kill int)) {
	for _, whom := range []string{p, anybody} {
		for _, sent := range k[aim{signal, whom}] {
			if len(sent) > 0 {
				f(sent[len(sent)-1])
			}
		}
	}
}

// order sorts the events: of those whose causes are all there, the one
// of the first process comes next, its adoption before what it does
// itself.
func (c *form) order() []int {
	var ready, order []int // those whose causes are all there, the next one first
	push := func(i int) {
		at, _ := slices.BinarySearchFunc(ready, i, c.compare)
		ready = slices.Insert(ready, at, i)
	}
	for i := range c.events {
		if c.before[i] == 0 {
			push(i)
		}
	}
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		order = append(order, i)
		for _, j := range c.after[i] {
			if c.before[j]--; c.before[j] == 0 {
				push(j)
			}
		}
	}
	return order
}

func (c *form) compare(i, j int) int {
	a, b := c.events[i], c.events[j]
	if x, y := a.Kind == trace.KindReparented, b.Kind == trace.KindReparented; a.Process == b.Process && x != y {
		if x {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(c.numbers[a.Process], c.numbers[b.Process]), cmp.Compare(i, j))
}

// normal is an event with everything replaced that differs from run to
// run.
func (c *form) normal(e *trace.Event, ordinal int) trace.Event {
	n := *e
	n.Time, n.Tid = int64(ordinal), 0
	switch {
	case e.Kind == trace.KindWrite, e.Kind == trace.KindExit:
		n.Entered = 0 // whether the pipe was full, and whether another ended first
	case e.Kind == trace.KindWait || e.Entered != 0:
		n.Entered = c.lastTime[e.Process]
	}
	c.lastTime[e.Process] = n.Time
	switch {
	case e.Kind == trace.KindSignal && (e.SenderProcess == e.Process || e.Sender == 0):
		c.ownFault[e.Process] = e.Signal // sent by itself, or for what it did
	case e.Kind == trace.KindExit && e.Status&0x7f != 0 && c.ownFault[e.Process] != int(e.Status&0x7f):
		n.Source, n.NoSource = nil, "" // wherever it happened to be
	}
	own := func(name string) int { return c.numbers[name] }
	n.Pid, n.NSpid = own(e.Process), own(e.Process)
	n.Child, n.ChildNSpid = own(e.ChildProcess), own(e.ChildProcess)
	n.ResultPid = own(e.ResultProcess)
	n.OldParent = own(e.OldParentProcess)
	n.NewParent, n.NewParentNSpid = own(e.NewParentProcess), own(e.NewParentProcess)
	n.WaitPid, n.Sender, n.Target = c.pid(e.WaitPid), c.pid(e.Sender), c.pid(e.Target)
	n.Pgid = c.pid(e.Pgid)
	if e.Kind == trace.KindWait || e.Kind == trace.KindSetsid {
		n.Result = int64(c.pid(int(e.Result)))
	}
	if e.IDType == 1 || e.IDType == 2 { // P_PID, P_PGID
		n.ID = c.pid(e.ID)
	}
	if len(e.FaultAddr) > len("0xffff") {
		n.FaultAddr = "*" // the program lies elsewhere in each run
	}
	n.OFD, n.NewOFD = c.ofd(e.OFD), c.ofd(e.NewOFD)
	n.Object = c.object(e.Object)
	n.Words = slices.Clone(e.Words)
	if e.Kind == trace.KindExit {
		// What a dead frame holds is left over from any call: addresses too.
		n.Words = slices.DeleteFunc(n.Words, func(w trace.Word) bool { return w.Map == "[stack]" })
	}
	for i := range n.Words {
		n.Words[i].Addr = 0
	}
	n.Path, n.Note = c.text(e.Path), c.text(e.Note)
	if kind, number, ok := strings.Cut(e.Path, ":["); ok && strings.HasSuffix(number, "]") {
		n.Path = kind // of a pipe or socket: its number says nothing
	}
	n.Rusage, n.Numbers, n.Old, n.ByTid = nil, nil, 0, 0
	if e.Program != nil {
		program := *e.Program
		program.Exe = c.text(program.Exe)
		if program.Stack != nil {
			stack := *program.Stack
			stack.ArgsBytes, stack.EnvBytes, stack.Execfn = 0, 0, c.text(stack.Execfn)
			program.Stack = &stack
		}
		n.Program = &program
	}
	n.Data = []byte(c.text(string(e.Data)))
	if e.FilePos > 0 {
		// Names are longer or shorter than the pids that were written.
		c.grown[e.OFD] += int64(len(n.Data) - len(e.Data))
		n.FilePos = e.FilePos + c.grown[e.OFD]
	}
	n.Argv = nil
	for _, a := range e.Argv {
		n.Argv = append(n.Argv, c.text(a))
	}
	return n
}

// ofd counts open file descriptions in the order of their first use.
func (c *form) ofd(n int) int {
	if n == 0 {
		return 0
	}
	if c.ofds[n] == 0 {
		c.ofds[n] = len(c.ofds) + 1
	}
	return c.ofds[n]
}

// object counts pipes and the like in the order of their first use.
func (c *form) object(name string) string {
	kind, number, ok := strings.Cut(name, " ")
	if _, err := strconv.Atoi(number); !ok || err != nil || strings.HasPrefix(name, "/") {
		return c.text(name)
	}
	if c.objects[name] == "" {
		c.counts[kind]++
		c.objects[name] = kind + " " + strconv.Itoa(c.counts[kind])
	}
	return c.objects[name]
}

// pid replaces a pid, or a group's negated one, by the number of the
// process.
func (c *form) pid(pid int) int {
	abs := max(pid, -pid)
	switch {
	case abs <= 1:
		return pid
	case c.byPid[abs] != "":
		abs = c.numbers[c.byPid[abs]]
	case c.outside[abs]:
		abs = 0
	}
	if pid < 0 {
		return -abs
	}
	return abs
}

// smallest number that is taken for a pid in text: exit statuses and
// the like are smaller.
const smallestPid = 256

// digits are a number in text. A status in hexadecimal is one too: no pid
// is printed so.
var digits = regexp.MustCompile(`0x[0-9a-fA-F]*|\d+`)

// text replaces pids by the processes' names, and the working
// directory by a dot.
func (c *form) text(s string) string {
	if c.dir != "" {
		s = strings.ReplaceAll(s, c.dir, ".")
	}
	return digits.ReplaceAllStringFunc(s, func(digits string) string {
		n, err := strconv.Atoi(digits)
		switch {
		case err != nil || n < smallestPid:
		case c.byPid[n] != "":
			return c.byPid[n]
		case c.outside[n]:
			return "adopter"
		}
		return digits
	})
}
