//go:build linux

package proc

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// An Experiment is one row of a directory's table.
type Experiment struct {
	Name    string        // as it is called on the command line
	Ref     string        // section and figure of the book
	Summary string        // one line
	Flags   *flag.FlagSet // nil: it takes no flag
	Run     func()
}

// Main is the main function of a directory of experiments: it
// runs the experiment that the first argument names, or else the
// first of the table, and does not return. "list" and -h list
// them. Where there is nothing to run, Main writes one sentence to
// standard error and ends with exit status 2.
func Main(dir string, table []Experiment) {
	args := os.Args[1:]
	x := table[0]
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name := args[0]
		args = args[1:]
		if name == "list" || name == "help" {
			list(table)
			os.Exit(0)
		}
		i := slices.IndexFunc(table, func(x Experiment) bool { return x.Name == name })
		if i < 0 {
			usage("%s: there is no experiment %q; there are: %s", dir, name, names(table))
		}
		x = table[i]
	} else if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
		list(table)
		os.Exit(0)
	}
	running = dir + " " + x.Name
	parse(dir, x, args)
	x.Run()
	os.Exit(0)
}

// parse reads the arguments after the experiment's name.
func parse(dir string, x Experiment, args []string) {
	flags := x.Flags
	if flags == nil {
		flags = flag.NewFlagSet(x.Name, flag.ContinueOnError)
	}
	flags.Init(x.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	switch {
	case err == flag.ErrHelp:
		fmt.Printf("%s %s    %s\n%s\n", dir, x.Name, x.Ref, x.Summary)
		flags.SetOutput(os.Stdout)
		flags.PrintDefaults()
		os.Exit(0)
	case err != nil:
		usage("%s %s: %v; see: go run ./%s %s -h", dir, x.Name, err, dir, x.Name)
	case flags.NArg() > 0:
		usage("%s %s: unexpected argument %q; see: go run ./%s %s -h", dir, x.Name, flags.Arg(0), dir, x.Name)
	}
}

func list(table []Experiment) {
	for _, x := range table {
		fmt.Printf("%-12s %-22s %s\n", x.Name, x.Ref, x.Summary)
	}
}

func names(table []Experiment) string {
	var s []string
	for _, x := range table {
		s = append(s, x.Name)
	}
	return strings.Join(s, ", ")
}

// running names the experiment that Main runs, in the sentence that
// Cannot prints: "fork limit".
var running string

// Cannot ends the process with exit status 2 and one sentence on
// standard error, after the name of the experiment: what it cannot
// do here, and what to do. It runs no exit handler and flushes no
// stream, so a forked child may call it too.
func Cannot(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", running, fmt.Sprintf(format, args...))
	Exit(2)
}

// usage ends the program because it was not asked for something
// it can do.
func usage(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(2)
}

// Check ends the process with exit status 1 and the error, if
// there is one: the err_sys of the experiments.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		Exit(1)
	}
}
