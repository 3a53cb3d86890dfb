package page

import (
	"path"
	"slices"
	"strings"

	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/alecthomas/chroma/v2"
)

// sourceFile is a file of the program's text, or the part of it around
// the lines that the steps name.
type sourceFile struct {
	Name  string   `json:"n"`
	First int      `json:"f"` // number of its first line
	Lines []string `json:"l"` // with marks of colour, see [styleMark]
}

const (
	maxFiles     = 12
	maxLines     = 700 // of a file; a longer one is cut around its steps
	maxFileBytes = 1 << 20
	around       = 40 // lines shown before the first and after the last step of a cut file
)

// styleMark is where the marks of colour begin: each of the five
// characters from here on says how the text after it is shown, until
// the next one or the end of the line. They are of Unicode's private
// use area, and [show.Line] spells such characters out, so that no
// program can have written one.
const styleMark = '\uE000'

// The styles, as distances from styleMark.
const (
	plainStyle = iota
	keywordStyle
	stringStyle
	commentStyle
	numberStyle
)

// sources finds the text of the files that the steps name.
func (c *content) sources(rec *trace.Recording, m *timeline.Model, read func(string) ([]byte, error)) {
	type span struct{ first, last int }
	named := map[string]span{}
	var order []string
	for i := range m.Steps {
		s := &m.Steps[i]
		if s.File == "" {
			continue
		}
		at, ok := named[s.File]
		if !ok {
			at = span{s.Line, s.Line}
			order = append(order, s.File)
		}
		named[s.File] = span{min(at.first, s.Line), max(at.last, s.Line)}
	}
	index := map[string]int{}
	for _, file := range slices.Concat(order, scriptsOf(rec)) {
		if len(c.Files) == maxFiles {
			break
		}
		text, ok := sourceText(rec, file, read)
		if !ok || index[file] > 0 {
			continue
		}
		if read != nil {
			if b, err := read(file); err == nil && rec.Source(file) != nil && !rec.Source(file).Same(b) {
				c.Notes = append(c.Notes, locale.Sprintf("%s was edited after this run. The text here is the one that ran.", show.Line(baseName(file))))
			}
		}
		lines := highlight(file, text)
		if len(lines) < named[file].last {
			continue // another text than the one that ran
		}
		f := sourceFile{Name: show.Clip(show.Line(baseName(file)), 60), First: 1, Lines: lines}
		if len(lines) > maxLines {
			f.First = max(1, named[file].first-around)
			last := named[file].last + around
			if last == around { // no step names a line
				last = maxLines
			}
			f.Lines = lines[f.First-1 : min(len(lines), last, f.First+maxLines-1)]
		}
		c.Files = append(c.Files, f)
		index[file] = len(c.Files)
	}
	for i := range m.Steps {
		s := &m.Steps[i]
		c.Steps[i].File, c.Steps[i].Line = index[s.File], s.Line
	}
	switch marked := slices.ContainsFunc(c.Steps, func(s step) bool { return s.File > 0 }); {
	case len(c.Files) == 0:
		c.NoSource = noSource(rec, order)
	case !marked:
		c.NoSource = locale.T("An interpreter runs this text. The recording has the calls of the interpreter, and cannot tell at which line of the text it is.")
	}
}

// scriptsOf are the files that the recording carries because an interpreter
// runs them, those of the command first.
func scriptsOf(rec *trace.Recording) (names []string) {
	for i := range rec.Events {
		name := rec.Events[i].Script()
		k := slices.IndexFunc(rec.Sources, func(f trace.SourceFile) bool {
			return name != "" && f.NoText == "" && (f.Name == name || f.Name == path.Join(rec.Header.Dir, name))
		})
		if k >= 0 && !slices.Contains(names, rec.Sources[k].Name) {
			names = append(names, rec.Sources[k].Name)
		}
	}
	inCommand := func(name string) int {
		if slices.ContainsFunc(rec.Header.Command, func(arg string) bool { return baseName(arg) == baseName(name) }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(names, func(a, b string) int { return inCommand(a) - inCommand(b) })
	return names
}

// sourceText is the text of a file: the one that the recording carries,
// or else what read gives.
func sourceText(rec *trace.Recording, file string, read func(string) ([]byte, error)) (string, bool) {
	if f := rec.Source(file); f != nil {
		return f.Text, true
	}
	if read == nil {
		return "", false
	}
	b, err := read(file)
	if err != nil || len(b) > maxFileBytes || slices.Contains(b, 0) {
		return "", false
	}
	return string(b), true
}

// interpreter matches the names of programs that run a script.
var interpreter = show.Pattern(`^(sh|bash|dash|ash|ksh|zsh|perl|python3?)$`)

// noSource says why no text is shown.
func noSource(rec *trace.Recording, named []string) string {
	for _, f := range rec.Sources {
		if f.NoText != "" {
			return locale.Sprintf("The text of %s is not in the recording: %s", show.Clip(show.Line(baseName(f.Name)), 60), show.Clip(show.Line(f.NoText), 160))
		}
	}
	if len(named) > 0 {
		return locale.Sprintf("The recording names lines of %s, but its text is not here.", show.Clip(show.Line(baseName(named[0])), 60))
	}
	if len(rec.Header.Command) > 0 {
		if name := baseName(rec.Header.Command[0]); interpreter().MatchString(name) {
			return locale.Sprintf("The program is %s, an interpreter: the recording has its calls, and no lines of the script.", name)
		}
	}
	for i := range rec.Events {
		if why := rec.Events[i].NoSource; why != "" {
			return locale.Sprintf("The recording names no lines: %s. A C program needs the option -g of the compiler.", show.Clip(show.Line(why), 160))
		}
	}
	return locale.T("The recording names no lines of a program. A C program needs the option -g of the compiler.")
}

// highlight splits a text into lines with marks of colour.
func highlight(file, text string) []string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\t", "    ")
	lexer := lexerFor(file, text)
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, text)
	if err != nil {
		tokens = chroma.Literator(chroma.Token{Type: chroma.Text, Value: text})
	}
	var lines []string
	var line strings.Builder
	style := plainStyle
	for t := tokens(); t != chroma.EOF; t = tokens() {
		want := styleOf(t.Type)
		for i, part := range strings.Split(t.Value, "\n") {
			if i > 0 {
				lines = append(lines, line.String())
				line.Reset()
				style = plainStyle
			}
			if part == "" {
				continue
			}
			if want != style && strings.TrimSpace(part) != "" {
				line.WriteRune(styleMark + rune(want))
				style = want
			}
			line.WriteString(show.Line(part))
		}
	}
	if line.Len() > 0 {
		lines = append(lines, line.String())
	}
	return lines
}

// styleOf is the style of a token.
func styleOf(t chroma.TokenType) int {
	switch {
	case t.InCategory(chroma.Comment) && !t.InSubCategory(chroma.CommentPreproc):
		return commentStyle
	case t.InCategory(chroma.Keyword), t.InSubCategory(chroma.CommentPreproc):
		return keywordStyle
	case t.InSubCategory(chroma.LiteralString):
		return stringStyle
	case t.InSubCategory(chroma.LiteralNumber):
		return numberStyle
	}
	return plainStyle
}
