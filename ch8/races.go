package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/timeline"

	"github.com/spf13/cobra"
)

func racesCommand() *cobra.Command {
	var n int
	var svg string
	c := &cobra.Command{
		Use:   "races SUBJECT",
		Short: "Run a program many times: what is promised, what is chance",
		Long: `Run a program many times without recording it, because tracing changes
which process runs first. Print how often each order of its output came,
where two orders differ, and of which lines one was always before the
other. Pids are printed as #1, #2 and so on, in the order in which the
processes were made; other numbers stay. An order that never came in so
many runs may come in the next one: only what the program waits for is
promised.

` + strings.Replace(takes, "a recording, or a command", "or a command", 1),
		Example: "  ch8 races fork/race -n 200 -- --free\n  ch8 races fork/interleave -n 20 -- --histogram --runs 1\n  ch8 races -n 100 --svg orders.svg mine.c",
		RunE: func(c *cobra.Command, args []string) error {
			if n < 1 {
				return fmt.Errorf("-n %d: at least 1", n)
			}
			s, err := subjectOf(c, args)
			if err != nil {
				return err
			}
			if s.recording != "" {
				if _, err := readRecording(s.recording); err != nil {
					return err
				}
				return fmt.Errorf("%s is a recording of one run: races needs a program, to run it many times", show.Line(s.recording))
			}
			busy := showBusy(c.ErrOrStderr(), "running "+s.name())
			runs, err := repeat(s, n)
			busy.end()
			if err != nil {
				return err
			}
			return showRaces(c.OutOrStdout(), s.name(), runs, svg)
		},
	}
	c.Flags().IntVarP(&n, "runs", "n", 200, "how many runs")
	c.Flags().StringVar(&svg, "svg", "", "write the chart to this file too")
	return c
}

// repeat runs a program n times and returns the lines that each run
// printed.
func repeat(s *subject, n int) ([][]string, error) {
	ctx, stop := interruptible()
	defer stop()
	b := new(build.Builder)
	defer b.Close()
	p, err := s.build(ctx, b)
	if err != nil {
		return nil, err
	}
	r := &repeater{subject: s, args: p.Args}
	var runs [][]string
	for range n {
		lines, err := r.once(ctx)
		if err != nil {
			return nil, err
		}
		runs = append(runs, lines)
	}
	switch n {
	case r.refused:
		return nil, fmt.Errorf("%s ended with exit status 2 in all runs, and did not do what it is about: %s", s.name(), r.said)
	case r.usage:
		return nil, fmt.Errorf("%s printed its manual in all runs, and did not do what it is about: that is ch8 run %s -- -h", s.name(), s.name())
	}
	return runs, nil
}

// A repeater runs a program again and again.
type repeater struct {
	subject *subject
	args    []string

	refused, usage int    // runs that ended with 2, or printed a manual
	said           string // on standard error, by the last one that ended with 2
}

// once runs the program and returns its lines, pids masked.
func (r *repeater) once(ctx context.Context) ([]string, error) {
	before := lastPid()
	cmd, err := r.subject.command(r.args)
	if err != nil {
		return nil, err
	}
	res, err := sandbox.Run(ctx, cmd)
	if err != nil {
		return nil, err
	}
	after := lastPid()
	if res.TimedOut {
		return nil, errors.New(r.subject.name() + " did not end in time")
	}
	if x := r.subject.experiment; x != nil && r.subject.program == nil {
		if proc.WaitStatus(res.Status).ExitStatus() == 2 {
			r.refused++
			r.said = strings.Join(lab.Lines(res.Stderr), " ")
		}
		if strings.HasPrefix(string(res.Stdout), x.Dir+" "+x.Name+"    ") {
			r.usage++
		}
	}
	lines := each(lab.Lines(res.Stdout), func(l string) string { return strings.ReplaceAll(l, "\t", " ") })
	return maskPids(lines, before, after), nil
}

// lastPid is the pid that the kernel gave last, 0 if it does not say.
func lastPid() int {
	text, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if len(fields) < 5 {
		return 0
	}
	n, _ := strconv.Atoi(fields[4])
	return n
}

var numbers = show.Pattern(` *\b\d{2,}\b`)

// firstAgain is the lowest pid that the kernel gives when pids have
// reached their highest one (RESERVED_PIDS).
const firstAgain = 300

// maskPids replaces each pid by # and its rank among those of the run:
// a number that the kernel gave as a pid between two looks at the last
// one. The same process has the same rank in every order of the lines.
// Blanks before it are one, because pids are of different lengths.
func maskPids(lines []string, before, after int) []string {
	again := after < before // pids have begun anew
	isPid := func(n int) bool {
		if again {
			return n > before || n >= firstAgain && n <= after
		}
		return n > before && n <= after
	}
	var pids []int
	for _, l := range lines {
		for _, s := range numbers().FindAllString(l, -1) {
			if n, _ := strconv.Atoi(strings.TrimSpace(s)); isPid(n) {
				pids = append(pids, n)
			}
		}
	}
	slices.SortFunc(pids, func(a, b int) int {
		if again && (a > before) != (b > before) {
			return b - a // the higher one is older
		}
		return a - b
	})
	pids = slices.Compact(pids)
	masked := make([]string, len(lines))
	for i, l := range lines {
		masked[i] = numbers().ReplaceAllStringFunc(l, func(s string) string {
			digits := strings.TrimLeft(s, " ")
			n, _ := strconv.Atoi(digits)
			if !isPid(n) {
				return s
			}
			blank := ""
			if len(digits) < len(s) {
				blank = " "
			}
			return fmt.Sprintf("%s#%d", blank, slices.Index(pids, n)+1)
		})
	}
	return masked
}

// An order is an output, and how many runs had it.
type order struct {
	lines []string
	count int
}

// ordersOf counts the orders, the most frequent first.
func ordersOf(runs [][]string) (orders []order) {
	index := map[string]int{}
	for _, r := range runs {
		key := strings.Join(r, "\n")
		i, known := index[key]
		if !known {
			i = len(orders)
			index[key] = i
			orders = append(orders, order{lines: r})
		}
		orders[i].count++
	}
	slices.SortStableFunc(orders, func(a, b order) int {
		return cmp.Or(b.count-a.count, slices.Compare(a.lines, b.lines))
	})
	return orders
}

// mostShown is how many orders get a bar of their own.
const mostShown = 10

// theRun is what is counted; the picture is not translated.
const theRun = "run"

// orderName is how an order is called in the text and the chart.
func orderName(i int) string { return string(rune('A' + i)) }

func showRaces(w io.Writer, name string, runs [][]string, svg string) error {
	orders := ordersOf(runs)
	h := timeline.Histogram{Title: fmt.Sprintf("%s: orders of the output in %s", name, count(len(runs), theRun))}
	rest := 0
	for i, o := range orders {
		if i >= mostShown {
			rest += o.count
			continue
		}
		h.Bars = append(h.Bars, timeline.Bar{Label: orderName(i) + " " + show.Clip(orderLabel(orders, i), 24), Count: o.count})
	}
	if rest > 0 {
		h.Bars = append(h.Bars, timeline.Bar{Label: "others", Count: rest})
	}
	if err := h.Text(w, textOptions(w)); err != nil {
		return err
	}
	fmt.Fprintln(w)
	showOrder(w, orders[0].lines)
	for i, o := range orders[1:min(len(orders), mostShown)] {
		fmt.Fprintf(w, "\n%s differs from A:\n", orderName(i+1))
		showDifference(w, orders[0].lines, o.lines)
	}
	fmt.Fprintln(w)
	showAlways(w, orders, runs)
	if svg != "" {
		return create(svg, h.SVG)
	}
	return nil
}

// orderLabel is what a bar says of an order: the first line in which it
// differs, of A from B, of the others from A.
func orderLabel(orders []order, i int) string {
	if len(orders) == 1 {
		return ""
	}
	other := orders[0].lines
	if i == 0 {
		other = orders[1].lines
	}
	from, _ := difference(other, orders[i].lines)
	return strings.Join(strings.Fields(lineAt(orders[i].lines, from)), " ")
}

// lineAt is a line, or what stands for one that is not there.
func lineAt(lines []string, i int) string {
	if i >= len(lines) {
		return "(no line)"
	}
	return show.Line(lines[i])
}

// difference returns where b begins to differ from a, and how many lines
// at the end of both are the same.
func difference(a, b []string) (from, same int) {
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	for same < min(len(a), len(b))-from && a[len(a)-1-same] == b[len(b)-1-same] {
		same++
	}
	return from, same
}

// mostLines is how many lines of an order are printed.
const mostLines = 8

// showOrder prints the first order.
func showOrder(w io.Writer, lines []string) {
	fmt.Fprintln(w, "A")
	for _, l := range lines[:min(len(lines), mostLines)] {
		fmt.Fprintln(w, "   "+show.Clip(show.Line(l), lab.Width-3))
	}
	if more := len(lines) - mostLines; more > 0 {
		fmt.Fprintf(w, "   … %s\n", count(more, "more line"))
	}
	if len(lines) == 0 {
		fmt.Fprintln(w, "   (no line)")
	}
}

// showDifference prints the lines in which b differs from a, and where
// they stand.
func showDifference(w io.Writer, a, b []string) {
	from, same := difference(a, b)
	for i := from; i < len(b)-same; i++ {
		if i-from == mostLines {
			fmt.Fprintf(w, "   … %s\n", count(len(b)-same-i, "more line"))
			return
		}
		fmt.Fprintln(w, show.Clip(fmt.Sprintf("   line %d: %s", i+1, show.Line(b[i])), lab.Width))
	}
	if missing := len(a) - len(b); missing > 0 {
		fmt.Fprintf(w, "   %s fewer\n", count(missing, "line"))
	}
}

// showAlways prints what was so in all runs.
func showAlways(w io.Writer, orders []order, runs [][]string) {
	always := alwaysBefore(runs)
	switch {
	case len(runs) == 1:
		fmt.Fprintln(w, "One run shows one order.")
	case len(orders) == 1:
		fmt.Fprintf(w, "One order in all %d runs.\n", len(runs))
	case len(orders[0].lines) < 2: // there is no order of lines
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
	for _, l := range show.Wrap("An order that was never seen may still come: only what the program waits for is promised.", lab.Width) {
		fmt.Fprintln(w, l)
	}
}

// alwaysBefore lists the pairs of lines, each printed once in every
// run, of which one was always before the other.
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
	lines = lines[:min(len(lines), mostLines)] // more pairs are nothing to read
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
