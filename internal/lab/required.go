package lab

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"apue/internal/show"
	"apue/internal/trace"
)

// A Required is a line that a task asks for, like
//
//	pid = P, glob = G, var = V
//
// where a single capital letter stands for a number. A line of a
// program is that line if its words, signs and numbers are: blanks
// around = and , and at the ends do not count, nor does the case of
// letters, and something in parentheses may follow.
type Required struct {
	Text string
	// forms is made when it is first needed: most calls of ch8 compare no
	// line with any task.
	forms func() requiredForms
}

// requiredForms are what a line is compared with.
type requiredForms struct {
	line  *regexp.Regexp
	part  *regexp.Regexp // the same, anywhere in a line
	words []string
}

var (
	requiredToken = show.Pattern(`[A-Za-z]+|-?\d+|[=,]`)
	decimal       = show.Pattern(`\d+\.\d+`)
	placeholder   = show.Pattern(`^[A-Z]$`)
)

// Require makes a Required of the line as the task has it.
func Require(text string) *Required {
	return &Required{text, sync.OnceValue(func() requiredForms { return formsOf(text) })}
}

func formsOf(text string) (r requiredForms) {
	var pattern strings.Builder
	for i, token := range requiredToken().FindAllString(text, -1) {
		switch {
		case token == "=" || token == ",":
			pattern.WriteString(`\s*` + token + `\s*`)
			continue
		case i > 0 && !strings.HasSuffix(pattern.String(), `\s*`):
			pattern.WriteString(`\s+`)
		}
		if placeholder().MatchString(token) {
			pattern.WriteString(`(-?\d+)`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(token))
		r.words = append(r.words, strings.ToLower(token))
	}
	r.line = regexp.MustCompile(`(?i)^\s*` + pattern.String() + `\s*(?:\(.*\)\s*)?$`)
	r.part = regexp.MustCompile(`(?i)` + pattern.String())
	return r
}

// Match returns the numbers of the line; ok is false if it is another
// line.
func (r *Required) Match(line string) (numbers []int, ok bool) {
	m := r.forms().line.FindStringSubmatch(line)
	if m == nil {
		return nil, false
	}
	for _, s := range m[1:] {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, false // no pid and no status has so many digits
		}
		numbers = append(numbers, n)
	}
	return numbers, true
}

// A Said is a required line that a process wrote.
type Said struct {
	Line
	Numbers []int
}

// Said are the lines of the process that the task asks for.
func (r *Required) Said(o *Observation, p *trace.Process) (said []Said) {
	for _, l := range o.Told(p) {
		if n, ok := r.Match(l.Text); ok {
			said = append(said, Said{l, n})
		}
	}
	return said
}

// Near says what is wrong with a line that looks as if it were meant;
// "" if it is not like it at all.
func (r *Required) Near(line string) string {
	if _, ok := r.Match(line); ok {
		return ""
	}
	if at := r.forms().part.FindStringIndex(line); at != nil {
		switch before, after := strings.TrimSpace(line[:at[0]]), strings.TrimSpace(line[at[1]:]); {
		case before != "" && after != "":
			return fmt.Sprintf("the line has %q before the words that the task asks for, and %q after them", before, after)
		case before != "":
			return fmt.Sprintf("the line begins with %q: what was printed before it did not end with a newline", before)
		case after == "":
			return "a number of the line has more digits than any pid or status"
		default:
			return fmt.Sprintf("%q follows on the same line: only something in parentheses may follow", after)
		}
	}
	var words []string
	for _, w := range requiredToken().FindAllString(line, -1) {
		if w != "=" && w != "," && (w[0] < '0' || w[0] > '9') && w[0] != '-' {
			words = append(words, strings.ToLower(w))
		}
	}
	asked, common := r.forms().words, 0
	for _, w := range asked {
		if slices.Contains(words, w) {
			common++
		}
	}
	switch {
	case slices.Equal(words, asked) && decimal().MatchString(line):
		return fmt.Sprintf("%s is not a whole number: the task asks for %q", decimal().FindString(line), r.Text)
	case slices.Equal(words, asked):
		return fmt.Sprintf("the words are right and the signs between them are not: the task asks for %q", r.Text)
	case common*3 >= len(asked)*2:
		return fmt.Sprintf("the line is nearly the one that the task asks for, which is %q", r.Text)
	}
	return ""
}

// Missing says why a process is not seen to have written the line: what
// it printed instead, on standard output or standard error, or that it
// printed nothing.
func (r *Required) Missing(b *Bench, o *Observation, p *trace.Process) (observed, means string) {
	who := o.Who(p)
	lines := Texts(o.Told(p))
	for _, l := range lines {
		if near := r.Near(l); near != "" {
			return fmt.Sprintf("%s printed %q", who, l), near
		}
	}
	for _, l := range o.ErrorLines(p) {
		if _, ok := r.Match(l); ok || r.Near(l) != "" {
			return fmt.Sprintf("%s wrote %q to standard error", who, l),
				"the line has to go to standard output (descriptor 1)"
		}
	}
	for _, q := range o.Processes() {
		if q == p || !EndedNormally(p) {
			continue
		}
		for _, l := range Texts(o.Told(q)) {
			// The pid that a process prints first is its own.
			if n, ok := r.Match(l); ok && !(len(n) > 1 && n[0] == Pid(q)) {
				observed = fmt.Sprintf("%s printed %q, and %s printed %s", o.Who(q), l, who, Quote(lines))
				return observed, who + " has to print this line itself"
			}
		}
	}
	if len(lines) == 0 {
		for _, l := range o.ErrorLines(p) {
			return fmt.Sprintf("%s printed nothing to standard output, and wrote %q to standard error", who, l),
				fmt.Sprintf("the task asks for the line %q on standard output: %s", r.Text, r.whyUnwritten(b, o, p))
		}
	}
	observed = fmt.Sprintf("%s printed %s", who, Quote(lines))
	if w, ok := Word(p); len(lines) > 0 && ok && w == 0 {
		if flushes, known := Flushes(p); flushes || !known {
			return observed, fmt.Sprintf("the line %q is not among these: the task asks for it in these words", r.Text)
		}
	}
	return observed, fmt.Sprintf("the line %q did not arrive from it: %s", r.Text, r.whyUnwritten(b, o, p))
}

// ErrorLines are the lines that the process wrote to descriptor 2.
func (o *Observation) ErrorLines(p *trace.Process) []string {
	var b []byte
	for _, e := range o.Events(trace.KindWrite) {
		if e.Process == p.Name && e.Fd == 2 && e.Result > 0 {
			b = append(b, Taken(e)...)
		}
	}
	return Lines(b)
}

// whyUnwritten says what is known of why the line did not arrive from the
// process.
func (r *Required) whyUnwritten(b *Bench, o *Observation, p *trace.Process) string {
	if f := o.FailedWrite(p); f != nil {
		return o.FailedCall(f) + ": " + o.FailedMeans(f)
	}
	switch w, ok := Word(p); {
	case !ok:
		return "it " + o.Standing(p)
	case w.Signaled():
		return "it " + o.Standing(p) + ", before it printed the line"
	case w.ExitStatus() != 0 && len(o.ErrorLines(p)) > 0:
		said := o.ErrorLines(p)
		return fmt.Sprintf("it %s, with status %d, and wrote %q to standard error", o.Ending(p), w.ExitStatus(), said[len(said)-1])
	case Execed(p) && len(Made(p)) == 0:
		return "it executed another program, " + show.Line(p.Exec.Path)
	}
	flushes, known := Flushes(p)
	if known && flushes {
		return "it " + o.Ending(p) + ", which flushes the buffers: none of them held this line"
	}
	if pty := b.OnTerminal(o); pty != nil {
		if q := pty.Process(p.Name); q != nil && len(r.Said(pty, q)) > 0 {
			return "the line arrives on a terminal. On a " + o.StdoutName() + " it was still in the buffer when the process ended: it " + o.Ending(p) + ", and nothing flushed the buffer"
		}
		return "it does not arrive on a terminal either, where a newline empties the buffer: the process did not come to the code that prints it. It " + o.Ending(p)
	}
	if known {
		return "it " + o.Ending(p) + ", which flushes nothing: if the line was in a buffer, it was lost there"
	}
	return "it " + o.Ending(p) + ". The recording does not tell whether the line was lost in a buffer"
}

// FailedWrite is the first write of the process that failed, nil if
// none did.
func (o *Observation) FailedWrite(p *trace.Process) *trace.Event {
	for _, e := range o.EventsOf(p, trace.KindWrite) {
		if e.Errno != "" && e.Errno != "EINTR" && e.Errno != "EAGAIN" {
			return e
		}
	}
	return nil
}

// FailedCall says which call failed, why, and in which line.
func (o *Observation) FailedCall(e *trace.Event) string {
	return fmt.Sprintf("its %s to descriptor %d failed with %s%s", e.Call, e.Fd, e.Errno, atSource(e))
}

// FailedMeans says why a write failed, as far as the recording shows it.
func (o *Observation) FailedMeans(e *trace.Event) string {
	if e.Errno != "EBADF" {
		return "the kernel did not take the bytes: look at what the call returns, and at errno"
	}
	means := fmt.Sprintf("descriptor %d is not open for writing", e.Fd)
	writer := o.Process(e.Process)
	for i := range o.Recording.Events {
		x := &o.Recording.Events[i]
		switch {
		case x.Time > e.Time:
			return means
		case x.Errno != "" || x.Fd != e.Fd:
		case x.Kind == trace.KindClose && x.Process == e.Process:
			means = fmt.Sprintf("the process had closed descriptor %d before%s", e.Fd, atSource(x))
		case x.Kind == trace.KindOpen && x.Flags&OAccmode == 0 && o.descends(writer, o.Process(x.Process)):
			means = fmt.Sprintf("%q was opened for reading only%s: open it with O_WRONLY or O_RDWR", x.Path, atSource(x))
		}
	}
	return means
}

// At is a time since the start for a sentence.
func At(ns int64) string { return fmt.Sprintf("+%.2f s", float64(ns)/1e9) }

// AtBoth are two times since the start for a sentence that compares them,
// with as many digits as tell them apart.
func AtBoth(a, b int64) (first, second string) {
	for digits := 2; digits <= 9; digits++ {
		first, second = fmt.Sprintf("+%.*f s", digits, float64(a)/1e9), fmt.Sprintf("+%.*f s", digits, float64(b)/1e9)
		if first != second {
			break
		}
	}
	return first, second
}

// atSource is the place of an event in the program, as " (mine.c:12)"; ""
// where it is not known.
func atSource(e *trace.Event) string {
	if place := Place(e); place != "" {
		return " (" + place + ")"
	}
	return ""
}

// Place is the file's name and the line of an event, mine.c:12; "" if
// it is not known.
func Place(e *trace.Event) string {
	if e == nil || e.Source == nil || e.Source.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", show.Line(path.Base(e.Source.File)), e.Source.Line)
}

// Where is the place of an event for the end of a clause, " at mine.c:12";
// "" if it is not known.
func Where(e *trace.Event) string {
	if place := Place(e); place != "" {
		return " at " + place
	}
	return ""
}

// DeathLine is the signal that ended the process, with its line, nil if
// it was not recorded.
func (o *Observation) DeathLine(p *trace.Process) *trace.Event {
	w, ok := Word(p)
	if !ok || !w.Signaled() {
		return nil
	}
	var last *trace.Event
	for _, e := range o.EventsOf(p, trace.KindSignal) {
		if e.Signal == w.TermSig() {
			last = e
		}
	}
	return last
}
