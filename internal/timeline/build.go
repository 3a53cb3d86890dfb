package timeline

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/trace"
)

// observed is the note that every picture carries.
var observed = locale.Key("This run was recorded with ptrace, which slows every call down. " +
	"The kernel does not promise which process runs first after a " +
	"fork: that order, and how long things take, mean nothing here.")

// orderNote is the note of a recording in canonical order.
var orderNote = locale.Key("Where nothing decides the order of two events, they stand in the " +
	"order of their processes, so that two runs give the same picture.")

// outsideName is the lane of what is not part of the recording.
var outsideName = locale.Key("outside")

const (
	maxName = 32 // columns of a lane's name
	maxData = 72 // columns of the bytes of a write

	// maxOutside bounds the lanes of what is not recorded: a
	// recording names a few pids, or it is forged.
	maxOutside = 100
)

// Interesting returns the filter of [New] for a recording. It leaves
// out
//   - snapshots;
//   - the calls on descriptors above 2 that nothing was written to, and
//     the reads of such files;
//   - what a language's runtime does to sleep, to wait for descriptors
//     and to ask for times;
//   - the kernel's SIGCHLD, as far as no wait was interrupted: two
//     that meet become one, and whether one is seen before or after
//     the wait that it announces depends on the scheduler;
//   - the SIGURG with which the Go runtime wakes its own threads.
func Interesting(rec *trace.Recording) func(*trace.Event) bool {
	written := map[int]bool{}
	interrupted := map[string]bool{}
	for i := range rec.Events {
		switch e := &rec.Events[i]; e.Kind {
		case trace.KindWrite:
			written[e.OFD] = true
		case trace.KindWait:
			if e.Errno == "EINTR" {
				interrupted[e.Process] = true
			}
		}
	}
	delete(written, 0)
	standard := func(fd int) bool { return fd >= 0 && fd <= 2 } // -1: the call failed
	path := func(e *trace.Event) bool {
		return strings.HasPrefix(e.Object, "/") && !strings.HasPrefix(e.Object, "/dev/")
	}
	return func(e *trace.Event) bool {
		switch e.Kind {
		case trace.KindSnapshot, trace.KindHeader:
			return false
		case trace.KindOpen, trace.KindClose, trace.KindSeek, trace.KindTruncate, trace.KindFcntl:
			return standard(e.Fd) || written[e.OFD]
		case trace.KindRead:
			return e.NoSource != notOurCode && (standard(e.Fd) || written[e.OFD] || !path(e))
		case trace.KindSleep, trace.KindPoll, trace.KindPause, trace.KindTimes, trace.KindLock:
			return e.NoSource != notOurCode
		case trace.KindDup:
			return standard(e.Fd) || standard(e.NewFd) || written[e.OFD]
		case trace.KindSignal:
			switch {
			case e.Signal == sigCHLD && e.SiCode > 0:
				return interrupted[e.Process]
			case e.Signal == sigURG:
				return e.SenderProcess != e.Process
			}
		}
		return true
	}
}

// life is what the builder knows of a process while it replays
// the events.
type life struct {
	parent   int // index of the lane, -1 for outside
	children []int
	dead     bool
	reaped   bool
	stopped  bool
	forked   bool      // has its parent's memory: by fork, and no exec since
	copies   int       // kB of it that are its own by now
	unsaid   bool      // copies belongs to its next step
	vforks   int       // calls of vfork that have not returned
	calls    [Gone]int // calls that have not returned, by the state that they make
	doing    string    // what the last of them does
}

func (l *life) state() State {
	switch {
	case l.reaped:
		return Gone
	case l.dead:
		return Zombie
	case l.stopped:
		return Stopped
	case l.vforks > 0:
		return Suspended
	}
	for _, s := range []State{Waiting, Blocked, Sleeping} {
		if l.calls[s] > 0 {
			return s
		}
	}
	return Running
}

// file is what is known of an open file description.
type file struct {
	users []int // lanes that wrote through it
	pos   int64 // after the last write, -1 if not known
}

type builder struct {
	rec   *trace.Recording
	m     *Model
	lives []life
	lane  map[string]int // by process name
	raw   []string       // the process name of each lane

	titles map[string]title // by process name
	called []title          // of each lane

	outside    map[int]int    // lane by pid
	last       int            // the last one of those
	byPid      map[int]int    // lane by pid as the program sees it
	groups     map[int]bool   // that the first process or a call has made
	files      map[int]*file  // by OFD
	lastParent map[string]int // index of a process's last reparented event
	reapedAt   map[string]int // index of the wait that reaps it
	delivered  map[int]bool   // kills whose signal is an event of its own
	announced  map[int]bool   // signals that a kill event announced
	enters     map[int][]int  // calls that blocked, entered before event i, by i
	entered    map[int]bool   // calls that have a step for their entry

	step *Step // the one being made
}

// build replays the events that keep lets through.
func build(rec *trace.Recording, roles map[string]string, keep func(*trace.Event) bool) *Model {
	b := &builder{
		rec: rec,
		m: &Model{
			Command: quoteArgs(rec.Header.Command),
			System:  oneLine(strings.TrimSpace(rec.Header.Kernel+" "+rec.Header.Arch), 60),
			Notes:   []string{locale.T(observed)},
			Untimed: rec.Header.Start == "",
		},
		lane:       map[string]int{},
		outside:    map[int]int{},
		byPid:      map[int]int{},
		files:      map[int]*file{},
		lastParent: map[string]int{},
		reapedAt:   map[string]int{},
		titles:     titles(rec, roles),
		delivered:  map[int]bool{},
		announced:  map[int]bool{},
		enters:     map[int][]int{},
		entered:    map[int]bool{},
	}
	b.lookAhead(keep)
	for i := 0; i < len(rec.Events); i++ {
		for _, w := range b.enters[i] {
			b.enter(w)
		}
		e := &rec.Events[i]
		if e.Kind == trace.KindSnapshot {
			b.copied(i)
		}
		if !keep(e) {
			continue
		}
		last := b.run(i, keep)
		b.begin(i, last)
		b.event(i, last)
		b.end()
		i = last
	}
	b.m.Whole = len(b.m.Steps)
	if b.m.Untimed {
		b.m.Notes = append(b.m.Notes, locale.T(orderNote))
	}
	b.m.sortLanes()
	b.closing()
	return b.m
}

// run returns the index of the last event of a run that is one
// step: writes of one or two bytes, waits that found nothing, or
// questions for the time that was used.
func (b *builder) run(i int, keep func(*trace.Event) bool) int {
	var same func(e, f *trace.Event) bool
	switch e := &b.rec.Events[i]; {
	case shortWrite(e):
		same = func(e, f *trace.Event) bool { return shortWrite(f) && f.Fd == e.Fd }
	case e.NoneYet():
		same = func(e, f *trace.Event) bool {
			return f.NoneYet() && f.WaitPid == e.WaitPid && f.IDType == e.IDType && f.ID == e.ID
		}
	case asksTimes(e):
		same = func(e, f *trace.Event) bool { return asksTimes(f) && f.Call == e.Call }
	default:
		return i
	}
	e, last := &b.rec.Events[i], i
	for j := i + 1; j < len(b.rec.Events) && len(b.enters[j]) == 0; j++ {
		f := &b.rec.Events[j]
		if !keep(f) {
			continue
		}
		if f.Process != e.Process || !same(e, f) {
			break
		}
		last = j
	}
	return last
}

func shortWrite(e *trace.Event) bool {
	return e.Kind == trace.KindWrite && e.Errno == "" && len(e.Data) <= 2 && e.Result <= 2
}

// asksTimes is a call that only reads how much time was used.
func asksTimes(e *trace.Event) bool { return e.Kind == trace.KindTimes && e.Errno == "" }

func (b *builder) begin(first, last int) {
	e := &b.rec.Events[first]
	n := len(b.m.Steps)
	b.m.Steps = append(b.m.Steps, Step{
		N: n + 1, Time: e.Time, Lane: -1, Mark: DotMark,
		Child: -1, Reaps: -1, Event: first, Last: last,
	})
	b.step = &b.m.Steps[n]
	switch {
	case e.Kind == trace.KindEnd:
	case e.Process != "":
		b.step.Lane = b.of(e.Process, e.Pid, e.NSpid)
	case e.Kind != trace.KindNote:
		b.step.Lane = b.of("?", e.Pid, e.NSpid)
	}
	if s := b.step; s.Lane >= 0 && b.lives[s.Lane].unsaid {
		b.sayCopies(s)
	}
	if e.Source != nil && e.Source.File != "" {
		b.step.Source = sourceName(e.Source)
		b.step.File, b.step.Line = e.Source.File, e.Source.Line
	}
}

// end closes the step: every lane whose state it changed gets a
// new span.
func (b *builder) end() {
	s := b.step
	touch := func(i int) {
		if i >= 0 && !b.m.Lanes[i].Outside {
			b.enterState(i, b.lives[i].state())
		}
	}
	touch(s.Lane)
	touch(s.Child)
	touch(s.Reaps)
	if s.Lane < 0 {
		return
	}
	if l := &b.lives[s.Lane]; l.dead {
		for _, i := range l.children {
			touch(i)
		}
		l.children = nil
	}
}

func (b *builder) enterState(lane int, st State) {
	l, at, now := &b.m.Lanes[lane], len(b.m.Steps)-1, b.step.Time
	if k := len(l.Spans) - 1; k >= 0 {
		if l.Spans[k].State == st {
			return
		}
		l.Spans[k].To, l.Spans[k].End = at, now
		if l.Spans[k].From == at {
			// Two changes in one step: only the last one shows.
			l.Spans = l.Spans[:k]
		}
	}
	span := Span{State: st, From: at, To: -1, Start: now, End: now}
	if st == Sleeping || st == Blocked {
		span.Doing = b.lives[lane].doing
	}
	l.Spans = append(l.Spans, span)
}

// of returns the lane of a process, made at its first event.
func (b *builder) of(name string, pid, nspid int) int {
	i, ok := b.lane[name]
	if !ok {
		i = len(b.m.Lanes)
		b.lane[name] = i
		b.m.Lanes = append(b.m.Lanes, Lane{
			Name: oneLine(name, maxName), Title: b.titleOf(name).text, Pid: pid, NSpid: nspid,
			Parent: -1, Born: len(b.m.Steps) - 1,
		})
		b.called = append(b.called, b.titleOf(name))
		b.lives = append(b.lives, life{parent: -1})
		b.raw = append(b.raw, name)
	}
	l := &b.m.Lanes[i]
	if l.Pid == 0 {
		l.Pid = pid
	}
	if l.NSpid == 0 {
		l.NSpid = nspid
	}
	if nspid != 0 {
		b.byPid[nspid] = i
	} else if pid != 0 {
		b.byPid[pid] = i
	}
	return i
}

// outsideLane returns the lane of a process that is not recorded.
func (b *builder) outsideLane(pid, nspid int, comm string) int {
	i, ok := b.outside[pid]
	if !ok && len(b.outside) >= maxOutside {
		return b.last // one for all the rest
	}
	if !ok {
		i = len(b.m.Lanes)
		name := locale.T(outsideName)
		if n := len(b.outside); n > 0 {
			name += " " + strconv.Itoa(n+1)
		}
		b.outside[pid], b.last = i, i
		b.m.Lanes = append(b.m.Lanes, Lane{
			Name: name, Title: name, Pid: pid, NSpid: nspid, Parent: -1, Outside: true, Born: len(b.m.Steps) - 1,
		})
		b.called = append(b.called, title{locale.T("a process that is not recorded"), true})
		b.lives = append(b.lives, life{parent: -1})
		b.raw = append(b.raw, "")
	}
	l := &b.m.Lanes[i]
	if l.Program == "" {
		l.Program = oneLine(comm, maxName)
		if l.Program == "" && nspid != 0 && nspid == b.rec.Header.Adopter {
			l.Program = oneLine(b.rec.Header.AdopterComm, maxName)
		}
		if l.Program != "" {
			b.called[i].text = locale.Sprintf("%s (not recorded)", l.Program)
		}
	}
	return i
}

// titleOf is what the process of that birth path is called.
func (b *builder) titleOf(process string) title {
	if t, ok := b.titles[process]; ok {
		return t
	}
	return title{oneLine(process, maxName), true}
}

// name is how a sentence names the process of a lane.
func (b *builder) name(lane int) string {
	if lane < 0 || lane >= len(b.called) {
		return locale.T("a process that is not recorded")
	}
	return b.called[lane].inSentence()
}

// birthPaths are the names of processes in what a recorder notes.
var birthPaths = show.Pattern(`\bP0(\.[0-9]+)*\b`)

// named puts the titles of processes in the place of their birth paths.
func (b *builder) named(note string) string {
	return birthPaths().ReplaceAllStringFunc(note, func(path string) string {
		if lane, ok := b.lane[path]; ok {
			return b.name(lane)
		}
		return path
	})
}

// say sets the sentence of the step.
func (b *builder) say(format string, args ...any) {
	s := locale.Sprintf(format, args...)
	begins := []string{"the ", "a ", "every "}
	for _, t := range b.called {
		if !t.program {
			begins = append(begins, t.text)
		}
	}
	if locale.Tag() == "en" && slices.ContainsFunc(begins, func(first string) bool { return first != "" && strings.HasPrefix(s, first) }) {
		first, n := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(first)) + s[n:]
	}
	b.step.Text = s
}

func (b *builder) prove(format string, args ...any) {
	b.step.Evidence = append(b.step.Evidence, locale.Sprintf(format, args...))
}

func (b *builder) arrow(k ArrowKind, from, to int, label string) {
	if from >= 0 && to >= 0 && from != to {
		b.step.Arrows = append(b.step.Arrows, Arrow{Kind: k, From: from, To: to, Label: label})
	}
}

// enter makes the step in which the call that returned as event w was
// entered.
func (b *builder) enter(w int) {
	e := unfinished(&b.rec.Events[w])
	b.begin(w, w)
	b.step.Enter = true
	b.step.Time = e.Entered
	if e.Kind == trace.KindWait {
		b.step.Mark = WaitMark
	}
	b.otherThread(e)
	l := &b.lives[b.step.Lane]
	l.calls[inside(e)]++
	l.doing = b.doing(e)
	b.say("%s %s", b.name(b.step.Lane), b.waits(e))
	b.end()
}

// waitCall writes the wait as it was called, with the names of
// processes instead of their pids.
func (b *builder) waitCall(e *trace.Event) string {
	who := locale.T("any child")
	group := func(n int) string {
		lane, ok := b.byPid[n]
		switch {
		case ok && (b.groups[n] || e.Errno == ""):
			return locale.Sprintf("group of %s", b.m.Lanes[lane].Title)
		case ok: // there was no such group
			return locale.Sprintf("group with the pid of %s", b.m.Lanes[lane].Title)
		}
		return locale.Sprintf("group %d", n)
	}
	one := func(n int) string {
		if lane, ok := b.byPid[n]; ok {
			return b.m.Lanes[lane].Title
		}
		return "pid " + strconv.Itoa(n)
	}
	if e.Call == "waitid" {
		switch e.IDType {
		case pPID:
			who = one(e.ID)
		case pPGID:
			who = locale.T("own group")
			if e.ID != 0 {
				who = group(e.ID)
			}
		case pPIDFD:
			who = "pidfd " + strconv.Itoa(e.ID)
		}
	} else {
		switch {
		case e.WaitPid > 0:
			who = one(e.WaitPid)
		case e.WaitGroup() != 0:
			who = group(e.WaitGroup())
		case e.WaitPid < -1:
			who = one(e.WaitPid)
		case e.WaitPid == 0:
			who = locale.T("own group")
		}
	}
	call := oneLine(e.Call, 20)
	if call == "" {
		call = "wait"
	}
	options := e.Options
	if e.Call == "waitid" {
		options &^= wEXITED // it always says so
	}
	if options != 0 {
		who += ", " + trace.WaitOptions(options)
	}
	return call + "(" + who + ")"
}

// processOf names the process with a pid as the program sees it.
func (b *builder) processOf(pid int) string {
	if lane, ok := b.byPid[pid]; ok {
		return b.name(lane)
	}
	return locale.Sprintf("pid %d", pid)
}

// event fills in the step for the events from i to last.
func (b *builder) event(i, last int) {
	e := &b.rec.Events[i]
	s := b.step
	self := b.name(s.Lane)
	if b.entered[i] && e.Kind != trace.KindBlocked {
		me := &b.lives[s.Lane]
		me.calls[inside(e)] = max(0, me.calls[inside(e)]-1)
		s.returned = true
	}
	b.otherThread(e)
	failed := ""
	if e.Errno != "" {
		failed = oneLine(e.Errno, 20)
	}
	switch e.Kind {
	case trace.KindFork, trace.KindVfork, trace.KindClone:
		b.birth(e, self, failed)

	case trace.KindVforkDone:
		b.resume(e, self)

	case trace.KindExec:
		b.exec(e, self, failed)

	case trace.KindExit:
		b.exit(i, e, self)

	case trace.KindWait:
		b.wait(i, last, self, failed)

	case trace.KindSignal:
		b.signal(i, e, self)

	case trace.KindKill:
		b.kill(i, e, self, failed)

	case trace.KindStop:
		s.Mark = StopMark
		b.lives[s.Lane].stopped = true
		b.say("%s stops (%s)", self, trace.SignalName(e.Signal))

	case trace.KindContinue:
		s.Mark = ContinueMark
		b.lives[s.Lane].stopped = false
		b.say("%s continues", self)

	case trace.KindReparented:
		b.reparent(e, self)

	case trace.KindWrite:
		b.write(i, last, self, failed)

	case trace.KindSleep, trace.KindRead, trace.KindPoll, trace.KindPause, trace.KindAccept, trace.KindLock, trace.KindBlocked:
		b.returns(e, self, failed)

	case trace.KindCreds, trace.KindPriority, trace.KindTimer, trace.KindTimes, trace.KindAcct:
		b.attributes(e, last-i+1, self, failed)

	case trace.KindEnd:
		b.theEnd(e)

	case trace.KindNote:
		b.say("%s", b.named(oneLine(e.Note, 160)))

	default:
		b.call(e, self, failed)
	}
}

// resume makes the step in which the parent of a vfork runs again.
func (b *builder) resume(e *trace.Event, self string) {
	b.step.Mark = ResumeMark
	l := &b.lives[b.step.Lane]
	l.vforks = max(0, l.vforks-1)
	b.say("%s runs again", self)
	if c, ok := b.lane[e.ChildProcess]; ok {
		if b.lives[c].dead {
			b.say("%s runs again: %s has ended", self, b.name(c))
		} else {
			b.say("%s runs again: %s has executed a program", self, b.name(c))
		}
	}
	b.words(e.Words)
}

// theEnd makes the last step.
func (b *builder) theEnd(e *trace.Event) {
	b.say("every process is gone; %s %s", b.name(b.lane["P0"]), how(e.Status))
	if e.Timeout {
		b.say("the time limit is over: the processes that are left are killed")
	}
	switch {
	case e.Note != "":
		// The processes that were killed then are not left over.
		b.say("%s", oneLine(e.Note, 160))
	case e.Leftovers > 0:
		b.prove("%s still running at the end, then killed", count(e.Leftovers, "process", "processes"))
	}
}

// words says which words of memory a vforked child changed. The
// recorder reports every word that held one of the values looked for,
// and a runtime has such words of its own, now and then. So if some
// went up or down by one, as the variables of Fig. 8.3 do, the picture
// shows those.
func (b *builder) words(changed []trace.Word) {
	byOne := slices.DeleteFunc(slices.Clone(changed), func(w trace.Word) bool {
		return w.After != w.Before+1 && w.After != w.Before-1
	})
	if len(byOne) > 0 {
		changed = byOne
	}
	for k, w := range changed {
		if k == 3 {
			b.prove("and %d more words changed", len(changed)-k)
			break
		}
		if w.Map != "" {
			b.prove("a word in %s changed: %d → %d", oneLine(path.Base(w.Map), 24), w.Before, w.After)
		} else {
			b.prove("a word changed: %d → %d", w.Before, w.After)
		}
	}
}

func (b *builder) birth(e *trace.Event, self, failed string) {
	s := b.step
	s.Mark = ForkMark
	verb := locale.T("forks")
	switch e.Kind {
	case trace.KindVfork:
		verb = locale.T("vforks")
	case trace.KindClone:
		verb = locale.T("clones")
	}
	if failed != "" || e.ChildProcess == "" {
		b.say("%s %s: it fails with %s, and there is no child", self, verb, failed)
		return
	}
	c := b.of(e.ChildProcess, e.Child, e.ChildNSpid)
	if c == s.Lane {
		b.say("%s %s", self, verb)
		return
	}
	s.Child = c
	b.m.Lanes[c].Parent = s.Lane
	parent := s.Lane
	if e.Flags&clonePARENT != 0 {
		parent = b.lives[s.Lane].parent
	}
	if b.lives[c].parent = parent; parent >= 0 {
		b.lives[parent].children = append(b.lives[parent].children, c)
	}
	b.lives[c].forked = e.Kind == trace.KindFork || e.SameVM != nil && !*e.SameVM
	b.say("%s %s %s", self, verb, b.name(c))
	b.arrow(ForkArrow, s.Lane, c, string(e.Kind))
	if e.Kind == trace.KindVfork {
		b.lives[s.Lane].vforks++
		b.say("%s vforks %s and is suspended", self, b.name(c))
	}
	if e.Flags&clonePARENT != 0 {
		b.prove("CLONE_PARENT: its parent is that of %s", b.name(s.Lane))
	}
	if e.Kind == trace.KindClone {
		if f := cloneFlags(e.Flags); f != "" {
			b.prove("%s", f)
		}
	}
	if e.SameVM != nil {
		if *e.SameVM {
			b.prove("both use the same memory")
		} else if e.Kind != trace.KindFork {
			b.prove("the child has its own copy of the memory")
		}
	}
	if e.ParentState != "" {
		b.prove("%s is in state %s", self, oneLine(e.ParentState, 3))
	}
}

// cloneFlags names the flags of a clone that change what is
// shared; clone(2).
func cloneFlags(flags uint64) string {
	var names []string
	for _, f := range []struct {
		v    uint64
		name string
	}{
		{cloneVM, "VM"}, {0x200, "FS"}, {0x400, "FILES"}, {0x800, "SIGHAND"},
		{cloneVFORK, "VFORK"}, {cloneTHREAD, "THREAD"},
		{0x20000, "NEWNS"}, {0x10000000, "NEWUSER"}, {0x20000000, "NEWPID"},
	} {
		if flags&f.v != 0 {
			names = append(names, "CLONE_"+f.name)
		}
	}
	return strings.Join(names, "|")
}

func (b *builder) exec(e *trace.Event, self, failed string) {
	s := b.step
	s.Mark = ExecMark
	file := oneLine(e.Path, 48)
	if failed != "" {
		b.say("%s cannot execute %s: %s", self, file, failed)
		return
	}
	b.lives[s.Lane].forked = false
	if name := program(e.Argv, e.Path); name != program(b.rec.Header.Command, "") {
		b.m.Lanes[s.Lane].Program = oneLine(name, maxName)
	}
	args := show.Clip(quoteArgs(e.Argv), 48)
	if args == "" {
		args = file
	}
	if args == "" {
		args = locale.T("a program whose name is not known")
	}
	b.say("%s executes %s", self, args)
	if p := e.Program; p != nil {
		if len(p.Cmdline) > 0 {
			b.prove("the new program is %s", oneLine(quoteArgs(p.Cmdline), 60))
		}
		if p.Stack != nil && p.Secure {
			b.prove("it is a set-user-ID or set-group-ID program")
		}
	}
	b.ids(e)
}

func (b *builder) exit(i int, e *trace.Event, self string) {
	s := b.step
	s.Mark = ExitMark
	me := &b.lives[s.Lane]
	me.dead = true
	me.stopped, me.vforks, me.calls = false, 0, [Gone]int{}
	me.reaped = me.parent < 0 || e.Discarded
	b.say("%s %s", self, ends(e.Status))
	if e.ExitArg != nil && *e.ExitArg != int(e.Status>>8&0xff) {
		b.prove("it called exit with %d, and only the low 8 bits are kept", *e.ExitArg)
	}
	if e.ParentState != "" {
		if p := b.lives[s.Lane].parent; p >= 0 {
			b.prove("%s is in state %s", b.name(p), oneLine(e.ParentState, 3))
		}
	}
	switch {
	case e.Discarded:
		b.prove("it leaves no zombie: its parent ignores SIGCHLD")
	case me.reaped && b.m.Lanes[s.Lane].Parent >= 0:
		b.prove("a process that is not recorded reaps it")
	}
	// Its children go to another parent: at their reparented
	// event, or here where the recording has none.
	for _, c := range me.children {
		l := &b.lives[c]
		if l.parent != s.Lane || l.reaped {
			continue
		}
		if at, ok := b.lastParent[b.raw[c]]; ok && at > i {
			continue
		}
		if at, ok := b.reapedAt[b.raw[c]]; ok && at > i {
			continue
		}
		l.parent = -1
		if l.dead {
			l.reaped = true
			b.prove("it never waited for %s, which was a zombie until now", b.name(c))
		}
	}
}
