package main

import (
	"fmt"
	"io"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

func taskCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "task ID",
		Short:   "Print an exercise: what to write and what is checked",
		Example: "  ch8 task fork/glob",
		Args:    oneArg("the id of an exercise (see ch8 list)"),
		RunE: func(c *cobra.Command, args []string) error {
			x, err := exercise(args[0])
			if err != nil {
				return err
			}
			task(c.OutOrStdout(), x)
			return nil
		},
	}
}

// exercise returns the exercise that an id names.
func exercise(id string) (*lab.Experiment, error) {
	x, _, err := findOne(id)
	if err != nil {
		return nil, err
	}
	if !x.Exercise {
		return nil, fmt.Errorf("%s is an experiment to run and read, not an exercise: those have a star in ch8 list", x.ID())
	}
	return x, nil
}

var forAll = locale.Key(`For all exercises: no arguments, nothing is read from standard
input, the program starts in an empty folder, and all its processes
end by themselves within 10 s. Lines that are asked for are whole
lines; other lines are free. A pid is printed as the program sees
it. Any system call that does the job will do, and threads and
helper processes are free where the text does not exclude them.`)

func task(w io.Writer, x *lab.Experiment) {
	fmt.Fprintf(w, "%s: %s\n%s\n\n%s\n\n%s\n\n%s\n", x.ID(), locale.T(x.Title), locale.Sprintf("%s, %d points", locale.Ref(x.Ref), x.Points()),
		paragraphs(locale.T(x.Task)), paragraphs(locale.T(forAll)), locale.T("Checked:"))
	for _, c := range x.Asked() {
		fmt.Fprintf(w, "  %-16s %2d  %s\n", c.Name, c.Points,
			strings.Join(show.Wrap(locale.T(c.Says), 44), "\n"+strings.Repeat(" ", 23)))
	}
	fmt.Fprint(w, locale.Sprintf("\nStart:  ch8 new %[1]s --lang c\nCheck:  ch8 check %[1]s -- ./a.out\n", x.ID()))
}

// paragraphs breaks the lines of a text that are wider than a terminal:
// a paragraph of a translation is one line.
func paragraphs(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if show.Width(line) > 78 {
			lines = append(lines, show.Wrap(line, lab.Width)...)
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
