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
// Of check: 0 if nothing failed, 1 if a claim failed or timed out, 2
// if the call is wrong or nothing could be checked. Of run and trace: the
// program's, which is 128 plus the signal's number if one killed it;
// of trace also 125 if it could not be recorded, 126 if it could not
// be started, 127 if it does not exist, 130 if it was interrupted. Of
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
	"io"
	"io/fs"
	"os"
	"strings"

	"apue/internal/locale"
	"apue/internal/sandbox"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

func main() {
	out := newOutput(os.Stdout)
	os.Exit(run(&input{os.Stdin, out}, out, os.Stderr, os.Args[1:]))
}

// run runs the command line and returns the exit status.
func run(in io.Reader, out *output, errw io.Writer, args []string) int {
	err := execute(in, out, errw, args)
	if failed := out.Flush(); failed != nil {
		err = fmt.Errorf("the output could not be written: %w", failed)
	}
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
	fmt.Fprintln(errw, "ch8:", strings.TrimPrefix(sentence(err), "ch8 ")+lowLimit())
	return 2
}

// sentence is the sentence about an error. That of the library about a file
// which this user must not open does not say what to do.
func sentence(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) && errors.Is(err, fs.ErrPermission) {
		name := show.Shell([]string{path.Path})
		return fmt.Sprintf("%s: permission denied; ls -ld %s shows which users it is for", show.Line(path.Path), name)
	}
	var none *sandbox.NotFound
	if errors.As(err, &none) && !strings.Contains(none.Path, "/") {
		return err.Error() + proposed(nearestNames(none.Path, namesHere(), 1))
	}
	return err.Error()
}

// namesHere are the names of the files and folders of this folder.
func namesHere() (names []string) {
	entries, _ := os.ReadDir(".")
	for _, e := range entries {
		if name := e.Name(); show.Line(name) == name {
			names = append(names, name)
		}
	}
	return names
}

// lowLimit is the end of a sentence about an error: a resource limit that is
// so low that it may be the cause. "" if there is none.
func lowLimit() string {
	reason, remedy := sandbox.LowLimit()
	if reason == "" {
		return ""
	}
	return "\nch8: " + reason + ": " + remedy
}

// execute runs the command line. Its error may be an exit.
func execute(in io.Reader, out, errw io.Writer, args []string) error {
	root := command()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	if verb, rest, err := root.Find(args); err == nil {
		if err := twoDashes(verb, rest); err != nil && verb.Name() == "trace" {
			return notTraced(verb, err)
		} else if err != nil {
			return err
		}
	}
	return root.Execute()
}

// firstSteps is the end of the help without a verb: what a small screen still
// shows of it.
const firstSteps = `First:   ch8 doctor              what this machine can do
         ch8 run doublefork      run an experiment
         ch8 walk doublefork     the same, step by step
Then:    ch8 task fork/glob      write one yourself
         ch8 check fork/glob -- ./a.out
`

// command is the root of the command line.
func command() *cobra.Command {
	var language string
	root := &cobra.Command{
		Use:   "ch8",
		Short: "A lab bench for chapter 8: fork, vfork, exit, wait",
		Long: `A lab bench for chapter 8 of Advanced Programming in the UNIX
Environment: real processes on this kernel, watched while they run.

An option is a word with two dashes (--lang c, --lang=c) or a letter
with one (-j4, -n 3).`,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return locale.Set(cmp.Or(language, locale.FromEnvironment(os.Getenv)))
		},
		Args:          unknownVerb,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVar(&language, "locale", "", "zh: tasks, hints and reports in Chinese; en: in English (default: the language of your environment)")
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped 80"))
	root.SetHelpTemplate(root.HelpTemplate() + "{{if not .HasParent}}\n" + firstSteps + "{{end}}")
	root.SetFlagErrorFunc(unknownOption)
	root.AddCommand(
		listCommand(), taskCommand(), newCommand(), runCommand(),
		checkCommand(), hintCommand(), watchCommand(), progressCommand(),
		gradeCommand(), traceCommand(), drawCommand(), siteCommand(), serveCommand(), walkCommand(),
		predictCommand(), quizCommand(), racesCommand(),
		doctorCommand(), versionCommand(),
	)
	return root
}
