package timeline

import (
	"slices"
	"sort"

	"apue/internal/locale"
	"apue/internal/trace"
)

// A State is what a process is doing between two events.
type State uint8

// The states of a process, as far as the recording tells them.
const (
	Unborn    State = iota
	Running         // running or runnable
	Sleeping        // inside nanosleep
	Blocked         // inside a call that waits for something: read, poll, pause
	Waiting         // inside wait4 or waitid
	Suspended       // the parent of a vfork, until its child executes a program or ends
	Stopped         // by a stop signal
	Zombie          // ended, and not yet reaped
	Gone            // ended, and reaped
)

var stateNames = [...]string{
	Unborn:    locale.Key("not yet born"),
	Running:   locale.Key("running"),
	Sleeping:  locale.Key("sleeping"),
	Blocked:   locale.Key("blocked"),
	Waiting:   locale.Key("in wait"),
	Suspended: locale.Key("suspended by vfork"),
	Stopped:   locale.Key("stopped"),
	Zombie:    locale.Key("zombie"),
	Gone:      locale.Key("gone"),
}

// String returns the state in words.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return locale.T(stateNames[s])
	}
	return "?"
}

// A Span is a stretch of a lane in one state. It begins at the
// step with index From and ends at the step with index To; the
// change happens at the row of that step. To is -1 for a state
// that lasts to the end of the picture. Start and End are ns
// since the start of the recording.
type Span struct {
	State      State
	Doing      string // of a state that waits: "in read of pipe 1", "2 s"
	From, To   int
	Start, End int64
}

// A Lane is one process.
type Lane struct {
	Name    string // the birth path: P0, P0.1; "outside" for what is not recorded
	Title   string // its role ("first child"), or its program ("wc")
	Program string // the program that it executed last, "" for the one that was recorded
	Pid     int    // as the recorder sees it; 0 if not known
	NSpid   int    // as the program sees it
	Parent  int    // index of the lane that made it, -1 for none
	Outside bool   // not part of the recording
	Born    int    // index of the step that made it
	Spans   []Span
}

// At returns the state of the lane just after the step with
// index i.
func (l *Lane) At(i int) State {
	if l.Outside {
		return Running
	}
	k := sort.Search(len(l.Spans), func(k int) bool { return l.Spans[k].From > i })
	if k == 0 {
		return Unborn
	}
	return l.Spans[k-1].State
}

// ArrowKind says what an arrow stands for.
type ArrowKind uint8

// The kinds of arrow, each from the process that acts to the
// process that it happens to.
const (
	ForkArrow   ArrowKind = iota // parent to child
	AdoptArrow                   // old parent to new parent
	SignalArrow                  // sender to receiver
	ReapArrow                    // reaper to reaped
)

// String returns the kind in one word.
func (k ArrowKind) String() string {
	switch k {
	case ForkArrow:
		return locale.T("fork")
	case AdoptArrow:
		return locale.T("adoption")
	case SignalArrow:
		return locale.T("signal")
	}
	return locale.T("reap")
}

// PID returns the pid that the program prints: the one in its own
// pid namespace, where that is known.
func (l *Lane) PID() int {
	if l.NSpid != 0 {
		return l.NSpid
	}
	return l.Pid
}

// An Arrow joins two lanes in the row of a step.
type Arrow struct {
	Kind     ArrowKind
	From, To int    // indices of lanes
	Label    string // fork, SIGTERM, 0x0700
}

// A Mark is what a step is drawn as on its own lane. It is a
// letter, so that it reads the same in every form of the picture.
type Mark byte

// The marks.
const (
	DotMark      Mark = '*' // any other call
	ExecMark     Mark = 'E'
	ExitMark     Mark = 'X'
	WaitMark     Mark = 'W' // a wait that begins, or that returns and reaps nothing
	ReapMark     Mark = 'R'
	KillMark     Mark = 'K'
	SignalMark   Mark = 'S'
	StopMark     Mark = 'T'
	ContinueMark Mark = 'C'
	AdoptMark    Mark = 'A'
	ForkMark     Mark = 'F'
	ResumeMark   Mark = 'V'
)

var markNames = []struct {
	mark Mark
	name string
}{
	{ForkMark, locale.Key("fork")},
	{ExecMark, locale.Key("exec")},
	{ExitMark, locale.Key("end")},
	{WaitMark, locale.Key("wait")},
	{ReapMark, locale.Key("reap")},
	{AdoptMark, locale.Key("adopted")},
	{KillMark, locale.Key("sends a signal")},
	{SignalMark, locale.Key("gets a signal")},
	{StopMark, locale.Key("stop")},
	{ContinueMark, locale.Key("continue")},
	{ResumeMark, locale.Key("runs again")},
	{DotMark, locale.Key("other call")},
}

// A Step is one row of the picture.
type Step struct {
	N     int   // counted from 1
	Time  int64 // ns since the start of the recording
	Lane  int   // index of the lane, -1 for the end of the run
	Mark  Mark
	Child int // for a fork the index of the new lane, otherwise -1
	Reaps int // for a reap the index of the reaped lane, otherwise -1

	// Event is the index in the recording of the first event that
	// this step shows, Last that of the last one: a row of
	// one-byte writes is one step. A wait that was entered and
	// blocked is a step of its own, and so is another call that
	// blocked; its Event is that of the call's return and Enter is set.
	Event, Last int
	Enter       bool

	Text     string   // one sentence
	Evidence []string // what proves it, or what it shows
	Arrows   []Arrow

	// Source is where the call was made, "file.go:41", and Code
	// the text of that line once [Model.ReadSource] was called.
	// Both are empty where the program has no debug information.
	Source string
	Code   string

	// File and Line are the same place as the recording names it.
	File string
	Line int

	// Folds is how many steps this row stands for, 0 for a step that
	// stands for itself.
	Folds int

	returned bool // its call blocked, and has a step for that
}

// A Model is a picture before it is drawn.
type Model struct {
	Command string // what was run, quoted for reading
	System  string // kernel and architecture
	Lanes   []Lane
	Steps   []Step

	// Notes are sentences that belong on every picture: that the
	// run was traced and what that changes, and what could not be
	// recorded.
	Notes []string

	// Untimed says that the times of the recording are only a
	// count, as in its canonical form: nothing measured is drawn.
	Untimed bool

	// Whole is how many steps there are in all; more than
	// len(Steps) for a picture cut short by [Model.Step].
	Whole int

	// What has to be the same in every picture of a walkthrough,
	// so that nothing moves from one step to the next.
	all         []Lane // the lanes with all their spans
	start, end  int64  // time of the first and last step
	last        int    // of a picture with folds: the number of the last step
	sourceWidth int    // columns of the widest source
	clockWidth  int    // columns of the widest time
}

// New makes the model of a recording, of the events that
// [Interesting] lets through. roles says what processes are in the
// program ("first child"), by birth path; a process without a role is
// named after its program or its place in the family.
func New(rec *trace.Recording, roles map[string]string) *Model {
	return NewOf(rec, roles, Interesting(rec))
}

// NewOf makes the model of a recording with the events that keep
// lets through.
func NewOf(rec *trace.Recording, roles map[string]string, keep func(*trace.Event) bool) *Model {
	return build(rec, roles, keep)
}

// Step returns the picture as it is after the first n steps: the
// model that a walkthrough shows at step n. The receiver does not
// change. n is taken as the nearest that exists.
func (m *Model) Step(n int) *Model {
	n = max(0, min(n, len(m.Steps)))
	cut := *m
	cut.Steps = m.Steps[:n:n]
	cut.all = m.wholeLanes()
	cut.Lanes = slices.Clone(m.Lanes)
	for i := range cut.Lanes {
		l := &cut.Lanes[i]
		spans := slices.Clone(l.Spans)
		spans = slices.DeleteFunc(spans, func(s Span) bool { return s.From >= n })
		if k := len(spans) - 1; k >= 0 && spans[k].To >= n {
			spans[k].To = -1
			spans[k].End = m.timeAt(n - 1)
		}
		l.Spans = spans
	}
	return &cut
}

// ReadSource looks up the text of every step's source line. read
// returns the content of a file as it is named in the recording;
// a file that it cannot give is left out.
func (m *Model) ReadSource(read func(file string) ([]byte, error)) {
	files := map[string][]string{}
	for i := range m.Steps {
		s := &m.Steps[i]
		if s.File == "" {
			continue
		}
		lines, ok := files[s.File]
		if !ok {
			if b, err := read(s.File); err == nil {
				lines = splitLines(b)
			}
			files[s.File] = lines
		}
		if s.Line >= 1 && s.Line <= len(lines) {
			s.Code = oneLine(trimCode(lines[s.Line-1]), 160)
		}
	}
}

// wholeLanes returns the lanes as they are at the end, also of a
// picture cut short.
func (m *Model) wholeLanes() []Lane {
	if m.all != nil {
		return m.all
	}
	return m.Lanes
}

// timeAt returns the time of the step with index i.
func (m *Model) timeAt(i int) int64 {
	if i < 0 || i >= len(m.Steps) {
		return 0
	}
	return m.Steps[i].Time
}

// marksUsed returns the marks that the picture contains, in the
// order of markNames; that of a fork only where one is drawn.
func (m *Model) marksUsed(lay *layout) []Mark {
	var seen [256]bool
	for i := range m.Steps {
		s := &m.Steps[i]
		seen[s.Mark] = seen[s.Mark] || s.Mark != ForkMark || lay.marked(s)
	}
	var used []Mark
	for _, mn := range markNames {
		if seen[mn.mark] {
			used = append(used, mn.mark)
		}
	}
	return used
}

// statesUsed returns the states that the picture contains.
func (m *Model) statesUsed() []State {
	var used []State
	for i := range m.Lanes {
		for _, s := range m.Lanes[i].Spans {
			if s.State != Unborn && s.State != Gone {
				used = append(used, s.State)
			}
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

func markName(m Mark) string {
	for _, mn := range markNames {
		if mn.mark == m {
			return locale.T(mn.name)
		}
	}
	return "?"
}
