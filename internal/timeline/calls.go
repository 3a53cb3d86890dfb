package timeline

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"apue/internal/locale"
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
	who := locale.Sprintf("pid %d", e.Result)
	if known {
		who = b.name(child)
	}
	if e.OneOf != nil {
		who = locale.Sprintf("one of %s", count(len(e.OneOf), "child", "children"))
	}
	switch {
	case failed != "":
		b.say("%s: %s returns -1, %s", self, call, failed)
		if text := errnoText[failed]; text != "" {
			b.prove("%s", locale.T(text))
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
		if e.SawDeath() {
			b.say("%s sees %s, which %s, and does not reap it", self, who, how(e.Status))
			b.prove("WNOWAIT: it stays a zombie")
		} else {
			b.say("%s learns that %s %s", self, who, how(e.Status))
			b.prove("WNOWAIT: a later wait can return the same")
		}
	case e.Reaps():
		s.Mark = ReapMark
		b.say("%s reaps %s, which %s", self, who, how(e.Status))
		if !known {
			break
		}
		s.Reaps = child
		b.arrow(ReapArrow, s.Lane, child, fmt.Sprintf("0x%04x", e.Status))
		l := &b.lives[child]
		l.dead, l.reaped = true, true
	default:
		b.say("%s learns that %s %s", self, who, how(e.Status))
	}
	if e.NullStatus {
		b.prove("the status pointer was NULL")
	}
}

// errnoText says what an errno of a wait or kill means.
var errnoText = map[string]string{
	"ECHILD": locale.Key("it has no such child"),
	"EINTR":  locale.Key("it caught a signal first"),
	"ESRCH":  locale.Key("no such process"),
	"EPERM":  locale.Key("not permitted"),
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
		who = locale.T("itself")
	case known:
		who = b.name(to)
	case e.Call == "pidfd_send_signal" && e.Target == 0:
		who = "pidfd " + strconv.Itoa(e.Fd) // its process is not known
	case !e.AsksGroup():
		who = b.processOf(e.Target)
	case e.Target == 0:
		who = locale.T("its own group")
	case e.Target == -1:
		who = locale.T("every process that it may signal")
	default:
		who = locale.Sprintf("group %d", -e.Target)
		if lane, ok := b.byPid[-e.Target]; ok && failed != "ESRCH" {
			who = locale.Sprintf("the group of %s", b.name(lane))
		}
	}
	b.say("%s sends %s to %s", self, name, who)
	if failed != "" {
		b.say("%s sends %s to %s: %s", self, name, who, failed)
		if text := errnoText[failed]; text != "" {
			b.prove("%s", locale.T(text))
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
	old := locale.T("its parent")
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
	if e.Inferred {
		b.prove("%s", locale.T(trace.NotSeen))
	}
	if l := b.m.Lanes[to]; l.Outside && l.Program == trace.OwnAdopter {
		b.prove("lab is the name of the process of ch8 that starts programs")
	}
	b.arrow(AdoptArrow, from, to, locale.T("adoption"))
	if l.dead && l.parent < 0 && !l.reaped {
		l.reaped = true
		b.prove("it was a zombie; its new parent reaps it")
	}
}

func (b *builder) write(i, last int, self, failed string) {
	s := b.step
	e := &b.rec.Events[i]
	to := b.target(e)
	if failed != "" {
		b.say("%s cannot write to %s: %s", self, to, failed)
		return
	}
	data, writes, written := e.Data, 1, e.Result
	for k := i + 1; k <= last; k++ {
		if f := &b.rec.Events[k]; shortWrite(f) {
			data = append(data[:len(data):len(data)], f.Data...)
			writes++
			written += f.Result
		}
	}
	b.say("%s writes to %s: %s", self, to, quoteData(data, maxData))
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
		b.prove("same open file description as %s", strings.Join(others, locale.T(" and ")))
	}
	if pos := b.rec.Events[last].FilePos; pos > 0 {
		if f.pos >= 0 && pos == f.pos+written {
			b.prove("offset %d → %d", f.pos, pos)
		} else { // also if another process wrote before the offset was read
			b.prove("offset now %d", pos)
		}
		f.pos = pos
	}
}

// call makes the step of an event that is one system call with no
// picture of its own, and of a kind this package does not know.
func (b *builder) call(e *trace.Event, self, failed string) {
	name := oneLine(e.Path, 40)
	what := oneLine(string(e.Kind), 20)
	switch e.Kind {
	case trace.KindSetsid:
		what = locale.T("starts a session and a process group of its own (setsid)")
		if failed != "" {
			what = locale.T("calls setsid")
		}
	case trace.KindSetpgid:
		who := locale.T("itself")
		if e.Target != 0 {
			who = b.processOf(e.Target)
			if who == self {
				who = locale.T("itself")
			}
		}
		group := locale.T("a group of its own")
		if e.Pgid != 0 && e.Pgid != e.Target {
			group = locale.Sprintf("group %d", e.Pgid)
			if lane, ok := b.byPid[e.Pgid]; ok {
				group = locale.Sprintf("the group of %s", b.name(lane))
			}
		}
		what = locale.Sprintf("puts %s into %s", who, group)
	case trace.KindChdir:
		what = locale.Sprintf("changes directory to %s", name)
	case trace.KindChroot:
		what = locale.Sprintf("changes its root to %s", name)
	case trace.KindUmask:
		what = locale.Sprintf("sets its umask to %03o", e.Mask)
	case trace.KindSubreaper:
		what = locale.T("becomes a child subreaper: it adopts orphans among its descendants")
		if e.Value == 0 {
			what = locale.T("is not a child subreaper any more")
		}
	case trace.KindGetppid:
		what = locale.Sprintf("asks for its parent's pid: %d", e.Result)
	default:
		if on := b.descriptorCall(e, failed); on != "" {
			what = on
		}
	}
	if failed != "" {
		what = locale.Sprintf("%s: %s", what, failed)
	}
	if b.step.Lane < 0 {
		b.say("%s", what)
		return
	}
	b.say("%s %s", self, what)
}

// object is what a new descriptor refers to.
func object(e *trace.Event) string {
	if e.Object == "" {
		return locale.T("a descriptor")
	}
	return oneLine(e.Object, 40)
}

// descriptorCall says what a call on descriptors does, as the verb of a
// sentence; "" for any other call.
func (b *builder) descriptorCall(e *trace.Event, failed string) (what string) {
	num := strconv.Itoa
	switch e.Kind {
	case trace.KindOpen:
		what = locale.Sprintf("opens %s", fileName(e.Path))
		switch {
		case e.Path == "" && failed != "": // of socket, accept, epoll_create, …
			what = locale.Sprintf("calls %s", callOf(e))
		case e.Path == "":
			what = locale.Sprintf("calls %s, and gets %s as %d", callOf(e), object(e), e.Fd)
		case failed == "":
			what = locale.Sprintf("opens %s as %d", fileName(e.Path), e.Fd)
		}
	case trace.KindClose:
		what = locale.Sprintf("closes descriptor %d", e.Fd)
		switch {
		case e.Call != "close_range" || e.NewFd == e.Fd:
		case e.NewFd == math.MaxInt32:
			what = locale.Sprintf("closes descriptors from %d on", e.Fd)
		default:
			what = locale.Sprintf("closes descriptors %d to %d", e.Fd, e.NewFd)
		}
	case trace.KindDup:
		what = locale.Sprintf("duplicates descriptor %d", e.Fd)
		if failed == "" {
			what = locale.Sprintf("duplicates descriptor %d as %d", e.Fd, e.NewFd)
		}
	case trace.KindPipe:
		what = locale.T("calls pipe")
		if failed == "" {
			what = locale.Sprintf("makes a pipe: read %d, write %d", e.Fd, e.NewFd)
		}
	case trace.KindSeek:
		switch {
		case failed != "":
			what = locale.Sprintf("calls lseek on %d", e.Fd)
		case e.Whence == seekCur && e.Offset == 0:
			what = locale.Sprintf("reads the offset of descriptor %d: %d", e.Fd, e.Result)
		default:
			what = locale.Sprintf("moves the offset of descriptor %d to %d", e.Fd, e.Result)
		}
		if f := b.files[e.OFD]; f != nil && e.OFD != 0 {
			f.pos = e.Result
		}
	case trace.KindTruncate:
		file := num(e.Fd)
		if e.Path != "" {
			file = oneLine(e.Path, 40)
		}
		what = locale.Sprintf("truncates %s to %d bytes", file, e.Offset)
	case trace.KindFcntl:
		what = locale.Sprintf("calls fcntl on descriptor %d", e.Fd)
		switch {
		case e.Command == fSETFD && e.Value&1 != 0:
			what = locale.Sprintf("marks descriptor %d to be closed on exec", e.Fd)
		case e.Command == fSETFD:
			what = locale.Sprintf("keeps descriptor %d open over an exec", e.Fd)
		case e.Command == fSETFL:
			what = locale.Sprintf("sets the status flags of descriptor %d to %#x", e.Fd, e.Value)
		}
	}
	return what
}

func count(n int, one, more string) string {
	if n == 1 {
		return locale.T("1 " + one)
	}
	return locale.Sprintf("%d "+more, n)
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
				s.Evidence = append(s.Evidence, locale.T(zombieFor)+Duration(sp.End-sp.Start))
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
	m.Notes = append(m.Notes, Facts(&b.rec.Header, func(k trace.Kind) bool {
		return slices.ContainsFunc(b.rec.Events, func(e trace.Event) bool { return e.Kind == k })
	})...)
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
var zombieFor = locale.Key("zombie for ")
