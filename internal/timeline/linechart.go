package timeline

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"apue/internal/show"
)

// A Point is a measurement.
type Point struct{ X, Y float64 }

// A Series is one line of a chart, its points in the order of X.
type Series struct {
	Name   string
	Points []Point
}

// A LineChart shows how one quantity grows with another: the time of
// a fork with the memory of the parent.
type LineChart struct {
	Title  string
	X, Y   string // what the axes are, with the unit: "resident memory, MiB"
	LogX   bool   // a decade, or an octave, is as wide as the next
	LogY   bool
	Series []Series // at most six
	Notes  []string

	// FormatX and FormatY write a value of an axis; nil means
	// three significant digits.
	FormatX, FormatY func(float64) string
}

// markers tell the lines apart without colour, on a terminal and on
// paper.
const markers = "ox+*#@"

// threeDigits writes a value with three significant digits and
// without an exponent, as far as that is shorter to read.
func threeDigits(v float64) string {
	a := math.Abs(v)
	if a != 0 && (a >= 1e7 || a < 1e-4) {
		return strconv.FormatFloat(v, 'e', 1, 64)
	}
	if a >= 1000 {
		p := math.Pow(10, math.Floor(math.Log10(a))-2)
		return strconv.FormatFloat(math.Round(v/p)*p, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func (c *LineChart) formats() (x, y func(float64) string) {
	x, y = c.FormatX, c.FormatY
	if x == nil {
		x = threeDigits
	}
	if y == nil {
		y = threeDigits
	}
	return x, y
}

// series returns the lines without the points that cannot be drawn.
func (c *LineChart) series() []Series {
	var all []Series
	for _, s := range c.Series[:min(len(c.Series), len(markers))] {
		kept := Series{Name: s.Name}
		for _, p := range s.Points {
			if finite(p.X) && finite(p.Y) && (!c.LogX || p.X > 0) && (!c.LogY || p.Y > 0) {
				kept.Points = append(kept.Points, p)
			}
		}
		all = append(all, kept)
	}
	return all
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// scale maps values to 0…1.
type scale struct {
	lo, hi float64
	log    bool
}

// newScale spans the values; a linear one begins at 0.
func newScale(values []float64, log bool) scale {
	s := scale{lo: math.Inf(1), hi: math.Inf(-1), log: log}
	for _, v := range values {
		s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	}
	switch {
	case len(values) == 0:
		s.lo, s.hi = 0, 1
		if log {
			s.lo = 0.1
		}
	case log:
		s.lo, s.hi = math.Pow(10, math.Floor(math.Log10(s.lo)+1e-9)), math.Pow(10, math.Ceil(math.Log10(s.hi)-1e-9))
		if s.lo == s.hi {
			s.hi *= 10
		}
	default:
		s.lo = min(0, s.lo)
		if s.hi <= s.lo {
			s.hi = s.lo + 1
		}
		step := niceStep((s.hi - s.lo) / 5)
		s.hi = math.Ceil(s.hi/step-1e-9) * step
		s.lo = math.Floor(s.lo/step+1e-9) * step
	}
	return s
}

// exactly spans just the values: for an axis whose ticks are the
// values themselves.
func exactly(values []float64, log bool) scale {
	s := newScale(values, log)
	if len(values) > 1 && log {
		s.lo, s.hi = math.Inf(1), math.Inf(-1)
		for _, v := range values {
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		}
		if s.lo == s.hi {
			s.hi = s.lo * 2
		}
	}
	return s
}

func (s scale) at(v float64) float64 {
	if s.log {
		return math.Log(v/s.lo) / math.Log(s.hi/s.lo)
	}
	return (v - s.lo) / (s.hi - s.lo)
}

// ticks are round values within the scale.
func (s scale) ticks() []float64 {
	var t []float64
	if s.log {
		for v := s.lo; v <= s.hi*1.001 && len(t) < 20; v *= 10 {
			t = append(t, v)
		}
		return t
	}
	step := niceStep((s.hi - s.lo) / 5)
	for v := s.lo; v <= s.hi+step/1000 && len(t) < 20; v += step {
		t = append(t, v)
	}
	return t
}

// niceStep is the next of 1, 2, 5, 10, 20 … from v on.
func niceStep(v float64) float64 {
	if v <= 0 || !finite(v) {
		return 1
	}
	p := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*p*(1+1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// xs are all values of X, in order, each once.
func xs(series []Series) []float64 {
	seen := map[float64]bool{}
	var all []float64
	for _, s := range series {
		for _, p := range s.Points {
			if !seen[p.X] {
				seen[p.X] = true
				all = append(all, p.X)
			}
		}
	}
	slices.Sort(all)
	return all
}

func ys(series []Series) []float64 {
	var all []float64
	for _, s := range series {
		for _, p := range s.Points {
			all = append(all, p.Y)
		}
	}
	return all
}

// Text draws the chart for a terminal, and a table of its values
// below. Of the options Title, Width, ASCII and Color count.
func (c *LineChart) Text(w io.Writer, o Options) error {
	const rows = 14
	t := newTextWriter(w, o)
	fx, fy := c.formats()
	series := c.series()
	sx, sy := exactly(xs(series), c.LogX), newScale(ys(series), c.LogY)
	t.paragraph(orElse(o.Title, c.Title), 4, boldTone)
	t.w.WriteByte('\n')
	t.paragraph(show.Line(c.Y), 2, plainTone)

	left := 0
	ticks := sy.ticks()
	for _, v := range ticks {
		left = max(left, show.Width(t.shown(show.Line(fy(v)))))
	}
	left = min(left+1, t.o.Width/3)
	columns := t.o.Width - left - 2
	grid := make([][]cell, rows)
	for r := range grid {
		grid[r] = fill(nil, columns)
	}
	place := func(p Point) (r, col int) {
		r = rows - 1 - int(math.Round(clamp(sy.at(p.Y))*(rows-1)))
		col = int(math.Round(clamp(sx.at(p.X)) * float64(columns-1)))
		return r, col
	}
	meet := false // two lines in one place
	for k, s := range series {
		for _, p := range s.Points {
			r, col := place(p)
			mark := string(markers[k])
			if old := grid[r][col].s; old != " " && old != mark {
				mark, meet = "&", true
			}
			grid[r][col] = cell{mark, seriesTones[k]}
		}
	}
	labels := map[int]string{}
	for _, v := range ticks {
		r, _ := place(Point{sx.lo, v})
		labels[r] = t.shown(show.Line(fy(v)))
	}
	bar, corner, dash := "│", "└", "─"
	if t.o.ASCII {
		bar, corner, dash = "|", "+", "-"
	}
	for r, line := range grid {
		head := t.text(nil, pad(labels[r], left)+" "+bar, plainTone)
		t.cells(append(head, line...))
	}
	t.cells(t.text(nil, strings.Repeat(" ", left+1)+corner+strings.Repeat(dash, columns), plainTone))
	line := t.text(nil, strings.Repeat(" ", left+2), plainTone)
	for _, v := range xs(series) {
		s := t.shown(show.Line(fx(v)))
		at := left + 2 + int(math.Round(clamp(sx.at(v))*float64(columns-1))) - show.Width(s)/2
		at = max(left+2, min(at, t.o.Width-show.Width(s)))
		if at < len(line)+1 && len(line) > left+2 {
			continue
		}
		line = t.text(fill(line, at), s, plainTone)
	}
	t.cells(line)
	t.paragraph(show.Line(c.X), 2, plainTone)
	var legend []string
	for k, s := range series {
		legend = append(legend, string(markers[k])+" "+show.Line(s.Name))
	}
	if meet {
		legend = append(legend, "& more than one")
	}
	t.items(legend)
	t.w.WriteByte('\n')
	c.table(t, series, fx, fy)
	for _, n := range c.Notes {
		t.paragraph(show.Line(n), 2, plainTone)
	}
	return t.w.Flush()
}

var seriesTones = [len(markers)]tone{runTone, zombieTone, stopTone, waitTone, plainTone, vforkTone}

func clamp(v float64) float64 { return max(0, min(1, v)) }

func (c *LineChart) table(t *textWriter, series []Series, fx, fy func(float64) string) {
	cols := len(series) + 1
	each := max(8, min(16, t.o.Width/max(1, cols)-1))
	show := func(cellsOf []string) {
		var b strings.Builder
		for i, s := range cellsOf {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(pad(t.fit(show.Line(s), each), each))
		}
		t.cells(t.text(nil, strings.TrimRight(b.String(), " "), plainTone))
	}
	head := []string{""}
	for _, s := range series {
		head = append(head, s.Name)
	}
	show(head)
	for _, x := range xs(series) {
		row := []string{fx(x)}
		for _, s := range series {
			v := ""
			for _, p := range s.Points {
				if p.X == x {
					v = fy(p.Y)
				}
			}
			row = append(row, v)
		}
		show(row)
	}
}

// seriesClasses and dashes tell lines apart in an SVG; so do the
// shapes of their points.
var (
	seriesClasses = [len(markers)]string{"run", "zombie", "stop", "adopt", "line", "vfork"}
	dashes        = [len(markers)]string{"", "8 4", "2 4", "10 3 2 3", "5 5", "1 3"}
)

// SVG draws the chart as an SVG document. Of the options Title
// counts.
func (c *LineChart) SVG(w io.Writer, o Options) error {
	const (
		all    = 760.0
		height = 300.0
	)
	fx, fy := c.formats()
	series := c.series()
	sx, sy := exactly(xs(series), c.LogX), newScale(ys(series), c.LogY)
	out := newChart(w, all)
	top := out.head(orElse(o.Title, c.Title)) + 22
	left := 0.0
	ticks := sy.ticks()
	for _, v := range ticks {
		left = max(left, float64(show.Width(show.Line(fy(v))))*smallSize*em)
	}
	left += 28
	right := 0
	for _, s := range series {
		right = max(right, show.Width(show.Line(s.Name)))
	}
	right = min(right, 24)
	wide := all - left - float64(right)*smallSize*em - 40
	bottom := top + height
	notes := out.foot(c.Notes)
	end := bottom + 54
	out.open(end+float64(len(notes))*smallLine+14, orElse(o.Title, c.Title), c.describe(fx, fy, series))

	atX := func(v float64) float64 { return left + wide*clamp(sx.at(v)) }
	atY := func(v float64) float64 { return bottom - height*clamp(sy.at(v)) }
	out.label("faint", 16, top-12, smallSize, oneLine(c.Y, 90))
	for _, v := range ticks {
		y := atY(v)
		out.raw(`<path class="hair" d="M%v %vH%v"/>`, num(left), num(y), num(left+wide))
		out.label("faint e", left-8, y+4, smallSize, show.Line(fy(v)))
	}
	out.raw(`<path class="out" d="M%v %vV%vH%v" fill="none"/>`+"\n", num(left), num(top), num(bottom), num(left+wide))
	free := 0.0
	for _, v := range xs(series) {
		s := show.Line(fx(v))
		x, half := atX(v), float64(show.Width(s))*smallSize*em/2
		out.raw(`<path class="out" d="M%v %vv5"/>`, num(x), num(bottom))
		if x-half < free {
			continue
		}
		free = x + half + 8
		out.label("faint c", x, bottom+20, smallSize, s)
	}
	out.label("faint c", left+wide/2, bottom+40, smallSize, oneLine(c.X, 80))

	names := endLabels(series, atY, bottom)
	for k, s := range series {
		if len(s.Points) == 0 {
			continue
		}
		out.raw(`<path class="%s" fill="none" stroke-width="2.2"`, seriesClasses[k])
		if dashes[k] != "" {
			out.raw(` stroke-dasharray="%s"`, dashes[k])
		}
		out.raw(` d="`)
		for i, p := range s.Points {
			if i == 0 {
				out.raw("M")
			} else {
				out.raw("L")
			}
			out.raw("%v %v", num(atX(p.X)), num(atY(p.Y)))
		}
		out.raw(`"/>`)
		for _, p := range s.Points {
			out.marker(k, atX(p.X), atY(p.Y))
		}
		out.raw("\n")
		last := s.Points[len(s.Points)-1]
		out.raw(`<path class="out" d="M%v %vL%v %v" stroke-width=".8"/>`, num(atX(last.X)+6), num(atY(last.Y)), num(left+wide+14), num(names[k]))
		out.marker(k, left+wide+20, names[k])
		out.label("ink", left+wide+28, names[k]+4, smallSize, oneLine(s.Name, 24))
	}
	return out.close(end, notes)
}

// endLabels finds a height for each line's name, near its last
// point and apart from the others.
func endLabels(series []Series, atY func(float64) float64, bottom float64) []float64 {
	const apart = 17
	order := []int{}
	y := make([]float64, len(series))
	for k, s := range series {
		if len(s.Points) > 0 {
			y[k] = atY(s.Points[len(s.Points)-1].Y)
			order = append(order, k)
		}
	}
	sortBy(order, func(k int) int { return int(y[k] * 10) })
	// Downwards until apart, then all of them up by what is too low.
	for i := 1; i < len(order); i++ {
		a, b := order[i-1], order[i]
		if d := y[a] + apart - y[b]; d > 0 {
			y[b] += d
		}
	}
	if n := len(order); n > 1 {
		if over := y[order[n-1]] - bottom; over > 0 {
			for _, k := range order {
				y[k] -= over
			}
		}
	}
	return y
}

// marker draws the point of line k.
func (c *chart) marker(k int, x, y float64) {
	class := seriesClasses[k]
	switch k % 3 {
	case 0:
		c.raw(`<circle class="%s paper" cx="%v" cy="%v" r="4" stroke-width="2"/>`, class, num(x), num(y))
	case 1:
		c.raw(`<rect class="%s paper" x="%v" y="%v" width="7" height="7" stroke-width="2"/>`, class, num(x-3.5), num(y-3.5))
	case 2:
		c.raw(`<path class="%s paper" d="M%v %vl5 8h-10z" stroke-width="2"/>`, class, num(x), num(y-5))
	}
}

// describe is the chart in words.
func (c *LineChart) describe(fx, fy func(float64) string, series []Series) string {
	var b strings.Builder
	b.WriteString(show.Line(c.Y) + " against " + show.Line(c.X) + ".")
	for _, s := range series {
		if len(s.Points) == 0 {
			continue
		}
		first, last := s.Points[0], s.Points[len(s.Points)-1]
		b.WriteString(" " + show.Line(s.Name) + ": " + show.Line(fy(first.Y)) + " at " + show.Line(fx(first.X)) + ", " + show.Line(fy(last.Y)) + " at " + show.Line(fx(last.X)) + ".")
	}
	return b.String()
}
