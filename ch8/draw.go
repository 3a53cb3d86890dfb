package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"apue/internal/page"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func drawCommand() *cobra.Command {
	var format, out string
	c := &cobra.Command{
		Use:   "draw [--format text|svg|html] [-o FILE] RECORDING",
		Short: "Draw a recording: processes over time",
		Long: `Draw what a recording says: a lane for each process with its states,
and arrows for fork, adoption, signals and reaping. The html format is
one file without any other, to step through with the arrow keys.`,
		Example: "  ch8 trace -o run.jsonl -- ./a.out\n  ch8 draw run.jsonl\n  ch8 draw --format html -o run.html run.jsonl",
		Args:    oneArg("a recording (ch8 trace -o FILE makes one)"),
		RunE: func(c *cobra.Command, args []string) error {
			var m *timeline.Model
			var rec *trace.Recording
			draw := map[string]func(io.Writer) error{
				"text": func(w io.Writer) error { return m.Text(w, textOptions(w)) },
				"svg":  func(w io.Writer) error { return m.SVG(w, timeline.Options{}) },
				"html": func(w io.Writer) error { return page.Write(w, rec, page.Options{Read: sourceFile}) },
			}[format]
			if draw == nil {
				return fmt.Errorf("--format %s: it is text, svg or html", format)
			}
			var err error
			if rec, err = readRecording(args[0]); err != nil {
				return err
			}
			m = timeline.New(rec, nil)
			m.ReadSource(sourceFile)
			if out != "" {
				return create(out, draw)
			}
			return draw(c.OutOrStdout())
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, svg or html")
	c.Flags().StringVarP(&out, "output", "o", "", "write to this file")
	return c
}

// maxSource bounds a source file whose lines a picture shows.
const maxSource = 16 << 20

// sourceFile reads a file that a recording names as source. A
// recording may name any: one without an end, or one whose read waits
// for somebody, is no source.
func sourceFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	// The files of /proc are regular and have no size.
	if !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > maxSource {
		return nil, fmt.Errorf("%s is no source file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, info.Size()))
}

// textOptions fit the picture to a terminal.
func textOptions(w io.Writer) timeline.Options {
	o := timeline.Options{Color: colored(w), ASCII: !utf8Locale()}
	if f, ok := terminal(w); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			o.Width = width
		}
	}
	return o
}

// utf8Locale reports whether the locale's characters are UTF-8, as
// locale(7) finds it.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
