package timeline

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"io"
	"strings"
)

// HTMLOptions say how [Model.HTML] draws.
type HTMLOptions struct {
	Title   string // in place of the command
	NoTimes bool   // leave out everything measured
	Pids    bool   // pids beside the names
}

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// chunk is how many rows form one list. A browser lays out only
// the lists in view.
const chunk = 100

// HTML draws the model as one file for a browser, which loads
// nothing else: its security policy admits exactly the style and
// the script that stand in it. All events are in the file as text,
// so that it can be searched, printed and read aloud, also where
// scripts are off; the script only steps.
func (m *Model) HTML(w io.Writer, o HTMLOptions) error {
	o.NoTimes = o.NoTimes || m.Untimed
	x := newXML(w)
	d := newDrawing(m, x, gutter, 400, 56)
	d.pitch = min(d.pitch, 92)
	d.times = !o.NoTimes
	p := &htmlPage{drawing: d, o: o}
	for i := range m.Steps {
		p.sources = p.sources || m.Steps[i].Source != ""
	}
	p.draw()
	return x.w.Flush()
}

type htmlPage struct {
	*drawing
	o       HTMLOptions
	sources bool // some step has a source line
}

func (p *htmlPage) draw() {
	m := p.m
	title := p.o.Title
	if title == "" {
		title = m.Command
	}
	style := pageCSS + schemes() + textRules
	p.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	p.raw(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'">`+"\n",
		digest(style), digest(pageJS))
	p.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>")
	p.text("Timeline of " + title)
	p.raw("</title>\n<style>%s</style>\n</head>\n<body>\n", style)
	p.raw(`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>%s</defs></svg>`+"\n", hatch)

	p.raw("<header>\n<h1>")
	p.text(title)
	p.raw("</h1>\n<p class=\"sys\">")
	p.text(strings.Join(nonEmpty(m.System, count(len(m.Steps), "event", "events")), " · "))
	p.raw(". <a href=\"#notes\">Traced: who runs first means nothing.</a></p>\n</header>\n")

	p.raw("<div class=\"bar\">\n" + `<div class="tools" role="toolbar" aria-label="Steps" hidden>` +
		`<button type="button" id="first" aria-keyshortcuts="Home">First</button>` +
		`<button type="button" id="back" aria-keyshortcuts="ArrowLeft">Back</button>` +
		`<button type="button" id="next" aria-keyshortcuts="ArrowRight Space">Next</button>` +
		`<button type="button" id="last" aria-keyshortcuts="End">Last</button>`)
	p.raw(`<input type="range" id="at" min="0" max="%d" value="%d" step="1" aria-label="Step"><output id="of" for="at"></output>`, len(m.Steps), len(m.Steps))
	p.raw(`<label><input type="checkbox" id="hide" checked autocomplete="off"> hide what comes</label><span class="keys">keys: arrows, space, Home, End; a: all</span></div>` + "\n")
	p.titles()
	p.raw("</div>\n<main data-chunk=\"%d\">\n", chunk)
	p.rows()
	p.raw("</main>\n")
	p.foot()
	p.raw(`<section id="now" aria-label="Current step" aria-live="polite" hidden><p class="k"></p><p class="t"></p><p class="d"></p><p class="s"></p><p class="ps"></p></section>` + "\n")
	p.raw("<script>%s</script>\n</body>\n</html>\n", pageJS)
}

// digest is the source expression of a security policy for an
// inline style or script.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func nonEmpty(s ...string) []string {
	var kept []string
	for _, v := range s {
		if v != "" {
			kept = append(kept, v)
		}
	}
	return kept
}

// titles draws the names above the lanes. The list beside them
// names every process with its role.
func (p *htmlPage) titles() {
	w, h := p.right()+8, 22.0
	flat := p.flatTitles()
	if !flat {
		longest := 0
		for c := range p.lay.n {
			longest = max(longest, width(clip(p.lay.title(p.m, c, p.m.Whole), 12)))
		}
		h = float64(longest)*13*em + 6
	}
	p.raw("<div class=\"names\">")
	p.raw(`<svg width="%v" height="%v" role="img" aria-label="`, num(w), num(h))
	p.text("Lanes from left to right: " + p.laneNames())
	p.raw(`">`)
	for c := range p.lay.n {
		name := clip(p.lay.title(p.m, c, len(p.m.Steps)), 12)
		born := p.m.Lanes[p.lay.lanes[c][0]].Born + 1
		if flat {
			p.raw(`<text class="ink b c" data-b="%d" x="%v" y="16" font-size="13">`, born, num(p.at(c)))
		} else {
			p.raw(`<text class="ink b" data-b="%d" transform="translate(%v %v)rotate(-90)" font-size="13">`, born, num(p.at(c)+4.5), num(h-3))
		}
		p.text(name)
		p.raw("</text>")
	}
	p.raw("</svg><p class=\"who\">")
	said := 0
	for i := range p.m.Lanes {
		l := &p.m.Lanes[i]
		caption := l.caption(p.o.Pids)
		if caption == "" || l.Born >= len(p.m.Steps) {
			continue
		}
		if said++; said > 10 {
			p.raw(" …")
			break
		}
		p.raw(`<span data-b="%d">`, l.Born+1)
		p.text(l.Name + " = " + caption)
		p.raw("</span> ")
	}
	p.raw("</p></div>\n")
}

func (p *htmlPage) laneNames() string {
	var names []string
	for c := range p.lay.n {
		names = append(names, p.lay.title(p.m, c, len(p.m.Steps)))
	}
	return strings.Join(names, ", ")
}

// rows writes one list item for each step: its part of the
// picture, its sentence, its source line.
func (p *htmlPage) rows() {
	const (
		middle = 19.0
		deep   = 600.0 // below any row; the row cuts it off
	)
	m := p.m
	w := p.right() + 8
	sw := newSweep(m, &p.lay)
	before := make([]State, p.lay.n)
	states := make([]State, len(m.Lanes))
	for i := range m.Steps {
		if i%chunk == 0 {
			if i > 0 {
				p.raw("</ol>\n")
			}
			full := ""
			if i+chunk <= len(m.Steps) {
				full = " full"
			}
			p.raw(`<ol class="chunk%s" start="%d">`+"\n", full, i+1)
		}
		s := &m.Steps[i]
		copy(before, sw.cols)
		after := sw.step(i)
		p.raw(`<li id="e%d"`, s.N)
		p.changes(sw.changes[i], i, states)
		p.raw(`><svg class="p" width="%v" height="38" aria-hidden="true">`, num(w))
		for st := Running; st < Gone; st++ {
			var whole, upper, lower []float64
			for c := range after {
				x := p.at(c)
				switch {
				case before[c] == st && after[c] == st:
					whole = append(whole, x)
				case before[c] == st:
					upper = append(upper, x)
				case after[c] == st:
					lower = append(lower, x)
				}
			}
			if len(whole) > 0 {
				p.span(st, 0, deep, whole...)
			}
			if len(upper) > 0 {
				p.span(st, 0, middle, upper...)
			}
			if len(lower) > 0 {
				p.span(st, middle, deep, lower...)
			}
		}
		for _, k := range p.lay.outside {
			if m.Lanes[k].Born <= i {
				p.outsideLine(p.at(p.lay.column[k]), 0, deep)
			}
		}
		p.events(s, middle)
		p.raw(`<text class="faint e" x="%v" y="%v" font-size="12">%d</text></svg>`, num(gutter-10), num(middle+4.5), s.N)
		p.words(s)
		p.raw("</li>\n")
	}
	if len(m.Steps) > 0 {
		p.raw("</ol>\n")
	}
}

// changes tells the script which lanes change their state at a
// step: "0:1 2:5", lane and state.
func (p *htmlPage) changes(lanes []int, i int, states []State) {
	if len(lanes) == 0 {
		return
	}
	p.raw(` data-c="`)
	first := true
	for _, l := range lanes {
		st := p.m.Lanes[l].At(i)
		if st == states[l] {
			continue
		}
		states[l] = st
		if !first {
			p.raw(" ")
		}
		first = false
		p.raw("%d:%d", l, st)
	}
	p.raw(`"`)
}

// words writes the text of a step.
func (p *htmlPage) words(s *Step) {
	p.raw(`<div class="r"><div class="w"><p class="t">`)
	p.text(s.Text)
	p.raw("</p>")
	evidence := s.Evidence
	if !p.times {
		evidence = withoutTimes(evidence)
	}
	if len(evidence) > 0 {
		p.raw(`<p class="d">`)
		p.text(strings.Join(evidence, "; "))
		p.raw("</p>")
	}
	p.raw("</div>")
	if p.times {
		p.raw(`<p class="k">`)
		p.text(duration(s.Time))
		p.raw("</p>")
	}
	if p.sources {
		p.source(s)
	}
	p.raw("</div>")
}

// source writes the place of a step in the program's source: empty
// where there is none, so that the columns stay.
func (p *htmlPage) source(s *Step) {
	p.raw(`<p class="s">`)
	if s.Source != "" {
		p.raw("<b>")
		p.text(s.Source)
		p.raw("</b>")
		if s.Code != "" {
			p.raw(" <code>")
			p.text(s.Code)
			p.raw("</code>")
		}
	}
	p.raw("</p>")
}

// foot writes the legend, the notes and, for the script, the lanes.
func (p *htmlPage) foot() {
	m := p.m
	p.raw("<footer id=\"notes\">\n<ul class=\"legend\">")
	entry := func(name string, draw func(d *drawing)) {
		p.raw(`<li><svg width="32" height="22" aria-hidden="true">`)
		d := *p.drawing
		draw(&d)
		p.raw("</svg> ")
		p.text(name)
		p.raw("</li>")
	}
	for _, st := range m.statesUsed() {
		entry(st.String(), func(d *drawing) { d.bar = 12; d.span(st, 1, 21, 16) })
	}
	for i := range m.Lanes {
		if m.Lanes[i].Outside && m.Lanes[i].Born < len(m.Steps) {
			entry("outside: not recorded", func(d *drawing) { d.outsideLine(16, 1, 21) })
			break
		}
	}
	for _, k := range m.arrowsUsed() {
		entry(k.String(), func(d *drawing) { d.sample(k, 0, 11) })
	}
	for _, mk := range m.marksUsed(&p.lay) {
		entry(markName(mk), func(d *drawing) { d.disc = 8.5; d.mark(mk, 16, 11) })
	}
	p.raw("</ul>\n")
	note := func(s string) {
		p.raw("<p>")
		p.text(s)
		p.raw("</p>\n")
	}
	if p.lay.folded >= 0 {
		note(m.foldNote(&p.lay))
	}
	note(rowNote)
	for _, n := range m.Notes {
		note(n)
	}
	p.raw("<ul id=\"lanes\" hidden>")
	for i := range m.Lanes {
		p.raw("<li>")
		p.text(m.Lanes[i].Name)
		p.raw("</li>")
	}
	p.raw("</ul>\n</footer>\n")
}
