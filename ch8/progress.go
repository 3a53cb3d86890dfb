package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

// progressFile keeps, in the working directory, what a learner has
// reached. A line is one of
//
//	claim ID STATUS DATE COMMAND…
//	hint ID COUNT
//
// and is easy to read, to edit and to delete.
const progressFile = ".ch8-progress"

// progress is what the file says.
type progress struct {
	claims map[string]noted
	hints  map[string]int
}

type noted struct {
	status        lab.Status
	date, command string
}

func readProgress() (*progress, error) {
	p := &progress{claims: map[string]noted{}, hints: map[string]int{}}
	text, err := os.ReadFile(progressFile)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		w := strings.Fields(line)
		switch {
		case len(w) >= 4 && w[0] == "claim":
			p.claims[w[1]] = noted{lab.Status(w[2]), w[3], strings.Join(w[4:], " ")}
		case len(w) == 3 && w[0] == "hint":
			p.hints[w[1]], _ = strconv.Atoi(w[2])
		}
	}
	return p, nil
}

// write replaces the file at once, so that an interrupted ch8
// loses nothing.
func (p *progress) write() error {
	var lines []string
	for id, n := range p.claims {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("claim %s %s %s %s", id, n.status, n.date, n.command), " "))
	}
	for id, n := range p.hints {
		lines = append(lines, fmt.Sprintf("hint %s %d", id, n))
	}
	slices.Sort(lines)
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, progressFile+"-")
	if err != nil {
		return fmt.Errorf("the progress is not kept, because this folder cannot be written: %w; change to a folder of your own, or check with --no-progress", err)
	}
	defer os.Remove(tmp.Name())
	_, err = io.WriteString(tmp, strings.Join(lines, "\n")+"\n")
	if err := errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(dir, progressFile))
}

// note keeps the results of a report.
func note(p *progress, rep *lab.Report) error {
	for _, r := range rep.Results {
		id := rep.Experiment.ClaimID(r.Claim)
		p.claims[id] = noted{r.Status, time.Now().Format(time.DateOnly), show.Line(rep.Program.String())}
	}
	return p.write()
}

// passed counts the claims of an exercise that passed.
func (p *progress) passed(x *lab.Experiment) (n int) {
	for _, c := range x.Asked() {
		if p.claims[x.ClaimID(c)].status == lab.Pass {
			n++
		}
	}
	return n
}

// solved reports whether all claims of an exercise passed.
func (p *progress) solved(x *lab.Experiment) bool { return p.passed(x) == len(x.Asked()) }

// next is the exercise to go on with: the first one in the order of the
// book that is not solved; nil if there is none.
func (p *progress) next() *lab.Experiment { return p.nextAfter(nil) }

// nextAfter is the first exercise other than x that is not solved; of
// those after x, if there is one.
func (p *progress) nextAfter(x *lab.Experiment) *lab.Experiment {
	i := slices.Index(all, x) + 1
	for _, y := range slices.Concat(all[i:], all[:i]) {
		if y.Exercise && y != x && !p.solved(y) {
			return y
		}
	}
	return nil
}

func progressCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "progress",
		Short: "Show which exercises you have solved",
		Long: `Show what ch8 check has noted of your programs in the file
` + progressFile + ` of this folder. Delete the file to start anew.`,
		Example: "  ch8 progress",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := readProgress()
			if err != nil {
				return err
			}
			drawProgress(c.OutOrStdout(), p)
			return nil
		},
	}
}

// drawProgress draws a bar for each exercise.
func drawProgress(w io.Writer, p *progress) {
	solved, sum := 0, 0
	for _, x := range all {
		if !x.Exercise {
			continue
		}
		sum++
		bar, hints := "", 0
		for _, c := range x.Asked() {
			hints += p.hints[x.ClaimID(c)]
			switch p.claims[x.ClaimID(c)].status {
			case lab.Pass:
				bar += "#"
			case "":
				bar += "."
			default:
				bar += "x"
			}
		}
		state := ""
		if p.solved(x) {
			state = locale.T("solved")
			solved++
		}
		if hints > 0 {
			state = strings.TrimSpace(fmt.Sprintf("%s (%s)", state, count(hints, "hint")))
		}
		line := fmt.Sprintf("%-22s [%-8s] %d/%d  %s", x.ID(), bar, p.passed(x), len(x.Asked()), state)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	fmt.Fprint(w, locale.Sprintf("\n# passed  x not passed  . not checked yet\n%d of %d exercises solved, as the file %s of this\nfolder says\n", solved, sum, progressFile))
	x := p.next()
	switch {
	case x == nil:
	case p.passed(x) > 0:
		fmt.Fprintln(w, locale.Sprintf("next: ch8 hint %s", x.ID()))
	default:
		fmt.Fprintln(w, locale.Sprintf("next: ch8 task %s", x.ID()))
	}
}
