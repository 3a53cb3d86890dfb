package timeline

import (
	"bufio"
	"io"
	"strings"

	"apue/internal/show"
)

// A Bar is one outcome and how often it was seen.
type Bar struct {
	Label string
	Count int
}

// A Histogram shows how often each of several outcomes was seen:
// the orderings of 200 runs.
type Histogram struct {
	Title string
	Bars  []Bar // in the order to draw
}

func (h *Histogram) total() (sum, most int) {
	for _, b := range h.Bars {
		sum += max(0, b.Count)
		most = max(most, b.Count)
	}
	return sum, most
}

// percent writes a share of the total. It never rounds to none or to
// all what is not.
func percent(n, total int) string {
	if total <= 0 {
		return ""
	}
	p := (200*n + total) / (2 * total)
	switch {
	case n > 0 && p == 0:
		return "< 1 %"
	case n < total && p == 100:
		return "> 99 %"
	}
	return itoa(p) + " %"
}

// Text draws the histogram for a terminal. Of the options Width, ASCII
// and Color count.
func (h *Histogram) Text(w io.Writer, o Options) error {
	t := newTextWriter(w, o)
	t.paragraph(show.Line(h.Title), 4, boldTone)
	t.w.WriteByte('\n')
	total, most := h.total()
	label, right := 0, 0
	for _, b := range h.Bars {
		label = max(label, show.Width(t.shown(show.Line(b.Label))))
		right = max(right, len(itoa(b.Count)))
	}
	label = min(label, t.o.Width*2/5)
	room := t.o.Width - label - 2 - 2 - right - 8
	block := "█"
	if t.o.ASCII {
		block = "#"
	}
	for _, b := range h.Bars {
		n := 0
		if most > 0 {
			n = max(0, b.Count) * room / most
			if n == 0 && b.Count > 0 {
				n = 1
			}
		}
		for k, l := range show.Wrap(t.shown(show.Line(b.Label)), label) {
			line := t.text(nil, l, plainTone)
			if k == 0 {
				line = fill(line, label+2)
				line = t.text(line, strings.Repeat(block, n), runTone)
				line = fill(line, label+2+room)
				line = t.text(line, "  "+pad(itoa(b.Count), right)+pad(percent(b.Count, total), 8), plainTone)
			}
			t.cells(line)
		}
	}
	t.w.WriteByte('\n')
	return t.w.Flush()
}

// newTextWriter sets the defaults of the options.
func newTextWriter(w io.Writer, o Options) *textWriter {
	if o.Width == 0 {
		o.Width = 68
	}
	o.Width = max(o.Width, 40)
	t := &textWriter{w: bufio.NewWriter(w), o: o, g: &unicodeGlyphs, color: o.Color}
	if o.ASCII {
		t.g = &asciiGlyphs
	}
	return t
}

// fill adds blanks up to column n.
func fill(line []cell, n int) []cell {
	for len(line) < n {
		line = append(line, cell{" ", plainTone})
	}
	return line
}

// SVG draws the histogram as an SVG document.
func (h *Histogram) SVG(w io.Writer) error {
	const (
		all   = 760.0
		right = 120.0
	)
	total, most := h.total()
	label := 0
	for _, b := range h.Bars {
		label = max(label, show.Width(show.Line(b.Label)))
	}
	label = min(label, 34)
	left := 16 + float64(label)*textSize*em + 12
	room := all - left - right
	c := newChart(w, all)
	top := c.head(show.Line(h.Title))
	y := top
	labels := make([][]string, len(h.Bars))
	for i, b := range h.Bars {
		labels[i] = show.Wrap(show.Line(b.Label), max(label, 4))
		y += barHeight(labels[i])
	}
	var summary []string
	for _, b := range h.Bars {
		summary = append(summary, show.Line(b.Label)+": "+itoa(b.Count))
	}
	c.open(y+22, show.Line(h.Title), strings.Join(summary, "; "))
	y = top
	for i, b := range h.Bars {
		for k, l := range labels[i] {
			c.line("ink e", left-12, y+16+float64(k)*textLine, textSize, l)
		}
		width := 0.0
		if most > 0 && b.Count > 0 {
			width = max(2, room*float64(b.Count)/float64(most))
		}
		c.raw(`<path class="run" d="M%v %vH%v" stroke-width="20"/>`, num(left), num(y+11), num(left+width))
		c.line("ink", left+width+8, y+16, textSize, itoa(b.Count)+"  "+percent(b.Count, total))
		y += barHeight(labels[i])
	}
	return c.close()
}

// barHeight is what a bar takes with the lines of its label.
func barHeight(label []string) float64 { return max(34, float64(len(label))*textLine+14) }

// chart is what the two charts share.
type chart struct {
	*xmlWriter
	width  float64
	titles []string
}

func newChart(w io.Writer, width float64) *chart {
	return &chart{xmlWriter: newXML(w), width: width}
}

// head wraps the title and returns where the chart may begin.
func (c *chart) head(title string) float64 {
	c.titles = show.Wrap(title, int((c.width-32)/(17*em)))
	return 30 + float64(len(c.titles)-1)*22 + 16
}

func (c *chart) open(height float64, title, description string) {
	c.document(c.width, height, title, description, System.rules())
	c.raw("</style>\n")
	c.raw(`<rect class="paper" width="%v" height="%v"/>`+"\n", num(c.width), num(height))
	for i, l := range c.titles {
		c.line("ink b", 16, 30+float64(i)*22, 17, l)
	}
}

func (c *chart) close() error {
	c.raw("</svg>\n")
	return c.w.Flush()
}
