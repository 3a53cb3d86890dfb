package grade

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// mostQuoted is how much of a compiler's output a report quotes, in
// bytes.
const mostQuoted = 4000

// visible replaces control characters and what is no UTF-8, so that
// neither a folder's name nor a compiler's output drives a terminal.
func visible(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '\n', strconv.IsPrint(r) && (r != utf8.RuneError || n > 1):
			b.WriteString(s[:n])
		case r == '\t':
			b.WriteByte(' ')
		case n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		s = s[n:]
	}
	return b.String()
}

// quote makes what a submission has said fit for a report.
func quote(s string) string {
	s = visible(s)
	if len(s) <= mostQuoted {
		return s
	}
	n := mostQuoted
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return fmt.Sprintf("%s\n… and %d bytes more", s[:n], len(s)-n)
}

// oneLine is quote for a cell of a table.
func oneLine(s string) string {
	r := []rune(strings.Join(strings.Fields(visible(s)), " "))
	if len(r) > 300 {
		r = append(r[:300], '…')
	}
	return string(r)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// cell is a name or a text in a table: spreadsheets compute what
// begins with one of these signs. None of our numbers does.
func cell(s string) string {
	s = visible(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// masked takes the names of our temporary folders, the working
// directory and the program's, out of a text: they differ from run
// to run.
func masked(s string) string {
	ours := regexp.MustCompile(regexp.QuoteMeta(os.TempDir()) + `/(ch8-\d+/work|grade-\d+/[\w-]+)/?`)
	return ours.ReplaceAllStringFunc(s, func(path string) string {
		if strings.HasSuffix(path, "/") {
			return ""
		}
		return "."
	})
}
