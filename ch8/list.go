package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func listCommand() *cobra.Command {
	var asJSON, points bool
	var format string
	c := &cobra.Command{
		Use:   "list [ID...]",
		Short: "List the experiments and what they claim",
		Long: `List the experiments, those that are exercises with a star, and with
an ID (a folder, an experiment) their claims, points and references.`,
		Example: "  ch8 list\n  ch8 list fork/glob\n  ch8 list -json | jq .\n  ch8 list -format classroom50 fork/glob",
		RunE: func(c *cobra.Command, ids []string) error {
			chosen, err := choose(ids)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			switch {
			case format == "classroom50":
				return listClassroom50(w, chosen)
			case format != "":
				return fmt.Errorf("-format %s: there is only classroom50", format)
			case asJSON:
				return listJSON(w, chosen)
			}
			list(w, chosen, points || len(ids) > 0)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON, one object an experiment")
	c.Flags().BoolVar(&points, "claims", false, "the claims too")
	c.Flags().StringVar(&format, "format", "", "classroom50: the checks of the exercises as an autograder's array")
	return c
}

// choose returns the experiments that the ids name, all without
// any.
func choose(ids []string) (lab.Registry, error) {
	if len(ids) == 0 {
		return all, nil
	}
	var chosen lab.Registry
	for _, id := range ids {
		found, _, err := find(id)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, found...)
	}
	return chosen, nil
}

func list(w io.Writer, chosen lab.Registry, claims bool) {
	for _, x := range chosen {
		star := " "
		if x.Exercise {
			star = "*"
		}
		fmt.Fprintf(w, "%s %-21s %s\n", star, x.ID(), strings.Join(show.Wrap(x.Title, 44), "\n"+strings.Repeat(" ", 24)))
		if !claims {
			continue
		}
		fmt.Fprintf(w, "  %s, %d points\n", x.Ref, x.Points())
		for _, c := range x.Claims {
			fmt.Fprintf(w, "    %-16s %2d  %s\n", c.Name, c.Points,
				strings.Join(show.Wrap(c.Says, 42), "\n"+strings.Repeat(" ", 25)))
		}
		fmt.Fprintln(w)
	}
	if !claims {
		fmt.Fprintln(w, "\n* is also an exercise: ch8 task ID")
	}
}

// listed is an experiment as list -json writes it.
type listed struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Ref      string        `json:"ref"`
	Exercise bool          `json:"exercise"`
	Points   int           `json:"points"`
	Claims   []listedClaim `json:"claims"`
}

type listedClaim struct {
	ID     string   `json:"id"`
	Says   string   `json:"says"`
	Ref    string   `json:"ref"`
	Points int      `json:"points"`
	Needs  []string `json:"needs,omitempty"`
}

func listJSON(w io.Writer, chosen lab.Registry) error {
	e := json.NewEncoder(w)
	for _, x := range chosen {
		l := listed{ID: x.ID(), Title: x.Title, Ref: x.Ref, Exercise: x.Exercise, Points: x.Points()}
		for i := range x.Claims {
			c := &x.Claims[i]
			l.Claims = append(l.Claims, listedClaim{ID: x.ClaimID(c), Says: c.Says, Ref: x.ClaimRef(c), Points: c.Points, Needs: c.Needs})
		}
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// listClassroom50 writes one autograder check for each claim of an
// exercise: a command, its time limit in seconds and its points.
func listClassroom50(w io.Writer, chosen lab.Registry) error {
	type check struct {
		Name    string `json:"name"`
		Type    string `json:"type"`
		Run     string `json:"run"`
		Timeout int    `json:"timeout"`
		Points  int    `json:"points"`
	}
	checks := []check{}
	for _, x := range chosen {
		if !x.Exercise {
			continue
		}
		for _, c := range x.Asked() {
			id := x.ClaimID(c)
			checks = append(checks, check{id, "run", "./ch8 check -strict " + id + " -- " + x.Dir + "-" + x.Name, 60, c.Points})
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(checks)
}

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

const forAll = `For all exercises: no arguments, nothing is read from standard
input, the program starts in an empty folder, and all its processes
end by themselves within 10 s. Lines that are asked for are whole
lines; other lines are free. A pid is printed as the program sees
it. Any system call that does the job will do, and threads and
helper processes are free where the text does not exclude them.`

func task(w io.Writer, x *lab.Experiment) {
	fmt.Fprintf(w, "%s: %s\n%s, %d points\n\n%s\n\n%s\n\nChecked:\n", x.ID(), x.Title, x.Ref, x.Points(), strings.TrimSpace(x.Task), forAll)
	for _, c := range x.Asked() {
		fmt.Fprintf(w, "  %-16s %2d  %s\n", c.Name, c.Points,
			strings.Join(show.Wrap(c.Says, 44), "\n"+strings.Repeat(" ", 23)))
	}
	fmt.Fprintf(w, "\nStart:  ch8 new %s -lang c\nCheck:  ch8 check %s -- ./a.out\n", x.ID(), x.ID())
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

func runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run ID [ARGS...]",
		Short: "Run one of our experiments",
		Long: `Run one of our experiments. Exit status: the program's, which is 128
and the signal's number if one killed it.`,
		Example: "  ch8 run doublefork\n  ch8 run doublefork/doublefork -- -book",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("ch8 run needs an id, for example:\n%s", c.Example)
			}
			x, _, err := findOne(args[0])
			if err != nil {
				return err
			}
			if err := trace.Probe(); err != nil {
				return err
			}
			ctx, stop := interruptible()
			defer stop()
			b, err := build.New()
			if err != nil {
				return err
			}
			defer b.Close()
			p, err := ours(ctx, b, x)
			if err != nil {
				return err
			}
			cmd := exec.Command(p.Args[0], append(p.Args[1:], args[1:]...)...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr()
			return attended(cmd)
		},
	}
}

// attended runs a program until it ends, and returns its exit status.
// SIGTERM is passed on; at Ctrl-C the terminal tells the program too,
// and how it ends is its own affair.
func attended(cmd *exec.Cmd) error {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM)
	defer signal.Stop(told)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case sig := <-told:
				cmd.Process.Signal(sig)
			case <-ended:
				return
			}
		}
	}()
	err := cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status != 0 {
		return programs(proc.WaitStatus(status))
	}
	return err
}

// programs is the exit status of a verb that ends as the program did:
// as in a shell.
func programs(status proc.WaitStatus) error {
	switch {
	case status.Signaled():
		return exit(128 + status.TermSig())
	case status.ExitStatus() > 0:
		return exit(status.ExitStatus())
	}
	return nil
}
