package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/page"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// A picture is how draw and trace --draw are to draw.
type picture struct {
	format, out, axis, theme string
	all                      bool
	timeline.Options
}

// flags are the options of a picture but for -o.
func (p *picture) flags(f *pflag.FlagSet) {
	f.StringVar(&p.format, "format", "", "text, svg or html (without it the name after -o decides, or text)")
	f.StringVar(&p.Title, "title", "", "the title, instead of the command")
	f.StringVar(&p.axis, "axis", "order", "what the distance of two rows means: order (nothing) or time")
	f.StringVar(&p.theme, "theme", "auto", "the colours of an SVG: auto (as its reader's system), light or dark")
	f.BoolVar(&p.Pids, "pids", false, "name the pids of the processes")
	f.BoolVar(&p.Source, "source", false, "name the source line of each event")
	f.BoolVar(&p.NoTimes, "no-times", false, "leave out everything measured, to compare two runs")
	f.BoolVar(&p.ASCII, "ascii", false, "draw text with ASCII characters only")
	f.IntVar(&p.Width, "width", 0, "columns of a text (the terminal's, or 68), pixels of an SVG")
	f.BoolVar(&p.all, "all", false, "draw every step: no row stands for a loop or a search in PATH")
	f.IntVar(&p.From, "from", 0, "the first step to draw (0: all)")
	f.IntVar(&p.To, "to", 0, "the last step to draw (0: all)")
}

// formatOf is the format that the name of a file asks for.
func formatOf(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".html", ".htm":
		return "html"
	case ".svg":
		return "svg"
	case ".txt":
		return "text"
	}
	return ""
}

// check finds the format, and refuses what cannot be drawn.
func (p *picture) check() error {
	if p.format == "" {
		p.format = formatOf(p.out)
		if ext := filepath.Ext(p.out); p.format == "" && ext != "" {
			return fmt.Errorf("-o %s: the name of a picture ends in .txt, .svg or .html, or --format says what it is", show.Line(p.out))
		}
		if p.format == "" {
			p.format = "text"
		}
	}
	switch p.axis {
	case "order":
	case "time":
		p.Axis = timeline.Time
	default:
		return fmt.Errorf("--axis %s: it is order or time", p.axis)
	}
	switch p.theme {
	case "auto":
	case "light":
		p.Theme = timeline.Light
	case "dark":
		p.Theme = timeline.Dark
	default:
		return fmt.Errorf("--theme %s: it is auto, light or dark", p.theme)
	}
	switch {
	case p.format != "text" && p.format != "svg" && p.format != "html":
		return fmt.Errorf("--format %s: it is text, svg or html", p.format)
	case p.format == "html" && p.notForPage() != "":
		return fmt.Errorf("%s is for text and SVG: a page shows all steps, and fits its reader's screen and colours", p.notForPage())
	case p.Width != 0 && p.Width < 40:
		return fmt.Errorf("--width %d: at least 40", p.Width)
	case p.From < 0 || p.To < 0 || p.To != 0 && p.To < p.From:
		return fmt.Errorf("--from %d --to %d: steps count from 1, and the last one is not before the first", p.From, p.To)
	}
	return nil
}

// notForPage is an option that was given and means nothing on a page.
func (p *picture) notForPage() string {
	for _, o := range []struct {
		name  string
		given bool
	}{
		{"--axis", p.axis != "order"}, {"--theme", p.theme != "auto"}, {"--no-times", p.NoTimes}, {"--ascii", p.ASCII},
		{"--width", p.Width != 0}, {"--from", p.From != 0}, {"--to", p.To != 0}, {"--all", p.all},
	} {
		if o.given {
			return o.name
		}
	}
	return ""
}

// draw draws a recording to the file that was asked for, or to w.
func (p *picture) draw(w io.Writer, rec *trace.Recording, x *lab.Experiment) error {
	write := func(w io.Writer) error {
		if p.format == "html" {
			return page.Write(w, rec, page.Options{Title: p.Title, Experiment: x, Read: sourcesOf(rec)})
		}
		m := modelOf(rec, x)
		if p.From > len(m.Steps) {
			return fmt.Errorf("--from %d: there are only %s", p.From, count(len(m.Steps), "step"))
		}
		if !p.all && p.From == 0 && p.To == 0 {
			m = foldedOf(m, rec, x)
		}
		if slices.ContainsFunc(m.Steps, func(s timeline.Step) bool { return s.Folds > 0 }) {
			m.Notes = append(m.Notes, locale.T("A row for several steps stands for a loop or a search in PATH: --all draws them all."))
		}
		if p.format == "svg" {
			return m.SVG(w, p.Options)
		}
		o := p.Options
		fit := textOptions(w)
		o.Color = fit.Color
		o.ASCII = o.ASCII || fit.ASCII
		if o.Width == 0 {
			o.Width = fit.Width
		}
		return m.Text(w, o)
	}
	if p.out != "" {
		return create(p.out, write)
	}
	return write(w)
}

func drawCommand() *cobra.Command {
	p := &picture{}
	c := &cobra.Command{
		Use:   "draw [-o FILE] SUBJECT",
		Short: "Draw what happened: processes over time",
		Long: `Draw a lane for each process with its states, and arrows for fork,
adoption, signals and reaping. The html format is one file that needs no
other: step through it with the arrow keys.

` + takes,
		Example: "  ch8 draw fork/glob\n  ch8 draw -o run.html mine.c\n  ch8 draw --format svg -o run.svg run.jsonl",
		RunE: func(c *cobra.Command, args []string) error {
			if err := p.check(); err != nil {
				return err
			}
			s, err := subjectOf(c, args)
			if err != nil {
				return err
			}
			rec, err := s.recordSaying(c.ErrOrStderr(), false)
			if err != nil {
				return err
			}
			return p.draw(c.OutOrStdout(), rec, s.experiment)
		},
	}
	p.flags(c.Flags())
	c.Flags().StringVarP(&p.out, "output", "o", "", "write to this file")
	return c
}

// maxSource bounds a source file whose lines a picture shows.
const maxSource = 16 << 20

// sourceFile reads a file that a recording names as source. A
// recording may name any file: a device that has no end, or whose read
// blocks, is refused.
func sourceFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	// The files of /proc are regular and have no size.
	if !info.Mode().IsRegular() || info.Size() == 0 || info.Size() > maxSource {
		return nil, fmt.Errorf("%s is not a source file", show.Line(name))
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
