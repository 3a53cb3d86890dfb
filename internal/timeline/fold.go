package timeline

import (
	"fmt"
	"path"
	"slices"

	"apue/internal/locale"
	"apue/internal/trace"
)

// A Fold is a run of steps that carry nothing new for a reader, so that
// one row can stand for them.
type Fold struct {
	First, Last int    // indices of its steps
	Turn        int    // of a loop: how many steps its first turn has; otherwise 0
	Text        string // of the row

	long bool // a turn of a loop, see longTurns
}

// Folds returns the folds of a picture, in order: a search in PATH, a run
// of a compiler, what a program does before its own code, the repetitions
// of a loop. Of one with a kept step, by index, its other steps are
// folded, without the first turn of a loop.
func (m *Model) Folds(rec *trace.Recording, kept func(step int) bool) (folds []Fold) {
	for _, f := range m.folds(rec) {
		split := false
		for i := f.First; i <= f.Last; i++ {
			split = split || kept(i)
		}
		if split {
			folds = append(folds, parts(m, rec, f, kept)...)
		} else {
			folds = append(folds, f)
		}
	}
	return folds
}

func (m *Model) folds(rec *trace.Recording) (folds []Fold) {
	all, at := classes(rec, m)
	next := 0 // in all and at
	long := m.longTurns()
	for i := 0; i < len(m.Steps); {
		if n := pathSearch(rec, m, i); n > 1 {
			folds = append(folds, Fold{First: i, Last: i + n - 1, Text: searched(&rec.Events[m.Steps[i].Event], n)})
			i += n
		} else if n := compilation(m, i); n > 0 {
			folds = append(folds, Fold{First: i, Last: i + n - 1, Text: locale.Sprintf("the compiler %s builds a program", m.Lanes[m.Steps[i].Child].Program)})
			i += n
		} else if n := startUp(rec, m, i); n > 2 {
			folds = append(folds, Fold{First: i, Last: i + n - 1, Text: locale.Sprintf("%d calls before the program's own code", n)})
			i += n
		} else if period, times := turns(m, all, at, &next, i); times > 0 {
			last := at[next+period*times-1]
			folds = append(folds, Fold{First: i, Last: last, Turn: at[next+period-1] - i + 1, Text: repeated(m, i, last, period, times)})
			i = last + 1
		} else if last := long[i]; last > 0 {
			folds = append(folds, Fold{First: i, Last: last, Text: m.longTurn(rec, i, last), long: true})
			i = last + 1
		} else {
			i++
		}
	}
	return folds
}

// Folded returns the picture with one row for each fold. Of a loop the
// first turn stays. A step that shows one of the kept events, by index,
// is not folded. The receiver does not change.
func (m *Model) Folded(rec *trace.Recording, kept []int) *Model {
	isKept := func(i int) bool {
		s := &m.Steps[i]
		return !s.Enter && slices.ContainsFunc(kept, func(e int) bool { return s.Event <= e && e <= s.Last })
	}
	var folds []Fold
	for _, f := range m.folds(rec) {
		folds = append(folds, parts(m, rec, f, isKept)...)
	}
	if len(folds) == 0 {
		return m
	}
	return m.withFolds(folds)
}

// fewestFolded is how many steps are worth a row that stands for them.
const fewestFolded = 3

// parts are what is folded of f: not the first turn of a loop, and no
// step that is kept.
func parts(m *Model, rec *trace.Recording, f Fold, isKept func(int) bool) (folds []Fold) {
	from := f.First + f.Turn
	for i := from; i <= f.Last+1; i++ {
		if i <= f.Last && !isKept(i) {
			continue
		}
		if i-from >= fewestFolded {
			text := f.Text
			switch {
			case f.Turn > 0:
				text = again(m, from, i-from, f.Turn)
			case f.long:
				text = m.longTurn(rec, from, i-1)
			}
			folds = append(folds, Fold{First: from, Last: i - 1, Text: text})
		}
		from = i + 1
	}
	return folds
}

// again is the row of further turns of a loop.
func again(m *Model, from, n, turn int) string {
	if turn == 1 && m.oneText(from, from+n-1) {
		return locale.Sprintf("%d times more: %s", n, m.Steps[from].Text)
	}
	return locale.Sprintf("%d more steps of the loop: %s, and so on", n, m.Steps[from].Text)
}

// withFolds makes one row of each fold. A process that was born and is
// gone within one has no lane.
func (m *Model) withFolds(folds []Fold) *Model {
	f := *m
	f.all, f.Steps, f.Lanes = nil, nil, nil
	f.last = m.Steps[len(m.Steps)-1].N
	row := make([]int, len(m.Steps))    // of each step
	within := make([]int, len(m.Steps)) // the last step of its fold, -1 for none
	next := 0
	for i := range m.Steps {
		within[i] = -1
		for next < len(folds) && folds[next].Last < i {
			next++
		}
		if next < len(folds) && folds[next].First <= i {
			within[i] = folds[next].Last
			if row[i] = len(f.Steps); i == folds[next].Last {
				f.Steps = append(f.Steps, m.foldStep(folds[next]))
			}
			continue
		}
		row[i] = len(f.Steps)
		f.Steps = append(f.Steps, m.Steps[i])
	}
	lane := make([]int, len(m.Lanes)) // its new index, -1 for one that has none
	for i := range m.Lanes {
		l := &m.Lanes[i]
		lane[i] = -1
		if l.Born >= 0 && l.Born < len(m.Steps) && within[l.Born] >= 0 && !l.Outside && l.At(within[l.Born]) == Gone {
			continue
		}
		lane[i] = len(f.Lanes)
		f.Lanes = append(f.Lanes, l.inRows(row))
	}
	at := func(i int) int {
		if i < 0 || i >= len(lane) {
			return -1
		}
		return lane[i]
	}
	for i := range f.Lanes {
		f.Lanes[i].Parent = at(f.Lanes[i].Parent)
	}
	for i := range f.Steps {
		s := &f.Steps[i]
		s.Lane, s.Child, s.Reaps = at(s.Lane), at(s.Child), at(s.Reaps)
		var arrows []Arrow
		for _, a := range s.Arrows {
			if a.From, a.To = at(a.From), at(a.To); a.From >= 0 && a.To >= 0 {
				arrows = append(arrows, a)
			}
		}
		s.Arrows = arrows
	}
	f.Whole = len(f.Steps)
	return &f
}

// inRows is the lane with rows instead of steps.
func (l *Lane) inRows(row []int) Lane {
	in := *l
	if l.Born >= 0 && l.Born < len(row) {
		in.Born = row[l.Born]
	}
	in.Spans = nil
	for _, s := range l.Spans {
		s.From = row[s.From]
		if s.To >= 0 {
			s.To = row[s.To]
		}
		if s.From != s.To { // what begins and ends in a fold is not seen
			in.Spans = append(in.Spans, s)
		}
	}
	return in
}

// foldStep is the row of a fold. It has the number of its last step.
func (m *Model) foldStep(f Fold) Step {
	first, last := m.Steps[f.First], m.Steps[f.Last]
	return Step{
		N: last.N, Time: last.Time, Lane: -1, Mark: DotMark, Child: -1, Reaps: -1,
		Event: first.Event, Last: last.Last,
		Text: locale.Sprintf("Steps %d to %d: %s", first.N, last.N, f.Text), Folds: f.Last - f.First + 1,
	}
}

// pathSearch counts the execs of one process from step i on that fail
// with the same error, because a folder of PATH does not have the program.
func pathSearch(rec *trace.Recording, m *Model, i int) int {
	first := &rec.Events[m.Steps[i].Event]
	n := 0
	for i+n < len(m.Steps) && m.Steps[i+n].Lane == m.Steps[i].Lane {
		e := &rec.Events[m.Steps[i+n].Event]
		if e.Kind != trace.KindExec || e.Errno == "" || e.Errno != first.Errno || path.Base(e.Path) != path.Base(first.Path) {
			break
		}
		n++
	}
	return n
}

// searched is the row of a search in PATH.
func searched(e *trace.Event, folders int) string {
	return locale.Sprintf("%d folders of PATH do not have %s: %s", folders, oneLine(path.Base(e.Path), maxName), oneLine(e.Errno, 20))
}

// compilation counts the steps from the birth of a compiler to its reap,
// if nothing else happens between.
func compilation(m *Model, i int) int {
	cc := m.Steps[i].Child
	if cc < 0 {
		return 0
	}
	switch m.Lanes[cc].Program {
	case "cc", "gcc", "clang":
	default:
		return 0
	}
	for k := i; k < len(m.Steps); k++ {
		s := &m.Steps[k]
		if s.Reaps == cc {
			return k - i + 1
		}
		lane := s.Lane
		for lane >= 0 && lane != cc {
			lane = m.Lanes[lane].Parent
		}
		if lane != cc && s.Lane != m.Steps[i].Lane {
			return 0
		}
	}
	return 0
}

// startUp counts the calls on descriptors from step i on that a
// program's loader or runtime makes: those with no line of the
// program's text, right after an exec.
func startUp(rec *trace.Recording, m *Model, i int) int {
	if i == 0 || rec.Events[m.Steps[i-1].Event].Kind != trace.KindExec {
		return 0
	}
	n := 0
	for i+n < len(m.Steps) && m.Steps[i+n].Lane == m.Steps[i-1].Lane && m.Steps[i+n].Line == 0 {
		switch rec.Events[m.Steps[i+n].Event].Kind {
		case trace.KindOpen, trace.KindClose, trace.KindSeek, trace.KindFcntl:
			n++
			continue
		}
		break
	}
	return n
}

const (
	longestPeriod = 12 // steps of a loop's body
	fewestTimes   = 5
	fewestSteps   = 10
)

// repetition finds the longest run from step i on in which the same
// classes of steps come again and again, and returns how many steps
// and how often.
func repetition(classes []int, i int) (period, times int) {
	same := func(i, j, n int) bool { return slices.Equal(classes[i:i+n], classes[j:j+n]) }
	for p := 1; p <= longestPeriod && i+2*p <= len(classes); p++ {
		n := 1
		for i+(n+1)*p <= len(classes) && same(i, i+n*p, p) {
			n++
		}
		if n >= fewestTimes && n*p >= fewestSteps && n*p > period*times {
			period, times = p, n
		}
	}
	return period, times
}

// repeated is the row of a repetition. One sentence stands for all steps
// only where it says the same of each: not for the forks of different
// children.
func repeated(m *Model, i, last, period, times int) string {
	switch {
	case period > 1:
	case m.oneText(i, last):
		return locale.Sprintf("%d times: %s", times, m.Steps[i].Text)
	default:
		return locale.Sprintf("%d times the same step: %s, and so on", times, m.Steps[i].Text)
	}
	return locale.Sprintf("%d times the same %d steps: %s, and so on", times, period, m.Steps[i].Text)
}

// oneText says whether steps have the same sentence.
func (m *Model) oneText(first, last int) bool {
	for i := first; i <= last; i++ {
		if m.Steps[i].Text != m.Steps[first].Text {
			return false
		}
	}
	return true
}

// longTurns finds the loops that fork a child on one line, let it do
// something long, and end when it is gone: of each turn but the first one
// the last step, by its first one. No two children need do the same.
func (m *Model) longTurns() map[int]int {
	type place struct {
		lane int
		file string
		line int
	}
	forks := map[place][]int{} // steps
	for i := range m.Steps {
		if s := &m.Steps[i]; s.Child >= 0 && s.Line > 0 {
			k := place{s.Lane, s.File, s.Line}
			forks[k] = append(forks[k], i)
		}
	}
	long := map[int]int{}
	for _, at := range forks {
		for k := 1; k < len(at) && len(at) >= fewestTimes; k++ {
			last, end := m.gone(at[k]), len(m.Steps)
			if k+1 < len(at) {
				end = at[k+1]
			}
			for last > 0 && last+1 < end && m.sameLine(last+1, at[k-1], at[k]) {
				last++ // what the parent does after each turn
			}
			if last-at[k] >= longestPeriod && m.alone(at[k], last) {
				long[at[k]] = last
			}
		}
	}
	return long
}

// sameLine reports whether step i is made by the same process on the same
// line as one of the steps from first to before end.
func (m *Model) sameLine(i, first, end int) bool {
	return slices.ContainsFunc(m.Steps[first:end], func(s Step) bool {
		return s.Lane == m.Steps[i].Lane && s.File == m.Steps[i].File && s.Line == m.Steps[i].Line
	})
}

// gone is the step in which the child that step i forks is reaped by its
// parent, 0 if none is.
func (m *Model) gone(i int) int {
	for k := i + 1; k < len(m.Steps); k++ {
		if m.Steps[k].Reaps == m.Steps[i].Child && m.Steps[k].Lane == m.Steps[i].Lane {
			return k
		}
	}
	return 0
}

// alone reports whether in these steps only the parent that forks in the
// first one, the child, and its descendants do something, and none of the
// latter are left.
func (m *Model) alone(first, last int) bool {
	child := m.Steps[first].Child
	descends := func(lane int) bool {
		for lane >= 0 && lane != child {
			lane = m.Lanes[lane].Parent
		}
		return lane == child
	}
	for i := first; i <= last; i++ {
		s := &m.Steps[i]
		if s.Lane != m.Steps[first].Lane && !descends(s.Lane) ||
			s.Child >= 0 && (!descends(s.Child) || m.Lanes[s.Child].At(last) != Gone) {
			return false
		}
	}
	return true
}

// longTurn is the row of a turn of a loop, or of a part of one: what it
// printed, or how it begins.
func (m *Model) longTurn(rec *trace.Recording, first, last int) string {
	text := m.Steps[first].Text
	for i := first; i <= last; i++ {
		if e := &rec.Events[m.Steps[i].Event]; e.Kind == trace.KindWrite && toStdout(rec, e) {
			text = m.Steps[i].Text
		}
	}
	return locale.Sprintf("a turn of the loop. %s", text)
}

// toStdout reports whether the descriptor of an event leads to what the
// program was given as its standard output.
func toStdout(rec *trace.Recording, e *trace.Event) bool {
	return e.OFD != 0 && slices.ContainsFunc(rec.Header.Descriptors, func(d trace.Descriptor) bool {
		return d.Fd == 1 && d.OFD == e.OFD
	})
}

// A class is what two steps have in common that are repetitions of each
// other: the same call on the same line by the same process, or by
// processes that were born on the same line.
type class struct {
	kind        trace.Kind
	call        string
	errno       string
	file        string
	line        int
	process     string
	arrows      int
	nonblocking bool // a wait that found nothing
}

// classes numbers the classes of all steps but those that begin a call:
// whether a call blocks differs from turn to turn. at are the indices of
// these steps.
func classes(rec *trace.Recording, m *Model) (all, at []int) {
	numbers := map[class]int{}
	for i := range m.Steps {
		s := &m.Steps[i]
		if s.Enter {
			continue
		}
		e := &rec.Events[s.Event]
		k := class{e.Kind, e.Call, e.Errno, s.File, s.Line, lineage(m, s.Lane), len(s.Arrows), e.NoneYet()}
		if _, ok := numbers[k]; !ok {
			numbers[k] = len(numbers)
		}
		all, at = append(all, numbers[k]), append(at, i)
	}
	return all, at
}

// turns is the repetition that begins with step i, and moves next to its
// place among the classes. A turn in which a child is born begins with
// that.
func turns(m *Model, classes, at []int, next *int, i int) (period, times int) {
	for *next < len(at) && at[*next] < i {
		*next++
	}
	if *next == len(at) || at[*next] != i {
		return 0, 0
	}
	period, times = repetition(classes, *next)
	for k := 1; k < period; k++ {
		if m.Steps[i].Child < 0 && m.Steps[at[*next+k]].Child >= 0 {
			return 0, 0
		}
	}
	return period, times
}

// lineage is the birth path of a process that is alone, and otherwise
// the line on which it was born.
func lineage(m *Model, lane int) string {
	if lane < 0 {
		return ""
	}
	l := &m.Lanes[lane]
	if l.Parent < 0 || l.Born < 0 || l.Born >= len(m.Steps) {
		return l.Name
	}
	birth := &m.Steps[l.Born]
	return fmt.Sprintf("%s:%d, a child of %s", birth.File, birth.Line, m.Lanes[l.Parent].Name)
}
