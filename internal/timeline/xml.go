package timeline

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"apue/internal/show"
)

// xmlWriter writes markup. Text and attribute values go through
// [escape]; there is no other way to put a string of a recording
// into the output.
type xmlWriter struct {
	w *bufio.Writer
}

func newXML(w io.Writer) *xmlWriter { return &xmlWriter{bufio.NewWriter(w)} }

// raw writes markup of this package's own. Its arguments are
// numbers, or strings of this package's own.
func (x *xmlWriter) raw(format string, args ...any) {
	fmt.Fprintf(x.w, format, args...)
}

// text writes s as character data.
func (x *xmlWriter) text(s string) { x.w.WriteString(escape(s)) }

// line writes one line of text at a place.
func (x *xmlWriter) line(class string, at, y, size float64, s string) {
	x.raw(`<text class="%s" x="%v" y="%v" font-size="%v" xml:space="preserve">`, class, num(at), num(y), num(size))
	x.text(s)
	x.raw("</text>\n")
}

// document begins an SVG document.
func (x *xmlWriter) document(width, height float64, title, description, rules string) {
	x.raw(`<svg xmlns="http://www.w3.org/2000/svg" width="%v" height="%v" viewBox="0 0 %v %v" role="img" aria-labelledby="t d" font-family="%s">`,
		num(width), num(height), num(width), num(height), monoFont)
	x.raw("\n<title id=\"t\">")
	x.text(title)
	x.raw("</title>\n<desc id=\"d\">")
	x.text(description)
	x.raw("</desc>\n<style>\n%s%s", rules, textRules)
}

// escape makes s character data or the value of a quoted
// attribute, in XML and in HTML.
func escape(s string) string { return escaper.Replace(show.Line(s)) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

// num writes a coordinate: at most one decimal, the same on every
// machine.
type num float64

func (n num) String() string {
	return strconv.FormatFloat(math.Round(float64(n)*10)/10, 'f', -1, 64)
}
