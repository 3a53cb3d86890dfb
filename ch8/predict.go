package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"

	"github.com/spf13/cobra"
)

func predictCommand() *cobra.Command {
	var seed uint64
	var most int
	var replay bool
	c := &cobra.Command{
		Use:   "predict ID",
		Short: "Predict what an experiment will do, then see what it did",
		Long: `Run an experiment on this kernel, ask what it did before showing it, and
score the answers: how many lines, whose child, which status, which
order is guaranteed and which is luck. Answers are numbers, one a line.
The same seed asks the same questions.`,
		Example: "  ch8 predict doublefork\n  ch8 predict wait/status --seed 42",
		Args:    oneArg("an experiment's id"),
		RunE: func(c *cobra.Command, args []string) error {
			if most < 1 {
				return fmt.Errorf("-n %d: at least 1", most)
			}
			x, _, err := findOne(args[0])
			if err != nil {
				return err
			}
			rec, err := (&subject{experiment: x}).record(replay)
			if err != nil {
				return err
			}
			if !c.Flags().Changed("seed") {
				seed = rand.Uint64()
			}
			return predict(c.InOrStdin(), c.OutOrStdout(), x, rec, seed, most)
		},
	}
	c.Flags().Uint64Var(&seed, "seed", 0, "choose the questions by this number")
	c.Flags().IntVarP(&most, "questions", "n", 4, "how many questions at most")
	c.Flags().BoolVar(&replay, "replay", false, "ask about the recording that comes with ch8")
	return c
}

// A question has one right answer among its options.
type question struct {
	text    string
	options []string
	right   string
	why     string
}

// predict asks, then shows what happened, then scores.
func predict(in io.Reader, w io.Writer, x *lab.Experiment, rec *trace.Recording, seed uint64, most int) error {
	asked := questions(x, rec)
	if len(asked) == 0 {
		return errors.New(x.ID() + " makes no process: there is nothing to predict")
	}
	r := rand.New(rand.NewPCG(seed, 8))
	r.Shuffle(len(asked), func(i, j int) { asked[i], asked[j] = asked[j], asked[i] })
	asked = asked[:min(len(asked), most)]
	head := fmt.Sprintf("%s: %s (%s)", x.ID(), x.Title, x.Ref)
	fmt.Fprintf(w, "%s\n", strings.Join(show.Wrap(head, lab.Width-2), "\n  "))
	fmt.Fprintf(w, "The program is %s/%s.go. It has been run, its output into a\npipe.\n", x.Dir, x.Name)
	lines := bufio.NewScanner(in)
	var answers []string
	for i, q := range asked {
		r.Shuffle(len(q.options), func(i, j int) { q.options[i], q.options[j] = q.options[j], q.options[i] })
		fmt.Fprintf(w, "\n%d. %s\n", i+1, strings.Join(show.Wrap(q.text, lab.Width-3), "\n   "))
		for k, o := range q.options {
			fmt.Fprintf(w, "   %d) %s\n", k+1, o)
		}
		fmt.Fprint(w, "> ")
		answer := ""
		for answer == "" && lines.Scan() && strings.TrimSpace(lines.Text()) != "" {
			n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
			if err == nil && n >= 1 && n <= len(q.options) {
				answer = q.options[n-1]
			} else {
				fmt.Fprintf(w, "a number from 1 to %d, or Enter for no answer: > ", len(q.options))
			}
		}
		answers = append(answers, answer)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	fmt.Fprint(w, "\n\nWhat happened:\n\n")
	o := textOptions(w)
	o.Bare = true
	if err := modelOf(rec, x).Text(w, o); err != nil {
		return err
	}
	score := 0
	for i, q := range asked {
		said := "no answer"
		switch {
		case answers[i] == q.right:
			said = "right"
			score++
		case answers[i] != "":
			said = "you said " + answers[i]
		}
		fmt.Fprintf(w, "\n%d. %s (%s)\n   %s\n", i+1, q.right, said, strings.Join(show.Wrap(q.why, lab.Width-3), "\n   "))
	}
	fmt.Fprintf(w, "\n%d of %d right (seed %d)\n", score, len(asked), seed)
	return nil
}

// questions are all that can be asked of a recording, in a fixed
// order.
func questions(x *lab.Experiment, rec *trace.Recording) []question {
	o := x.Observe(rec)
	all := o.Processes()
	if len(all) < 2 {
		return nil
	}
	name := func(p *trace.Process) string {
		if r := o.Cast().Role(p); r != "" {
			return "the " + r
		}
		return p.Name
	}
	qs := []question{
		numberQuestion("How many lines does it print?", len(o.Lines()),
			"Count the writes: each line that a process wrote, or had in its buffer when it exited."),
		numberQuestion("How many processes take part, the first one included?", len(all),
			"Each fork adds one, whoever calls it."),
	}
	for _, p := range all[1:] {
		if p.Exit != nil {
			qs = append(qs, statusQuestion(name(p), p.Exit.Status))
		}
		qs = append(qs, reaperQuestion(name, all, p))
		if e := lastAdoption(p); e != nil {
			qs = append(qs, parentQuestion(name, all, p, e))
		}
		switch {
		case p.Birth.Kind == trace.KindVfork:
			qs = append(qs, question{
				fmt.Sprintf("After the vfork: is it guaranteed that %s ends, or executes a program, before %s goes on?", name(p), name(p.Parent)),
				[]string{"guaranteed", "luck"}, "guaranteed",
				"vfork suspends its caller until the child has called _exit or exec: the kernel waits, not the program.",
			})
		case p.Reap != nil:
			qs = append(qs, question{
				fmt.Sprintf("Is it guaranteed that %s has ended before the wait of %s returns its pid?", name(p), name(p.Reaper)),
				[]string{"guaranteed", "luck"}, "guaranteed",
				"A wait that returns a pid (and reports no stop) has collected a dead child.",
			})
			fallthrough
		default:
			qs = append(qs, question{
				fmt.Sprintf("Right after the fork: is it guaranteed which of %s and %s goes on first?", name(p.Parent), name(p)),
				[]string{"guaranteed", "luck"}, "luck",
				"Nobody promises an order after fork. What must come first has to be waited for.",
			})
		}
	}
	return slices.DeleteFunc(qs, func(q question) bool { return len(q.options) < 2 })
}

// numberQuestion offers the number and its neighbours.
func numberQuestion(text string, n int, why string) question {
	options := []string{fmt.Sprint(n)}
	for _, other := range []int{n + 1, n - 1, 2 * n, n + 2} {
		if s := fmt.Sprint(other); other >= 0 && !slices.Contains(options, s) && len(options) < 4 {
			options = append(options, s)
		}
	}
	return question{text, options, fmt.Sprint(n), why}
}

// statusQuestion asks for the raw word of a process.
func statusQuestion(who string, status uint32) question {
	right := fmt.Sprintf("0x%04x", status)
	options := []string{right}
	for _, other := range []uint32{0x0000, 0x0700, 0x0007, 0x0006, 0x0009, 0x0100} {
		if s := fmt.Sprintf("0x%04x", other); s != right && len(options) < 4 {
			options = append(options, s)
		}
	}
	return question{
		fmt.Sprintf("Which termination status, as the kernel writes it, does %s leave?", who),
		options, right,
		fmt.Sprintf("%s: %v. An exit status stands in the high byte, the number of a signal in the low one.", right, proc.WaitStatus(status)),
	}
}

func reaperQuestion(name func(*trace.Process) string, all []*trace.Process, p *trace.Process) question {
	q := question{
		text:  fmt.Sprintf("Who collects the status of %s?", name(p)),
		right: "none of these processes",
		why:   "Nobody of the program waited for it: its status went to the process that adopted it.",
	}
	switch {
	case p.Reaper != nil:
		q.right = name(p.Reaper)
		q.why = fmt.Sprintf("%s called %s and got its pid.", name(p.Reaper), p.Reap.Call)
	case p.Exit != nil && p.Exit.Discarded:
		q.why = "Its parent ignores SIGCHLD: the kernel dropped the status, and left no zombie."
	}
	q.options = []string{"none of these processes"}
	for _, other := range all {
		if s := name(other); other != p && !slices.Contains(q.options, s) && len(q.options) < 4 {
			q.options = append(q.options, s)
		}
	}
	return q
}

// lastAdoption is the last one while the process lived; a zombie is
// handed on too.
func lastAdoption(p *trace.Process) (last *trace.Event) {
	for _, e := range p.Reparented {
		if e.Time < p.Died {
			last = e
		}
	}
	return last
}

func parentQuestion(name func(*trace.Process) string, all []*trace.Process, p *trace.Process, e *trace.Event) question {
	q := question{
		text:  fmt.Sprintf("Who is the parent of %s when it ends?", name(p)),
		right: "a process outside of the program",
		why:   "Its parent ended first, and the kernel gave the orphan a new one: the nearest child subreaper, or else init.",
	}
	for _, other := range all {
		if other.Name == e.NewParentProcess {
			q.right = name(other)
		}
		if s := name(other); other != p && len(q.options) < 3 {
			q.options = append(q.options, s)
		}
	}
	if !slices.Contains(q.options, q.right) {
		q.options = append(q.options, q.right)
	}
	return q
}
