package page

import (
	"fmt"
	"slices"

	"apue/internal/locale"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// fold is a run of steps that one row stands for until it is opened.
type fold struct {
	First int    `json:"f"` // index of the first step
	Last  int    `json:"l"`
	Text  string `json:"t"`
}

// fold finds the steps that carry nothing for the reader: a search in
// PATH, what a program does before its own code, the repetitions of a
// loop.
func (c *content) fold(rec *trace.Recording, m *timeline.Model) {
	all := classes(rec, m)
	for i := 0; i < len(m.Steps); {
		if n := pathSearch(rec, m, i); n > 1 {
			c.Folds = append(c.Folds, fold{i, i + n - 1, locale.Sprintf("%s, in %d folders of PATH without success", m.Steps[i].Text, n)})
			i += n
		} else if n := startUp(rec, m, i); n > 2 {
			c.Folds = append(c.Folds, fold{i, i + n - 1, locale.Sprintf("%d calls before the program's own code", n)})
			i += n
		} else if period, times := repetition(all, i); times > 0 {
			c.Folds = append(c.Folds, fold{i, i + period*times - 1, repeated(m, i, period, times)})
			i += period * times
		} else {
			i++
		}
	}
}

// pathSearch counts the failed execs of one process from step i on that
// a successful one follows.
func pathSearch(rec *trace.Recording, m *timeline.Model, i int) int {
	n := 0
	for i+n < len(m.Steps) && m.Steps[i+n].Lane == m.Steps[i].Lane {
		e := &rec.Events[m.Steps[i+n].Event]
		if e.Kind != trace.KindExec || e.Errno == "" {
			break
		}
		n++
	}
	return n
}

// startUp counts the calls on descriptors from step i on that a
// program's loader or runtime makes: those with no line of the
// program's text, right after an exec.
func startUp(rec *trace.Recording, m *timeline.Model, i int) int {
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

// repeated is the row of a repetition.
func repeated(m *timeline.Model, i, period, times int) string {
	if period == 1 {
		return locale.Sprintf("%d times: %s", times, m.Steps[i].Text)
	}
	return locale.Sprintf("%d times the same %d steps: %s, and so on", times, period, m.Steps[i].Text)
}

// A class is what two steps have in common that are repetitions of each
// other: the same call on the same line by the same process, or by
// processes that were born on the same line.
type class struct {
	kind        trace.Kind
	call        string
	errno       string
	enter       bool
	file        string
	line        int
	process     string
	arrows      int
	nonblocking bool // a wait that found nothing
}

// classes numbers the classes of all steps.
func classes(rec *trace.Recording, m *timeline.Model) []int {
	numbers := map[class]int{}
	all := make([]int, len(m.Steps))
	for i := range m.Steps {
		s := &m.Steps[i]
		e := &rec.Events[s.Event]
		k := class{e.Kind, e.Call, e.Errno, s.Enter, s.File, s.Line, lineage(m, s.Lane), len(s.Arrows), e.NoneYet()}
		if _, ok := numbers[k]; !ok {
			numbers[k] = len(numbers)
		}
		all[i] = numbers[k]
	}
	return all
}

// lineage is the birth path of a process that is alone, and otherwise
// the line on which it was born.
func lineage(m *timeline.Model, lane int) string {
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
