package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/timeline"

	"github.com/spf13/cobra"
)

func racesCommand() *cobra.Command {
	var n int
	var svg string
	c := &cobra.Command{
		Use:   "races ID [-- ARGS...]",
		Short: "Run an experiment many times: what is guaranteed, what is luck",
		Long: `Run an experiment many times, not recorded, for tracing changes who runs
first. Print how often each order of its output came, and of which
lines one was always before the other. Numbers, pids among them, are
printed as N. What never happened in so many runs may happen in the
next: only what the program waits for is guaranteed.`,
		Example: "  ch8 races fork/race -n 200\n  ch8 races fork/interleave -n 100 --svg order.svg",
		RunE: func(c *cobra.Command, args []string) error {
			dash := c.ArgsLenAtDash()
			if len(args) == 0 || dash == 0 || dash < 0 && len(args) > 1 {
				return fmt.Errorf("ch8 races needs an id, for example:\n%s", c.Example)
			}
			if n < 1 {
				return fmt.Errorf("-n %d: at least 1", n)
			}
			x, _, err := findOne(args[0])
			if err != nil {
				return err
			}
			if err := record.Probe(); err != nil {
				return err
			}
			runs, err := repeat(x, args[1:], n)
			if err != nil {
				return err
			}
			return showRaces(c.OutOrStdout(), x, runs, svg)
		},
	}
	c.Flags().IntVarP(&n, "runs", "n", 200, "how many runs")
	c.Flags().StringVar(&svg, "svg", "", "write the histogram to this file too")
	return c
}

// repeat runs our program n times and returns what each run
// printed.
func repeat(x *lab.Experiment, args []string, n int) ([][]string, error) {
	ctx, stop := interruptible()
	defer stop()
	b, err := build.New()
	if err != nil {
		return nil, err
	}
	defer b.Close()
	p, err := ours(ctx, b, x)
	if err != nil {
		return nil, err
	}
	var runs [][]string
	refused, usage := 0, 0
	said := ""
	for range n {
		res, err := sandbox.Run(ctx, sandbox.Command{Args: append(p.Args, args...)})
		if err != nil {
			return nil, err
		}
		if res.TimedOut {
			return nil, errors.New(x.ID() + " did not end in time")
		}
		if proc.WaitStatus(res.Status).ExitStatus() == 2 {
			refused++
			said = strings.Join(lab.Lines(res.Stderr), " ")
		}
		if strings.HasPrefix(string(res.Stdout), x.Dir+" "+x.Name+"    ") {
			usage++
		}
		runs = append(runs, maskedLines(res.Stdout))
	}
	switch n {
	case refused:
		return nil, fmt.Errorf("%s ended with exit status 2 in all runs, and did not do what it is about: %s", x.ID(), said)
	case usage:
		return nil, fmt.Errorf("%s printed its manual in all runs, and did not do what it is about: that is ch8 run %s -- -h", x.ID(), x.ID())
	}
	return runs, nil
}

var digits = regexp.MustCompile(`\d{2,}`)

// maskedLines are the lines of an output with its numbers masked.
func maskedLines(out []byte) []string {
	lines := lab.Lines(out)
	for i, l := range lines {
		lines[i] = digits.ReplaceAllString(l, "N")
	}
	return lines
}

// mostShown is how many orders get a bar of their own.
const mostShown = 10

func showRaces(w io.Writer, x *lab.Experiment, runs [][]string, svg string) error {
	counts := map[string]int{}
	for _, r := range runs {
		counts[strings.Join(r, "\n")]++
	}
	orders := make([]string, 0, len(counts))
	for o := range counts {
		orders = append(orders, o)
	}
	slices.SortFunc(orders, func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	h := timeline.Histogram{Title: fmt.Sprintf("%s: orders of the output in %d runs", x.ID(), len(runs))}
	rest := 0
	for i, o := range orders {
		if i >= mostShown {
			rest += counts[o]
			continue
		}
		h.Bars = append(h.Bars, timeline.Bar{Label: string(rune('A' + i)), Count: counts[o]})
	}
	if rest > 0 {
		h.Bars = append(h.Bars, timeline.Bar{Label: "others", Count: rest})
	}
	if err := h.Text(w, textOptions(w)); err != nil {
		return err
	}
	for i, o := range orders[:min(len(orders), mostShown)] {
		fmt.Fprintf(w, "\n%c  %s\n", 'A'+i, strings.Join(strings.Split(clipped(o), "\n"), "\n   "))
	}
	fmt.Fprintln(w)
	always := alwaysBefore(runs)
	switch {
	case len(orders) == 1:
		fmt.Fprintf(w, "One order in all %d runs.\n", len(runs))
	case len(always) == 0:
		fmt.Fprintln(w, "No two lines kept their order in all runs.")
	default:
		fmt.Fprintf(w, "In all %d runs:\n", len(runs))
		for _, a := range always {
			for i, l := range show.Wrap(a, lab.Width-4) {
				fmt.Fprintln(w, []string{"  * ", "    "}[min(i, 1)]+l)
			}
		}
	}
	for _, l := range show.Wrap("What was never seen may still happen: only what the program waits for is guaranteed.", lab.Width) {
		fmt.Fprintln(w, l)
	}
	if svg != "" {
		return create(svg, func(w io.Writer) error { return h.SVG(w, timeline.Options{}) })
	}
	return nil
}

// clipped is the beginning of a long output.
func clipped(s string) string {
	lines := strings.Split(s, "\n")
	if len(lines) > 6 {
		lines = append(lines[:6], fmt.Sprintf("… %d more lines", len(lines)-6))
	}
	return strings.Join(lines, "\n")
}

// alwaysBefore lists the pairs of lines, each printed once in every
// run, of which the one was always before the other.
func alwaysBefore(runs [][]string) []string {
	once := map[string]int{} // line → in how many runs it came once
	for _, r := range runs {
		for _, l := range r {
			if lab.CountLine(r, l) == 1 {
				once[l]++
			}
		}
	}
	var lines []string
	for l, n := range once {
		if n == len(runs) {
			lines = append(lines, l)
		}
	}
	slices.Sort(lines)
	if len(lines) > 8 {
		lines = lines[:8] // the pairs of more are nothing to read
	}
	var out []string
	for i, a := range lines {
		for _, b := range lines[i+1:] {
			before := 0
			for _, r := range runs {
				if slices.Index(r, a) < slices.Index(r, b) {
					before++
				}
			}
			switch before {
			case len(runs):
				out = append(out, fmt.Sprintf("%q came before %q", a, b))
			case 0:
				out = append(out, fmt.Sprintf("%q came before %q", b, a))
			}
		}
	}
	return out
}
