// Package show makes text fit to be shown: on a terminal, in a table,
// in a picture.
//
// Much of what this suite prints was written by somebody else: names of
// files, arguments, output of a learner's program, output of a
// compiler. [Line] and [Text] spell out everything in it that a
// terminal or a browser would act on instead of showing it. [Width],
// [Clip], [Pad] and [Wrap] measure in the columns of a terminal, in which
// a Chinese character takes two. [Shell] writes a command as a shell
// reads it.
package show

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Line returns s as one line that is safe to show. Control characters,
// marks that change the direction of writing, combining marks and bytes
// that are not UTF-8 are spelled as Go spells them: \n, \x1b, \u202e.
func Line(s string) string { return spell(s, false) }

// Text is Line for a text of several lines: newlines stay, and a tab
// becomes a blank.
func Text(s string) string { return spell(s, true) }

func spell(s string, text bool) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case text && r == '\n':
			b.WriteByte('\n')
		case text && r == '\t':
			b.WriteByte(' ')
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case unicode.IsPrint(r) && !unicode.In(r, unicode.Mn, unicode.Me):
			b.WriteRune(r)
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// Width is how many columns of a terminal s takes.
func Width(s string) int { return displaywidth.String(s) }

// Clip returns s if it takes at most n columns, and otherwise its
// beginning and "…", which together take at most n columns.
func Clip(s string, n int) string { return displaywidth.TruncateString(s, n, "…") }

// Pad returns s with blanks after it, so that it takes n columns.
func Pad(s string, n int) string { return s + strings.Repeat(" ", max(n-Width(s), 0)) }

// Wrap breaks s into lines of at most n columns: at blanks and
// newlines, beside a character that takes two columns, and elsewhere
// only if a word is longer than a line. Blanks inside a line stay as
// they are. n is at least 4.
func Wrap(s string, n int) []string {
	n = max(n, 4)
	var lines []string
	line, gap := "", ""
	for _, p := range pieces(s) {
		if strings.Trim(p, " ") == "" {
			gap += p
			continue
		}
		if line != "" && Width(line)+len(gap)+Width(p) > n {
			lines, line, gap = append(lines, line), "", ""
		}
		line, gap = line+gap+p, ""
		for Width(line) > n {
			head := displaywidth.TruncateString(line, n, "")
			lines, line = append(lines, head), line[len(head):]
		}
	}
	if line == "" && lines != nil {
		return lines
	}
	return append(lines, line)
}

// Signs of Chinese punctuation that do not begin a line, and that do not
// end one.
const (
	notFirst = "，。、；：？！）》」』”…"
	notLast  = "（《「『“"
)

// pieces splits s where a line may be broken. A piece is a run of
// blanks, a character of two columns, or a word.
func pieces(s string) []string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "\n", " ")
	var all []string
	const none, blank, word, wide = 0, 1, 2, 3
	last, opens := none, false
	for g := displaywidth.StringGraphemes(s); g.Next(); {
		kind := word
		switch {
		case g.Value() == " ":
			kind = blank
		case strings.Contains(notFirst, g.Value()) && last != blank && last != none:
			all[len(all)-1] += g.Value()
			last, opens = wide, false
			continue
		case g.Width() == 2:
			kind = wide
		}
		if kind == last && kind != wide || kind != blank && opens {
			all[len(all)-1] += g.Value()
		} else {
			all = append(all, g.Value())
		}
		last, opens = kind, strings.Contains(notLast, g.Value())
	}
	return all
}

// plainWord is an argument that a shell takes as it is.
var plainWord = Pattern(`^[A-Za-z0-9_@%+=:,./-]+$`)

// Shell writes a command as it is typed in a POSIX shell.
func Shell(args []string) string {
	words := slices.Clone(args)
	for i, w := range words {
		if !plainWord().MatchString(w) {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// Pattern returns a function that returns the regular expression. It is
// compiled when it is first asked for: a program has many, and most runs of
// it use none.
func Pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
