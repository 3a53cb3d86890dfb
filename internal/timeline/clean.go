package timeline

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// clean spells out what a terminal or a browser would act on
// rather than show: control characters, direction and other
// format marks, combining marks, bytes that are not UTF-8. What it
// returns is one line.
func clean(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x100 && unicode.IsControl(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case !unicode.IsPrint(r) || unicode.In(r, unicode.Mn, unicode.Me):
			if r > 0xffff {
				fmt.Fprintf(&b, `\U%08x`, r)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

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

// clip shortens s to n columns.
func clip(s string, n int) string {
	if width(s) <= n {
		return s
	}
	w := 0
	for i, r := range s {
		w += runeWidth(r)
		if w > n-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// width returns the columns that s takes on a terminal. s has been
// through [clean].
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth returns the columns of one character.
func runeWidth(r rune) int { return displaywidth.Rune(r) }

// wrap breaks s into lines of at most n columns, at spaces where
// it can.
func wrap(s string, n int) []string {
	n = max(n, 4)
	var lines []string
	line, w := "", 0
	for _, word := range strings.Split(s, " ") {
		ww := width(word)
		if line != "" && w+1+ww <= n {
			line += " " + word
			w += 1 + ww
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for ww > n {
			head, hw := "", 0
			for _, r := range word {
				if hw+runeWidth(r) > n {
					break
				}
				head += string(r)
				hw += runeWidth(r)
			}
			lines = append(lines, head)
			word = word[len(head):]
			ww -= hw
		}
		line, w = word, ww
	}
	return append(lines, line)
}

func splitLines(b []byte) []string {
	var lines []string
	for line := range bytes.Lines(b) {
		lines = append(lines, string(line))
	}
	return lines
}

// trimCode removes the indentation of a source line.
func trimCode(s string) string { return strings.TrimSpace(s) }
