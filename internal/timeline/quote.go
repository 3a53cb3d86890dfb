package timeline

import (
	"bytes"
	"fmt"
	"strings"

	"apue/internal/show"
)

// oneLine returns s as one line of at most n columns that is safe to
// show.
func oneLine(s string, n int) string { return show.Clip(show.Line(s), n) }

// ascii spells out everything above 0x7e. Its own arrows become
// ASCII ones.
func ascii(s string) string {
	s = asciiWords.Replace(s)
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < 0x7f:
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

var asciiWords = strings.NewReplacer("→", "->", "…", "...", "·", "-", "−", "-", "§", "sec. ", "×", "x", "µ", "u")

func splitLines(b []byte) []string {
	var lines []string
	for line := range bytes.Lines(b) {
		lines = append(lines, string(line))
	}
	return lines
}

// trimCode removes the indentation of a source line.
func trimCode(s string) string { return strings.TrimSpace(s) }
