package timeline

import "strings"

// Axis says what the distance between two rows means.
type Axis uint8

const (
	// Ordinal gives each event a row: order, and nothing else.
	Ordinal Axis = iota
	// Time adds the time of each event, and room between rows that
	// grows with the time between them.
	Time
)

// A Theme is the surroundings that an SVG picture is drawn for.
type Theme uint8

const (
	System Theme = iota // light or dark as the reader's system is, light on paper
	Light
	Dark
)

// Options say how [Model.Text] and [Model.SVG] draw. The zero value is
// the picture for the classroom.
type Options struct {
	Title   string // instead of the command
	Width   int    // of text in columns, at least 40, 0 for 68; of SVG in pixels, 0 for what it needs
	Axis    Axis
	From    int  // number of the first step that is drawn, 0 for all
	To      int  // number of the last step that is drawn, 0 for all
	NoTimes bool // leave out everything measured, so that two runs can be compared
	Pids    bool // the pids of the processes, as the program sees them
	Source  bool // the source line below each event; text of 110 columns and more has the place beside it anyway

	Theme Theme // of SVG

	// Of text.
	ASCII bool // no character above 0x7e
	Color bool // ANSI colours; the shapes say the same without them
	Rows  int  // only the last so many steps, 0 for all
	Bare  bool // only the rows: no head, notes or legend
}

// apply cuts the model after the last step that is drawn, and leaves
// out times that were not measured.
func (o Options) apply(m *Model) (*Model, Options) {
	if o.To > 0 {
		m = m.Step(o.To)
	}
	o.NoTimes = o.NoTimes || m.Untimed
	return m, o
}

// rules are the styles of a theme.
func (t Theme) rules() string {
	light := rules(func(c color) string { return c.light })
	dark := rules(func(c color) string { return c.dark })
	switch t {
	case Light:
		return light + "\n"
	case Dark:
		return dark + "\n"
	}
	return strings.Join([]string{
		light, "@media (prefers-color-scheme:dark){" + dark + "}", "@media print{" + light + "}", "",
	}, "\n")
}
