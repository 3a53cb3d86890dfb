package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"

	"github.com/spf13/cobra"
)

// checkOptions are the flags that check and watch share.
type checkOptions struct {
	json, verbose, strict, noProgress, plain, stable bool

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
		Long: `Check the claims of an experiment. Without a command our own programs
are checked, with one it is that program: an executable, a C or Go
file, or a folder with one of these or a Makefile, which is built
first. An ID is a folder, an experiment or one of its claims.

What is built is built here, for five minutes at most, and not
isolated: a Makefile runs as you. A stranger's folder is for ch8 grade.

Exit status: 0 nothing failed, 1 a claim failed or timed out, 2
usage, or nothing could be checked.`,
		Example: "  ch8 check fork\n  ch8 check fork/glob -- ./a.out\n  ch8 check -v doublefork/doublefork/adopted -- ./mine.c",
		RunE: func(c *cobra.Command, args []string) error {
			ids, cmd := args, []string(nil)
			if n := c.ArgsLenAtDash(); n >= 0 {
				ids, cmd = args[:n], args[n:]
			}
			return check(c.OutOrStdout(), &o, ids, cmd)
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&o.json, "json", false, "one JSON object a claim")
	c.Flags().BoolVar(&o.strict, "strict", false, "exit with 2 if a claim could not be checked")
	c.Flags().IntVar(&o.runs, "runs", 1, "check so many times; the results have to agree")
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
	return fmt.Errorf("%s is about our own program only, and nobody else's is judged by it: ch8 task %s lists what is asked", x.ClaimID(c), x.ID())
}

func check(w io.Writer, o *checkOptions, ids, cmd []string) error {
	theirs := cmd != nil
	if theirs && len(cmd) == 0 {
		return fmt.Errorf("there is no program after --")
	}
	ts, err := targets(ids, theirs)
	if err != nil {
		return forgotDashes(ids, err)
	}
	style, err := o.style(w)
	if err != nil {
		return err
	}
	if o.runs < 1 {
		return fmt.Errorf("--runs %d: at least 1", o.runs)
	}
	if err := trace.Probe(); err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()
	b, err := build.New()
	if err != nil {
		return err
	}
	defer b.Close()

	var p lab.Program
	if theirs {
		args, err := b.Theirs(cmd)
		if err := cmp.Or(ctx.Err(), err); err != nil {
			return err
		}
		p = lab.Program{Args: args, Name: show.Shell(cmd), Isolate: !o.plain}
	}
	t := &tally{w: w, json: o.json, start: time.Now()}
	for _, x := range ts {
		if !theirs {
			if p, err = ours(ctx, b, x.x); err != nil {
				return err
			}
		}
		rep, err := agree(ctx, x, p, o.runs)
		if err != nil {
			return err
		}
		if err := t.add(rep, style); err != nil {
			return err
		}
		if theirs && !o.noProgress {
			if err := note(rep); err != nil {
				fmt.Fprintln(os.Stderr, "ch8:", err)
			}
		}
	}
	return t.done(o.strict, p)
}

// forgotDashes says what to type where the ids that caused the error
// end in a program.
func forgotDashes(ids []string, err error) error {
	for i, id := range ids {
		if _, _, none := find(id); none == nil || !exists(id) {
			continue
		}
		known := "ID"
		if i > 0 {
			known = strings.Join(ids[:i], " ")
		}
		return fmt.Errorf("%s is a file and no id: a program comes after --: ch8 check %s -- %s", id, known, show.Shell(ids[i:]))
	}
	return err
}

// agree checks runs times and puts the results together.
func agree(ctx context.Context, x target, p lab.Program, runs int) (*lab.Report, error) {
	a, err := lab.Repeat(runs, func() (*lab.Report, error) { return lab.Check(ctx, x.x, p, x.claim) })
	if err != nil {
		return nil, err
	}
	return a.Report, nil
}

// tally counts over all experiments of a check.
type tally struct {
	w     io.Writer
	json  bool
	start time.Time
	n     map[lab.Status]int

	points, max int

	failed string // the id of the first claim that failed
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
func (t *tally) done(strict bool, p lab.Program) error {
	bad := t.n[lab.Fail] + t.n[lab.Timeout]
	sum := bad + t.n[lab.NotJudged] + t.n[lab.Pass] + t.n[lab.CannotCheck]
	if !t.json {
		var parts []string
		for _, s := range []struct {
			status lab.Status
			word   string
		}{{lab.Pass, "passed"}, {lab.Fail, "failed"}, {lab.Timeout, "timed out"}, {lab.NotJudged, "not judged"}, {lab.CannotCheck, "could not be checked"}} {
			if n := t.n[s.status]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, s.word))
			}
		}
		fmt.Fprintf(t.w, "\n%s: %s; %d of %d points\n", count(sum, "claim"), strings.Join(parts, ", "), t.points, t.max)
		if next := t.next(p); next != "" {
			fmt.Fprintln(t.w, next)
		}
	}
	switch {
	case bad > 0:
		return exit(1)
	case t.n[lab.Pass] == 0, strict && t.n[lab.CannotCheck] > 0:
		return exit(2)
	}
	return nil
}

// next is the command to type next.
func (t *tally) next(p lab.Program) string {
	switch bad := t.n[lab.Fail] + t.n[lab.Timeout]; {
	case bad > 0 && !p.Ours:
		return "next: ch8 hint " + t.failed
	case bad > 0:
		return "next: ch8 doctor"
	case t.n[lab.CannotCheck] > 0 && p.Isolate && sandbox.CanIsolate() != nil:
		return "next: if you trust your program, ch8 check --plain runs it all the\nsame, unisolated"
	case t.n[lab.CannotCheck] > 0:
		return "next: ch8 doctor says what this machine lacks"
	case !p.Ours:
		return "next: ch8 progress"
	}
	return ""
}
