package timeline

import (
	"io"
	"slices"
	"strings"

	"apue/internal/locale"
	"apue/internal/show"
)

// monoFont has one width for every letter, whichever of these is
// there: a picture has to know how wide its text is.
const monoFont = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace"

// em is the width of a letter of monoFont for a size of 1, rounded
// up: that of the widest of them.
const em = 0.605

const (
	textSize  = 15.0
	smallSize = 12.0
	labelSize = 10.5

	textLine  = 19.0 // from one line of a sentence to the next
	smallLine = 15.5
	rowTop    = 17.0 // from the top of a row to its events
	rowExtra  = 17.0 // of a row, beside its lines
	gutter    = 46.0 // left of the lanes
	clock     = 62.0 // for the times
	sentence  = 50   // columns of a sentence, where the picture has no width
)

// drawing knows where the lanes of a picture are; it draws the
// rows of the SVG and of the HTML.
type drawing struct {
	*xmlWriter
	m     *Model
	lay   layout
	left  float64
	pitch float64
	bar   float64 // the width of a lane
	disc  float64 // the radius of a mark
	times bool
}

func newDrawing(m *Model, w *xmlWriter, left, room float64, columns int) *drawing {
	d := &drawing{xmlWriter: w, m: m, left: left, lay: m.arrange(columns)}
	d.pitch = min(104, max(20, room/float64(max(1, d.lay.n))))
	d.bar = min(14, max(7, d.pitch*0.3))
	d.disc = min(10, max(7.5, d.pitch*0.3))
	return d
}

// at is where a column of the layout is drawn.
func (d *drawing) at(col int) float64 { return d.left + (float64(col)+0.5)*d.pitch }

// right is where the lanes end.
func (d *drawing) right() float64 { return d.left + float64(d.lay.n)*d.pitch }

// span draws lanes that are in the same state from y0 to y1.
func (d *drawing) span(st State, y0, y1 float64, xs ...float64) {
	if y1 <= y0 || st == Unborn || st == Gone {
		return
	}
	line := func(class string, width float64, more string) {
		d.raw(`<path class="%s" d="`, class)
		for _, x := range xs {
			d.raw("M%v %vV%v", num(x), num(y0), num(y1))
		}
		d.raw(`" stroke-width="%v"%s/>`, num(width), more)
	}
	switch st {
	case Running:
		line("run", d.bar, "")
	case Sleeping:
		line("run", 3, ` stroke-dasharray="1 6" stroke-linecap="round"`)
	case Blocked:
		line("run", 3, "")
	case Waiting:
		line("wait", d.bar, ` stroke-dasharray="2 4"`)
	case Suspended:
		line("vfork", d.bar, "")
		line("hollow", d.bar-4, "")
	case Stopped:
		line("stop", d.bar, ` stroke-dasharray="9 3"`)
	case Zombie:
		line("zombie", d.bar, "")
		line("hollow", d.bar-2.5, "")
		line("hatched", d.bar-2, ` stroke="url(#hatch)"`)
	}
}

// hatch is the pattern of a zombie.
const hatch = `<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"><path class="zombie" d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke-width="1.6" fill="none"/></pattern>`

// outsideLine draws the lane of what is not recorded.
func (d *drawing) outsideLine(x, y0, y1 float64) {
	d.raw(`<path class="out" d="M%v %vV%v" stroke-width="2" stroke-dasharray="1 5" stroke-linecap="round"/>`, num(x), num(y0), num(y1))
}

// events draws the arrows and marks of a step at height y.
func (d *drawing) events(s *Step, y float64) {
	for _, a := range s.Arrows {
		d.arrow(a, y, s.Lane == a.To)
	}
	if d.lay.marked(s) {
		d.mark(s.Mark, d.at(d.lay.column[s.Lane]), y)
	}
}

func (d *drawing) mark(mk Mark, x, y float64) {
	if mk == DotMark {
		d.raw(`<circle class="dot" cx="%v" cy="%v" r="4.5" stroke-width="1.5"/>`, num(x), num(y))
		return
	}
	d.raw(`<circle class="disc" cx="%v" cy="%v" r="%v" stroke-width="1.5"/>`, num(x), num(y), num(d.disc))
	d.raw(`<text class="ink m" x="%v" y="%v" font-size="%v">%c</text>`, num(x), num(y+d.disc*0.4), num(d.disc*1.15), mk)
}

// arrow draws a at height y. marked says that a mark stands where
// it ends.
func (d *drawing) arrow(a Arrow, y float64, marked bool) {
	from, to := d.lay.column[a.From], d.lay.column[a.To]
	if from == to {
		return
	}
	dir := 1.0
	if to < from {
		dir = -1
	}
	x0 := d.at(from)
	x1 := d.at(to) - dir*(d.bar/2+1)
	if marked {
		x1 = d.at(to) - dir*(d.disc+1.5)
	}
	const head = 8
	line, fill, dash := "line", "head", ""
	switch a.Kind {
	case AdoptArrow:
		line, fill, dash = "adopt", "adopth", ` stroke-dasharray="2 4"`
	case SignalArrow:
		dash = ` stroke-dasharray="7 4"`
	}
	path := func(class string, from, width float64, more string) {
		d.raw(`<path class="%s" d="M%v %vH%v" stroke-width="%v"%s/>`, class, num(from), num(y), num(x1-dir*(head-1)), num(width), more)
	}
	// The casing keeps the arrow apart from the lanes it crosses.
	edge := x0 + dir*d.bar/2
	path("hollow", edge, 6, "")
	if a.Kind == ReapArrow {
		path(line, edge, 5, "")
		path("hollow", edge, 2, "")
	} else {
		path(line, edge, 2.2, dash)
	}
	d.raw(`<path class="%s" d="M%v %vl%v -5v10z"/>`, fill, num(x1), num(y), num(-dir*head))
	if a.Kind == ForkArrow {
		d.raw(`<circle class="dot" cx="%v" cy="%v" r="4.5" stroke-width="1.5"/>`, num(x0), num(y))
	}
	label := a.Label
	// In the gap before the lane that it points at.
	room := d.pitch - 2*d.disc - 4
	if w := float64(show.Width(label)) * labelSize * em; label != "" && w <= room {
		d.raw(`<text class="ink l" x="%v" y="%v">`, num(d.at(to)-dir*d.pitch/2), num(y-5))
		d.text(label)
		d.raw(`</text>`)
	}
}

// sample draws an arrow for the legend.
func (d *drawing) sample(k ArrowKind, x, y float64) {
	s := *d
	s.left, s.pitch, s.bar, s.disc = x-14, 30, 2, 2
	s.lay = layout{column: []int{0, 1}, n: 2}
	s.arrow(Arrow{Kind: k, From: 0, To: 1}, y, false)
}

// svgPicture is a drawing with places for its rows.
type svgPicture struct {
	*drawing
	o      Options
	width  float64
	words  int       // columns of a sentence
	first  int       // index of the first step that is drawn
	tops   []float64 // of each row; one more for the end
	lines  [][]string
	small  [][]string
	beside []string
}

// SVG draws the model as an SVG document: the same bytes for the
// same model. It is light or dark as its reader's system is, and
// light on paper.
func (m *Model) SVG(w io.Writer, o Options) error {
	m, o = o.apply(m)
	p := &svgPicture{o: o, words: sentence}
	if len(m.Steps) > 0 {
		p.first = max(0, min(o.From, len(m.Steps))-1)
	}
	left := gutter
	if o.Axis == Time && !o.NoTimes {
		left += clock
	}
	p.drawing = newDrawing(m, newXML(w), left, 560, 64)
	p.times = !o.NoTimes
	if o.Width > 0 {
		p.words = max(24, int((float64(o.Width)-p.right()-p.gap()-16)/(textSize*em)))
	}
	p.width = p.right() + p.gap() + float64(p.words)*textSize*em + 16
	p.draw()
	return p.w.Flush()
}

func (p *svgPicture) draw() {
	m := p.m
	y := 30.0
	title := p.o.Title
	if title == "" {
		title = m.Command
	}
	headLines := show.Wrap(show.Line(title), int((p.width-32)/(17*em)))
	y += float64(len(headLines)-1) * 22
	y += 12
	who := p.who()
	whoLines := []string(nil)
	if who != "" {
		whoLines = show.Wrap(who, int((p.width-32)/(smallSize*em)))
	}
	y += float64(len(whoLines)) * smallLine
	titlesTop := y + 4
	y = titlesTop + p.titleHeight()
	rowsTop := y + 6
	p.layRows(rowsTop)
	bottom := p.tops[len(p.tops)-1]
	legend := p.legend()
	notes := p.notes()
	height := bottom + 14 + float64(len(legend))*22 + 6 + float64(len(notes))*smallLine + 16

	p.document(p.width, height, locale.Sprintf("Timeline of %s", title), m.describe(), p.o.Theme.rules())
	p.raw("</style>\n<defs>%s</defs>\n", hatch)
	p.raw(`<rect class="paper" width="%v" height="%v"/>`+"\n", num(p.width), num(height))

	y = 30
	for _, l := range headLines {
		p.line("ink b", 16, y, 17, l)
		y += 22
	}
	y -= 22
	y += 12
	for _, l := range whoLines {
		p.line("faint", 16, y+8, smallSize, l)
		y += smallLine
	}
	p.drawTitles(titlesTop)
	p.drawRows()

	y = bottom + 14 + 12
	for _, row := range legend {
		x := 16.0
		for _, item := range row {
			p.drawItem(item, x, y)
			x += item.width()
		}
		y += 22
	}
	y += 6
	for _, l := range notes {
		p.line("faint", 16, y, smallSize, l)
		y += smallLine
	}
	p.raw("</svg>\n")
}

// textRules are the styles of text.
const textRules = ".b{font-weight:700}.m{font-weight:700;text-anchor:middle}.c{text-anchor:middle}.e{text-anchor:end}" +
	".l{font-size:10.5px;text-anchor:middle}\n"

// describe is the picture in sentences, for a reader who cannot see it.
func (m *Model) describe() string {
	n := 0
	for i := range m.Lanes {
		if !m.Lanes[i].Outside {
			n++
		}
	}
	s := count(n, "process", "processes") + ", " + count(len(m.Steps), "event", "events") + "."
	for i := range m.Steps {
		if i == 40 {
			return s + " …"
		}
		s += " " + itoa(m.Steps[i].N) + ". " + m.Steps[i].Text + "."
	}
	return s
}

// who lists roles that find no room above the lanes.
func (p *svgPicture) who() string {
	if p.titlesFit() {
		return ""
	}
	return p.m.who(p.o.Pids, 16)
}

// who says more of each lane than its title: "child = pid 4712".
func (m *Model) who(pids bool, most int) string {
	var who []string
	for i := range m.Lanes {
		l := &m.Lanes[i]
		if l.Born >= len(m.Steps) {
			continue
		}
		if s := l.caption(pids); s != "" {
			if len(who) == most {
				who = append(who, "…")
				break
			}
			who = append(who, l.Title+" = "+s)
		}
	}
	return strings.Join(who, "; ")
}

// caption is what stands below the title of a lane; the title says which
// program "true 2" is.
func (l *Lane) caption(pids bool) string {
	s := ""
	if l.Program != l.Title && l.Program+" " != numbered(l.Title) {
		s = l.Program
	}
	if pids && l.Pid != 0 {
		if s != "" {
			s += locale.T(", ")
		}
		s += locale.Sprintf("pid %d", l.PID())
	}
	return s
}

// captionLines are the lines below the name of column c once the
// first n steps have happened.
func (p *svgPicture) captionLines(c, n int) []string {
	if len(p.lay.lanes[c]) != 1 {
		return nil
	}
	l := &p.m.Lanes[p.lay.lanes[c][0]]
	s := l.caption(p.o.Pids)
	if s == "" || l.Born >= n {
		return nil
	}
	return show.Wrap(s, int((p.pitch-6)/(smallSize*em)))
}

// titlesFit reports whether the names and captions stand side by
// side.
func (p *svgPicture) titlesFit() bool {
	for c := range p.lay.n {
		if float64(show.Width(p.lay.title(p.m, c, p.m.Whole)))*textSize*em > p.pitch-6 {
			return false
		}
		if p.pitch < 80 && len(p.captionLines(c, p.m.Whole)) > 0 || len(p.captionLines(c, p.m.Whole)) > 3 {
			return false
		}
	}
	return true
}

// flatTitles reports whether the names alone stand side by side.
func (d *drawing) flatTitles() bool {
	for c := range d.lay.n {
		if float64(show.Width(show.Clip(d.lay.title(d.m, c, d.m.Whole), 12)))*textSize*em > d.pitch-4 {
			return false
		}
	}
	return true
}

func (p *svgPicture) titleHeight() float64 {
	if !p.flatTitles() {
		longest := 0
		for c := range p.lay.n {
			longest = max(longest, show.Width(show.Clip(p.lay.title(p.m, c, p.m.Whole), 12)))
		}
		return float64(longest)*textSize*em + 8
	}
	most := 0
	if p.titlesFit() {
		for c := range p.lay.n {
			most = max(most, len(p.captionLines(c, p.m.Whole)))
		}
	}
	return 20 + float64(most)*smallLine
}

func (p *svgPicture) drawTitles(top float64) {
	flat, fit, tall := p.flatTitles(), p.titlesFit(), p.titleHeight()
	for c := range p.lay.n {
		name := show.Clip(p.lay.title(p.m, c, len(p.m.Steps)), 12)
		x := p.at(c)
		if !flat {
			p.raw(`<text class="ink b" transform="translate(%v %v)rotate(-90)" font-size="%v">`, num(x+5), num(top+tall-4), num(textSize))
			p.text(name)
			p.raw("</text>\n")
			continue
		}
		p.line("ink b c", x, top+14, textSize, name)
		if fit {
			for k, l := range p.captionLines(c, len(p.m.Steps)) {
				p.line("faint c", x, top+14+float64(k+1)*smallLine, smallSize, l)
			}
		}
	}
}

// layRows finds the places of the rows.
func (p *svgPicture) layRows(top float64) {
	n := len(p.m.Steps)
	p.tops = make([]float64, n+1)
	p.lines = make([][]string, n)
	p.small = make([][]string, n)
	p.beside = make([]string, n)
	unit := (p.m.end - p.m.start) / 300
	y := top
	for i := range p.m.Steps {
		s := &p.m.Steps[i]
		if p.o.Axis == Time && p.times && i > p.first && unit > 0 {
			y += float64(min(p.passed(i)/unit, 200))
		}
		p.tops[i] = y
		if i < p.first {
			continue
		}
		p.lines[i] = show.Wrap(s.Text, p.words)
		evidence := s.Evidence
		if !p.times {
			evidence = withoutTimes(evidence)
		}
		columns := p.words * 15 / 12 // of small letters
		if ev := strings.Join(evidence, "; "); ev != "" {
			last := p.lines[i][len(p.lines[i])-1]
			if float64(show.Width(last)+2)*textSize+float64(show.Width(ev))*smallSize <= float64(p.words)*textSize {
				p.beside[i] = ev
			} else {
				p.small[i] = show.Wrap(ev, columns)
			}
		}
		if p.o.Source && s.Source != "" {
			p.small[i] = append(p.small[i], show.Clip(strings.TrimSpace(s.Source+"  "+s.Code), columns))
		}
		y += rowExtra + float64(len(p.lines[i]))*textLine + float64(len(p.small[i]))*smallLine
	}
	p.tops[n] = y
}

// passed is the time between step i and the one before.
func (p *svgPicture) passed(i int) int64 { return max(0, p.m.Steps[i].Time-p.m.Steps[i-1].Time) }

// gap is the room between the last lane and the sentences, where the
// name of a state has its place.
func (p *svgPicture) gap() float64 {
	return max(16, p.bar/2+8+float64(len("suspended"))*labelSize*em-p.pitch/2)
}

// middle is the height of the events of row i; of a row before the
// first one that is drawn, where the lanes begin.
func (p *svgPicture) middle(i int) float64 {
	if i < p.first {
		return p.tops[i]
	}
	return p.tops[i] + rowTop
}

func (p *svgPicture) drawRows() {
	n := len(p.m.Steps)
	left, right := p.right()+p.gap(), p.width-16
	for i := p.first; i < n; i++ {
		p.raw(`<path class="hair" d="M16 %vH%v"/>`, num(p.tops[i]), num(right))
	}
	p.raw("\n")
	for i := range p.m.Lanes {
		if l := &p.m.Lanes[i]; l.Outside && l.Born < n {
			p.outsideLine(p.at(p.lay.column[i]), p.tops[l.Born]+4, p.tops[n])
		}
	}
	// Lanes: a bar from each change of a column to its next.
	sw := newSweep(p.m, &p.lay)
	since := make([]int, p.lay.n)
	state := make([]State, p.lay.n)
	for i := range n {
		for c, st := range sw.step(i) {
			if st != state[c] {
				p.span(state[c], p.middle(since[c]), p.middle(i), p.at(c))
				since[c], state[c] = i, st
			}
		}
	}
	for c, st := range state {
		if n > 0 {
			p.span(st, p.middle(since[c]), p.tops[n], p.at(c))
		}
	}
	p.raw("\n")
	for i := range p.m.Lanes {
		p.stateLabels(&p.m.Lanes[i], p.lay.column[i])
	}
	for i := p.first; i < n; i++ {
		s := &p.m.Steps[i]
		y := p.middle(i)
		p.raw(`<g id="e%d">`, s.N)
		p.events(s, y)
		p.raw(`<text class="faint e" x="%v" y="%v" font-size="%v">%d</text>`, num(gutter-10), num(y+4.5), num(smallSize), s.N)
		if p.o.Axis == Time && p.times {
			p.line("faint e", gutter-10+clock, y+4.5, smallSize, Duration(s.Time))
		}
		for k, l := range p.lines[i] {
			p.raw("\n")
			p.line("ink", left, y+5+float64(k)*textLine, textSize, l)
			if p.beside[i] != "" && k == len(p.lines[i])-1 {
				p.line("faint", left+float64(show.Width(l)+2)*textSize*em, y+5+float64(k)*textLine, smallSize, p.beside[i])
			}
		}
		y += 4 + float64(len(p.lines[i])-1)*textLine
		for k, l := range p.small[i] {
			p.line("faint", left, y+float64(k+1)*smallLine+1, smallSize, l)
		}
		p.raw("</g>\n")
		if p.o.Axis == Time && p.times && i > p.first {
			if room := p.tops[i] - p.rowEnd(i-1); room >= 14 {
				p.line("faint", left, p.rowEnd(i-1)+room/2+4, smallSize, "⋮ "+Duration(p.passed(i)))
			}
		}
	}
}

// rowEnd is where the text of row i ends, without the gap to the
// next one.
func (p *svgPicture) rowEnd(i int) float64 {
	return p.tops[i] + rowExtra + float64(len(p.lines[i]))*textLine + float64(len(p.small[i]))*smallLine
}

// stateLabels names the states of a lane beside it, where nothing
// else is.
func (p *svgPicture) stateLabels(l *Lane, col int) {
	if len(p.lay.lanes[col]) != 1 {
		return
	}
	for _, sp := range l.Spans {
		var words []string
		switch sp.State {
		case Zombie:
			words = []string{"zombie"}
		case Suspended:
			words = []string{"suspended"}
		case Stopped:
			words = []string{"stopped"}
		case Waiting:
			words = []string{"in wait"}
		case Sleeping, Blocked:
			words = []string{sp.State.String()}
		default:
			continue
		}
		if p.times && sp.To >= 0 {
			words = append(words, Duration(sp.End-sp.Start))
		}
		room := p.pitch - p.bar/2 - 4 - p.disc
		for _, w := range words {
			if float64(show.Width(w))*labelSize*em > room {
				return
			}
		}
		to := sp.To
		if to < 0 {
			to = len(p.m.Steps)
		}
		// The first row of the span whose gap to the right is
		// free, or the room below the first row.
		for i := max(sp.From+1, p.first); i < to; i++ {
			if p.crossed(i, col) {
				continue
			}
			y := p.middle(i) + 4
			if len(words) > 1 {
				y -= 6
			}
			for k, w := range words {
				p.raw(`<text class="faint" x="%v" y="%v" font-size="%v">`, num(p.at(col)+p.bar/2+4), num(y+float64(k)*12), num(labelSize))
				p.text(w)
				p.raw("</text>")
			}
			break
		}
	}
}

// crossed reports whether an arrow of step i is drawn in the gap
// to the right of a column, or a mark reaches into it.
func (p *svgPicture) crossed(i, col int) bool {
	for _, a := range p.m.Steps[i].Arrows {
		x, y := p.lay.column[a.From], p.lay.column[a.To]
		if min(x, y) <= col && col < max(x, y) {
			return true
		}
	}
	s := &p.m.Steps[i]
	return s.Lane >= 0 && p.lay.column[s.Lane] == col
}

// item is a thing in the legend.
type item struct {
	state State
	arrow ArrowKind
	mark  Mark
	kind  byte // 's' state, 'o' outside, 'a' arrow, 'm' mark
	name  string
}

func (it item) width() float64 {
	return 36 + float64(show.Width(it.name))*smallSize*em + 18
}

// legend returns the rows of the legend.
func (p *svgPicture) legend() [][]item {
	var all []item
	for _, st := range p.m.statesUsed() {
		all = append(all, item{kind: 's', state: st, name: st.String()})
	}
	for i := range p.m.Lanes {
		if p.m.Lanes[i].Outside && p.m.Lanes[i].Born < len(p.m.Steps) {
			all = append(all, item{kind: 'o', name: "not recorded"})
			break
		}
	}
	for _, k := range p.m.arrowsUsed() {
		all = append(all, item{kind: 'a', arrow: k, name: k.String()})
	}
	for _, mk := range p.m.marksUsed(&p.lay) {
		all = append(all, item{kind: 'm', mark: mk, name: markName(mk)})
	}
	var rows [][]item
	x := p.width
	for _, it := range all {
		if x+it.width() > p.width-16 {
			rows = append(rows, nil)
			x = 16
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], it)
		x += it.width()
	}
	return rows
}

func (p *svgPicture) drawItem(it item, x, y float64) {
	switch it.kind {
	case 's':
		d := *p.drawing
		d.bar = 12
		d.span(it.state, y-8, y+8, x+16)
	case 'o':
		p.outsideLine(x+16, y-8, y+8)
	case 'a':
		p.sample(it.arrow, x, y)
	case 'm':
		d := *p.drawing
		d.disc = 8.5
		d.mark(it.mark, x+16, y)
	}
	p.line("ink", x+36, y+4, smallSize, it.name)
}

// notes returns the lines below the legend.
func (p *svgPicture) notes() []string {
	columns := int((p.width - 32) / (smallSize * em))
	var lines []string
	if p.lay.folded >= 0 {
		lines = append(lines, show.Wrap(p.m.foldNote(&p.lay), columns)...)
	}
	if p.o.Axis == Ordinal {
		lines = append(lines, locale.T(rowNote))
	}
	for _, n := range p.m.Notes {
		lines = append(lines, show.Wrap(n, columns)...)
	}
	return lines
}

// rowNote belongs on a picture whose axis is [Ordinal].
var rowNote = locale.Key("Each row is one event. The distance between two rows is not time.")

func (m *Model) foldNote(lay *layout) string {
	return locale.Sprintf("+N: %s that have no lane of their own, because the picture is too narrow.", count(len(lay.lanes[lay.folded]), "process", "processes"))
}

// arrowsUsed returns the kinds of arrow that the picture has.
func (m *Model) arrowsUsed() []ArrowKind {
	var used []ArrowKind
	for i := range m.Steps {
		for _, a := range m.Steps[i].Arrows {
			used = append(used, a.Kind)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}
