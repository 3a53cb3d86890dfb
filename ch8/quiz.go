package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/quiz"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

// quizOptions are the flags of quiz.
type quizOptions struct {
	paperOptions
	seed     uint64
	level, n int
	in       string
	runs     int
}

func quizCommand() *cobra.Command {
	var o quizOptions
	c := &cobra.Command{
		Use:   "quiz",
		Short: "Small programs without end: what can they print?",
		Long: `Make a small program, ask about it, then run it many times on this
kernel: the answer is what the kernel does. Level 1 has one or two forks,
2 nested forks, loops and statuses, 3 buffered output with exit and
_exit, 4 pipes, orphans and variables, 5 exec too. In levels 1 and 2 an
output that no run shows is then forced: the processes are run in an
order that leads to it.

The programs come from the seed: the same seed and level give the same
programs and questions. p shows the program again, q or the end of the
input ends the quiz. At a terminal it waits before the next program, and
+ and - there change the level. With --worksheet or --answers nothing
is run: -n programs are written for paper, or their answers.`,
		Example: "  ch8 quiz\n  ch8 quiz --level 3 --seed 42\n  ch8 quiz --worksheet -n 10 --seed 42 -o sheet.html\n  ch8 quiz --answers -n 10 --seed 42 -o key.html",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if !c.Flags().Changed("seed") {
				o.seed = uint64(rand.Uint32())
			}
			if o.onPaper() {
				return o.paper(c.OutOrStdout())
			}
			return o.play(c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.Uint64Var(&o.seed, "seed", 0, "make the programs from this number")
	f.IntVar(&o.level, "level", 1, fmt.Sprintf("1 to %d", quiz.Levels))
	f.StringVar(&o.in, "in", "c", "the language of the programs: c or go")
	f.IntVarP(&o.n, "programs", "n", 0, "how many programs (0: without end; on paper 5)")
	f.IntVar(&o.runs, "runs", 50, "how often each program is run")
	o.paperOptions.add(f)
	return c
}

func (o *quizOptions) check() error {
	switch {
	case o.level < 1 || o.level > quiz.Levels:
		return fmt.Errorf("--level %d: it is 1 to %d", o.level, quiz.Levels)
	case o.in != "c" && o.in != "go":
		return fmt.Errorf("--in %s: it is c or go", o.in)
	case o.n < 0 || o.n > 1000:
		return fmt.Errorf("-n %d: 1 to 1000 programs, or 0 for a quiz without end", o.n)
	case o.runs < 1:
		return fmt.Errorf("--runs %d: at least 1", o.runs)
	}
	return o.paperOptions.check()
}

// text is a program in the language that was asked for.
func (o *quizOptions) text(p *quiz.Program) string {
	if o.in == "go" {
		return p.Go()
	}
	return p.C()
}

// questionsOf are the questions about a program.
func questionsOf(p *quiz.Program) (qs []question) {
	for _, q := range p.Questions() {
		qs = append(qs, question{q.Ask, q.Options, q.Right, q.Why})
	}
	return qs
}

// paper writes the worksheet, or its answers.
func (o *quizOptions) paper(w io.Writer) error {
	n := o.n
	if n == 0 {
		n = 5
	}
	s := &worksheet{
		title: locale.Sprintf("Quiz, level %d, seed %d", o.level, o.seed),
		intro: locale.T("Standard output is a pipe: printf is written when the process exits, write at once. All calls succeed."),
		key:   o.key,
	}
	if o.key {
		s.intro = locale.Sprintf("The answers to ch8 quiz --worksheet --level %d --seed %d -n %d.", o.level, o.seed, n)
	}
	for i := range n {
		p, err := quiz.New(o.seed+uint64(i), o.level)
		if err != nil {
			return err
		}
		s.parts = append(s.parts, part{locale.Sprintf("Program %d", i+1), o.in, o.text(p), questionsOf(p)})
	}
	return s.write(w, o.format, o.file)
}

// play asks, program after program.
func (o *quizOptions) play(in io.Reader, w, errw io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	a := newAsker(in, w)
	right, asked := 0, 0
	for i := 0; o.n == 0 || i < o.n; i++ {
		seed := o.seed + uint64(i)
		p, err := quiz.New(seed, o.level)
		if err != nil {
			return err
		}
		a.program = fmt.Sprintf("%s\n\n%s\n%s\n", locale.Sprintf("Program %d (level %d, seed %d)", i+1, o.level, seed), o.text(p),
			locale.T("Standard output is a pipe: printf is written when the process exits."))
		fmt.Fprintln(w)
		a.showProgram()
		if i == 0 {
			a.hint()
		}
		qs := questionsOf(p)
		answers, more := a.askAll(qs)
		if !more {
			break
		}
		asked += len(qs)
		for k, q := range qs {
			if a.judge(k+1, q, answers[k]) {
				right++
			}
		}
		if err := o.show(ctx, w, errw, p); err != nil {
			return err
		}
		if i+1 != o.n && !o.next(a) {
			break
		}
	}
	if asked > 0 {
		fmt.Fprint(w, locale.Sprintf("\n%d of %d right (seed %d, level %d)\n", right, asked, o.seed, o.level))
	} else {
		fmt.Fprintln(w)
	}
	return nil
}

// next waits at a terminal before the next program, so that what was
// said of the last one is read first. It reports whether there is one.
func (o *quizOptions) next(a *asker) bool {
	typed, more := a.pause(locale.T("Enter: the next program. +: a harder one. -: an easier one. q: end > "))
	switch typed {
	case "+":
		o.level = min(o.level+1, quiz.Levels)
	case "-":
		o.level = max(o.level-1, 1)
	}
	return more
}

// show runs the program, and says how often each possible output came.
func (o *quizOptions) show(ctx context.Context, w, errw io.Writer, p *quiz.Program) error {
	if err := flush(w); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ch8-quiz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	busy := showBusy(errw, "building the program and running it "+times(o.runs))
	b, seen, err := o.run(ctx, p, dir)
	busy.end()
	if err != nil {
		return err
	}
	fmt.Fprint(w, locale.Sprintf("\nThe kernel ran it %s:\n", times(o.runs)))
	possible := p.Explore().Outputs
	for _, out := range possible {
		how := times(seen[out])
		if seen[out] == 0 && b.CanForce(out) {
			forced, err := b.Force(ctx, out)
			if err != nil {
				return err
			}
			if forced != out {
				return fmt.Errorf("seed %d, level %d, was forced to print %s and printed %s: please report this", p.Seed, p.Level, out, show.Line(forced))
			}
			how = locale.T("not by itself; printed when the order was forced")
		}
		fmt.Fprintf(w, "  %-12s %s\n", out, how)
	}
	for out := range seen {
		if !slices.Contains(possible, out) {
			return fmt.Errorf("seed %d, level %d, printed %s, which is not among the possible outputs: please report this", p.Seed, p.Level, show.Line(out))
		}
	}
	if len(possible) > 1 {
		fmt.Fprintln(w, strings.Join(show.Wrap(locale.T("Only what the program waits for is promised: how often an output comes depends on this machine."), lab.Width), "\n"))
	}
	return flush(w)
}

// run builds the program in a folder and runs it: how often each output
// came.
func (o *quizOptions) run(ctx context.Context, p *quiz.Program, dir string) (b *quiz.Built, seen map[string]int, err error) {
	if b, err = p.Build(ctx, dir, o.in); err != nil {
		return nil, nil, err
	}
	seen = map[string]int{}
	for range o.runs {
		out, err := b.Run(ctx)
		if err != nil {
			return nil, nil, err
		}
		seen[out]++
	}
	return b, seen, nil
}

// times says "once", "12 times", "never".
func times(n int) string {
	switch n {
	case 0:
		return locale.T("never")
	case 1:
		return locale.T("once")
	}
	return locale.Sprintf("%d times", n)
}
