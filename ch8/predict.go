package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"

	"apue"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/trace"

	"github.com/spf13/cobra"
)

// mostAsked is how many questions predict asks if nothing else is said.
const mostAsked = 8

// predictOptions are the flags of predict.
type predictOptions struct {
	paperOptions
	seed   uint64
	most   int
	replay bool
}

func predictCommand() *cobra.Command {
	var o predictOptions
	c := &cobra.Command{
		Use:   "predict ID",
		Short: "Predict what an experiment will do, then see what it did",
		Long: `Run an experiment on this kernel, show its program, and ask what it did
before showing it. The number of an option is the answer, Enter none, q
ends. Then each question stands beside your answer, the right one, its
reason and the part of the picture that shows it.

--worksheet writes the questions and the program for paper, --answers
the key to them, as Markdown or HTML.`,
		Example: "  ch8 predict doublefork\n  ch8 predict fork/glob --worksheet -o sheet.html\n  ch8 predict fork/glob --answers -o key.html",
		Args:    oneArg("an experiment's id"),
		RunE: func(c *cobra.Command, args []string) error {
			if o.most < 1 {
				return fmt.Errorf("-n %d: at least 1", o.most)
			}
			if err := o.paperOptions.check(); err != nil {
				return err
			}
			if filepath.Ext(args[0]) != "" || isPath(args[0]) {
				return fmt.Errorf("predict takes an experiment's id, because it asks that experiment's questions about our program: ch8 walk %s steps through a program", show.Shell(args))
			}
			x, _, err := findOne(args[0])
			if err != nil {
				return err
			}
			if !c.Flags().Changed("seed") && !o.onPaper() {
				o.seed = uint64(rand.Uint32())
			}
			rec, err := (&subject{experiment: x}).recordSaying(c.ErrOrStderr(), o.replay)
			if err != nil {
				return err
			}
			return o.predict(c.InOrStdin(), c.OutOrStdout(), x, rec)
		},
	}
	f := c.Flags()
	f.Uint64Var(&o.seed, "seed", 0, "choose the questions and the order of the options by this number")
	f.IntVarP(&o.most, "questions", "n", mostAsked, "how many questions at most")
	f.BoolVar(&o.replay, "replay", false, "ask about the recording that comes with ch8")
	o.paperOptions.add(f)
	return c
}

// predict asks, then shows what happened, then scores.
func (o *predictOptions) predict(in io.Reader, w io.Writer, x *lab.Experiment, rec *trace.Recording) error {
	asked := o.questions(x, rec)
	if len(asked) == 0 {
		return fmt.Errorf("this run of %s answers none of its questions: ch8 walk %s steps through it", x.ID(), x.ID())
	}
	program, err := programOf(x)
	if err != nil {
		return err
	}
	if o.onPaper() {
		return o.paper(w, x, program, asked)
	}
	// Its title is not shown: it answers the questions.
	a := newAsker(in, w)
	a.program = fmt.Sprintf("%s (%s)\n\n%s\n%s\n", x.ID(), locale.Ref(x.Ref), program, locale.T("The program has been run, with a pipe as its standard output."))
	a.showProgram()
	a.hint()
	answers, _ := a.askAll(questionsIn(asked))
	fmt.Fprintf(w, "\n\n%s\n", locale.T("What happened:"))
	score := 0
	for i, q := range asked {
		if a.judge(i+1, q.question, answers[i]) {
			score++
		}
		if err := showPart(w, rec, x, q.at); err != nil {
			return err
		}
	}
	fmt.Fprint(w, locale.Sprintf("\n%d of %d right (seed %d)\n", score, len(asked), o.seed))
	fmt.Fprint(w, locale.Sprintf("next: ch8 walk %s steps through all of it\n", x.ID()))
	return nil
}

// A predicted question knows which event answers it; nil for none.
type predicted struct {
	question
	at *trace.Event
}

func questionsIn(asked []predicted) (all []question) {
	for _, q := range asked {
		all = append(all, q.question)
	}
	return all
}

// questions are the questions of an experiment that a recording answers,
// in an order that the seed decides; with the seed 0 in that of the
// experiment.
func (o *predictOptions) questions(x *lab.Experiment, rec *trace.Recording) (all []predicted) {
	r := rand.New(rand.NewPCG(o.seed, 8))
	for _, q := range x.QuestionsIn(x.Observe(rec)) {
		options := each(q.Answers, locale.T)
		r.Shuffle(len(options), func(i, j int) { options[i], options[j] = options[j], options[i] })
		all = append(all, predicted{question{locale.T(q.Ask), options, locale.T(q.Answer), locale.T(q.Why)}, q.At})
	}
	if o.seed != 0 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	return all[:min(len(all), o.most)]
}

// each returns what f makes of each text.
func each(texts []string, f func(string) string) (all []string) {
	for _, t := range texts {
		all = append(all, f(t))
	}
	return all
}

// showPart draws the steps around the event that answers a question.
func showPart(w io.Writer, rec *trace.Recording, x *lab.Experiment, at *trace.Event) error {
	if at == nil {
		return nil
	}
	m := modelOf(rec, x)
	for _, s := range m.Steps {
		if s.Event < 0 || s.Enter || s.Last >= len(rec.Events) {
			continue
		}
		for i := s.Event; i <= s.Last; i++ {
			if &rec.Events[i] != at {
				continue
			}
			fmt.Fprintln(w)
			opts := textOptions(w)
			opts.Bare, opts.From, opts.To = true, max(s.N-1, 1), s.N
			return m.Text(w, opts)
		}
	}
	return nil
}

// paper writes the worksheet, or its answers.
func (o *predictOptions) paper(w io.Writer, x *lab.Experiment, program string, asked []predicted) error {
	s := &worksheet{
		title: x.ID(), // of the worksheet; the title of the experiment answers the questions
		intro: locale.Sprintf("%s. The program is run with a pipe as its standard output. What does it do?", locale.Ref(x.Ref)),
		key:   o.key,
		parts: []part{{language: "go", program: program, asked: questionsIn(asked)}},
	}
	if o.key {
		s.title += ": " + locale.T(x.Title)
		s.intro = locale.Sprintf("The answers to ch8 predict %s --worksheet.", x.ID()+o.chosen())
	}
	return s.write(w, o.format, o.file)
}

// chosen are the options that decide which questions are asked, as they
// are typed.
func (o *predictOptions) chosen() (options string) {
	if o.seed != 0 {
		options = fmt.Sprintf(" --seed %d", o.seed)
	}
	if o.most != mostAsked {
		options += fmt.Sprintf(" -n %d", o.most)
	}
	return options
}

// programOf is the source of our program, from the first declaration on,
// without the comments before functions: they answer the questions.
func programOf(x *lab.Experiment) (string, error) {
	name := filepath.Join(x.Dir, x.Name+".go")
	text, err := apue.Files.ReadFile(filepath.ToSlash(name))
	if err != nil { // then as it was when the recording that comes with ch8 was made
		if rec, e := kept(x); e == nil && rec.Source(name) != nil {
			text, err = []byte(rec.Source(name).Text), nil
		}
	}
	if err != nil {
		return "", err
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\t", "    "), "\n")
	for i, l := range lines {
		if l == ")" || strings.HasPrefix(l, "import \"") {
			lines = lines[i+1:]
			break
		}
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "//") })
	return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n", nil
}
