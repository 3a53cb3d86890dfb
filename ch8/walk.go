package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/spf13/cobra"
)

func walkCommand() *cobra.Command {
	var replay, ascii, plain bool
	c := &cobra.Command{
		Use:   "walk SUBJECT",
		Short: "Step through what happened, event by event, as in class",
		Long: `Record a program, then step through it. Each step shows the source
around the line that made it, the picture so far, what each process does
now, and why the step matters, if it does.

` + takes + `
Where nothing can be recorded, an exercise's id takes the recording that
comes with ch8.

Keys: Enter, space, n, PageDown, right or down: next. b, PageUp, left or
up: back. Home and End. g NUMBER: go to. m: the next decisive moment.
p: ask the room before the next step is shown; a number is the room's
answer, and the next step says which one is right. o: show each step of
a loop or of a search in PATH, which have one row, or fold them again. A
full stop blanks the screen, and the next key brings it back. q: quit.
With --plain, without a terminal, or with TERM=dumb each command is a
line, nothing is drawn again, and v shows the picture.`,
		Example: "  ch8 walk doublefork\n  ch8 walk mine.c\n  ch8 walk fork/glob -- ./a.out\n  ch8 walk --plain run.jsonl",
		RunE: func(c *cobra.Command, args []string) error {
			s, err := subjectOf(c, args)
			if err != nil {
				return err
			}
			errw := c.ErrOrStderr()
			if plain {
				errw = struct{ io.Writer }{errw} // which hides a terminal: nothing is drawn again
			}
			rec, err := s.recordSaying(errw, replay)
			if err != nil {
				return err
			}
			w := newWalk(s.name(), rec, s.experiment, textOptions(c.OutOrStdout()))
			w.options.ASCII = w.options.ASCII || ascii
			in, isTerminal := terminal(c.InOrStdin())
			if _, ok := terminal(c.OutOrStdout()); !isTerminal || !ok || plain || os.Getenv("TERM") == "dumb" {
				return w.byLine(c.InOrStdin(), c.OutOrStdout())
			}
			ctx, stop := interruptible()
			defer stop()
			return (&display{in, c.OutOrStdout()}).hold(ctx, w)
		},
	}
	c.Flags().BoolVar(&replay, "replay", false, "the recording that comes with ch8, not a new one")
	c.Flags().BoolVar(&ascii, "ascii", false, "draw with ASCII characters only")
	c.Flags().BoolVar(&plain, "plain", false, "line by line, without drawing anything again")
	return c
}

// A walk is the state of a walkthrough. The screen depends on it and on
// the size of the terminal alone.
type walk struct {
	name    string
	model   *timeline.Model // one of these two
	whole   *timeline.Model // without folds
	folded  *timeline.Model // with folds; the same where there is nothing to fold
	rec     *trace.Recording
	x       *lab.Experiment     // nil for a program that is none
	moments map[int]string      // what matters at a step, by its number
	asks    map[int][]lab.Asked // questions, by the number of the step that answers them; 1 for those that no step answers
	lines   map[string][]string // of source files
	options timeline.Options

	at     int            // rows shown
	asking int            // the room is asked: the number of the question, from 1; 0: it is not
	asked  []lab.Asked    // what it was asked before the step shown
	picks  map[string]int // its answers, counted from 1, by question
	typing bool           // a "g" has been typed
	digits string         // and so far these
	blank  bool
	said   string // an answer to the last key
}

func newWalk(name string, rec *trace.Recording, x *lab.Experiment, o timeline.Options) *walk {
	o.Bare = true
	w := &walk{
		name: name, whole: modelOf(rec, x), rec: rec, x: x, options: o,
		picks: map[string]int{}, lines: map[string][]string{},
	}
	w.folded = foldedOf(w.whole, rec, x)
	w.show(w.folded)
	return w
}

// show makes m the picture that is walked through.
func (w *walk) show(m *timeline.Model) {
	w.model, w.moments, w.asks = m, map[int]string{}, map[int][]lab.Asked{}
	x, rec := w.x, w.rec
	if x == nil {
		return
	}
	seen := x.Observe(rec)
	for _, m := range x.MomentsIn(seen) {
		if n := w.stepOf(m.Index); n > 0 {
			said := locale.Sprintf("%s (%s)", locale.T(m.Says), locale.Ref(cmp.Or(m.Ref, x.Ref)))
			w.moments[n] = strings.TrimSpace(w.moments[n] + " " + said)
		}
	}
	for _, q := range x.QuestionsIn(seen) {
		at := 0
		for i := range rec.Events {
			if &rec.Events[i] == q.At {
				at = w.stepOf(i)
			}
		}
		at = max(at, 1)
		w.asks[at] = append(w.asks[at], q)
	}
}

// stepOf is the row that shows an event, 0 if none does.
func (w *walk) stepOf(event int) int {
	for i, s := range w.model.Steps {
		if !s.Enter && s.Event <= event && event <= s.Last {
			return i + 1
		}
	}
	return 0
}

// number is the number of the last step that the first rows show.
func (w *walk) number(rows int) int {
	if rows == 0 {
		return 0
	}
	return w.model.Steps[rows-1].N
}

// steps is how many steps there are.
func (w *walk) steps() int { return len(w.whole.Steps) }

// to shows step n, or the row that stands for it.
func (w *walk) to(n int) {
	w.at = 0
	for w.at < len(w.model.Steps) && w.number(w.at) < n {
		w.at++
	}
}

// open shows every step, or folds the loops again.
func (w *walk) open() {
	n := w.number(w.at)
	switch {
	case w.folded == w.whole:
		w.said = locale.T("There is nothing to open: every step is shown.")
	case w.model == w.whole:
		w.show(w.folded)
		w.to(n)
	default:
		if w.at > 0 {
			if s := w.model.Steps[w.at-1]; s.Folds > 0 {
				n -= s.Folds - 1 // the first one of the loop
			}
		}
		w.show(w.whole)
		w.to(n)
	}
}

var (
	keyHelp = locale.Key("Enter next  b back  g N go to  m moment  p ask  q quit")
	askHelp = locale.Key("Enter next  b back  g N go to  m moment  p a question  q quit")
	wasLast = locale.Key("That was the last step: b back, g N go to, q quit.")
)

// key does what a key asks for, and reports whether it ends.
func (w *walk) key(k key) (done bool) {
	if w.typing {
		return w.digit(k)
	}
	if w.blank { // as a presenter's remote control does it
		w.blank = false
		return k == 'q' || k == 3 || k == 4
	}
	last := len(w.model.Steps)
	asking := w.asking
	if asking > 0 && k >= '0' && k <= '9' {
		w.pick(int(k - '0'))
		return false
	}
	w.said, w.asking = "", 0
	if k != 'p' && k != '.' {
		w.asked = nil
		if asking > 0 {
			w.asked = w.next()[:min(asking, len(w.next()))]
		}
	}
	switch k {
	case 'n', ' ', '\r', '\n', keyRight, keyDown, keyPageDown:
		if w.at == last {
			w.said = locale.T(wasLast)
		}
		w.at = min(w.at+1, last)
	case 'b', keyLeft, keyUp, keyPageUp, 127:
		w.at = max(w.at-1, 0)
	case keyHome:
		w.at = 0
	case keyEnd:
		w.at = last
	case 'g':
		w.typing = true
	case 'm':
		w.toMoment()
	case 'p':
		if n := max(len(w.next()), 1); w.at < last && asking < n {
			w.asking = asking + 1
		}
	case 'o':
		w.open()
	case '.':
		w.blank = true
	case 'q', 3, 4: // and Ctrl-C, Ctrl-D
		return true
	default:
		w.said = locale.Sprintf("Unknown key. %s", locale.T(keyHelp))
	}
	return false
}

// digit takes a key of the number after "g".
func (w *walk) digit(k key) (done bool) {
	switch {
	case k >= '0' && k <= '9':
		w.digits += string(rune(k))
		return false
	case k == '\r' || k == '\n':
		n := 0
		fmt.Sscan(w.digits, &n)
		if len(w.digits) > 9 {
			n = w.steps()
		}
		w.to(min(n, w.steps()))
	}
	w.typing, w.digits = false, ""
	return k == 3
}

// next are the questions that the next step answers.
func (w *walk) next() []lab.Asked { return w.asks[w.at+1] }

// pick takes a number as the room's answer to the question that is asked.
func (w *walk) pick(n int) {
	if qs := w.next(); w.asking <= len(qs) && n >= 1 && n <= len(qs[w.asking-1].Answers) {
		w.picks[qs[w.asking-1].Ask] = n
	}
}

// right says which answers were right to what the room was asked before
// the step shown.
func (w *walk) right(width int) (lines []string) {
	for _, q := range w.asked {
		pick, answer := w.picks[q.Ask], locale.T(q.Answer)
		said := locale.Sprintf("Answer: %s.", answer)
		switch {
		case pick > 0 && q.Answers[pick-1] == q.Answer:
			said = locale.Sprintf("You were right: %s.", answer)
		case pick > 0:
			said = locale.Sprintf("You said: %s. It is: %s.", locale.T(q.Answers[pick-1]), answer)
		}
		lines = append(lines, show.Wrap(said+" "+locale.T(q.Why), width)...)
	}
	return lines
}

// help is the line that says what the keys do.
func (w *walk) help() string {
	if len(w.next()) > 0 {
		return locale.T(askHelp)
	}
	return locale.T(keyHelp)
}

// toMoment goes to the next step that has one.
func (w *walk) toMoment() {
	for n := w.at + 1; n <= len(w.model.Steps); n++ {
		if w.moments[n] != "" {
			w.at = n
			return
		}
	}
	w.said = locale.T("There is no decisive moment after this step.")
}

// note is why the step shown matters: the experiment's moment, or what
// the book says where a thing happens for the first time.
func (w *walk) note() string {
	if w.at == 0 {
		return ""
	}
	if m := w.moments[w.at]; m != "" {
		return m
	}
	if w.model.Steps[w.at-1].Folds > 0 {
		return locale.T("One row stands for these steps: o shows each of them.")
	}
	about := func(n int) string {
		s := w.model.Steps[n-1]
		if s.Event < 0 || s.Event >= len(w.rec.Events) || s.Folds > 0 {
			return ""
		}
		return topic(&w.rec.Events[s.Event], s.Enter)
	}
	t := about(w.at)
	for n := 1; n < w.at; n++ {
		if about(n) == t {
			return ""
		}
	}
	return locale.T(bookNotes[t])
}

// question is what the room is asked before the next step.
func (w *walk) question() []string {
	qs := w.next()
	if len(qs) == 0 {
		return append(strings.Split(locale.Sprintf("Step %d is next. Before it is shown: which process does\nsomething, and what?", w.number(w.at)+1), "\n"),
			locale.T("Enter shows it."))
	}
	q := qs[w.asking-1]
	lines := show.Wrap(locale.T(q.Ask), lab.Width)
	for i, a := range q.Answers {
		mark := "  "
		if w.picks[q.Ask] == i+1 {
			mark = "> "
		}
		lines = append(lines, fmt.Sprintf("%s%d) %s", mark, i+1, locale.T(a)))
	}
	if w.asking < len(qs) {
		return append(lines, locale.T("A number: your answer. p: one more question. Enter shows what happens."))
	}
	return append(lines, locale.T("A number: your answer. Enter shows what happens."))
}

// sourceLines is how many lines of source stand around the one of a
// step: the same number above and below.
const sourceLines = 5

// source returns the file and line of the step shown, and n lines
// around it in so many columns, the one itself marked. The blanks that all
// of them begin with are left out where a line would not fit.
func (w *walk) source(n, width int) (where string, lines []string) {
	if w.at == 0 {
		return "", nil
	}
	s := w.model.Steps[w.at-1]
	if s.Event < 0 || s.Event >= len(w.rec.Events) || w.rec.Events[s.Event].Source == nil {
		return "", nil
	}
	at := w.rec.Events[s.Event].Source
	text, known := w.lines[at.File]
	if !known {
		if b, err := sourcesOf(w.rec)(at.File); err == nil {
			text = strings.Split(strings.ReplaceAll(string(b), "\t", "    "), "\n")
		}
		w.lines[at.File] = text
	}
	where = s.Source
	switch {
	case len(text) == 0: // a program that an experiment made, and removed
		return where, show.Wrap(locale.T("The recording does not have the text of this file."), width)
	case at.Line < 1 || at.Line > len(text):
		return where, nil
	}
	from := max(min(at.Line-(n+1)/2, len(text)-n), 0)
	near := each(text[from:min(from+n, len(text))], show.Line)
	room := width - len("> 1234  ")
	for i, l := range dedented(near, room) {
		head := fmt.Sprintf("  %4d  ", from+i+1)
		if from+i+1 == at.Line {
			head = fmt.Sprintf("> %4d  ", from+i+1)
		}
		indent := l[:len(l)-len(strings.TrimLeft(l, " "))]
		parts := []string{strings.TrimPrefix(l, indent)}
		if show.Width(l) > room {
			parts = show.Wrap(l, room-len(indent)-2)
		}
		for _, part := range parts {
			lines = append(lines, strings.TrimRight(head+indent+part, " "))
			head = "          "
		}
	}
	return where, lines
}

// dedented takes from each line the blanks that all of them begin with,
// but no more than it takes to make them fit.
func dedented(lines []string, room int) []string {
	common, widest := room, 0
	for _, l := range lines {
		if code := strings.TrimLeft(l, " "); code != "" {
			common, widest = min(common, len(l)-len(code)), max(widest, show.Width(l))
		}
	}
	blanks := strings.Repeat(" ", max(min(common, widest-room), 0))
	return each(lines, func(l string) string { return strings.TrimPrefix(l, blanks) })
}

// The picture has fewestLines at least, and fewestRows before the legend
// goes.
const (
	fewestLines = 4
	fewestRows  = 6
)

// mostNamed is how many processes are named; of more only those that are
// not gone, and so many of these.
const mostNamed = 6

// now says what each process does after the step shown, with pids.
func (w *walk) now(width int) []string {
	m := w.whole.Step(w.number(w.at)) // a fold has processes that have no lane
	var living, gone []string
	for i := range m.Lanes {
		l := &m.Lanes[i]
		said := fmt.Sprintf("%s %d %v", l.Title, l.PID(), l.At(len(m.Steps)-1))
		switch st := l.At(len(m.Steps) - 1); {
		case l.Outside || st == timeline.Unborn:
		case st == timeline.Gone:
			gone = append(gone, said)
		default:
			living = append(living, said)
		}
	}
	items := append(living, gone...)
	if len(items) > mostNamed {
		items = living[:min(len(living), mostNamed)]
		if more := len(living) - len(items); more > 0 {
			items = append(items, locale.Sprintf("%d more", more))
		}
		if len(gone) > 0 {
			items = append(items, locale.Sprintf("%d gone", len(gone)))
		}
	}
	return show.Wrap(locale.Sprintf("now: %s", strings.Join(items, locale.T(", "))), width)
}

var (
	escapes   = show.Pattern("\x1b\\[[0-9;]*m")
	rowNumber = show.Pattern(`^ *(\d+) `)
)

// picture draws the picture so far on at most so many lines, the last
// row marked, and reports whether there was room for the names above.
func (w *walk) picture(width, height int) (lines []string, named bool) {
	if w.at == 0 || height < 1 {
		return nil, false
	}
	named = true
	o := w.options
	o.Width = max(width-2, 40)
	for o.Rows = height; ; o.Rows-- {
		var b strings.Builder
		if err := w.model.Step(w.at).Text(&b, o); err != nil {
			return []string{err.Error()}, named
		}
		lines = strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
		if o.Rows <= 1 && len(lines) > height {
			named = false
			lines = lines[titleLines(lines, max(2, len(fmt.Sprint(w.steps())))):] // the new row is worth more than the names above
		}
		if len(lines) <= height || o.Rows <= 1 {
			return marked(lines, w.number(w.at))[:min(len(lines), height)], named
		}
	}
}

// titleLines counts the lines of a picture that stand above its rows. A
// row begins with its number, in the first digits columns.
func titleLines(lines []string, digits int) int {
	return max(slices.IndexFunc(lines, func(l string) bool {
		l = escapes().ReplaceAllString(l, "")
		at := strings.IndexFunc(l, func(r rune) bool { return r != ' ' })
		return at >= 0 && at < digits && l[at] >= '0' && l[at] <= '9' || strings.Contains(l, locale.T(" before"))
	}), 0)
}

// marked puts a margin beside the lines of a picture, with a mark on
// those of row n, the last one.
func marked(lines []string, n int) []string {
	margin := "  "
	for i, l := range lines {
		m := rowNumber().FindStringSubmatch(escapes().ReplaceAllString(l, ""))
		if m != nil && m[1] == fmt.Sprint(n) {
			margin = "> "
		}
		lines[i] = margin + l
	}
	return lines
}

// legend is what the strokes and letters of the picture mean.
func (w *walk) legend(width int) []string {
	var b strings.Builder
	o := w.options
	o.Width = max(width, 40)
	if err := w.model.Legend(&b, o); err != nil {
		return []string{err.Error()}
	}
	return strings.Split(strings.TrimRight(escapes().ReplaceAllString(b.String(), ""), "\n"), "\n")
}

// draw fills a screen.
func (w *walk) draw(width, height int) []string {
	if w.blank {
		return nil
	}
	last := len(w.model.Steps)
	top := ends(w.name, locale.Sprintf("step %d of %d", w.number(w.at), w.steps()), width)
	foot := []string{show.Clip(w.help(), width)}
	switch {
	case w.typing:
		foot = []string{locale.Sprintf("go to step (0 to %d), then Enter: ", w.steps()) + w.digits}
	case w.said != "":
		foot = []string{show.Clip(w.said, width)}
	case w.at == last:
		foot = []string{show.Clip(locale.T(wasLast), width)}
	}
	rule := w.rule(width)
	if w.at == 0 {
		if w.asking > 0 {
			foot = append(w.question(), foot...)
		}
		return w.fill([]string{top, rule}, w.begin(width, w.legend(min(width, 100))), foot, height)
	}
	below := append([]string{rule}, w.right(width)...)
	if note := w.note(); note != "" && w.asking == 0 {
		below = append(below, show.Wrap(note, width)...)
	}
	below = append(below, w.now(width)...)
	if w.asking > 0 {
		below = append([]string{rule}, w.question()...)
	}
	n := sourceLines
	if height < 20 {
		n = 3
	}
	head := append([]string{top, rule}, w.near(n, width)...)
	for ; n > 1 && height-len(head)-len(below)-len(foot) < fewestLines; n-- { // wrapped lines take more room
		head = append([]string{top, rule}, w.near(n-1, width)...)
	}
	room := height - len(head) - len(below) - len(foot)
	rest := max(room, fewestLines)
	legend := w.legend(width)
	picture, named := w.picture(width, rest-len(legend))
	if w.asking > 0 || !named || rest-len(legend) < fewestRows {
		legend = nil
		picture, _ = w.picture(width, rest)
		picture = picture[max(len(picture)-max(room, 1), 0):] // its last row is the new one
	}
	return w.fill(head, picture, slices.Concat(below, legend, foot), height)
}

// near is the part of a screen with the source around a step.
func (w *walk) near(n, width int) (lines []string) {
	where, source := w.source(n, width)
	if where == "" {
		return nil
	}
	for _, l := range append([]string{where}, source...) {
		lines = append(lines, show.Clip(l, width))
	}
	return append(lines, w.rule(width))
}

// rule is a line between the parts of a screen.
func (w *walk) rule(width int) string {
	if w.options.ASCII {
		return strings.Repeat("-", width)
	}
	return strings.Repeat("─", width)
}

// begin is the screen before the first step: what was run and, of a
// program that has no questions which this would answer, what it is about
// and who takes part.
func (w *walk) begin(width int, legend []string) []string {
	width = min(width, 100)
	lines := show.Wrap(w.model.Command, width)
	switch {
	case w.x == nil:
	case len(w.asks) > 0: // its title answers them
		lines = append(lines, locale.Ref(w.x.Ref))
	default:
		lines = append(lines, show.Wrap(locale.Sprintf("%s (%s)", locale.T(w.x.Title), locale.Ref(w.x.Ref)), width)...)
	}
	lines = append(lines, "")
	if len(w.asks) == 0 {
		for _, l := range w.model.Lanes {
			if !l.Outside {
				lines = append(lines, locale.Sprintf("  %s, pid %d", l.Title, l.PID()))
			}
		}
		lines = append(lines, "")
	}
	if len(legend) > 0 {
		lines = append(append(lines, legend...), "")
	}
	for _, n := range w.model.Notes {
		lines = append(lines, show.Wrap(n, width)...)
	}
	return lines
}

// fill puts the parts of a screen one below the other, the last one at
// its foot: what does not fit is cut from the middle part.
func (w *walk) fill(head, middle, foot []string, height int) []string {
	room := max(height-len(head)-len(foot), 0)
	middle = middle[:min(len(middle), room)]
	gap := make([]string, room-len(middle))
	lines := slices.Concat(head, middle, gap, foot)
	if len(lines) > height { // a very small screen: the foot says how to go on
		lines = append(lines[:max(height-1, 0)], lines[len(lines)-1])
	}
	return lines
}

// text is what is printed after a command where nothing is drawn again.
func (w *walk) text() string {
	var b strings.Builder
	last := len(w.model.Steps)
	switch {
	case w.typing:
		return locale.Sprintf("go to step (0 to %d), then Enter: ", w.steps())
	case w.said != "":
		return "\n" + w.said + "\n"
	case w.asking > 0:
		return "\n" + strings.Join(w.question(), "\n") + "\n"
	case w.at == 0:
		return "\n" + strings.Join(w.begin(lab.Width, nil), "\n") + "\n\n" + locale.Sprintf("%s. %s  v view", count(w.steps(), "step"), w.help()) + "\n"
	}
	fmt.Fprintf(&b, "\n-- %s\n", locale.Sprintf("step %d of %d", w.number(w.at), w.steps()))
	s := w.model.Steps[w.at-1]
	for _, l := range show.Wrap(s.Text, lab.Width) {
		fmt.Fprintln(&b, l)
	}
	for _, e := range s.Evidence {
		fmt.Fprintln(&b, "  "+strings.Join(show.Wrap(e, lab.Width-2), "\n  "))
	}
	if where, lines := w.source(sourceLines, lab.Width); where != "" {
		fmt.Fprintf(&b, "%s\n%s", where, strings.Join(append(lines, ""), "\n"))
	}
	for _, l := range w.right(lab.Width) {
		fmt.Fprintln(&b, l)
	}
	if note := w.note(); note != "" {
		fmt.Fprintln(&b, strings.Join(show.Wrap(note, lab.Width), "\n"))
	}
	fmt.Fprintln(&b, strings.Join(w.now(lab.Width), "\n"))
	if len(w.next()) > 0 {
		fmt.Fprintln(&b, locale.T("p asks a question about what comes next."))
	}
	if w.at == last {
		fmt.Fprintf(&b, "\n%s\n", locale.T(wasLast))
	}
	return b.String()
}

// byLine takes each line as a command: nothing, or a key, or g and
// a number, or v for the picture. It prints no control character, on a
// terminal too: a screen reader reads what is printed.
func (w *walk) byLine(in io.Reader, out io.Writer) error {
	w.options.Color = false
	if _, err := io.WriteString(out, w.text()); err != nil {
		return err
	}
	s := bufio.NewScanner(in)
	for s.Scan() {
		line := strings.TrimSpace(s.Text())
		said := ""
		if line == "v" {
			picture, _ := w.picture(lab.Width+2, 40)
			said = strings.Join(append(picture, w.legend(lab.Width)...), "\n") + "\n"
		} else {
			if line == "" {
				line = "\n"
			}
			for _, k := range line {
				if k != ' ' && w.key(key(k)) {
					return nil
				}
			}
			if w.typing {
				w.key('\r')
			}
			said = w.text()
		}
		if _, err := io.WriteString(out, said); err != nil {
			return err
		}
	}
	return s.Err()
}
