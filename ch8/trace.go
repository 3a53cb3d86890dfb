package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"apue/ch8/proc"
	"apue/internal/sandbox"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// traceOptions are the flags of trace.
type traceOptions struct {
	json, files, draw bool

	out, stdout string
	timeout     time.Duration
}

func traceCommand() *cobra.Command {
	var o traceOptions
	c := &cobra.Command{
		Use:   "trace [-o FILE] -- CMD ARGS...",
		Short: "Record what the kernel did as a program ran, or print a recording",
		Long: `Run a program and print what it and its descendants did, one line an
event: seconds, process (P0 is the program, P0.1 its first child),
what happened, and the source line where the program has debug
information. "ch8 trace FILE" prints a recording that -o has made.

The program's own output is kept apart from the trace: it appears in
its write events, and with -o it is printed when the program has ended.

Exit status: the program's (128 and the signal's number if one killed
it), or 125 if it could not be recorded, 126 if it could not be
started, 127 if there is none, 130 if it was interrupted (what happened
until then is printed, or drawn).`,
		Example: "  ch8 trace -- sh -c 'sleep 0.1 & wait'\n  ch8 trace -o run.jsonl -- ./a.out\n  ch8 trace run.jsonl\n  ch8 trace --draw -- ./a.out",
		RunE: func(c *cobra.Command, args []string) error {
			err := traceOrPrint(c, &o, args)
			var status exit
			if errors.Is(err, context.Canceled) {
				fmt.Fprintln(c.ErrOrStderr(), "ch8: trace:", errInterrupted)
				return exit(128 + int(unix.SIGINT))
			}
			if err != nil && !errors.As(err, &status) {
				fmt.Fprintln(c.ErrOrStderr(), "ch8: trace:", err)
				return exit(sandbox.ExitStatus(err))
			}
			return err
		},
	}
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "JSON lines, the format of recordings, in place of text")
	f.StringVarP(&o.out, "output", "o", "", "write the recording to this file, as JSON lines")
	f.StringVar(&o.stdout, "stdout", "pipe", "what the program's standard output is: pty, pipe or file")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "end the program after this time")
	f.BoolVar(&o.files, "files", false, "record open, write, seek … of every descriptor")
	f.BoolVar(&o.draw, "draw", false, "draw the picture in place of the list")
	return c
}

func traceOrPrint(c *cobra.Command, o *traceOptions, args []string) error {
	dash := c.ArgsLenAtDash()
	switch {
	case dash < 0 && len(args) == 1:
		return printRecording(c.OutOrStdout(), o, args[0])
	case dash < 0 || dash > 0 || len(args) == 0:
		return fmt.Errorf("it needs a program after --, or a recording, for example:\n%s", c.Example)
	}
	return record(c.OutOrStdout(), c.ErrOrStderr(), o, args)
}

// printRecording prints a recording that was made before. It is read as
// it is printed: of a damaged one what is before the damage is seen,
// and a long one need not fit into memory.
func printRecording(w io.Writer, o *traceOptions, file string) error {
	if o.draw {
		rec, err := readRecording(file)
		if err != nil {
			return err
		}
		return drawText(w, rec)
	}
	f, err := openRecording(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := printEvents(w, f, o.json); err != nil {
		return fmt.Errorf("%s: %w", file, err)
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
	for {
		e, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := write(e); err != nil {
			return err
		}
	}
}

// openRecording opens what should be a recording.
func openRecording(file string) (*os.File, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%w (a program to record goes after --)", err)
	}
	return f, nil
}

func readRecording(file string) (*trace.Recording, error) {
	f, err := openRecording(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rec, err := trace.ReadRecording(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return rec, nil
}

// record runs the program and streams the events.
func record(w, errw io.Writer, o *traceOptions, args []string) error {
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout %v: it has to be more than 0", o.timeout)
	}
	cmd := sandbox.Command{Args: args, Env: os.Environ(), Timeout: o.timeout}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	cmd.Dir = dir
	switch o.stdout {
	case "pipe":
	case "file":
		cmd.Stdout = sandbox.File
	case "pty":
		cmd.Stdout = sandbox.Pty
	default:
		return fmt.Errorf("--stdout %s: it is pty, pipe or file", o.stdout)
	}
	if err := trace.Probe(); err != nil {
		return err
	}
	ctx, stop := interruptible()
	defer stop()

	var rec trace.Recording
	opts := &trace.Options{Files: o.files}
	cmd.Trace = opts
	var file *os.File
	var lines *trace.Writer
	if o.out != "" {
		// What it holds is lost once there is something to record.
		if file, err = os.OpenFile(o.out, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
			return err
		}
		defer file.Close()
	}
	opts.Begin = func(h *trace.Header) error {
		rec.Header = *h
		switch {
		case file != nil:
			if err := empty(file); err != nil {
				return err
			}
			lines, err = trace.NewWriter(file, h)
		case o.json:
			lines, err = trace.NewWriter(w, h)
		}
		return err
	}
	opts.Sink = func(e *trace.Event) error {
		if o.draw {
			rec.Events = append(rec.Events, *e)
		}
		if lines != nil {
			return lines.Event(e)
		}
		if o.draw {
			return nil
		}
		fmt.Fprintln(w, trace.Text(e))
		return flush(w)
	}
	res, err := sandbox.Run(ctx, cmd)
	interrupted := errors.Is(err, context.Canceled)
	if interrupted {
		err = nil
	}
	if lines != nil {
		err = errors.Join(err, lines.Flush())
	}
	if file != nil {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return err
	}
	if file != nil && res != nil {
		w.Write(bytes.ReplaceAll(res.Stdout, []byte("\r\n"), []byte("\n")))
		errw.Write(res.Stderr)
	}
	if o.draw && len(rec.Events) > 0 {
		if err := drawText(w, &rec); err != nil {
			return err
		}
	}
	if interrupted {
		return context.Canceled
	}
	return traced(errw, o, res)
}

// empty makes a file empty, if it is one.
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
		fmt.Fprintf(errw, "ch8: trace: not finished after %v, killed (--timeout gives it longer)\n", o.timeout)
	}
	if res.Flooded {
		fmt.Fprintln(errw, "ch8: trace: it wrote far more than is kept of its output, and was killed for that")
	}
	if res.Truncated && o.out != "" {
		fmt.Fprintf(errw, "ch8: trace: only the first %d bytes of its output are printed\n", sandbox.DefaultOutput)
	}
	return programs(proc.WaitStatus(res.Status))
}

// drawText draws a recording on a terminal.
func drawText(w io.Writer, rec *trace.Recording) error {
	m := timeline.New(rec, nil)
	m.ReadSource(sourceFile)
	return m.Text(w, textOptions(w))
}
