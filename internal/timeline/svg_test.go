package timeline

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"apue/internal/show"
)

// svgOf draws a model and checks what holds for every SVG: it is
// well-formed, has nothing in it that runs or loads, and is the same
// the second time.
func svgOf(t *testing.T, name string, draw func(w io.Writer) error) []byte {
	t.Helper()
	var a, b bytes.Buffer
	if err := draw(&a); err != nil {
		t.Fatal(err)
	}
	if err := draw(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("%s: drawn twice, it differs", name)
	}
	harmless(t, name, a.Bytes())
	return a.Bytes()
}

// elements that a picture is made of.
var elements = map[string]bool{
	"svg": true, "title": true, "desc": true, "style": true, "defs": true, "pattern": true,
	"path": true, "rect": true, "circle": true, "text": true, "g": true,
}

func harmless(t *testing.T, name string, doc []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: not well-formed: %v", name, err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			depth++
			if !elements[e.Name.Local] {
				t.Errorf("%s: an element <%s>", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") ||
					strings.Contains(a.Value, "url(") && a.Value != "url(#hatch)" {
					t.Errorf("%s: <%s %s=%q>", name, e.Name.Local, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	if depth != 0 {
		t.Errorf("%s: %d elements are not closed", name, depth)
	}
}

func TestSVGGolden(t *testing.T) {
	for i, r := range recordings {
		for _, o := range []Options{{}, {Axis: Time, Source: true, Pids: true}} {
			doc := svgOf(t, r.name, func(w io.Writer) error { return drawn(i).SVG(w, o) })
			switch {
			case o.Axis == Ordinal && r.name != "forty":
				golden(t, r.name+".svg", doc)
			case o.Axis == Time && r.name == "doublefork":
				golden(t, r.name+".time.svg", doc)
			}
		}
	}
}

// A box is the place of something drawn.
type box struct {
	what           string
	x0, y0, x1, y1 float64
}

func (a box) meets(b box) bool {
	const slack = 0.5
	return a.x0+slack < b.x1 && b.x0+slack < a.x1 && a.y0+slack < b.y1 && b.y0+slack < a.y1
}

var translate = regexp.MustCompile(`^translate\(([-0-9.]+) ([-0-9.]+)\)rotate\(-90\)$`)

// arrowLine is the shaft of an arrow.
var arrowLine = regexp.MustCompile(`^M([-0-9.]+) ([-0-9.]+)H([-0-9.]+)$`)

// boxes returns the places of the texts of a document, those of the
// discs and of the shafts of arrows, and its size.
func boxes(t *testing.T, doc []byte) (texts, discs, shafts []box, w, h float64) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	var open *box
	var size float64
	var anchor string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return texts, discs, shafts, w, h
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			at := map[string]string{}
			for _, a := range e.Attr {
				at[a.Name.Local] = a.Value
			}
			f := func(key string) float64 {
				v, _ := strconv.ParseFloat(at[key], 64)
				return v
			}
			switch e.Name.Local {
			case "svg":
				w, h = f("width"), f("height")
			case "circle":
				if at["class"] == "disc" {
					r := f("r")
					discs = append(discs, box{"disc", f("cx") - r, f("cy") - r, f("cx") + r, f("cy") + r})
				}
			case "path":
				if m := arrowLine.FindStringSubmatch(at["d"]); m != nil && (at["class"] == "line" || at["class"] == "adopt") {
					x0, _ := strconv.ParseFloat(m[1], 64)
					y, _ := strconv.ParseFloat(m[2], 64)
					x1, _ := strconv.ParseFloat(m[3], 64)
					shafts = append(shafts, box{"arrow", min(x0, x1), y - 1.5, max(x0, x1), y + 1.5})
				}
			case "text":
				open = &box{x0: f("x"), y0: f("y")}
				size = f("font-size")
				classes := " " + at["class"] + " "
				anchor = "start"
				for class, a := range map[string]string{" c ": "middle", " l ": "middle", " m ": "middle", " e ": "end"} {
					if strings.Contains(classes, class) {
						anchor = a
					}
				}
				if strings.Contains(classes, " l ") {
					size = labelSize
				}
				if m := translate.FindStringSubmatch(at["transform"]); m != nil {
					open.x0, _ = strconv.ParseFloat(m[1], 64)
					open.y0, _ = strconv.ParseFloat(m[2], 64)
					anchor = "up"
				}
			}
		case xml.CharData:
			if open != nil {
				open.what += string(e)
			}
		case xml.EndElement:
			if e.Name.Local != "text" || open == nil {
				break
			}
			b, long := *open, float64(show.Width(open.what))*size*em
			open = nil
			if b.what == "" {
				break
			}
			// Ascent and descent of the letters of monoFont.
			up, down := 0.74*size, 0.2*size
			switch anchor {
			case "up":
				b = box{b.what, b.x0 - up, b.y0 - long, b.x0 + down, b.y0}
				texts = append(texts, b)
				continue
			case "middle":
				b.x0 -= long / 2
			case "end":
				b.x0 -= long
			}
			b.x1, b.y1 = b.x0+long, b.y0+down
			b.y0 -= up
			texts = append(texts, b)
		}
	}
}

// TestNothingOverlaps checks that in pictures of 3 and of 40
// processes no text meets another text or, but for the letter in it,
// a disc, and that all are within the page.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	pictures := map[string]func(w io.Writer) error{}
	for i, r := range recordings {
		for k, o := range []Options{{}, {Axis: Time}, {Source: true, Pids: true}, {Pids: true, Axis: Time, NoTimes: true}} {
			pictures[fmt.Sprintf("%s/%d", r.name, k)] = func(w io.Writer) error { return drawn(i).SVG(w, o) }
			cut := drawn(i)
			pictures[fmt.Sprintf("%s/%d half", r.name, k)] = func(w io.Writer) error { return cut.Step(len(cut.Steps)/2).SVG(w, o) }
		}
	}
	for _, n := range []int{3, 12, 25, 39, 100} {
		pictures[fmt.Sprintf("%d children", n)] = func(w io.Writer) error { return New(manyChildren(n), nil).SVG(w, Options{}) }
	}
	pictures["workers"] = func(w io.Writer) error { return New(manyEvents(200), nil).SVG(w, Options{}) }
	pictures["orderings"] = orderings().SVG
	pictures["cost"] = cost().SVG
	for name, draw := range pictures {
		t.Run(name, func(t *testing.T) {
			texts, discs, shafts, w, h := boxes(t, svgOf(t, name, draw))
			if len(texts) < 5 {
				t.Fatalf("only %d texts", len(texts))
			}
			apart(t, texts, discs)
			for _, b := range texts {
				for _, a := range shafts {
					if a.meets(b) && !within(b, discs) {
						t.Errorf("%q lies on an arrow: %+v %+v", b.what, b, a)
					}
				}
			}
			for _, b := range texts {
				if b.x0 < -0.5 || b.y0 < -0.5 || b.x1 > w+0.5 || b.y1 > h+0.5 {
					t.Errorf("%q at %.0f…%.0f, %.0f…%.0f is outside the page of %.0f by %.0f", b.what, b.x0, b.x1, b.y0, b.y1, w, h)
				}
			}
		})
	}
}

// within says whether a disc is behind all of the text.
func within(text box, discs []box) bool {
	for _, d := range discs {
		if text.x0 >= d.x0 && text.x1 <= d.x1 && text.y0 >= d.y0 && text.y1 <= d.y1 {
			return true
		}
	}
	return false
}

// apart fails the test where boxes meet.
func apart(t *testing.T, texts, discs []box) {
	t.Helper()
	// By rows, so that not every pair is looked at.
	const row = 60
	rows := map[int][]int{}
	for i, b := range texts {
		for r := int(math.Floor(b.y0 / row)); r <= int(b.y1/row); r++ {
			rows[r] = append(rows[r], i)
		}
	}
	told := 0
	for _, in := range rows {
		for k, i := range in {
			for _, j := range in[:k] {
				if a, b := texts[i], texts[j]; a.meets(b) && told < 5 {
					told++
					t.Errorf("%q and %q overlap: %+v %+v", a.what, b.what, a, b)
				}
			}
		}
	}
	for _, d := range discs {
		for r := int(math.Floor(d.y0 / row)); r <= int(d.y1/row); r++ {
			for _, i := range rows[r] {
				b := texts[i]
				if inside := b.x0 >= d.x0 && b.x1 <= d.x1; !inside && b.meets(d) && told < 5 {
					told++
					t.Errorf("%q lies on a disc: %+v %+v", b.what, b, d)
				}
			}
		}
	}
	for k, a := range discs {
		for _, b := range discs[:k] {
			if a.meets(b) && told < 5 {
				told++
				t.Errorf("two discs overlap: %+v %+v", a, b)
			}
		}
	}
}

// TestTitles checks that what the caller names things is text too.
func TestTitles(t *testing.T) {
	const evil = "</title><script>alert(1)</script>\x1b[2J\u202e\x00]]>&lt;"
	m := New(doubleFork(), map[string]string{"P0": evil, "outside": evil})
	h, c := orderings(), cost()
	h.Title, h.Bars[0].Label = evil, evil
	c.Title, c.X, c.Y, c.Series[0].Name = evil, evil, evil, evil
	for name, draw := range map[string]func(w io.Writer) error{
		"title":     func(w io.Writer) error { return m.SVG(w, Options{Title: evil}) },
		"histogram": h.SVG,
		"lines":     c.SVG,
	} {
		if doc := svgOf(t, name, draw); bytes.ContainsAny(doc, "\x1b\x00\u202e") {
			t.Errorf("%s: a control character", name)
		}
	}
	for name, draw := range map[string]func(w io.Writer) error{
		"text":      func(w io.Writer) error { return m.Text(w, Options{Title: evil}) },
		"histogram": func(w io.Writer) error { return h.Text(w, Options{}) },
	} {
		var b bytes.Buffer
		if err := draw(&b); err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(b.Bytes(), "\x1b\x00\u202e") {
			t.Errorf("%s: a control character in %q", name, b.String())
		}
	}
}

// TestContrast checks the colours against the background, in light
// and in dark: 4.5 for what is read, 3 for shapes (WCAG 2.2, 1.4.3 and
// 1.4.11).
func TestContrast(t *testing.T) {
	for name, c := range map[string]struct {
		color
		least float64
	}{
		"ink": {inkColor, 4.5}, "faint": {faintColor, 4.5},
		"run": {runColor, 3}, "vfork": {vforkColor, 3}, "stop": {stopColor, 3},
		"zombie": {zombieColor, 3}, "adopt": {adoptColor, 3},
	} {
		if got := contrast(c.light, paperColor.light); got < c.least {
			t.Errorf("%s on light: %.1f, less than %v", name, got, c.least)
		}
		if got := contrast(c.dark, paperColor.dark); got < c.least {
			t.Errorf("%s on dark: %.1f, less than %v", name, got, c.least)
		}
	}
}

func contrast(a, b string) float64 {
	luminance := func(hex string) float64 {
		v, err := strconv.ParseUint(hex[1:], 16, 32)
		if err != nil {
			panic(err)
		}
		l := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			c := float64(v>>(16-8*i)&0xff) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			l += weight * c
		}
		return l
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}
