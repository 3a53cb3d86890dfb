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
// a fork with the memory of the parent. On both axes twice as much is as
// wide everywhere.
type LineChart struct {
	Title  string
	X, Y   string   // what the axes are, with the unit: "resident memory, MiB"
	Series []Series // at most three
}

// formatX writes a value of the X axis.
func formatX(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }

// formatY writes a value of the Y axis with three significant digits and
// without an exponent, as far as that is shorter to read.
func formatY(v float64) string {
	switch {
	case v >= 1e7 || v < 1e-4:
		return strconv.FormatFloat(v, 'e', 1, 64)
	case v >= 1000:
		p := math.Pow(10, math.Floor(math.Log10(v))-2)
		return strconv.FormatFloat(math.Round(v/p)*p, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// series returns the lines without the points that cannot be drawn.
func (c *LineChart) series() []Series {
	drawable := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }
	var all []Series
	for _, s := range c.Series[:min(len(c.Series), len(seriesClasses))] {
		kept := Series{Name: s.Name}
		for _, p := range s.Points {
			if drawable(p.X) && drawable(p.Y) {
				kept.Points = append(kept.Points, p)
			}
		}
		all = append(all, kept)
	}
	return all
}

// scale maps values to 0…1.
type scale struct{ lo, hi float64 }

func (s scale) at(v float64) float64 { return math.Log(v/s.lo) / math.Log(s.hi/s.lo) }

// decades spans the values, from a power of ten to another one, and
// returns those between.
func decades(values []float64) (s scale, ticks []float64) {
	s = scale{0.1, 1}
	if len(values) > 0 {
		s.lo = math.Pow(10, math.Floor(math.Log10(slices.Min(values))+1e-9))
		s.hi = max(s.lo*10, math.Pow(10, math.Ceil(math.Log10(slices.Max(values))-1e-9)))
	}
	for v := s.lo; v <= s.hi*1.001 && len(ticks) < 20; v *= 10 {
		ticks = append(ticks, v)
	}
	return s, ticks
}

// values are those of the points, in order, each once.
func values(series []Series, of func(Point) float64) (all []float64) {
	for _, s := range series {
		for _, p := range s.Points {
			all = append(all, of(p))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// seriesClasses and dashes tell lines apart in an SVG; so do the
// shapes of their points.
var (
	seriesClasses = [...]string{"run", "zombie", "stop"}
	dashes        = [len(seriesClasses)]string{"", "8 4", "2 4"}
)

// SVG draws the chart as an SVG document.
func (c *LineChart) SVG(w io.Writer) error {
	const (
		all    = 760.0
		height = 300.0
	)
	series := c.series()
	xs := values(series, func(p Point) float64 { return p.X })
	sx := scale{0.1, 1}
	if len(xs) > 0 {
		sx = scale{xs[0], max(xs[len(xs)-1], xs[0]*2)}
	}
	sy, ticks := decades(values(series, func(p Point) float64 { return p.Y }))
	out := newChart(w, all)
	top := out.head(show.Line(c.Title)) + 22
	left := 0.0
	for _, v := range ticks {
		left = max(left, float64(show.Width(formatY(v)))*smallSize*em)
	}
	left += 28
	right := 0
	for _, s := range series {
		right = max(right, show.Width(show.Line(s.Name)))
	}
	right = min(right, 24)
	wide := all - left - float64(right)*smallSize*em - 40
	bottom := top + height
	out.open(bottom+68, show.Line(c.Title), c.describe(series))

	atX := func(v float64) float64 { return left + wide*sx.at(v) }
	atY := func(v float64) float64 { return bottom - height*sy.at(v) }
	out.line("faint", 16, top-12, smallSize, oneLine(c.Y, 90))
	for _, v := range ticks {
		y := atY(v)
		out.raw(`<path class="hair" d="M%v %vH%v"/>`, num(left), num(y), num(left+wide))
		out.line("faint e", left-8, y+4, smallSize, formatY(v))
	}
	out.raw(`<path class="out" d="M%v %vV%vH%v" fill="none"/>`+"\n", num(left), num(top), num(bottom), num(left+wide))
	free := 0.0
	for _, v := range xs {
		s := formatX(v)
		x, half := atX(v), float64(show.Width(s))*smallSize*em/2
		out.raw(`<path class="out" d="M%v %vv5"/>`, num(x), num(bottom))
		if x-half < free {
			continue
		}
		free = x + half + 8
		out.line("faint c", x, bottom+20, smallSize, s)
	}
	out.line("faint c", left+wide/2, bottom+40, smallSize, oneLine(c.X, 80))

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
		out.line("ink", left+wide+28, names[k]+4, smallSize, oneLine(s.Name, 24))
	}
	return out.close()
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
	switch k {
	case 0:
		c.raw(`<circle class="%s paper" cx="%v" cy="%v" r="4" stroke-width="2"/>`, class, num(x), num(y))
	case 1:
		c.raw(`<rect class="%s paper" x="%v" y="%v" width="7" height="7" stroke-width="2"/>`, class, num(x-3.5), num(y-3.5))
	case 2:
		c.raw(`<path class="%s paper" d="M%v %vl5 8h-10z" stroke-width="2"/>`, class, num(x), num(y-5))
	}
}

// describe is the chart in words.
func (c *LineChart) describe(series []Series) string {
	var b strings.Builder
	b.WriteString(show.Line(c.Y) + " against " + show.Line(c.X) + ".")
	for _, s := range series {
		if len(s.Points) == 0 {
			continue
		}
		first, last := s.Points[0], s.Points[len(s.Points)-1]
		b.WriteString(" " + show.Line(s.Name) + ": " + formatY(first.Y) + " at " + formatX(first.X) + ", " + formatY(last.Y) + " at " + formatX(last.X) + ".")
	}
	return b.String()
}
