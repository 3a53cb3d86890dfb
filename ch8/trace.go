package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// traceOptions are the flags of trace.
type traceOptions struct {
	json, files, draw bool

	out, stdout, status string
	timeout             time.Duration
	picture             picture
}

func traceCommand() *cobra.Command {
	var o traceOptions
	c := &cobra.Command{
		Use:   "trace [-o FILE] SUBJECT",
		Short: "Record what the kernel did as a program ran, or print a recording",
		Long: `Run a program and print what it and its descendants did, one line an
event: seconds, process (P0 is the program, P0.1 its first child),
what happened, and the source line where the program has debug
information. "ch8 trace run.jsonl" prints a recording.

` + takes + `

The program has your standard input, other descriptors, terminal and
limits, as if the shell had started it: you can trace a shell. With -o
it has your standard output too, and what happened goes to the file: a
recording, written line by line as it happens, or the picture if the
name ends in .html, .svg or .txt. Without -o its output is a pipe, and
stands in its write events.

Exit status: the program's (128 plus the signal's number if one killed
it), or 125 if it could not be recorded, 126 if it could not be
started, 127 if it does not exist, 130 if it was interrupted (what happened
until then is printed, or drawn).`,
		Example: "  ch8 trace mine.c\n  ch8 trace -o run.jsonl -- ./a.out\n  ch8 trace run.jsonl\n  ch8 trace --draw -- sh -c 'true & wait'\n  ch8 trace --status 139",
		RunE: func(c *cobra.Command, args []string) error {
			err := traceOrPrint(c, &o, args)
			var status exit
			if errors.Is(err, context.Canceled) {
				fmt.Fprintln(c.ErrOrStderr(), "ch8: trace:", errInterrupted)
				return exit(128 + int(unix.SIGINT))
			}
			if err != nil && !errors.As(err, &status) {
				return notTraced(c, err)
			}
			return err
		},
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return notTraced(c, unknownOption(c, err)) })
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON lines, the format of recordings, instead of text")
	f.StringVarP(&o.out, "output", "o", "", "write the recording, or a picture, to this file")
	f.StringVar(&o.stdout, "stdout", "", "what the program's standard output is: pipe, file, pty (a terminal of its own) or same (yours)")
	f.DurationVar(&o.timeout, "timeout", 0, "end the program after this time (0: never)")
	f.BoolVar(&o.files, "files", false, "record open, write, seek … of every descriptor")
	f.BoolVar(&o.draw, "draw", false, "draw the picture instead of the list")
	f.StringVar(&o.status, "status", "", "take this status word of a wait apart (139, 0x8b), and do nothing else")
	o.picture.flags(f)
	return c
}

// notTraced says why nothing was traced, and returns the exit status, which
// no program's is taken for: not 2.
func notTraced(c *cobra.Command, err error) error {
	fmt.Fprintln(c.ErrOrStderr(), "ch8: trace:", strings.TrimPrefix(sentence(err), "ch8 trace ")+lowLimit())
	return exit(sandbox.ExitStatus(err))
}

func traceOrPrint(c *cobra.Command, o *traceOptions, args []string) error {
	w := c.OutOrStdout()
	if o.status != "" {
		return takeApart(w, o.status)
	}
	if formatOf(o.out) != "" || o.picture.format != "" {
		o.draw = true
	}
	if o.draw {
		o.picture.out = o.out
		if err := o.picture.check(); err != nil {
			return err
		}
	}
	s, err := subjectOf(c, args)
	switch {
	case err != nil:
		return err
	case s.recording == "":
		return recordProgram(w, c.ErrOrStderr(), o, s)
	case o.draw:
		rec, err := readRecording(s.recording)
		if err != nil {
			return err
		}
		return o.picture.draw(w, rec, nil)
	case o.out != "":
		return fmt.Errorf("%s is a recording already: -o with .html, .svg or .txt draws it", s.recording)
	}
	return printRecording(w, o, s.recording)
}

// takeApart says what a number means: as a status word of wait, and as
// the exit status that a shell shows.
func takeApart(w io.Writer, number string) error {
	n, err := strconv.ParseUint(number, 0, 16)
	if err != nil {
		return fmt.Errorf("--status %q: it is a number from 0 to 65535, as 139 or 0x8b", number)
	}
	fmt.Fprintf(w, "0x%04x as the status word of a wait:  %s\n", n, proc.WaitStatus(n).Short())
	fmt.Fprintf(w, "  bits 8 to 15 (exit status, or stop signal)  %d\n  bit 7 (core file)                           %d\n  bits 0 to 6 (signal; 127: stopped)          %d\n", n>>8, n>>7&1, n&0x7f)
	switch {
	case n > 128 && n <= 128+64:
		fmt.Fprintf(w, "%d as $? in a shell:  killed by %s, or exit status %d\n", n, proc.SignalText(int(n-128)), n)
	case n <= 255:
		fmt.Fprintf(w, "%d as $? in a shell:  exit status %d\n", n, n)
	}
	return nil
}

// printRecording prints a recording that was made before. It is read as
// it is printed: of a damaged one what is before the damage is seen,
// and a long one need not fit into memory.
func printRecording(w io.Writer, o *traceOptions, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := printEvents(w, f, o.json); err != nil {
		return unreadable(file, err)
	}
	return nil
}

func printEvents(w io.Writer, f io.Reader, asJSON bool) error {
	in, err := trace.NewReader(f)
	if err != nil {
		return err
	}
	write := func(e *trace.Event) error {
		_, err := fmt.Fprintln(w, trace.Text(e))
		return err
	}
	if asJSON {
		lines, err := trace.NewWriter(w, &in.Header)
		if err != nil {
			return err
		}
		defer lines.Flush()
		write = lines.Event
	}
	seen := map[trace.Kind]bool{}
	for {
		e, err := in.Next()
		if errors.Is(err, io.EOF) && !asJSON {
			return printFacts(w, &in.Header, seen)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		seen[e.Kind] = true
		if err := write(e); err != nil {
			return err
		}
	}
}

// printFacts prints what a picture of the recording says below it: what
// was changed, and what could not be recorded.
func printFacts(w io.Writer, h *trace.Header, seen map[trace.Kind]bool) error {
	for _, f := range timeline.Facts(h, func(k trace.Kind) bool { return seen[k] }) {
		for _, l := range show.Wrap(f, lab.Width) {
			fmt.Fprintln(w, l)
		}
	}
	return flush(w)
}

func readRecording(file string) (*trace.Recording, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := trace.ReadRecording(bufio.NewReader(f))
	if err != nil {
		return nil, unreadable(file, err)
	}
	return rec, nil
}

// unreadable says why a file cannot be shown, and what can be given
// instead.
func unreadable(file string, err error) error {
	reason := strings.TrimPrefix(err.Error(), "trace: ")
	if errors.Is(err, trace.ErrNotRecording) {
		return fmt.Errorf("%s is not a recording: %s (ch8 trace -o run.jsonl -- PROGRAM makes one; a program is a C or Go file, or an executable: chmod +x %s)", show.Line(file), reason, show.Shell([]string{file}))
	}
	return fmt.Errorf("%s: %s", show.Line(file), reason)
}

// forever is longer than anybody waits.
const forever = 1000 * 24 * time.Hour

// sandboxed is how trace runs a program: as the caller would, in this
// folder.
func (o *traceOptions) sandboxed() (sandbox.Command, error) {
	cmd := sandbox.Command{Env: os.Environ(), Timeout: o.timeout, Attached: true}
	switch {
	case o.timeout < 0:
		return cmd, fmt.Errorf("--timeout %v: it is a time, or 0 for none", o.timeout)
	case o.timeout == 0:
		cmd.Timeout = forever
	}
	kinds := map[string]sandbox.Stdout{"pipe": sandbox.Pipe, "file": sandbox.File, "pty": sandbox.Pty, "same": sandbox.Inherited}
	kind := o.stdout
	if kind == "" {
		kind = "pipe"
		if o.out != "" {
			kind = "same"
		}
	}
	known := false
	if cmd.Stdout, known = kinds[kind]; !known {
		return cmd, fmt.Errorf("--stdout %s: it is pipe, file, pty or same", o.stdout)
	}
	dir, err := os.Getwd()
	cmd.Dir = dir
	return cmd, err
}

// A tracer takes the events of a run as they happen: it prints them, or
// keeps them for a picture.
type tracer struct {
	w    io.Writer
	o    *traceOptions
	file *os.File // of -o, or nil
	kept trace.Recording
	seen map[trace.Kind]bool // kinds of event that were printed as text
}

func (t *tracer) begin(h *trace.Header) error {
	t.kept.Header = *h
	if t.file != nil {
		return empty(t.file)
	}
	return nil
}

func (t *tracer) event(e *trace.Event) error {
	switch {
	case t.o.draw:
		t.kept.Add(e)
		return nil
	case e.Kind == trace.KindSource:
		return nil
	}
	t.seen[e.Kind] = true
	fmt.Fprintln(t.w, trace.Text(e))
	return flush(t.w)
}

// lines is where the recording goes as it is, nil if it goes nowhere.
// Its lines are in the file then, whatever becomes of this process.
func (t *tracer) lines() io.Writer {
	switch {
	case t.o.draw:
		return nil
	case t.file != nil:
		return t.file
	case t.o.json:
		return flushed{t.w}
	}
	return nil
}

// flushed is a writer whose bytes do not wait in a buffer.
type flushed struct{ w io.Writer }

func (f flushed) Write(b []byte) (int, error) {
	n, err := f.w.Write(b)
	return n, errors.Join(err, flush(f.w))
}

// recordProgram runs the program and prints its events as they happen.
func recordProgram(w, errw io.Writer, o *traceOptions, s *subject) error {
	cmd, err := o.sandboxed()
	if err != nil {
		return err
	}
	sandbox.CalmMonitor()
	b := new(build.Builder)
	defer b.Close()
	p, err := s.buildNow(b)
	if err != nil {
		return err
	}
	cmd.Args = p.Args
	signals := interruptible
	if cmd.Stdout == sandbox.Inherited {
		// A shell that is traced decides itself what Ctrl-C ends.
		signals = uninterruptible
	}
	ctx, stop := signals()
	defer stop()

	t := &tracer{w: w, o: o, seen: map[trace.Kind]bool{}}
	if o.out != "" && !o.draw {
		// Its old content is lost only when there is something to record.
		if t.file, err = os.OpenFile(o.out, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
			return err
		}
		defer t.file.Close()
	}
	cmd.Trace = &record.Options{Files: o.files, Begin: t.begin, Sink: t.event, Lines: t.lines()}
	res, err := sandbox.Run(ctx, cmd)
	interrupted := errors.Is(err, context.Canceled)
	if interrupted {
		err = nil
	}
	if t.file != nil {
		err = errors.Join(err, t.file.Close())
	}
	if err != nil {
		return err
	}
	if o.out != "" && res != nil && cmd.Stdout != sandbox.Inherited {
		w.Write(bytes.ReplaceAll(res.Stdout, []byte("\r\n"), []byte("\n")))
		errw.Write(res.Stderr)
	}
	if len(t.kept.Events) > 0 {
		if err := o.picture.draw(w, &t.kept, s.experiment); err != nil {
			return err
		}
	}
	if t.lines() == nil && !o.draw {
		if err := printFacts(w, &t.kept.Header, t.seen); err != nil {
			return err
		}
	}
	if interrupted {
		return context.Canceled
	}
	return traced(errw, o, res)
}

// empty makes a file empty, if it is a regular one.
func empty(f *os.File) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	return f.Truncate(0)
}

// traced says what the recording itself does not and returns the
// program's exit status.
func traced(errw io.Writer, o *traceOptions, res *sandbox.Result) error {
	if res.TimedOut {
		fmt.Fprintf(errw, "ch8: trace: the program had not ended after %v and was killed (--timeout gives it longer)\n", o.timeout)
	}
	if res.Flooded {
		fmt.Fprintf(errw, "ch8: trace: %s, and was killed for that\n", res.Flood)
	}
	if res.Truncated && o.out != "" {
		fmt.Fprintf(errw, "ch8: trace: only the first %d bytes of the program's output are printed\n", sandbox.DefaultOutput)
	}
	return programs(proc.WaitStatus(res.Status))
}
