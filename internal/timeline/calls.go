package timeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"apue/internal/show"
	"apue/internal/trace"
)

func (b *builder) wait(i, last int, self, failed string) {
	s, e := b.step, &b.rec.Events[i]
	s.Mark = WaitMark
	call := b.waitCall(e)
	child, known := -1, false
	if e.ResultProcess != "" {
		child, known = b.lane[e.ResultProcess]
	}
	who := "pid " + strconv.FormatInt(e.Result, 10)
	if known {
		who = b.name(child)
	}
	if e.OneOf != nil {
		who = "one of " + count(len(e.OneOf), "child", "children")
	}
	switch {
	case failed != "":
		b.say("%s: %s returns -1, %s", self, call, failed)
		if text := errnoText[failed]; text != "" {
			b.prove("%s", text)
		}
	case e.OneOf != nil:
		b.say("%s: %s returns for %s: which one is not known", self, call, who)
		b.prove("the call stored no answer")
	case e.Result == 0:
		b.say("%s: %s returns 0, because no child has changed state yet", self, call)
		if last > i {
			b.prove("it asked several times")
		}
	case e.Options&wNOWAIT != 0:
		b.say("%s sees %s, which %s, and does not reap it", self, who, how(e.Status))
		b.prove("WNOWAIT: it stays a zombie")
	case e.Reaps():
		s.Mark = ReapMark
		b.say("%s reaps %s, which %s", self, who, how(e.Status))
		if !known {
			break
		}
		s.Reaps = child
		b.arrow(ReapArrow, s.Lane, child, fmt.Sprintf("0x%04x", e.Status))
		l := &b.lives[child]
		if !l.dead {
			l.dead, l.died = true, e.Time
		}
		l.reaped = true
	default:
		b.say("%s learns that %s %s", self, who, how(e.Status))
	}
	if e.NullStatus {
		b.prove("the status pointer was NULL")
	}
}

// errnoText says what an errno of a wait or kill means.
var errnoText = map[string]string{
	"ECHILD": "it has no such child",
	"EINTR":  "it caught a signal first",
	"ESRCH":  "no such process",
	"EPERM":  "not permitted",
}

func (b *builder) signal(i int, e *trace.Event, self string) {
	s := b.step
	s.Mark = SignalMark
	name := trace.SignalName(e.Signal)
	from, known := -1, false
	if e.SenderProcess != "" {
		from, known = b.lane[e.SenderProcess]
	}
	switch {
	case known && from == s.Lane:
		b.say("%s gets %s from itself", self, name)
	case known:
		b.say("%s gets %s from %s", self, name, b.name(from))
	case trace.HasSender(e.SiCode) && e.Sender > 0:
		// One that is not recorded.
		from = b.outsideLane(e.Sender, 0, "")
		b.say("%s gets %s from %s", self, name, b.name(from))
	default:
		b.say("%s gets %s from the kernel", self, name)
	}
	if e.Signal == sigCHLD {
		if what := childCode(e.SiCode); what != "" && known {
			b.say("%s gets SIGCHLD: %s %s", self, b.name(from), what)
		}
	}
	if !b.announced[i] {
		b.arrow(SignalArrow, from, s.Lane, name)
	}
}

func (b *builder) kill(i int, e *trace.Event, self, failed string) {
	s := b.step
	s.Mark = KillMark
	name := trace.SignalName(e.Signal)
	to, known := -1, false
	if e.TargetProcess != "" {
		to, known = b.lane[e.TargetProcess]
	}
	who := ""
	switch {
	case known && to == s.Lane:
		who = "itself"
	case known:
		who = b.name(to)
	case e.Call == "pidfd_send_signal":
		// Target is a descriptor whose process is not known.
		who = "pidfd " + strconv.Itoa(e.Target)
	case e.Target == 0:
		who = "its own group"
	case e.Target == -1:
		who = "every process that it may signal"
	case e.Target < -1:
		who = "group " + strconv.Itoa(-e.Target)
		if lane, ok := b.byPid[-e.Target]; ok {
			who = "the group of " + b.name(lane)
		}
	default:
		who = b.processOf(e.Target)
	}
	b.say("%s sends %s to %s", self, name, who)
	if failed != "" {
		b.say("%s sends %s to %s: %s", self, name, who, failed)
		if text := errnoText[failed]; text != "" {
			b.prove("%s", text)
		}
		return
	}
	b.arrow(SignalArrow, s.Lane, to, name)
	if known && b.lives[to].dead && !b.lives[to].reaped {
		b.prove("it is a zombie: the call succeeds and changes nothing")
	}
	if e.Signal == 0 {
		b.prove("signal 0 only tests whether the process exists")
	}
}

func (b *builder) reparent(e *trace.Event, self string) {
	s := b.step
	s.Mark = AdoptMark
	from := -1
	if e.OldParentProcess != "" {
		from = b.of(e.OldParentProcess, e.OldParent, 0)
	}
	var to int
	me := s.Lane // of and outsideLane may move the lanes
	if e.NewParentProcess != "" {
		to = b.of(e.NewParentProcess, e.NewParent, e.NewParentNSpid)
	} else {
		to = b.outsideLane(e.NewParent, e.NewParentNSpid, e.NewParentComm)
	}
	l := &b.lives[me]
	old := "its parent"
	if from >= 0 {
		old = b.name(from)
	} else if l.parent >= 0 {
		from = l.parent
		old = b.name(from)
	}
	if to == me {
		b.say("%s is adopted", self)
		return
	}
	if b.m.Lanes[to].Outside {
		l.parent = -1
	} else {
		l.parent = to
		b.lives[to].children = append(b.lives[to].children, me)
	}
	b.say("%s is adopted by %s: %s has ended", self, b.name(to), old)
	b.arrow(AdoptArrow, from, to, "adoption")
	if l.dead && l.parent < 0 && !l.reaped {
		l.reaped = true
		b.prove("it was a zombie; its new parent reaps it")
	}
}

func (b *builder) write(i, last int, self, failed string) {
	s := b.step
	e := &b.rec.Events[i]
	to := "to " + b.target(e)
	if failed != "" {
		b.say("%s cannot write %s: %s", self, to, failed)
		return
	}
	data, writes := e.Data, 1
	for k := i + 1; k <= last; k++ {
		if f := &b.rec.Events[k]; shortWrite(f) {
			data = append(data[:len(data):len(data)], f.Data...)
			writes++
		}
	}
	b.say("%s writes %s: %s", self, to, quoteData(data, maxData))
	if writes > 1 {
		b.prove("%d writes", writes)
	}
	if e.OFD == 0 {
		return
	}
	f := b.files[e.OFD]
	if f == nil {
		f = &file{pos: -1}
		b.files[e.OFD] = f
	}
	var others []string
	mine := false
	for _, u := range f.users {
		if u == s.Lane {
			mine = true
		} else {
			others = append(others, b.name(u))
		}
	}
	if !mine {
		f.users = append(f.users, s.Lane)
	}
	if len(others) > 2 {
		others = []string{count(len(others), "other process", "other processes")}
	}
	if len(others) > 0 && e.Fd > 2 || len(others) > 0 && e.FilePos > 0 {
		b.prove("same open file description as %s", strings.Join(others, " and "))
	}
	if pos := b.rec.Events[last].FilePos; pos > 0 {
		if f.pos >= 0 {
			b.prove("offset %d → %d", f.pos, pos)
		} else {
			b.prove("offset now %d", pos)
		}
		f.pos = pos
	}
}

// call makes the step of an event that is one system call with no
// picture of its own, and of a kind this package does not know.
func (b *builder) call(e *trace.Event, self, failed string) {
	name := oneLine(e.Path, 40)
	num := strconv.Itoa
	what := oneLine(string(e.Kind), 20)
	switch e.Kind {
	case trace.KindSetsid:
		what = "starts a session and a process group of its own (setsid)"
		if failed != "" {
			what = "calls setsid"
		}
	case trace.KindSetpgid:
		who := "itself"
		if e.Target != 0 {
			who = b.processOf(e.Target)
			if who == self {
				who = "itself"
			}
		}
		group := "a group of its own"
		if e.Pgid != 0 && e.Pgid != e.Target {
			group = "group " + num(e.Pgid)
			if lane, ok := b.byPid[e.Pgid]; ok {
				group = "the group of " + b.name(lane)
			}
		}
		what = "puts " + who + " into " + group
	case trace.KindChdir:
		what = "changes directory to " + name
	case trace.KindChroot:
		what = "changes its root to " + name
	case trace.KindUmask:
		what = fmt.Sprintf("sets its umask to %03o", e.Mask)
	case trace.KindSubreaper:
		what = "becomes a child subreaper: it adopts orphans among its descendants"
		if e.Value == 0 {
			what = "is not a child subreaper any more"
		}
	default:
		if on := b.descriptorCall(e, failed); on != "" {
			what = on
		}
	}
	if failed != "" {
		what += ": " + failed
	}
	if b.step.Lane < 0 {
		b.say("%s", what)
		return
	}
	b.say("%s %s", self, what)
}

// descriptorCall says what a call on descriptors does, as the verb of a
// sentence; "" for any other call.
func (b *builder) descriptorCall(e *trace.Event, failed string) (what string) {
	num := strconv.Itoa
	switch e.Kind {
	case trace.KindOpen:
		what = "opens " + fileName(e.Path)
		if failed == "" {
			what += " as " + num(e.Fd)
		}
	case trace.KindClose:
		what = "closes descriptor " + num(e.Fd)
		switch {
		case e.Call != "close_range" || e.NewFd == e.Fd:
		case e.NewFd == math.MaxInt32:
			what = fmt.Sprintf("closes descriptors from %d on", e.Fd)
		default:
			what = fmt.Sprintf("closes descriptors %d to %d", e.Fd, e.NewFd)
		}
	case trace.KindDup:
		what = "duplicates descriptor " + num(e.Fd)
		if failed == "" {
			what += " as " + num(e.NewFd)
		}
	case trace.KindPipe:
		what = "calls pipe"
		if failed == "" {
			what = fmt.Sprintf("makes a pipe: read %d, write %d", e.Fd, e.NewFd)
		}
	case trace.KindSeek:
		switch {
		case failed != "":
			what = "calls lseek on " + num(e.Fd)
		case e.Whence == seekCur && e.Offset == 0:
			what = fmt.Sprintf("reads the offset of %d: %d", e.Fd, e.Result)
		default:
			what = fmt.Sprintf("moves the offset of %d to %d", e.Fd, e.Result)
		}
		if f := b.files[e.OFD]; f != nil && e.OFD != 0 {
			f.pos = e.Result
		}
	case trace.KindTruncate:
		file := num(e.Fd)
		if e.Path != "" {
			file = oneLine(e.Path, 40)
		}
		what = fmt.Sprintf("truncates %s to %d bytes", file, e.Offset)
	case trace.KindFcntl:
		what = fmt.Sprintf("calls fcntl on descriptor %d", e.Fd)
		switch {
		case e.Command == fSETFD && e.Value&1 != 0:
			what = fmt.Sprintf("marks descriptor %d to be closed on exec", e.Fd)
		case e.Command == fSETFD:
			what = fmt.Sprintf("keeps descriptor %d open over an exec", e.Fd)
		case e.Command == fSETFL:
			what = fmt.Sprintf("sets the status flags of descriptor %d to %#x", e.Fd, e.Value)
		}
	}
	return what
}

func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

// closing adds what is known only at the end of the recording.
func (b *builder) closing() {
	m := b.m
	for i := range m.Steps {
		s := &m.Steps[i]
		if s.Reaps < 0 {
			continue
		}
		for _, sp := range m.Lanes[s.Reaps].Spans {
			if sp.State == Zombie {
				s.Evidence = append(s.Evidence, zombieFor+Duration(sp.End-sp.Start))
			}
		}
	}
	if n := len(m.Steps); n > 0 {
		m.start, m.end = m.Steps[0].Time, m.Steps[n-1].Time
	}
	for i := range m.Steps {
		m.sourceWidth = max(m.sourceWidth, show.Width(m.Steps[i].Source))
		m.clockWidth = max(m.clockWidth, show.Width(Duration(m.Steps[i].Time)))
	}
	for i, miss := range b.rec.Header.Missing {
		if i == 4 {
			break
		}
		m.Notes = append(m.Notes, "Not recorded: "+oneLine(miss, 200))
	}
}

// sortLanes puts the lanes into the order of their names, so that
// children stand beside their parent, with the outside last. The
// order of births can differ from run to run; this one cannot.
func (m *Model) sortLanes() {
	order := make([]int, len(m.Lanes))
	paths := make([][]int, len(m.Lanes))
	for i := range order {
		order[i] = i
		paths[i] = birthPath(m.Lanes[i].Name)
	}
	slices.SortStableFunc(order, func(x, y int) int {
		a, b := &m.Lanes[x], &m.Lanes[y]
		if a.Outside != b.Outside {
			if b.Outside {
				return -1
			}
			return 1
		}
		return cmp.Or(slices.Compare(paths[x], paths[y]), strings.Compare(a.Name, b.Name))
	})
	to := make([]int, len(order))
	lanes := make([]Lane, len(order))
	for i, o := range order {
		to[o] = i
		lanes[i] = m.Lanes[o]
	}
	move := func(i *int) {
		if *i >= 0 {
			*i = to[*i]
		}
	}
	for i := range lanes {
		move(&lanes[i].Parent)
	}
	for i := range m.Steps {
		s := &m.Steps[i]
		move(&s.Lane)
		move(&s.Child)
		move(&s.Reaps)
		for k := range s.Arrows {
			move(&s.Arrows[k].From)
			move(&s.Arrows[k].To)
		}
	}
	m.Lanes = lanes
}

// birthPath is the numbers of a name, so that P0.2 comes before P0.10
// and P0.1.1 before P0.2. Other names come after them.
func birthPath(name string) []int {
	var path []int
	rest, ok := strings.CutPrefix(name, "P")
	for part := range strings.SplitSeq(rest, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || !ok {
			return []int{math.MaxInt}
		}
		path = append(path, n)
	}
	return path
}

// zombieFor begins the evidence that is a duration.
const zombieFor = "zombie for "
