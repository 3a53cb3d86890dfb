package page

import (
	"path"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// Options say what a page shows beside the recording.
type Options struct {
	Title      string          // instead of the command
	Experiment *lab.Experiment // what was recorded, nil for another program
	// Read returns the text of a source file that the recording names
	// and does not carry. It may be nil.
	Read func(file string) ([]byte, error)
}

// content is what the script of a page gets. Its keys are short,
// because a recording can have thousands of steps. All texts have been
// through [show.Line]: they hold no control characters.
type content struct {
	Title    string            `json:"title"`
	Command  string            `json:"command"`
	Ref      string            `json:"ref,omitempty"`
	System   string            `json:"system"`
	Stdout   string            `json:"stdout"` // what the program's standard output is
	Notes    []string          `json:"notes"`
	States   []string          `json:"states"`          // names, by number
	Words    map[string]string `json:"words,omitempty"` // the texts of the script in the reader's language, by the English ones
	Untimed  bool              `json:"untimed,omitempty"`
	NoSource string            `json:"nosource,omitempty"` // why no text is shown

	Lanes       []lane        `json:"lanes"`
	Steps       []step        `json:"steps"`
	Folds       []fold        `json:"folds"`
	Files       []sourceFile  `json:"files"`
	Opens       int           `json:"opens"` // index of the file that is shown before the first step, -1 for that of the first step
	Output      []piece       `json:"output"`
	Objects     []object      `json:"objects"` // files, pipes, terminals
	Questions   []question    `json:"questions"`
	Descriptors bool          `json:"descriptors,omitempty"` // they matter here
	First       []descriptors `json:"first"`                 // the state before the first step
}

// lane is a process.
type lane struct {
	Name    string `json:"n"`           // birth path
	Title   string `json:"t"`           // role
	Program string `json:"c,omitempty"` // the program that it executed
	Pid     int    `json:"p,omitempty"`
	Parent  int    `json:"u"`
	Born    int    `json:"b"`
	Outside bool   `json:"x,omitempty"`
}

// step is one row: the lanes before its event and after it.
type step struct {
	Text     string         `json:"t"`
	Evidence string         `json:"e,omitempty"`
	Time     string         `json:"w,omitempty"`
	Lane     int            `json:"l"`           // -1: of no process
	Exec     bool           `json:"x,omitempty"` // the process runs another program from here on
	File     int            `json:"f,omitempty"` // index of Files plus 1
	Line     int            `json:"n,omitempty"`
	States   []int          `json:"s,omitempty"` // lane, state, lane, state …
	Doing    map[int]string `json:"y,omitempty"` // by lane, what a state that waits is about
	Arrows   []arrow        `json:"a,omitempty"`
	Moment   string         `json:"m,omitempty"`
	Ref      string         `json:"r,omitempty"`
	Table    []descriptors  `json:"d,omitempty"` // changes
	Touched  []int          `json:"o,omitempty"` // the open file description of the call, the descriptor
}

// arrow joins two lanes; Kind is timeline's.
type arrow struct {
	Kind int `json:"k"`
	From int `json:"f"`
	To   int `json:"t"`
}

// piece is a part of the output.
type piece struct {
	Step   int    `json:"s"` // index; its process wrote it
	Text   string `json:"t"`
	Stderr bool   `json:"e,omitempty"`
}

// question is asked before the step with index Step is shown.
type question struct {
	Ask     string   `json:"q"`
	Answers []string `json:"a"`
	Right   int      `json:"r"`
	Why     string   `json:"w"`
	Step    int      `json:"s"` // -1: no single step answers it
}

// newContent gathers what a page shows.
func newContent(rec *trace.Recording, o Options) *content {
	rec = rec.InOrder()
	roles := map[string]string{}
	var seen *lab.Observation
	if o.Experiment != nil {
		seen = o.Experiment.Observe(rec)
		for _, part := range seen.Cast() {
			roles[part.Name] = part.Role
		}
	}
	m := timeline.New(rec, roles)
	c := &content{
		Title: m.Command, Command: m.Command, System: m.System, Notes: m.Notes, Untimed: m.Untimed,
		Folds: []fold{}, Files: []sourceFile{}, Output: []piece{}, Questions: []question{},
	}
	if x := o.Experiment; x != nil {
		c.Title, c.Ref = x.ID()+": "+locale.T(x.Title), locale.Ref(x.Ref)
	}
	if o.Title != "" {
		c.Title, c.Command = show.Line(o.Title), ""
	}
	for s := timeline.Unborn; s <= timeline.Gone; s++ {
		c.States = append(c.States, s.String())
	}
	for i := range m.Lanes {
		l := &m.Lanes[i]
		c.Lanes = append(c.Lanes, lane{l.Name, l.Title, l.Program, l.PID(), l.Parent, l.Born, l.Outside})
	}
	c.steps(rec, m)
	c.sources(rec, m, o.Read)
	c.follow(rec, m)
	if seen != nil {
		c.moments(o.Experiment, seen, m)
	}
	c.fold(rec, m)
	c.opens(o.Experiment)
	return c
}

// opens chooses the file that is shown before the first step: that of the
// experiment. The first step may be in a file that many of them use.
func (c *content) opens(x *lab.Experiment) {
	c.Opens = slices.IndexFunc(c.Files, func(f sourceFile) bool {
		return x != nil && strings.TrimSuffix(f.Name, path.Ext(f.Name)) == x.Name
	})
}

// steps copies the rows of the model.
func (c *content) steps(rec *trace.Recording, m *timeline.Model) {
	c.Steps = make([]step, len(m.Steps))
	for i := range m.Steps {
		s := &m.Steps[i]
		to := &c.Steps[i]
		to.Text, to.Evidence, to.Lane = s.Text, strings.Join(s.Evidence, locale.T("; ")), s.Lane
		if !m.Untimed {
			to.Time = timeline.Duration(s.Time)
		}
		e := &rec.Events[s.Event]
		to.Exec = e.Kind == trace.KindExec && e.Errno == ""
		for _, a := range s.Arrows {
			to.Arrows = append(to.Arrows, arrow{int(a.Kind), a.From, a.To})
		}
	}
	for i := range m.Lanes {
		for _, span := range m.Lanes[i].Spans {
			s := &c.Steps[span.From]
			s.States = append(s.States, i, int(span.State))
			if span.Doing != "" {
				if s.Doing == nil {
					s.Doing = map[int]string{}
				}
				s.Doing[i] = span.Doing
			}
		}
	}
}

// moments puts the experiment's moments and questions beside the steps
// that show their events.
func (c *content) moments(x *lab.Experiment, seen *lab.Observation, m *timeline.Model) {
	at := func(event int) int {
		for i := range m.Steps {
			if s := &m.Steps[i]; !s.Enter && s.Event <= event && event <= s.Last {
				return i
			}
		}
		return -1
	}
	for _, f := range x.MomentsIn(seen) {
		if i := at(f.Index); i >= 0 {
			c.Steps[i].Moment, c.Steps[i].Ref = strings.TrimSpace(c.Steps[i].Moment+" "+locale.T(f.Says)), locale.Ref(f.Ref)
		}
	}
	index := map[*trace.Event]int{}
	for i := range seen.Recording.Events {
		index[&seen.Recording.Events[i]] = i
	}
	for _, q := range x.QuestionsIn(seen) {
		asked := question{Ask: locale.T(q.Ask), Right: -1, Why: locale.T(q.Why), Step: -1}
		for i, a := range q.Answers {
			asked.Answers = append(asked.Answers, locale.T(a))
			if a == q.Answer {
				asked.Right = i
			}
		}
		if e, ok := index[q.At]; ok && q.At != nil {
			asked.Step = at(e)
		}
		if asked.Right >= 0 {
			c.Questions = append(c.Questions, asked)
		}
	}
}

// baseName is the last part of a path.
func baseName(file string) string { return path.Base(strings.ReplaceAll(file, `\`, "/")) }
