package main

import (
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"github.com/spf13/pflag"
)

// A worksheet is questions for paper: of predict or of quiz.
type worksheet struct {
	title string
	intro string
	key   bool // with the right answers and their reasons
	parts []part
}

// A part is one program and the questions about it.
type part struct {
	title    string
	language string // of the program: "c", "go"
	program  string
	asked    []question
}

// A question has one right answer among its options.
type question struct {
	ask     string
	options []string
	right   string
	why     string
}

// letter is how an option is called.
func letter(i int) string { return string(rune('a' + i)) }

// paperOptions are the flags of the verbs that write worksheets.
type paperOptions struct {
	sheet, key   bool
	format, file string
}

func (o *paperOptions) add(f *pflag.FlagSet) {
	f.BoolVar(&o.sheet, "worksheet", false, "write the questions for paper")
	f.BoolVar(&o.key, "answers", false, "write the answers to the worksheet of the same seed")
	f.StringVar(&o.format, "format", "", "of a worksheet: markdown or html")
	f.StringVarP(&o.file, "output", "o", "", "write the worksheet to this file")
}

// onPaper reports whether a worksheet or its answers are wanted.
func (o *paperOptions) onPaper() bool { return o.sheet || o.key }

// check finds the format of the worksheet, Markdown if nothing says
// otherwise, and refuses flags that do not go together.
func (o *paperOptions) check() error {
	switch {
	case o.sheet && o.key:
		return errors.New("--worksheet and --answers are two files: write one after the other, with the same --seed")
	case !o.onPaper() && (o.file != "" || o.format != ""):
		return errors.New("-o and --format are for --worksheet and --answers")
	case o.format == "" && formatOf(o.file) == "html":
		o.format = "html"
	case o.format == "":
		o.format = "markdown"
	case o.format != "markdown" && o.format != "html":
		return fmt.Errorf("--format %s: a worksheet is markdown or html", o.format)
	}
	return nil
}

// write writes the worksheet to a file, or to w without one.
func (s *worksheet) write(w io.Writer, format, file string) error {
	write := s.markdown
	if format == "html" {
		write = s.html
	}
	if file != "" {
		return create(file, write)
	}
	return write(w)
}

func (s *worksheet) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", s.title, strings.Join(show.Wrap(s.intro, lab.Width), "\n"))
	if !s.key {
		fmt.Fprintf(&b, "\n%s ______________________ %s ____________\n", locale.T("Name:"), locale.T("Date:"))
	}
	n := 0
	for _, p := range s.parts {
		if p.title != "" {
			fmt.Fprintf(&b, "\n## %s\n", p.title)
		}
		if p.program != "" && !s.key {
			fmt.Fprintf(&b, "\n```%s\n%s```\n", p.language, p.program)
		}
		for _, q := range p.asked {
			n++
			fmt.Fprintf(&b, "\n%d. %s\n", n, strings.Join(show.Wrap(q.ask, lab.Width-3), "\n   "))
			for i, o := range q.options {
				if s.key && o == q.right {
					fmt.Fprintf(&b, "   - **%s) %s**\n", letter(i), o)
				} else {
					fmt.Fprintf(&b, "   - %s) %s\n", letter(i), o)
				}
			}
			if s.key {
				fmt.Fprintf(&b, "\n   %s\n", strings.Join(show.Wrap(q.why, lab.Width-3), "\n   "))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// mostWhole is how many lines a program has that is kept on one page: a
// longer one would leave much of the page before it white.
const mostWhole = 40

// worksheetStyle is for paper first.
const worksheetStyle = `body{max-width:42em;margin:2em auto;padding:0 1em;font:1em/1.5 serif}
pre{font:.9em/1.35 monospace;border:1px solid #888;padding:.6em 1em;overflow-x:auto}
h2{break-after:avoid}.whole,div{break-inside:avoid}.name span{display:inline-block;min-width:11em;border-bottom:1px solid}ol.options{list-style:lower-alpha}
@media (prefers-color-scheme:dark){@media screen{body{background:#111;color:#eee}}}`

func (s *worksheet) html(w io.Writer) error {
	var b strings.Builder
	e := html.EscapeString
	fmt.Fprintf(&b, "<!DOCTYPE html>\n<html lang=\"%s\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"+
		"<title>%s</title>\n<style>\n%s\n</style>\n<h1>%s</h1>\n<p>%s</p>\n", locale.Tag(), e(s.title), worksheetStyle, e(s.title), e(s.intro))
	if !s.key {
		fmt.Fprintf(&b, "<p class=\"name\">%s <span></span> %s <span></span></p>\n", e(locale.T("Name:")), e(locale.T("Date:")))
	}
	n := 0
	for _, p := range s.parts {
		b.WriteString("<section>\n")
		if p.title != "" {
			fmt.Fprintf(&b, "<h2>%s</h2>\n", e(p.title))
		}
		if p.program != "" && !s.key {
			class := ""
			if strings.Count(p.program, "\n") <= mostWhole {
				class = " class=\"whole\""
			}
			fmt.Fprintf(&b, "<pre%s>%s</pre>\n", class, e(p.program))
		}
		for _, q := range p.asked {
			n++
			fmt.Fprintf(&b, "<div>\n<p>%d. %s</p>\n<ol class=\"options\">\n", n, e(q.ask))
			for _, o := range q.options {
				if s.key && o == q.right {
					o = "<strong>" + e(o) + "</strong>" + e(locale.T(" (right)"))
				} else {
					o = e(o)
				}
				fmt.Fprintf(&b, "<li>%s</li>\n", o)
			}
			b.WriteString("</ol>\n")
			if s.key {
				fmt.Fprintf(&b, "<p>%s</p>\n", e(q.why))
			}
			b.WriteString("</div>\n")
		}
		b.WriteString("</section>\n")
	}
	b.WriteString("</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}
