package timeline

import (
	"bufio"
	"io"
	"strings"

	"apue/internal/locale"
	"apue/internal/show"
)

// glyphs are the shapes of a terminal picture.
type glyphs struct {
	state   [Gone + 1]string // of a lane in that state
	outside string
	line    [4]string // of an arrow, by its kind
	right   string    // arrow heads
	left    string
	born    [2]string // the new lane of a fork from the left, from the right
	end     [2]string // the lane collected by a reaper on the left, on the right
	split   [2]string // where an arrow leaves to the right, to the left
	more    string
}

var unicodeGlyphs = glyphs{
	state:   [...]string{Unborn: " ", Running: "┃", Sleeping: "╎", Blocked: "│", Waiting: "┊", Suspended: "░", Stopped: "‖", Zombie: "▒", Gone: " "},
	outside: "·",
	line:    [...]string{ForkArrow: "━", AdoptArrow: "┄", SignalArrow: "─", ReapArrow: "═"},
	right:   "▶", left: "◀",
	born:  [...]string{"┓", "┏"},
	end:   [...]string{"╝", "╚"},
	split: [...]string{"┣", "┫"},
	more:  "⋮",
}

var asciiGlyphs = glyphs{
	state:   [...]string{Unborn: " ", Running: "|", Sleeping: "'", Blocked: "!", Waiting: ":", Suspended: "v", Stopped: "=", Zombie: "Z", Gone: " "},
	outside: ".",
	line:    [...]string{ForkArrow: "-", AdoptArrow: ".", SignalArrow: "~", ReapArrow: "="},
	right:   ">", left: "<",
	born:  [...]string{"+", "+"},
	end:   [...]string{"+", "+"},
	split: [...]string{"+", "+"},
	more:  ":",
}

// tone is the role of a colour.
type tone uint8

const (
	plainTone tone = iota
	runTone
	waitTone
	vforkTone
	stopTone
	zombieTone
	markTone
	faintTone
	boldTone
)

var sgr = [...]string{
	plainTone: show.Normal, runTone: show.Green, waitTone: show.Cyan, vforkTone: show.Blue,
	stopTone: show.Brown, zombieTone: show.Red, markTone: show.Bold, faintTone: show.Gray, boldTone: show.Bold,
}

var stateTone = [...]tone{
	Unborn: plainTone, Running: runTone, Sleeping: waitTone, Blocked: waitTone, Waiting: waitTone, Suspended: vforkTone,
	Stopped: stopTone, Zombie: zombieTone, Gone: plainTone,
}

// cell is one column of one line of a picture.
type cell struct {
	s string
	t tone
}

type textWriter struct {
	w     *bufio.Writer
	o     Options
	g     *glyphs
	color bool
}

// cells writes a line, without the blanks at its end.
func (t *textWriter) cells(line []cell) {
	for len(line) > 0 {
		last := line[len(line)-1].s
		if last != "" && last != " " {
			break
		}
		line = line[:len(line)-1]
	}
	now := plainTone
	for _, c := range line {
		if t.color && c.t != now && c.s != " " {
			t.w.WriteString("\x1b[" + sgr[plainTone] + "m")
			if c.t != plainTone {
				t.w.WriteString("\x1b[" + sgr[c.t] + "m")
			}
			now = c.t
		}
		t.w.WriteString(c.s)
	}
	if now != plainTone {
		t.w.WriteString("\x1b[0m")
	}
	t.w.WriteByte('\n')
}

// text makes cells of a string.
func (t *textWriter) text(line []cell, s string, tn tone) []cell {
	if t.o.ASCII {
		s = ascii(s)
	}
	for _, r := range s {
		line = append(line, cell{string(r), tn})
		for range show.Width(string(r)) - 1 {
			line = append(line, cell{"", tn}) // its second column
		}
	}
	return line
}

// paragraph writes s wrapped, later lines indented.
func (t *textWriter) paragraph(s string, indent int, tn tone) {
	if t.o.ASCII {
		s = ascii(s)
	}
	for i, l := range show.Wrap(s, t.o.Width-indent) {
		var line []cell
		if i > 0 {
			line = t.text(line, strings.Repeat(" ", indent), plainTone)
		}
		t.cells(t.text(line, l, tn))
	}
}

// shown is s in the characters that are allowed.
func (t *textWriter) shown(s string) string {
	if t.o.ASCII {
		return ascii(s)
	}
	return s
}

// fit is what is shown of s in n columns.
func (t *textWriter) fit(s string, n int) string {
	if s = t.shown(s); show.Width(s) <= n {
		return s
	}
	s = show.Clip(s, n)
	if t.o.ASCII {
		s = strings.TrimSuffix(s, "…") + "~"
	}
	return s
}

// Text draws the model for a terminal.
func (m *Model) Text(w io.Writer, o Options) error {
	m, o = o.apply(m)
	t := newTextWriter(w, o)
	p := newTextPicture(m, t)
	if !o.Bare {
		t.head(m)
	}
	p.draw()
	if !o.Bare {
		t.foot(m, p)
	}
	return t.w.Flush()
}

func (t *textWriter) head(m *Model) {
	title := m.Command
	if t.o.Title != "" {
		title = show.Line(t.o.Title)
	}
	t.paragraph(title, 4, boldTone)
	if who := m.who(t.o.Pids, 12); who != "" {
		t.paragraph(who, 4, plainTone)
	}
	t.w.WriteByte('\n')
}

// Legend writes what the strokes, arrows and letters of the picture
// stand for.
func (m *Model) Legend(w io.Writer, o Options) error {
	m, o = o.apply(m)
	t := newTextWriter(w, o)
	t.legend(m, newTextPicture(m, t))
	return t.w.Flush()
}

func (t *textWriter) legend(m *Model, p *textPicture) {
	var legend []string
	for _, s := range m.statesUsed() {
		legend = append(legend, t.g.state[s]+" "+s.String())
	}
	for i := range m.Lanes {
		if m.Lanes[i].Outside && m.Lanes[i].Born < len(m.Steps) {
			legend = append(legend, t.g.outside+" "+locale.T("not recorded"))
			break
		}
	}
	t.items(legend)
	legend = nil
	for _, k := range m.arrowsUsed() {
		legend = append(legend, t.g.line[k]+t.g.line[k]+t.g.right+" "+k.String())
	}
	for _, mk := range m.marksUsed(&p.lay) {
		legend = append(legend, t.mark(mk)+" "+markName(mk))
	}
	t.items(legend)
}

func (t *textWriter) foot(m *Model, p *textPicture) {
	t.w.WriteByte('\n')
	t.legend(m, p)
	if p.lay.folded >= 0 {
		t.paragraph(m.foldNote(&p.lay), 2, plainTone)
	}
	if t.o.Axis == Ordinal {
		t.paragraph(locale.T(rowNote), 2, plainTone)
	}
	for _, n := range m.Notes {
		t.paragraph(n, 2, plainTone)
	}
}

// items writes a legend, breaking lines between its items.
func (t *textWriter) items(items []string) {
	line := ""
	for _, it := range items {
		if line != "" && show.Width(line)+3+show.Width(it) > t.o.Width {
			t.cells(t.text(nil, line, plainTone))
			line = ""
		}
		if line != "" {
			line += "   "
		}
		line += it
	}
	if line != "" {
		t.cells(t.text(nil, line, plainTone))
	}
}

func (t *textWriter) mark(mk Mark) string {
	if mk == DotMark && !t.o.ASCII {
		return "•"
	}
	return string(rune(mk))
}

// textPicture is the part between head and foot.
type textPicture struct {
	*textWriter
	m      *Model
	lay    layout
	pitch  int // columns from one lane to the next
	digits int // of the number of a step
	clock  int // columns of the time
	left   int // columns before the lanes
	words  int // columns for the sentence
	source int // columns for the source line, 0 where it is not beside
	first  int // index of the first step that is drawn
}

func newTextPicture(m *Model, t *textWriter) *textPicture {
	p := &textPicture{textWriter: t, m: m}
	p.digits = max(2, len(itoa(max(len(m.Steps), m.Whole, m.last))))
	p.left = p.digits + 2
	if t.o.Axis == Time && !t.o.NoTimes {
		p.clock = m.clockWidth + 1
		p.left += p.clock + 1
	}
	if t.o.Rows > 0 && len(m.Steps) > t.o.Rows {
		p.first = len(m.Steps) - t.o.Rows
	}
	p.first = max(p.first, min(t.o.From, len(m.Steps))-1)

	if m.sourceWidth > 0 && t.o.Width >= 110 {
		p.source = min(m.sourceWidth, 30)
	}
	const (
		fewestWords = 32
		goodWords   = 50
		widest      = 8
	)
	room := t.o.Width - p.left - 2
	if p.source > 0 {
		room -= p.source + 2
	}
	// Lanes first get what is left beside the sentences; the
	// source line gives way to them.
	limit := (room - min(fewestWords, room/2)) / 2
	if p.source > 0 && limit < len(m.Lanes) {
		room += p.source + 2
		p.source = 0
		limit = (room - min(fewestWords, room/2)) / 2
	}
	p.lay = m.arrange(limit)
	p.pitch = max(2, (room-fewestWords)/max(1, p.lay.n))
	// No wider than the names above need, but for few lanes in a
	// wide picture.
	p.pitch = min(p.pitch, max(p.longestTitle()+1, 5, (room-goodWords)/max(1, p.lay.n)), widest)
	p.words = room - p.lay.n*p.pitch + 1
	return p
}

// at is the column of the terminal in which a column of the layout
// is drawn.
func (p *textPicture) at(col int) int { return p.left + col*p.pitch }

// lanes is a line with nothing but the lanes in the given states.
func (p *textPicture) lanes(states []State, upTo int) []cell {
	line := fill(nil, p.at(max(0, p.lay.n-1))+2)
	for c, st := range states {
		line[p.at(c)] = cell{p.g.state[st], stateTone[st]}
	}
	for _, i := range p.lay.outside {
		if p.m.Lanes[i].Born <= upTo {
			line[p.at(p.lay.column[i])] = cell{p.g.outside, faintTone}
		}
	}
	return line
}

func (p *textPicture) draw() {
	if len(p.m.Steps) == 0 {
		p.cells(p.text(nil, locale.T("(nothing yet)"), plainTone))
		return
	}
	if p.lay.n > 0 {
		p.titles()
	}
	sw := newSweep(p.m, &p.lay)
	before := make([]State, p.lay.n)
	for i := range p.m.Steps {
		copy(before, sw.cols)
		after := sw.step(i)
		if i < p.first {
			if i == p.first-1 {
				line := p.text(nil, strings.Repeat(" ", p.digits-1)+p.g.more+"  ", faintTone)
				line = append(line, p.lanes(after, i)[len(line):]...)
				line = p.text(line, count(p.first, "event", "events")+locale.T(" before"), faintTone)
				p.cells(line)
			}
			continue
		}
		if i > p.first {
			p.gap(i, before)
		}
		p.row(i, before, after)
	}
}

// longestTitle is the width of the widest name above the lanes that
// another one stands to the right of.
func (p *textPicture) longestTitle() int {
	longest := 0
	for c := range p.lay.n - 1 {
		longest = max(longest, show.Width(p.shown(p.lay.title(p.m, c, p.m.Whole))))
	}
	return longest
}

// titles writes the names above the lanes: side by side where they
// fit, otherwise on two lines, otherwise letters that stand for them.
func (p *textPicture) titles() {
	names := make([]string, p.lay.n)
	for c := range names {
		names[c] = p.shown(p.lay.title(p.m, c, len(p.m.Steps)))
	}
	switch longest := p.longestTitle(); {
	case longest < p.pitch:
		p.above(names, 1)
	case longest < 2*p.pitch:
		p.above(names, 2)
	default:
		p.lettered(names)
	}
}

// above writes the names above their lanes, on two lines every other one.
func (p *textPicture) above(names []string, lines int) {
	for first := range min(lines, len(names)) {
		line := fill(nil, p.left)
		for c := first; c < len(names); c += lines {
			line = p.text(fill(line, p.at(c)), names[c], boldTone)
		}
		p.cells(line)
	}
}

// lettered writes a letter above each lane, and before that which letter
// is which process.
func (p *textPicture) lettered(names []string) {
	var key []string
	letters := make([]string, len(names))
	for c, n := range names {
		if n == "" { // not born yet
			continue
		}
		letters[c] = columnLetter(c)
		key = append(key, strings.ReplaceAll(letters[c]+" "+n, " ", "\u00a0")) // kept on one line
	}
	for _, l := range show.Wrap(strings.Join(key, "  "), p.o.Width-p.left) {
		p.cells(p.text(fill(nil, p.left), strings.ReplaceAll(l, "\u00a0", " "), boldTone))
	}
	lines := 1
	if len(columnLetter(len(names)-1)) >= p.pitch {
		lines = 2
	}
	p.above(letters, lines)
}

// columnLetter is A for the first column, B, … Z, AA, AB and so on.
func columnLetter(c int) string {
	if c < 26 {
		return string(rune('A' + c))
	}
	return columnLetter(c/26-1) + string(rune('A'+c%26))
}

// gap draws the time that passed before step i.
func (p *textPicture) gap(i int, states []State) {
	if p.o.Axis != Time || p.o.NoTimes {
		return
	}
	const most = 6
	passed := p.m.Steps[i].Time - p.m.Steps[i-1].Time
	unit := (p.m.end - p.m.start) / 24
	if unit <= 0 || passed < unit {
		return
	}
	n := int(passed / unit)
	for k := range min(n, most) {
		line := p.lanes(states, i)
		if k == min(n, most)/2 {
			mark := cell{p.g.more, faintTone}
			line[p.digits-1] = mark
			line = p.text(append(line, cell{" ", plainTone}), "("+Duration(passed)+")", faintTone)
		}
		p.cells(line)
	}
}

// row draws step i.
func (p *textPicture) row(i int, before, after []State) {
	s := &p.m.Steps[i]
	line := p.lanes(after, i)
	for k, c := range p.text(nil, pad(itoa(s.N), p.digits), faintTone) {
		line[k] = c
	}
	if p.clock > 0 {
		for k, c := range p.text(nil, pad(Duration(s.Time), p.clock), faintTone) {
			line[p.digits+1+k] = c
		}
	}
	for _, a := range s.Arrows {
		p.arrow(line, a, before, after)
	}
	p.marks(line, s)

	evidence := s.Evidence
	if p.o.NoTimes {
		evidence = withoutTimes(evidence)
	}
	lines := show.Wrap(p.shown(s.Text), p.words)
	if ev := p.shown(strings.Join(evidence, "; ")); ev != "" {
		last := len(lines) - 1
		if joined := p.shown(locale.Sprintf("%s (%s)", lines[last], ev)); show.Width(joined) <= p.words {
			lines[last] = joined
		} else {
			for k, l := range show.Wrap(ev, p.words-4) {
				lines = append(lines, "  "+[]string{"- ", "  "}[min(k, 1)]+l)
			}
		}
	}
	if p.o.Source && p.source == 0 && s.Source != "" {
		place := s.Source
		if show.Width(place) > p.words-4 {
			place = place[strings.LastIndexByte(place, '/')+1:]
		}
		for _, l := range show.Wrap(strings.TrimSpace(p.shown(place+"  "+s.Code)), p.words-4) {
			lines = append(lines, "    "+l)
		}
	}
	for k, l := range lines {
		if k > 0 {
			line = p.lanes(after, i)
		}
		line = fill(line, p.at(p.lay.n)+1)
		tn := plainTone
		if strings.HasPrefix(l, "  ") {
			tn = faintTone
		}
		line = p.text(line, l, tn)
		if k == 0 && p.source > 0 && s.Source != "" {
			src := p.fit(s.Source, p.source)
			at := p.o.Width - show.Width(src)
			for n := cellsWidth(line); n < at; n++ {
				line = append(line, cell{" ", plainTone})
			}
			line = p.text(line, src, faintTone)
		}
		p.cells(line)
	}
}

func cellsWidth(line []cell) int {
	n := 0
	for _, c := range line {
		n += show.Width(c.s)
	}
	return n
}

// arrow draws a between its two lanes; lanes in between pass over
// it.
func (p *textPicture) arrow(line []cell, a Arrow, before, after []State) {
	from, to := p.lay.column[a.From], p.lay.column[a.To]
	if from == to {
		return
	}
	step, head, side := 1, p.g.right, 0
	if to < from {
		step, head, side = -1, p.g.left, 1
	}
	begin, end := p.at(from), p.at(to)
	for x := begin + step; x != end; x += step {
		free := line[x].s == " "
		if free {
			line[x] = cell{p.g.line[a.Kind], markTone}
		}
	}
	line[end-step] = cell{head, markTone}
	split := p.g.split[side]
	if st := before[from]; a.Kind == ForkArrow || a.Kind == SignalArrow && st == Running {
		line[begin] = cell{split, markTone}
	}
	if st := after[from]; line[begin].s == " " && (st == Gone || st == Unborn) {
		line[begin] = cell{p.g.line[a.Kind], markTone}
	}
	switch a.Kind {
	case ForkArrow:
		line[end] = cell{p.g.born[side], markTone}
	case ReapArrow:
		line[end] = cell{p.g.end[side], markTone}
	}
}

// marks puts the letter of the step onto its own lane.
func (p *textPicture) marks(line []cell, s *Step) {
	if p.lay.marked(s) {
		line[p.at(p.lay.column[s.Lane])] = cell{p.mark(s.Mark), markTone}
	}
}

// withoutTimes leaves out evidence that was measured.
func withoutTimes(evidence []string) []string {
	var kept []string
	for _, e := range evidence {
		if !strings.HasPrefix(e, locale.T(zombieFor)) {
			kept = append(kept, e)
		}
	}
	return kept
}

func pad(s string, n int) string {
	if k := n - show.Width(s); k > 0 {
		return strings.Repeat(" ", k) + s
	}
	return s
}
