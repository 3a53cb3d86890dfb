package lab

import (
	"cmp"
	"slices"
	"strings"

	"apue/internal/record"
	"apue/internal/trace"
)

// A Moment is the event of a recording in which something decisive
// happens: what a teacher would stop at.
type Moment struct {
	Name string // an id within the experiment: "copied"
	Says string // what happens here, and why it matters; roles, no pids
	Ref  string // where the book says so; "" for the experiment's Ref

	// At finds the event by what happened, from a recording alone.
	// It returns nil where the recording has no such event.
	At func(*Observation) *trace.Event
}

// A Question is asked before a recording is shown. The recording
// answers it.
type Question struct {
	Name    string   // an id within the experiment
	Ask     string   // the question, with its question mark
	Answers []string // what may be chosen, no two the same

	// Right is the right answer, one of Answers, from a recording
	// alone; "" where the recording does not decide.
	Right func(*Observation) string

	Why    string // why that is so: one or two sentences
	Moment string // the moment that answers it; "" if no single one does
}

// Found is a moment that a recording has.
type Found struct {
	*Moment
	Event *trace.Event
	Index int // of Event in the recording's events
}

// Theirs returns the experiment as it is for a program that is not ours, if
// that is so. Only the moments and questions of an exercise look for facts
// that any program can show: those of the others are about our program.
func (x *Experiment) Theirs(isSo bool) *Experiment {
	if !isSo || x.Exercise {
		return x
	}
	y := *x
	y.Moments, y.Questions = nil, nil
	return &y
}

// Shown are the options of a recording for people: of a run in which the
// moments are looked for. x may be nil: the program is of no experiment.
func (x *Experiment) Shown() *record.Options {
	o := &record.Options{Files: true}
	if x != nil {
		o.Words = x.MomentWords
	}
	return o
}

// MomentsIn are the moments that the run has, in the order of their
// events.
func (x *Experiment) MomentsIn(o *Observation) []Found {
	if o.Recording == nil {
		return nil
	}
	index := map[*trace.Event]int{}
	for i := range o.Recording.Events {
		index[&o.Recording.Events[i]] = i
	}
	var all []Found
	for i := range x.Moments {
		m := &x.Moments[i]
		e := m.At(o)
		if n, ok := index[e]; ok && e != nil {
			all = append(all, Found{m, e, n})
		}
	}
	slices.SortStableFunc(all, func(a, b Found) int { return cmp.Compare(a.Index, b.Index) })
	return all
}

// Asked is a question that a recording answers.
type Asked struct {
	*Question
	Answer string       // the right one of Answers
	At     *trace.Event // where the recording shows it; nil if no single event does
}

// QuestionsIn are the questions that the run answers.
func (x *Experiment) QuestionsIn(o *Observation) []Asked {
	at := map[string]*trace.Event{}
	for _, f := range x.MomentsIn(o) {
		at[f.Name] = f.Event
	}
	var all []Asked
	for i := range x.Questions {
		q := &x.Questions[i]
		if right := q.Right(o); right != "" {
			all = append(all, Asked{q, right, at[q.Moment]})
		}
	}
	return all
}

// AtLine finds the write with which the first line that has the words in
// it was complete.
func AtLine(words string) func(*Observation) *trace.Event {
	return func(o *Observation) (first *trace.Event) {
		for _, p := range o.Processes() {
			var written strings.Builder
			for _, e := range o.Writes(p) {
				written.Write(Taken(e))
				if strings.Contains(written.String(), words) {
					if first == nil || e.Time < first.Time {
						first = e
					}
					break
				}
			}
		}
		return first
	}
}

// AtBirth finds the birth of the process with this role.
func AtBirth(role string) func(*Observation) *trace.Event {
	return func(o *Observation) *trace.Event { return o.played(role).Birth }
}

// AtEnd finds the end of the process with this role.
func AtEnd(role string) func(*Observation) *trace.Event {
	return func(o *Observation) *trace.Event { return o.played(role).Exit }
}

// AtReap finds the wait that reaped the process with this role.
func AtReap(role string) func(*Observation) *trace.Event {
	return func(o *Observation) *trace.Event { return o.played(role).Reap }
}

// played is the process with this role, or one to which nothing happened.
func (o *Observation) played(role string) *trace.Process {
	if p := o.Cast().Of(role); p != nil {
		return p
	}
	return &trace.Process{}
}

// AtFirst finds the first event of one of the kinds for which is is true.
func AtFirst(is func(*trace.Event) bool, kinds ...trace.Kind) func(*Observation) *trace.Event {
	return func(o *Observation) *trace.Event {
		for _, e := range o.Events(kinds...) {
			if is(e) {
				return e
			}
		}
		return nil
	}
}

// If is the Right of a question whose answer is this one in every run in
// which holds is true; other runs do not decide.
func If(answer string, holds func(*Observation) bool) func(*Observation) string {
	return func(o *Observation) string {
		if holds(o) {
			return answer
		}
		return ""
	}
}

// Says is the Right of a question whose answer is this one in every run
// that printed the words.
func Says(answer, words string) func(*Observation) string {
	return If(answer, func(o *Observation) bool { return AtLine(words)(o) != nil })
}
