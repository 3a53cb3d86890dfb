// A recording takes some milliseconds, and each of its processes would
// spend one looking for a limit of the processors in its cgroup.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Ch8 is the one command around the experiments of chapter 8: it
// lists, runs and checks them, on our programs and on anyone's,
// records what the kernel did, and draws it.
//
//	go run ./ch8                         the menu
//	go run ./ch8 check fork/glob         check our program
//	go run ./ch8 check fork/glob -- ./a.out
//	                                     check yours
//	go run ./ch8 trace -- CMD ARGS…      see what CMD did
//	go run ./ch8 help VERB               a verb's manual
//
// # Exit status
//
// Of check: 0 nothing failed, 1 a claim failed or timed out, 2
// usage, or nothing could be checked. Of run and trace: the
// program's, which is 128 and the signal's number if one killed it;
// of trace also 125 if it could not be recorded, 126 if it could not
// be started, 127 if there is none, 130 if it was interrupted. Of
// all other verbs: 0, or 2 with one sentence on standard error that
// says what to do.
//
// It needs no file but itself, except that our own programs are
// built from the module's source: `CGO_ENABLED=0 go build -o bin/
// ./ch8` gives one static binary, bin/ch8.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"

	"apue/internal/build"
	"apue/internal/lab"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// exit is an error that only carries an exit status: everything
// has been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run runs the command line and returns the exit status.
func run(args []string) int {
	root := command()
	root.SetArgs(longOptions(args))
	err := root.Execute()
	var status exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	}
	if errors.Is(err, context.Canceled) {
		err = errInterrupted
	}
	fmt.Fprintln(os.Stderr, "ch8:", strings.TrimPrefix(err.Error(), "ch8 "))
	return 2
}

// option is an option of more than one letter with one dash, as
// the go command writes them.
var option = regexp.MustCompile(`^-[a-z][a-z0-9-]+(=.*)?$`)

// longOptions gives such options the second dash that the command
// line library wants.
func longOptions(args []string) []string {
	out := make([]string, len(args))
	copy(out, args)
	for i, a := range out {
		if a == "--" {
			break
		}
		if option.MatchString(a) {
			out[i] = "-" + a
		}
	}
	return out
}

// command is the root of the command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:   "ch8",
		Short: "A lab bench for chapter 8: fork, vfork, exit, wait",
		Long: `A lab bench for chapter 8 of Advanced Programming in the UNIX
Environment: real processes on this kernel, watched while they run.

First:   ch8 doctor              what this machine can do
         ch8 run doublefork      run an experiment
         ch8 check fork          check its claims
Then:    ch8 task fork/glob      write one yourself
         ch8 check fork/glob -- ./a.out

Options may have one dash or two: -lang go, --lang go.`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	root.AddCommand(
		listCommand(), taskCommand(), newCommand(), runCommand(),
		checkCommand(), hintCommand(), watchCommand(), progressCommand(),
		gradeCommand(), traceCommand(), drawCommand(), walkCommand(),
		predictCommand(), racesCommand(),
		doctorCommand(),
	)
	return root
}

// interruptible is the context of a verb that builds or runs
// programs: it ends at Ctrl-C and SIGTERM, and neither the sandbox
// nor the builder then leaves anything behind.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
}

var errInterrupted = errors.New("interrupted")

// ours builds our program of an experiment. A terminal's Ctrl-C ends
// the compiler too, which has then not failed.
func ours(ctx context.Context, b *build.Builder, x *lab.Experiment) (lab.Program, error) {
	p, err := b.Ours(x)
	return p, cmp.Or(ctx.Err(), err)
}
