package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"apue/internal/grade"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/show"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func gradeCommand() *cobra.Command {
	var o grade.Options
	var exercises []string
	var shard, gradescope, classroom50 string
	var merge bool
	c := &cobra.Command{
		Use:   "grade [-o DIR] SUBMISSIONS...",
		Short: "Check many submissions, and write tables and reports",
		Long: `Check submissions and write grades.csv, summary.csv, needs-human.csv
and a report for each student into a folder. A submission is a folder
with a folder for each exercise in it, called DIR-NAME (fork-glob,
wait-status …); a folder of submissions may be given too. After an
interruption, type the same command again: it goes on where it stopped.

With --merge the arguments are the result folders of shards.`,
		Example: "  ch8 grade -o results submissions\n  ch8 grade --exercises fork/glob,wait/status -o results submissions\n  ch8 grade --shard 2/3 -o part2 submissions\n  ch8 grade --merge -o results part1 part2 part3",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("ch8 grade needs a folder of submissions, for example:\n%s", c.Example)
			}
			var err error
			if o.Exercises, err = asked(exercises); err != nil {
				return err
			}
			if o.Runs < 1 || o.Jobs < 1 {
				return fmt.Errorf("--runs and -j are at least 1")
			}
			o.One = gradescope != "" || classroom50 != ""
			if classroom50 != "" {
				// What the runner has to set is missed before the
				// checks, not after them.
				if err := grade.Classroom50(io.Discard, &grade.Student{}, time.Now(), os.Getenv); err != nil {
					return err
				}
			}
			var outcome *grade.Outcome
			if merge {
				outcome, err = grade.Merge(o.Exercises, o.Out, args)
			} else {
				outcome, err = gradeAll(c.ErrOrStderr(), &o, shard, args)
			}
			if err != nil {
				return noGrade(c.ErrOrStderr(), gradescope, err)
			}
			if err := platforms(outcome.Students, gradescope, classroom50); err != nil {
				return err
			}
			w := c.OutOrStdout()
			out := show.Line(o.Out)
			fmt.Fprintf(w, "%s graded; see %s/summary.csv, needs-human.csv and copies.csv\n", count(len(outcome.Students), "submission"), out)
			for _, note := range outcome.Notes {
				fmt.Fprintln(w, note)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVarP(&o.Out, "output", "o", "results", "the folder for the results")
	f.IntVarP(&o.Jobs, "jobs", "j", grade.Jobs(), "how many exercises are checked at once; a check mostly waits")
	f.IntVar(&o.Runs, "runs", 3, "how often each is checked; the results have to agree")
	f.StringSliceVar(&exercises, "exercises", nil, "which exercises are graded, or all (without it: one of each folder)")
	f.StringVar(&shard, "shard", "", "I/N: only every N-th submission; /N in a batch job that knows its index")
	f.BoolVar(&merge, "merge", false, "put the results of shards together")
	f.BoolVar(&o.Disposable, "disposable", false, "this machine may come to harm (a container made for this): grade also where nothing can be isolated")
	f.StringVar(&gradescope, "gradescope", "", "for one submission: write Gradescope's results.json to this file")
	f.StringVar(&classroom50, "classroom50", "", "for one submission: write Classroom 50's result.json to this file")
	return c
}

// asked are the exercises that ids name, by default the first of
// each folder.
func asked(ids []string) (lab.Registry, error) {
	var xs lab.Registry
	if len(ids) == 0 {
		seen := map[string]bool{}
		for _, x := range all {
			if x.Exercise && !seen[x.Dir] {
				seen[x.Dir] = true
				xs = append(xs, x)
			}
		}
		return xs, nil
	}
	if len(ids) == 1 && ids[0] == "all" {
		for _, x := range all {
			if x.Exercise {
				xs = append(xs, x)
			}
		}
		return xs, nil
	}
	for _, id := range ids {
		x, err := exercise(id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(xs, x) { // points count once
			xs = append(xs, x)
		}
	}
	return xs, nil
}

// gradeAll grades submissions and shows how far it is.
func gradeAll(w io.Writer, o *grade.Options, shard string, args []string) (outcome *grade.Outcome, err error) {
	if o.Shard, err = grade.ParseShard(shard, os.Getenv); err != nil {
		return nil, err
	}
	if err := record.Probe(); err != nil {
		return nil, err
	}
	ctx, stop := interruptible()
	defer stop()
	end := showProgress(w, o)
	defer end()
	return grade.Run(ctx, *o, args)
}

// noGrade is what happens when nothing could be graded: an interrupted
// call ends with 130, and a platform that waits for a file gets one.
func noGrade(w io.Writer, gradescope string, err error) error {
	if gradescope != "" {
		if e := create(gradescope, func(w io.Writer) error { return grade.GradescopeError(w, err) }); e != nil {
			return e
		}
	}
	var interrupted *grade.Interrupted
	if errors.As(err, &interrupted) {
		fmt.Fprintln(w, "ch8: grade:", err)
		return exit(128 + int(unix.SIGINT))
	}
	return err
}

// progressWidth is how many columns the progress line of a terminal has.
const progressWidth = 30

// showProgress shows on a terminal how much is done and which student was
// the last one, and prints a line for each exercise elsewhere.
func showProgress(w io.Writer, o *grade.Options) (end func()) {
	if _, ok := terminal(w); ok {
		o.Progress = func(done, all int, student, exercise string) {
			fmt.Fprintf(w, "\r\x1b[K%s", show.Clip(fmt.Sprintf("%d/%d %s", done, all, student), progressWidth-1))
		}
		return func() { fmt.Fprintln(w) }
	}
	o.Progress = func(done, all int, student, exercise string) {
		fmt.Fprintf(w, "%d/%d %s %s\n", done, all, student, exercise)
	}
	return func() {}
}

// platforms writes the files of course platforms, which take one
// submission.
func platforms(students []*grade.Student, gradescope, classroom50 string) error {
	if gradescope == "" && classroom50 == "" {
		return nil
	}
	if len(students) != 1 {
		return fmt.Errorf("--gradescope and --classroom50 are for one submission, and these are %d", len(students))
	}
	if gradescope != "" {
		if err := create(gradescope, func(w io.Writer) error { return grade.Gradescope(w, students[0]) }); err != nil {
			return err
		}
	}
	if classroom50 != "" {
		return create(classroom50, func(w io.Writer) error {
			return grade.Classroom50(w, students[0], time.Now(), os.Getenv)
		})
	}
	return nil
}
