package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

// checkOptions are the flags that check and watch share.
type checkOptions struct {
	json, verbose, strict, noProgress, plain, stable bool

	chosen bool // runs was asked for

	detail string
	runs   int
}

func (o *checkOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVarP(&o.verbose, "verbose", "v", false, "say of each claim that passed what was seen")
	f.StringVar(&o.detail, "detail", "full", "of a failure: full, observed (without what was expected and what it means) or none")
	f.BoolVar(&o.noProgress, "no-progress", false, "do not note the results in "+progressFile)
	f.BoolVar(&o.plain, "plain", false, "run your program without isolating it (it is yours, and you trust it)")
	f.BoolVar(&o.stable, "stable", false, "number the processes from 4711 and leave out times, to compare two runs")
}

// style is how these options have a report printed.
func (o *checkOptions) style(w io.Writer) (lab.Style, error) {
	s := lab.Style{Verbose: o.verbose, Stable: o.stable, Color: colored(w)}
	switch o.detail {
	case "full":
		s.Detail = lab.Full
	case "observed":
		s.Detail = lab.Observed
	case "none":
		s.Detail = lab.None
	default:
		return s, fmt.Errorf("--detail %s: it is full, observed or none", o.detail)
	}
	return s, nil
}

func checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check [ID...] [-- CMD ARGS...]",
		Short: "Check what the kernel saw of our programs, or of yours",
		Long: `Check the claims of an experiment. Without a command, our own programs
are checked. With a command after --, your program is checked: an
executable, a C or Go file, or a folder with one of these or with a
Makefile. Sources are built first. An ID is a folder, an
experiment or one of its claims.

The program is built here, for five minutes at most, and not
isolated: a Makefile runs as you. Check a stranger's folder with
ch8 grade.

Exit status: 0 if nothing failed, 1 if a claim failed or timed out, 2
if the call is wrong or nothing could be checked.`,
		Example: "  ch8 check fork\n  ch8 check fork/glob -- ./a.out\n  ch8 check -v doublefork/doublefork/adopted -- ./mine.c",
		RunE: func(c *cobra.Command, args []string) error {
			ids, cmd, err := idsAndProgram(c, args)
			if err != nil {
				return err
			}
			o.chosen = c.Flags().Changed("runs")
			return check(c.OutOrStdout(), c.ErrOrStderr(), &o, ids, cmd)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&o.json, "json", false, "print one JSON object for each claim")
	c.Flags().BoolVar(&o.strict, "strict", false, "exit with 2 if a claim could not be checked")
	c.Flags().IntVar(&o.runs, "runs", 1, "check this many times; the results have to agree")
	return c
}

// A target is one experiment, or one claim of it, to check.
type target struct {
	x     *lab.Experiment
	claim string
}

// targets are what the ids name: of a learner's program the
// exercises among them.
func targets(ids []string, theirs bool) ([]target, error) {
	if len(ids) == 0 {
		if theirs {
			return nil, fmt.Errorf("which exercise is it? for example: ch8 check fork/glob -- CMD (see ch8 list)")
		}
		for _, x := range all {
			ids = append(ids, x.ID())
		}
	}
	var ts []target
	for _, id := range ids {
		found, claim, err := find(id)
		if err != nil {
			return nil, err
		}
		if theirs && len(found) > 1 {
			// A folder's name stands for its default exercise.
			found = found[:1]
		}
		for _, x := range found {
			if theirs && !x.Exercise {
				_, err := exercise(x.ID())
				return nil, err
			}
			if err := anybodys(x, claim); theirs && err != nil {
				return nil, err
			}
			ts = append(ts, target{x, claim})
		}
	}
	return ts, nil
}

// anybodys refuses a claim that only our own program is judged by.
func anybodys(x *lab.Experiment, claim string) error {
	c := x.Claim(claim)
	if c == nil || !c.Ours {
		return nil
	}
	return fmt.Errorf("%s is about our own program only, and a learner's program is not judged by it: ch8 task %s lists what is asked", x.ClaimID(c), x.ID())
}

// idsAndProgram splits the arguments of check and watch: ids, and the
// command of a program, nil without any. A single file or folder may
// stand without --; an exercise that it is named after needs no id.
func idsAndProgram(c *cobra.Command, args []string) (ids, cmd []string, err error) {
	ids = args
	if n := c.ArgsLenAtDash(); n >= 0 {
		if ids, cmd = args[:n], args[n:]; len(cmd) == 0 {
			return nil, nil, errors.New("there is nothing after --: give a program")
		}
	}
	for i, id := range ids {
		if found, _ := all.Find(id); len(found) > 0 && !isPath(id) {
			continue
		}
		_, err := os.Stat(id)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, nil, err
		case err != nil:
			return nil, nil, noID(c, ids[:i], id)
		case cmd != nil, i < len(ids)-1:
			return nil, nil, fmt.Errorf("%s is a file, not an id: a program and its arguments come after --: %s %s -- %s", show.Line(id), c.CommandPath(), known(ids[:i]), show.Shell(append(ids[i:], cmd...)))
		}
		ids, cmd = ids[:i], []string{lab.AsPath(id)}
	}
	if len(ids) == 0 && cmd != nil {
		if x := experimentOf(cmd[0]); x != nil {
			return []string{x.ID()}, cmd, nil
		}
		return nil, nil, fmt.Errorf("which exercise is it? for example: %s fork/glob -- %s (ch8 list names them)", c.CommandPath(), show.Shell(cmd))
	}
	return ids, cmd, nil
}

// noID says that a word names nothing: a program that is not there, or
// no experiment.
func noID(c *cobra.Command, before []string, word string) error {
	if isPath(word) || filepath.Ext(word) != "" && otherSigns(word) == "" {
		if isSource(word) {
			return noSource(word)
		}
		return fmt.Errorf("the file %s does not exist: build your program first, then %s %s -- %s", show.Line(word), c.CommandPath(), known(before), show.Shell([]string{word}))
	}
	_, _, err := find(word)
	return err
}

// known are ids in an example that is to be typed.
func known(ids []string) string {
	if len(ids) == 0 {
		return "ID"
	}
	return strings.Join(ids, " ")
}

// check checks our programs, or with cmd a learner's.
func check(w, errw io.Writer, o *checkOptions, ids, cmd []string) error {
	ts, err := targets(ids, cmd != nil)
	if err != nil {
		return err
	}
	style, err := o.style(w)
	if err != nil {
		return err
	}
	if o.runs < 1 {
		return fmt.Errorf("--runs %d: at least 1", o.runs)
	}
	if err := record.Probe(); err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	b := new(build.Builder)
	defer b.Close()

	var p lab.Program
	if cmd != nil {
		if p, err = theirs(ctx, b, cmd); err != nil {
			return err
		}
		p.Isolate = !o.plain
	}
	noted, err := readProgress()
	if err != nil {
		return err
	}
	t := &tally{w: w, json: o.json, strict: o.strict, progress: noted}
	for _, x := range ts {
		if cmd == nil {
			if p, err = ours(ctx, b, x.x); err != nil {
				return err
			}
		}
		rep, runs, err := o.judge(ctx, errw, x, p, noted)
		if err != nil {
			return err
		}
		t.runs = runs
		if err := t.add(rep, style); err != nil {
			return err
		}
		if cmd != nil && !o.noProgress {
			if err := note(noted, rep); err != nil {
				fmt.Fprintln(errw, "ch8:", err)
				t.progress = nil
			}
		}
	}
	return t.done(p)
}

// confirmations is how often the first success of an exercise is checked
// in all: a program that only sometimes does what was asked has not
// solved it.
const confirmations = 5

// judge checks one target, and returns how often it did so. It says on
// errw what it does when that takes longer than a second.
func (o *checkOptions) judge(ctx context.Context, errw io.Writer, x target, p lab.Program, noted *progress) (*lab.Report, int, error) {
	busy := showBusy(errw, locale.Sprintf("checking %s", x.x.ID()))
	defer busy.end()
	first, err := lab.Check(ctx, x.x, p, x.claim)
	if err != nil {
		return nil, 0, err
	}
	runs := o.runs
	if !o.chosen && !p.Ours && x.claim == "" && allPassed(first) && !noted.solved(x.x) {
		runs = confirmations
		busy.says(locale.Sprintf("%s passed; checking it %d more times", x.x.ID(), runs-1))
	}
	var done int
	a, err := lab.Repeat(runs, func() (*lab.Report, error) {
		if done++; done == 1 {
			return first, nil
		}
		return lab.Check(ctx, x.x, p, x.claim)
	})
	if err != nil {
		return nil, 0, err
	}
	return a.Report, runs, nil
}

// allPassed reports whether every claim passed.
func allPassed(rep *lab.Report) bool {
	return !slices.ContainsFunc(rep.Results, func(r lab.Result) bool { return r.Status != lab.Pass })
}

// tally counts over all experiments of a check.
type tally struct {
	w            io.Writer
	json, strict bool
	n            map[lab.Status]int
	progress     *progress // nil if it cannot be kept

	points, max int

	runs   int             // how often each was checked
	failed string          // the id of the first claim that failed
	last   *lab.Experiment // the one that was checked last
}

// checked is a claim as check --json writes it.
type checked struct {
	ID       string     `json:"id"`
	Status   lab.Status `json:"status"`
	Says     string     `json:"says"`
	Ref      string     `json:"ref"`
	Points   int        `json:"points"`
	Max      int        `json:"max"`
	Observed string     `json:"observed,omitempty"`
	Means    string     `json:"means,omitempty"`
	After    string     `json:"after,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	Remedy   string     `json:"remedy,omitempty"`
	Remarks  []string   `json:"remarks,omitempty"`
	Program  string     `json:"program"`
}

func (t *tally) add(rep *lab.Report, style lab.Style) error {
	if t.n == nil {
		t.n = map[lab.Status]int{}
	}
	t.last = rep.Experiment
	e := json.NewEncoder(t.w)
	for _, r := range rep.Results {
		t.n[r.Status]++
		t.max += r.Claim.Points
		points := 0
		if r.Status == lab.Pass {
			points = r.Claim.Points
		}
		t.points += points
		if bad := r.Status == lab.Fail || r.Status == lab.Timeout; bad && t.failed == "" {
			t.failed = rep.Experiment.ClaimID(r.Claim)
		}
		if t.json {
			err := e.Encode(checked{
				ID: rep.Experiment.ClaimID(r.Claim), Status: r.Status, Says: r.Claim.Says, Ref: rep.Experiment.ClaimRef(r.Claim),
				Points: points, Max: r.Claim.Points, Observed: r.Observed, Means: r.Means, After: r.After,
				Reason: r.Reason, Remedy: r.Remedy, Remarks: r.Remarks, Program: rep.Program.String(),
			})
			if err != nil {
				return err
			}
		}
	}
	if t.json {
		return nil
	}
	if err := rep.Write(t.w, style); err != nil {
		return err
	}
	return flush(t.w)
}

// done prints the last lines and returns the exit status.
func (t *tally) done(p lab.Program) error {
	bad := t.n[lab.Fail] + t.n[lab.Timeout]
	if !t.json {
		sum := 0
		var parts []string
		for _, s := range []struct {
			status lab.Status
			word   string
		}{{lab.Pass, locale.T("passed")}, {lab.Fail, locale.T("failed")}, {lab.Timeout, locale.T("timed out")}, {lab.NotJudged, locale.T("not judged")}, {lab.CannotCheck, locale.T("could not be checked")}} {
			if n := t.n[s.status]; n > 0 {
				sum += n
				parts = append(parts, locale.Sprintf("%d %s", n, s.word))
			}
		}
		fmt.Fprintf(t.w, "\n%s%s\n", locale.Sprintf("%s: %s; %d of %d points", count(sum, "claim"), strings.Join(parts, locale.T(", ")), t.points, t.max), t.often())
		for _, l := range t.next(p) {
			fmt.Fprintln(t.w, l)
		}
	}
	switch {
	case bad > 0:
		return exit(1)
	case t.n[lab.Pass] == 0, t.strict && t.n[lab.CannotCheck] > 0:
		return exit(2)
	}
	return nil
}

// often says how often the claims were checked, if more than once.
func (t *tally) often() string {
	switch {
	case t.runs < 2:
		return ""
	case t.n[lab.Fail]+t.n[lab.Timeout] > 0:
		return locale.Sprintf(", in %d runs", t.runs)
	}
	return locale.Sprintf(", in %d of %d runs", t.runs, t.runs)
}

// next are the lines that say what to type next.
func (t *tally) next(p lab.Program) []string {
	switch bad := t.n[lab.Fail] + t.n[lab.Timeout]; {
	case bad > 0 && !p.Ours:
		return []string{locale.Sprintf("next: ch8 hint %s", t.failed)}
	case bad > 0:
		return []string{locale.T("next: ch8 doctor")}
	case t.n[lab.CannotCheck] > 0 && p.Isolate && sandbox.CanIsolate() != nil:
		return []string{locale.T("next: if you trust your program, ch8 check --plain runs it all the\nsame, without isolating it")}
	case t.n[lab.CannotCheck] > 0:
		return []string{locale.T("next: ch8 doctor says what this machine lacks")}
	case p.Ours:
		return nil
	case t.progress == nil || !t.progress.solved(t.last):
		return []string{locale.T("next: ch8 list")}
	}
	lines := []string{locale.Sprintf("compare: ch8 run %s --source shows the same in Go, and with --lang c in C", t.last.ID())}
	if exists(t.last.Dir + "/" + t.last.Name + ".go") {
		lines[0] = locale.Sprintf("compare: %s/%s.go and %s/c/%s.c do the same in Go and C", t.last.Dir, t.last.Name, t.last.Dir, t.last.Name)
	}
	if x := t.progress.nextAfter(t.last); x != nil {
		return append(lines, locale.Sprintf("next: ch8 task %s", x.ID()))
	}
	return append(lines, locale.T("You have solved all exercises."))
}
