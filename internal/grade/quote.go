package grade

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"apue/internal/show"
)

// mostQuoted is how much of a compiler's output a report quotes, in bytes.
const mostQuoted = 4000

// quote makes what a submission has said fit for a report.
func quote(s string) string {
	s = show.Text(s)
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
	return show.Clip(strings.Join(strings.Fields(show.Text(s)), " "), 300)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// cell is a name or a text in a table: spreadsheets compute what begins
// with one of these signs. None of our numbers does.
func cell(s string) string {
	s = show.Line(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

// ourFolders matches the names of our folders: tmp is the temporary one.
func ourFolders(tmp string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[\s"'(:=,])(` + regexp.QuoteMeta(tmp) + `/\d+(?:/[\w.-]+)?|` +
		regexp.QuoteMeta(os.TempDir()) + `/ch8-\d+/work|/box-*)(/|\b|$)`)
}

// masked takes the names of our folders out of a text: the temporary ones
// differ from run to run, and the one in the box is not the student's.
func (g *grader) masked(s string) string {
	ours := g.folders
	return ours.ReplaceAllStringFunc(s, func(path string) string {
		m := ours.FindStringSubmatch(path)
		if m[3] == "/" {
			return m[1]
		}
		return m[1] + "."
	})
}
