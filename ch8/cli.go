package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// exit is an error that only carries an exit status: the verb has
// already said everything.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

var errInterrupted = errors.New("interrupted")

// An output is what a verb prints to. It is buffered, and flushed at
// every write if it is a terminal. Its first write error stays: run
// turns it into the exit status.
type output struct {
	file *os.File // nil in a test
	tty  bool
	buf  *bufio.Writer
	err  error
}

func newOutput(w io.Writer) *output {
	o := &output{buf: bufio.NewWriter(w)}
	if f, ok := w.(*os.File); ok {
		o.file, o.tty = f, term.IsTerminal(int(f.Fd()))
	}
	return o
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.buf.Write(b)
	if err == nil && o.tty {
		err = o.buf.Flush()
	}
	o.err = cmp.Or(o.err, err)
	return n, err
}

// Flush writes what is buffered.
func (o *output) Flush() error {
	o.err = cmp.Or(o.err, o.buf.Flush())
	return o.err
}

// flush flushes w if it is an output: before the user is asked, and
// where something takes long.
func flush(w io.Writer) error {
	if o, ok := w.(*output); ok {
		return o.Flush()
	}
	return nil
}

// An input flushes the output before it reads, as C's standard input
// does: a prompt is on the screen before the answer is typed.
type input struct {
	file *os.File
	out  *output
}

func (i *input) Read(b []byte) (int, error) {
	i.out.Flush()
	return i.file.Read(b)
}

// theirIn is the input for a program that a verb starts: the file
// itself, which the program inherits.
func theirIn(r io.Reader) io.Reader {
	if i, ok := r.(*input); ok {
		return i.file
	}
	return r
}

// theirOut is the output for a program that a verb starts.
func theirOut(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok && o.file != nil {
		return o.file
	}
	return w
}

// terminal returns the file behind an output or an input, if it is a
// terminal.
func terminal(what any) (*os.File, bool) {
	var f *os.File
	switch v := what.(type) {
	case *output:
		f = v.file
	case *input:
		f = v.file
	case *os.File:
		f = v
	}
	return f, f != nil && term.IsTerminal(int(f.Fd()))
}

// colored reports whether colours are wanted on w, see
// no-color.org.
func colored(w io.Writer) bool {
	_, ok := terminal(w)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != ""
}

// interruptible is the context of a verb that builds or runs
// programs: it ends at Ctrl-C, SIGTERM and SIGHUP, and neither the sandbox
// nor the builder then leaves anything behind.
func interruptible() (context.Context, context.CancelFunc) {
	ends := []os.Signal{os.Interrupt, unix.SIGTERM}
	if !signal.Ignored(unix.SIGHUP) { // as under nohup
		ends = append(ends, unix.SIGHUP)
	}
	return signal.NotifyContext(context.Background(), ends...)
}

// uninterruptible is interruptible for a verb whose program shares the
// terminal: Ctrl-C is for the program, and ch8 only survives it.
func uninterruptible() (context.Context, context.CancelFunc) {
	ctrlC := make(chan os.Signal, 1)
	signal.Notify(ctrlC, os.Interrupt, unix.SIGQUIT)
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGHUP)
	return ctx, func() { stop(); signal.Stop(ctrlC) }
}

// ours builds our program of an experiment. A terminal's Ctrl-C ends
// the compiler too: that is an interruption, not an error of the build.
func ours(ctx context.Context, b *build.Builder, x *lab.Experiment) (lab.Program, error) {
	path, err := b.Ours(x.Dir)
	p := lab.Program{Args: []string{path, x.Name}, Name: x.Dir + " " + x.Name, Ours: true}
	return p, cmp.Or(ctx.Err(), err)
}

// create writes a file after its whole content was made: if that
// fails, an older file stays as it was.
func create(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o666)
}

// count says "1 claim", "2 claims".
func count(n int, what string) string {
	if n == 1 {
		return locale.T("1 " + what)
	}
	return locale.Sprintf("%d "+what+"s", n)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// busyAfter is how long a verb may print nothing.
var busyAfter = time.Second

// A busy line says what a verb does while it prints nothing.
type busy struct {
	texts chan string
	ended chan struct{}
}

// showBusy says the text on w when busyAfter has passed without end, on
// a terminal again and again with the time, in place.
func showBusy(w io.Writer, text string) *busy {
	b := &busy{texts: make(chan string), ended: make(chan struct{})}
	go b.show(w, text)
	return b
}

// says changes the text.
func (b *busy) says(text string) { b.texts <- text }

// end takes the text away again.
func (b *busy) end() {
	close(b.texts)
	<-b.ended
}

func (b *busy) show(w io.Writer, text string) {
	defer close(b.ended)
	_, redraw := terminal(w)
	redraw = redraw && os.Getenv("TERM") != "dumb"
	start := time.Now()
	tick := time.NewTicker(busyAfter)
	defer tick.Stop()
	shown, said := false, ""
	for {
		select {
		case t, more := <-b.texts:
			if !more {
				if shown && redraw {
					fmt.Fprint(w, "\r\x1b[K")
				}
				return
			}
			text = t
		case <-tick.C:
			switch {
			case redraw:
				fmt.Fprintf(w, "\r\x1b[K%s … %d s", text, int(time.Since(start).Seconds()))
				shown = true
			case text != said:
				fmt.Fprintf(w, "%s …\n", text)
				said = text
			}
		}
	}
}

// oneArg is cobra.ExactArgs(1) with a sentence that says what is
// missing.
func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s needs %s, for example:\n%s", c.CommandPath(), what, c.Example)
		}
		return nil
	}
}

// noArgs is cobra.NoArgs with a sentence of ours.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes options only, and %s is not one (see %s -h)", c.CommandPath(), show.Line(args[0]), c.CommandPath())
	}
	return nil
}

// oneDash finds an option of more than one letter with one dash.
var oneDash = show.Pattern(`^-([a-z][a-z0-9-]+)(=.*)?$`)

// twoDashes returns an error if one of the arguments of a verb is the
// name of one of its options with one dash: the library would take
// -output for -o utput.
func twoDashes(c *cobra.Command, args []string) error {
	for _, a := range args {
		if a == "--" {
			break
		}
		m := oneDash().FindStringSubmatch(a)
		if m != nil && (c.Flags().Lookup(m[1]) != nil || m[1] == "help") {
			return fmt.Errorf("an option of more than one letter has two dashes: -%s", a)
		}
	}
	return nil
}

// takesValue says what an option of a type takes.
var takesValue = map[string]string{
	"int": "it takes a whole number", "uint64": "it takes a whole number from 0 on",
	"bool": "it takes no value", "duration": "it takes a time, as 500ms, 10s or 2m",
}

// unknownOption says an error of the options in our words: it names the
// nearest option where there is none of that name.
func unknownOption(c *cobra.Command, err error) error {
	var none *pflag.NotExistError
	var wrong *pflag.InvalidValueError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &missing):
		return fmt.Errorf("--%s needs a value (see %s -h)", missing.GetFlag().Name, c.CommandPath())
	case errors.As(err, &wrong) && takesValue[wrong.GetFlag().Value.Type()] != "":
		return fmt.Errorf("--%s %s: %s", wrong.GetFlag().Name, show.Line(wrong.GetValue()), takesValue[wrong.GetFlag().Value.Type()])
	case !errors.As(err, &none):
		return err
	}
	said := "--" + none.GetSpecifiedName()
	if short := none.GetSpecifiedShortnames(); short != "" {
		said = "-" + short
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	near := proposed(nearestNames("-"+strings.TrimLeft(said, "-"), names, 2))
	if near == "" && strings.Contains(c.Example, " -- ") {
		near = "; an option of the program stands after --"
	}
	return fmt.Errorf("%s has no option %s%s (see %s -h)", c.CommandPath(), said, near, c.CommandPath())
}

// unknownVerb names the nearest verbs.
func unknownVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, _, err := findOne(args[0]); err == nil {
		return fmt.Errorf("%s names an experiment, not a verb; did you mean ch8 run %[1]s? (ch8 help lists all verbs)", args[0])
	}
	var names []string
	for _, v := range c.Commands() {
		names = append(names, v.Name())
	}
	return fmt.Errorf("there is no %q%s (ch8 help lists all verbs)", args[0], proposed(nearestNames(args[0], names, 1)))
}

// proposed is the part of a sentence that proposes names; "" without
// any.
func proposed(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}

// nearestNames returns at most n of the names, the nearest first: those
// that fewer edits than half of their letters lead to.
func nearestNames(name string, names []string, n int) []string {
	near := slices.DeleteFunc(slices.Clone(names), func(s string) bool {
		return 2*distance(name, s) > max(len(strings.Trim(s, "-")), 2)
	})
	slices.SortStableFunc(near, func(a, b string) int { return distance(name, a) - distance(name, b) })
	return near[:min(len(near), n)]
}

// distance is the Levenshtein distance: how many insertions,
// deletions and replacements of a byte lead from a to b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
