package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"golang.org/x/term"
)

// An asker asks questions at a terminal, or of a pipe: the number of an
// option is the answer, an empty line is none, p shows the program again.
type asker struct {
	in      *bufio.Scanner
	out     io.Writer
	program string     // what the questions are about
	waits   bool       // somebody reads at a terminal
	height  func() int // of that terminal
}

func newAsker(in io.Reader, out io.Writer) *asker {
	_, typed := terminal(in)
	screen, shown := terminal(out)
	height := func() int {
		_, height, err := term.GetSize(int(screen.Fd()))
		if err != nil || height < 5 {
			return 24
		}
		return height
	}
	return &asker{in: bufio.NewScanner(in), out: out, waits: typed && shown, height: height}
}

// showProgram prints the program. At a terminal it waits when the screen
// is full, if much is left.
func (a *asker) showProgram() {
	lines := strings.SplitAfter(strings.TrimSuffix(a.program, "\n"), "\n")
	for a.waits && len(lines) > a.height()*5/4 {
		n := a.height() - 2
		fmt.Fprint(a.out, strings.Join(lines[:n], ""))
		lines = lines[n:]
		fmt.Fprint(a.out, locale.Sprintf("Enter: %s of the program. q: to the questions > ", count(len(lines), "more line")))
		if !a.in.Scan() || strings.TrimSpace(a.in.Text()) == "q" {
			return
		}
	}
	fmt.Fprintln(a.out, strings.Join(lines, ""))
}

// hint says what can be typed.
func (a *asker) hint() {
	fmt.Fprintln(a.out, locale.T("A number is your answer, Enter is none, p shows the program again, q ends."))
}

// pause waits at a terminal until the reader wants to go on, and returns
// what was typed. more is false when the input has ended, or q was typed.
func (a *asker) pause(prompt string) (typed string, more bool) {
	if !a.waits {
		return "", true
	}
	fmt.Fprint(a.out, "\n"+prompt)
	if !a.in.Scan() {
		fmt.Fprintln(a.out)
		return "", false
	}
	typed = strings.TrimSpace(a.in.Text())
	return typed, typed != "q"
}

// ask asks the n-th question and returns the option that was chosen, ""
// if none was. more is false when the input has ended, or q was typed.
func (a *asker) ask(n int, q question) (answer string, more bool) {
	a.show(n, q)
	for a.in.Scan() {
		typed := strings.TrimSpace(a.in.Text())
		k, err := strconv.Atoi(typed)
		switch {
		case typed == "":
			return "", true
		case typed == "q":
			return "", false
		case typed == "p":
			fmt.Fprintln(a.out)
			a.showProgram()
			a.show(n, q)
			continue
		case err == nil && k >= 1 && k <= len(q.options):
			return q.options[k-1], true
		}
		fmt.Fprint(a.out, locale.Sprintf("Type a number from 1 to %d, Enter for no answer, p for the program, or q: > ", len(q.options)))
	}
	return "", false
}

// askAll asks the questions one after the other. more is false when the
// input has ended before the last one, or q was typed.
func (a *asker) askAll(qs []question) (answers []string, more bool) {
	answers, more = make([]string, len(qs)), true
	for i := 0; i < len(qs) && more; i++ {
		answers[i], more = a.ask(i+1, qs[i])
	}
	return answers, more
}

// show prints the n-th question and a prompt.
func (a *asker) show(n int, q question) {
	fmt.Fprintf(a.out, "\n%d. %s\n", n, strings.Join(show.Wrap(q.ask, lab.Width-3), "\n   "))
	for i, o := range q.options {
		fmt.Fprintf(a.out, "   %d) %s\n", i+1, strings.Join(show.Wrap(o, lab.Width-6), "\n      "))
	}
	fmt.Fprint(a.out, "> ")
}

// judge prints the question, what was answered, what is right and why,
// and reports whether the answer was right.
func (a *asker) judge(n int, q question, answer string) bool {
	right := answer == q.right
	said := locale.T("right")
	switch {
	case answer == "":
		said = locale.T("you gave no answer")
	case !right:
		said = locale.Sprintf("you answered: %s", answer)
	}
	fmt.Fprintf(a.out, "\n%d. %s\n", n, strings.Join(show.Wrap(q.ask, lab.Width-3), "\n   "))
	fmt.Fprintf(a.out, "   = %s\n", strings.Join(show.Wrap(locale.Sprintf("%s (%s)", q.right, said), lab.Width-5), "\n     "))
	for _, l := range show.Wrap(q.why, lab.Width-3) {
		fmt.Fprintln(a.out, "   "+l)
	}
	return right
}
