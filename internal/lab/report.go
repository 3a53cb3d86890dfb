package lab

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"apue/internal/locale"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// Width is the widest line of a report in columns: it is
// projected.
const Width = 68

// Detail is how much a report says of what failed: a teacher's
// dial.
type Detail int

// All of it; what was observed without what it means and what
// would have been right; the bare result.
const (
	Full Detail = iota
	Observed
	None
)

// Style says how a report is printed.
type Style struct {
	Detail  Detail
	Verbose bool // the sentence of each claim that passed
	Color   bool // beside the words, never instead of them

	// Stable numbers the processes of a run from 4711 in the order
	// of their birth, the adopter is 4710, and every time but a limit
	// is 0.00 s: for golden files and slides.
	Stable bool
}

// word is what each status is called at the start of a line.
var word = map[Status]string{
	Pass: "ok  ", Fail: "FAIL", Timeout: "TIME", CannotCheck: "????", NotJudged: "----",
}

var color = map[Status]string{
	Pass: show.Green, Fail: show.Red, Timeout: show.Red, CannotCheck: show.Brown,
}

// Write prints the report: a line for each claim that passed, a
// paragraph for each that did not, and what to type next. The command and
// the process tree stand once before the claims of a run. The first
// claim that failed is explained last, so that on a small screen it
// stands beside the command to type next.
func (r *Report) Write(w io.Writer, s Style) error {
	p := &printer{w: w, style: s, report: r}
	var failed []Result
	for _, x := range r.Results {
		p.on = x.On
		switch x.Status {
		case Fail, Timeout:
			failed = append(failed, x)
		case NotJudged:
		default:
			p.settled(x)
		}
	}
	p.notJudged()
	for _, l := range r.Leftovers {
		if s.Stable { // pids of other runs than the last claim's
			p.line("     %s", locale.Sprintf("left running: %s, killed", show.Line(l.Comm)))
			continue
		}
		p.line("     %s", locale.Sprintf("left running: pid %d (%s), killed", l.NSpid, show.Line(l.Comm)))
	}
	same := p.repeats(failed)
	failed = slices.DeleteFunc(failed, func(x Result) bool { return same.of[x.Claim] != nil })
	slices.Reverse(failed)
	slices.SortStableFunc(failed, func(a, b Result) int { return cmp.Compare(lastOf(failed, a.On), lastOf(failed, b.On)) })
	for i, x := range failed {
		p.on = x.On
		if s.Detail != None && x.On != nil && (i == 0 || failed[i-1].On != x.On) {
			p.run()
		}
		p.alike(x.Claim, same.names[x.Claim])
		p.failure(x)
	}
	if len(failed) > 0 && s.Detail == Full {
		p.again()
	}
	return p.err
}

// A sameReason says which claims failed for the same reason as an earlier
// one of the same run: of is that claim, names are the others' names.
type sameReason struct {
	of    map[*Claim]*Claim
	names map[*Claim][]string
}

// repeats finds failures whose text is that of an earlier one. A learner
// reads it once.
func (p *printer) repeats(failed []Result) sameReason {
	same := sameReason{map[*Claim]*Claim{}, map[*Claim][]string{}}
	if p.style.Detail == None {
		return same
	}
	for i, x := range failed {
		for _, before := range failed[:i] {
			if same.of[before.Claim] == nil && before.Status == x.Status && before.On == x.On && before.Observed == x.Observed && before.Means == x.Means && len(x.Remarks) == 0 {
				same.of[x.Claim] = before.Claim
				same.names[before.Claim] = append(same.names[before.Claim], x.Claim.Name)
				break
			}
		}
	}
	return same
}

// alike names in one line the claims that failed for the same reason as
// this one, which is explained below.
func (p *printer) alike(c *Claim, names []string) {
	if len(names) == 0 {
		return
	}
	p.marked(Fail, locale.Sprintf("for the same reason as %s: %s", c.Name, strings.Join(names, ", ")))
}

// marked prints a text beside a result.
func (p *printer) marked(status Status, text string) {
	head := p.word(status)
	for _, l := range show.Wrap(text, Width-5) {
		p.line("%s %s", head, l)
		head = "    "
	}
}

// word is what a result is called at the start of a line.
func (p *printer) word(status Status) string {
	if c := color[status]; p.style.Color && c != "" {
		return show.Colored(c, word[status])
	}
	return word[status]
}

// lastOf is the place of the last result that this run decided.
func lastOf(all []Result, on *Observation) (last int) {
	for i, x := range all {
		if x.On == on {
			last = i
		}
	}
	return last
}

// printer keeps the first error of the writes.
type printer struct {
	w      io.Writer
	style  Style
	report *Report
	on     *Observation // the run that the current claim is about
	err    error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// labelled prints one line, with its name in front; "" for one that
// goes on with the line above.
func (p *printer) labelled(name, text string) {
	p.line("  %s %s", show.Pad(name, 9), text)
}

// head prints the line of a claim: its result, its id, and where the
// book says what it says.
func (p *printer) head(x Result) {
	id, ref := p.report.Experiment.ClaimID(x.Claim), locale.Ref(p.report.Experiment.ClaimRef(x.Claim))
	gap := Width - 5 - show.Width(id) - show.Width(ref)
	p.line("%s %s%s%s", p.word(x.Status), id, strings.Repeat(" ", max(gap, 2)), ref)
}

// settled prints a claim that passed or that could not be checked.
func (p *printer) settled(x Result) {
	p.head(x)
	if p.style.Detail == None {
		return
	}
	switch {
	case x.Status == CannotCheck:
		p.field(locale.T("reason"), x.Reason)
		p.field(locale.T("remedy"), x.Remedy)
	case p.style.Verbose:
		p.field("", locale.T(x.Claim.Says))
		p.field(locale.T("observed"), x.Observed)
	}
	p.remarks(x)
}

func (p *printer) remarks(x Result) {
	for _, remark := range x.Remarks {
		p.field(locale.T("remark"), remark)
	}
}

// notJudged names in one line all claims that need one which failed.
func (p *printer) notJudged() {
	var needed []string
	after := map[string][]string{}
	for _, x := range p.report.Results {
		if x.Status != NotJudged {
			continue
		}
		why := locale.T(x.Reason)
		if x.After != "" {
			why = locale.Sprintf("%s failed", x.After)
		}
		if after[why] == nil {
			needed = append(needed, why)
		}
		after[why] = append(after[why], x.Claim.Name)
	}
	for _, need := range needed {
		p.marked(NotJudged, locale.Sprintf("not judged, because %s: %s", need, strings.Join(after[need], ", ")))
	}
}

// run prints what the claims that follow are about: the command, the
// process tree, what the program said on standard error.
func (p *printer) run() {
	p.ran(p.on)
	if p.on.Recording != nil {
		for i, l := range tree(p.on, p.stable) {
			name := ""
			if i == 0 {
				name = locale.T("tree")
			}
			p.labelled(name, l)
		}
	}
	for i, l := range lastWords(p.on) {
		name := ""
		if i == 0 {
			name = locale.T("stderr")
		}
		p.field(name, l)
	}
	if p.style.Detail == Full {
		p.field(locale.T("crash"), p.on.crashes())
	}
	if p.on.TimedOut {
		p.standing()
	}
}

// standing prints where each process was when the time was over.
func (p *printer) standing() {
	const most = 6
	p.field(locale.T("so far"), output(p.on))
	n := 0
	for _, q := range p.on.Processes() {
		if q.Exit != nil {
			continue
		}
		if n++; n > most {
			continue
		}
		name := ""
		if n == 1 {
			name = locale.T("stands")
		}
		p.field(name, p.on.Who(q)+" "+p.on.Standing(q))
	}
	if n > most {
		p.field("", locale.Sprintf("and %d more processes", n-most))
	}
}

// failure prints what a learner needs to go on.
func (p *printer) failure(x Result) {
	p.head(x)
	if p.style.Detail == None {
		return
	}
	full := p.style.Detail == Full
	if full {
		expected := locale.T(x.Claim.Says)
		if x.Claim.Why != "" {
			expected = locale.Sprintf("%s, %s", expected, locale.T(x.Claim.Why))
		}
		p.field(locale.T("expected"), expected)
	}
	p.field(locale.T("observed"), x.Observed)
	switch {
	case x.Status == Timeout:
		// The limit is the same in every run.
		p.wrapped("", locale.Sprintf("the program was still running after %g s, its limit, and was killed", x.On.Run.Timeout.Seconds()))
	case x.On != nil && x.On.Flooded:
		why := locale.T("the program wrote far more than a run may, and was killed")
		if x.On.RecordingFull {
			why = locale.T(recordingFull)
		}
		p.field("", why)
		p.field(locale.T("so far"), output(x.On))
	}
	if full {
		p.field(locale.T("means"), x.Means)
	}
	p.remarks(x)
	if full && x.Claim.Hints[0] != "" {
		p.labelled(locale.T("try"), "ch8 hint "+p.report.Experiment.ClaimID(x.Claim))
	}
}

// again prints the command that checks once more.
func (p *printer) again() {
	r := p.report
	again := "ch8 check "
	if !r.Program.Ours && !r.Program.Isolate {
		again += "--plain "
	}
	again += r.Experiment.ID()
	if !r.Program.Ours {
		again += " -- " + show.Line(r.Program.String())
	}
	p.labelled(locale.T("again"), again) // in one piece, to be typed again
}

// ran prints the exact command, how its output was taken and how
// long it took.
func (p *printer) ran(o *Observation) {
	cmd := o.Program.String()
	if len(o.Run.Args) > 0 {
		cmd += " " + show.Shell(o.Run.Args)
	}
	cmd = show.Line(cmd)
	where := fmt.Sprintf("(stdout: %s)", locale.T(o.StdoutName()))
	took := p.stable(fmt.Sprintf("%.2f s", o.Elapsed.Seconds()))
	gap := Width - 12 - show.Width(cmd) - show.Width(where) - show.Width(took)
	if gap < 4 {
		p.field(locale.T("ran"), cmd)
		cmd, gap = "", Width-12-show.Width(where)-show.Width(took)
	}
	name := locale.T("ran")
	if cmd == "" {
		name = ""
	}
	p.labelled(name, cmd+strings.Repeat(" ", min(2, gap))+where+strings.Repeat(" ", max(gap-2, 1))+took)
}

// field prints a name and a text broken into lines beside it.
func (p *printer) field(name, text string) { p.wrapped(name, p.stable(text)) }

// wrapped does so with a text that is the same in every run. Paths
// and arguments in it may be of the program's choice.
func (p *printer) wrapped(name, text string) {
	if text == "" {
		return
	}
	for i, l := range show.Wrap(show.Line(text), Width-12) {
		if i > 0 {
			name = ""
		}
		p.labelled(name, l)
	}
}

var (
	number = show.Pattern(`\b\d+\b`)
	second = show.Pattern(`\d+\.\d+ s\b`)
	place  = show.Pattern(`\b0x[0-9a-f]{5,}\b`) // in memory
	asDead = show.Pattern(`zombie \d+\.\d+ s, `)
)

// stable replaces what differs from run to run, see Style.Stable.
func (p *printer) stable(s string) string {
	if !p.style.Stable || p.on == nil {
		return s
	}
	names := map[string]string{fmt.Sprint(p.on.Adopter): "4710"}
	for i, q := range p.on.Processes() {
		names[fmt.Sprint(Pid(q))] = fmt.Sprint(4711 + i)
	}
	// On a busy machine anybody may be a zombie for a while.
	s = asDead().ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, " ("+trace.NotSeen+")", "") // as the machine is busy or not
	s = second().ReplaceAllString(s, "0.00 s")
	s = place().ReplaceAllString(s, "0x…")
	return number().ReplaceAllStringFunc(s, func(n string) string {
		if m, ok := names[n]; ok {
			return m
		}
		return n
	})
}

// lastWords are the last lines that the program wrote to standard
// error, quoted: of a Python traceback the reason is the last one.
func lastWords(o *Observation) (quoted []string) {
	const most = 3
	lines := Lines(bytes.TrimSpace(o.Stderr))
	for _, l := range lines[max(len(lines)-most, 0):] {
		if strings.TrimSpace(l) != "" {
			quoted = append(quoted, fmt.Sprintf("%q", show.Clip(l, 200)))
		}
	}
	return quoted
}

// output quotes the end of what the program wrote.
func output(o *Observation) string {
	const most = 200
	out := o.Stdout
	if len(out) == 0 {
		return locale.T("it wrote nothing")
	}
	if len(out) > most {
		out = out[len(out)-most:]
	}
	return fmt.Sprintf("%q", out)
}

// Names lists the leftovers for a sentence: "pid 12 (sleep)".
func Names(left []sandbox.Leftover) string {
	var s []string
	for _, l := range left {
		s = append(s, fmt.Sprintf("pid %d (%s)", l.NSpid, show.Line(l.Comm)))
	}
	slices.Sort(s)
	return strings.Join(s, ", ")
}
