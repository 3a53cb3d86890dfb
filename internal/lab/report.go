package lab

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"apue/internal/sandbox"
	"apue/internal/show"
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
	Color   bool // beside the words, never in place of them

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
	Pass: "\x1b[32m", Fail: "\x1b[31m", Timeout: "\x1b[31m", CannotCheck: "\x1b[33m",
}

// Write prints the report: a paragraph for each claim that did
// not pass, a line for each that did, and what to type next.
func (r *Report) Write(w io.Writer, s Style) error {
	p := &printer{w: w, style: s}
	for _, x := range r.Results {
		p.on = x.On
		p.result(r, x)
	}
	for _, l := range r.Leftovers {
		if s.Stable { // pids of other runs than the last claim's
			p.line("     left running: %s, killed", show.Line(l.Comm))
			continue
		}
		p.line("     left running: pid %d (%s), killed", l.NSpid, show.Line(l.Comm))
	}
	return p.err
}

// printer keeps the first error of the writes.
type printer struct {
	w     io.Writer
	style Style
	on    *Observation // the run that the current claim is about
	err   error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// result prints one claim.
func (p *printer) result(r *Report, x Result) {
	id, ref := r.Experiment.ClaimID(x.Claim), r.Experiment.ClaimRef(x.Claim)
	gap := Width - 5 - show.Width(id) - show.Width(ref)
	head := word[x.Status]
	if p.style.Color {
		head = color[x.Status] + head + "\x1b[0m"
	}
	p.line("%s %s%s%s", head, id, strings.Repeat(" ", max(gap, 2)), ref)
	if p.style.Detail == None {
		return
	}
	switch {
	case x.Status == Pass:
		if p.style.Verbose {
			p.field("", x.Claim.Says)
			p.field("observed", x.Observed)
		}
	case x.Status == CannotCheck:
		p.field("reason", x.Reason)
		p.field("remedy", x.Remedy)
	case x.Status == NotJudged:
		p.field("", "not judged, because it needs "+x.After)
	default:
		p.failure(r, x)
	}
	for _, remark := range x.Remarks {
		p.field("remark", remark)
	}
}

// failure prints what a learner needs to go on.
func (p *printer) failure(r *Report, x Result) {
	full := p.style.Detail == Full
	if x.On != nil {
		p.ran(x.On)
	}
	if full {
		expected := x.Claim.Says
		if x.Claim.Why != "" {
			expected += ", " + x.Claim.Why
		}
		p.field("expected", expected)
	}
	p.field("observed", x.Observed)
	if said := lastWords(x.On); said != "" {
		p.field("stderr", said)
	}
	switch {
	case x.Status == Timeout:
		// The limit is the same in every run.
		p.wrapped("", fmt.Sprintf("the program was still running after %g s, its limit, and was killed", x.On.Run.Timeout.Seconds()))
		p.field("so far", output(x.On))
	case x.On != nil && x.On.Flooded:
		p.field("", "the program wrote far more than a run may, and was killed")
		p.field("so far", output(x.On))
	}
	if x.On != nil && x.On.Recording != nil {
		for i, l := range tree(x.On, p.stable) {
			name := ""
			if i == 0 {
				name = "tree"
			}
			p.line("  %-9s %s", name, l)
		}
	}
	if !full {
		return
	}
	p.field("means", x.Means)
	if x.Claim.Hints[0] != "" {
		p.line("  %-9s %s", "try", fmt.Sprintf("ch8 hint %s/%s", r.Experiment.ID(), x.Claim.Name))
	}
	again := "ch8 check "
	if !r.Program.Ours && !r.Program.Isolate {
		again += "--plain "
	}
	again += r.Experiment.ID()
	if !r.Program.Ours {
		again += " -- " + show.Line(r.Program.String())
	}
	p.line("  %-9s %s", "again", again) // in one piece, to be typed again
}

// ran prints the exact command, how its output was taken and how
// long it took.
func (p *printer) ran(o *Observation) {
	cmd := o.Program.String()
	if len(o.Run.Args) > 0 {
		cmd += " " + show.Shell(o.Run.Args)
	}
	cmd = show.Line(cmd)
	where := fmt.Sprintf("(stdout: %s)", o.Run.Stdout)
	took := p.stable(fmt.Sprintf("%.2f s", o.Elapsed.Seconds()))
	gap := Width - 12 - show.Width(cmd) - len(where) - len(took)
	if gap < 4 {
		p.field("ran", cmd)
		cmd, gap = "", Width-12-len(where)-len(took)
	}
	name := "ran"
	if cmd == "" {
		name = ""
	}
	p.line("  %-9s %s%s%s%s%s", name, cmd, strings.Repeat(" ", min(2, gap)), where, strings.Repeat(" ", max(gap-2, 1)), took)
}

// field prints a name and a text broken into lines beside it.
func (p *printer) field(name, text string) { p.wrapped(name, p.stable(text)) }

// wrapped does so with a text that is the same in every run. Paths
// and arguments in it may be of the program's choice.
func (p *printer) wrapped(name, text string) {
	for i, l := range show.Wrap(show.Line(text), Width-12) {
		if i > 0 {
			name = ""
		}
		p.line("  %-9s %s", name, l)
	}
}

var (
	number = regexp.MustCompile(`\b\d+\b`)
	second = regexp.MustCompile(`\d+\.\d+ s\b`)
	asDead = regexp.MustCompile(`zombie \d+\.\d+ s, `)
)

// stable replaces what differs from run to run, see Style.Stable.
func (p *printer) stable(s string) string {
	if !p.style.Stable || p.on == nil {
		return s
	}
	names := map[string]string{fmt.Sprint(p.on.Adopter): "4710"}
	for i, q := range p.on.Processes() {
		names[fmt.Sprint(pid(q))] = fmt.Sprint(4711 + i)
	}
	// On a busy machine anybody may be a zombie for a while.
	s = asDead.ReplaceAllString(s, "")
	s = second.ReplaceAllString(s, "0.00 s")
	return number.ReplaceAllStringFunc(s, func(n string) string {
		if m, ok := names[n]; ok {
			return m
		}
		return n
	})
}

// lastWords quotes what a program that ended badly said on standard
// error: the first line, of a Python traceback the last.
func lastWords(o *Observation) string {
	if o == nil || o.Status == 0 {
		return ""
	}
	lines := Lines(bytes.TrimSpace(o.Stderr))
	if len(lines) == 0 {
		return ""
	}
	line := lines[0]
	if strings.HasPrefix(line, "Traceback") {
		line = lines[len(lines)-1]
	}
	if r := []rune(line); len(r) > 200 {
		line = string(r[:200]) + "…"
	}
	return fmt.Sprintf("%q", line)
}

// output quotes the end of what the program wrote.
func output(o *Observation) string {
	const most = 200
	out := o.Stdout
	if len(out) == 0 {
		return "it wrote nothing"
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
