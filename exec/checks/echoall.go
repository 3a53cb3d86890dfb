package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Echoall checks the program of Figure 8.16.
var Echoall = &lab.Experiment{
	Dir: "exec", Name: "echoall", Ref: "§8.10, Fig. 8.14 to 8.17",
	Title:    "another program in the same process",
	Exercise: true,
	Task: `The parent makes two children, one after the other. It reaps each
child before it makes the next one. The first child executes a program
with the arguments

    echoall   myarg1   MY ARG2

(argv[0] to argv[2]) and an environment of exactly two strings,
USER=unknown and PATH=/tmp. The second child executes a program that it
finds, by a name without a slash, in one of the directories of PATH,
with the arguments

    echoall   only 1 arg

and the environment with which the first process was started. Neither
file has the name echoall. Which programs they are is free: they end by
themselves.`,
	Claims: []lab.Claim{
		{
			Name:   "own-environment",
			Says:   "the first exec hands on exactly the two strings USER=unknown and PATH=/tmp",
			Why:    "because execle and execve pass the list that they are given, and nothing else",
			Points: 2,
			Hints: [3]string{
				"How many strings does the environment of the first program have?",
				"setenv changes the environment of the caller; the other strings stay.",
				"execle or execve, with an array of two strings and a null pointer.",
			},
			Judge: echoallOwn,
		},
		{
			Name:   "inherited",
			Says:   "the second exec hands on the strings with which the first process was started",
			Why:    "because the functions without an e in their name pass environ, and fork copied it",
			Points: 2,
			Hints: [3]string{
				"Compare the environment of the second program with that of your shell: env prints it.",
				"A function without an environment argument uses the caller's environ.",
				"execlp or execvp, and no setenv before.",
			},
			Judge: echoallInherited,
		},
		{
			Name:   "arguments",
			Says:   "the new programs have the arguments echoall, myarg1, MY ARG2 and echoall, only 1 arg",
			Why:    "because each argument is a string of its own: blanks inside it do not count",
			Points: 2,
			Hints: [3]string{
				"How many arguments does each program have? Print argc.",
				"A shell splits a command at blanks; exec does not.",
				"One string for each argument, argv[0] first, a null pointer at the end.",
			},
			Judge: echoallArguments,
		},
		{
			Name:   "by-search",
			Says:   "the second child executes the first file of that name in PATH that can be executed",
			Why:    "because execlp and execvp try the directories of PATH from left to right",
			Points: 2,
			Hints: [3]string{
				"Which file does your shell run for this name? command -v prints it.",
				"A pathname with a slash is not searched.",
				"execlp or execvp with a name without a slash.",
			},
			Judge: echoallSearch,
		},
		{
			Name:   "free-name",
			Says:   "argv[0] is echoall, and no file has this name",
			Why:    "because the caller chooses argv[0]; the kernel does not look at it",
			Points: 1,
			Needs:  []string{"arguments"},
			Hints: [3]string{
				"What is the difference between the file and argv[0]?",
				"The first argument of exec names the file, the second is argv[0].",
				"execle(path, \"echoall\", …): path has another last part.",
			},
			Judge: echoallName,
		},
		collected(onPipe, 2, true, false, echoallKids),
		lab.AsAskedClaim("", onPipe, lab.Exclusion{
			Sentence: "The parent makes two children",
			Broken: func(o *lab.Observation) string {
				if _, kids := echoallKids(o); len(kids) > 2 {
					return fmt.Sprintf("%d children executed programs with arguments of the task", len(kids))
				}
				return ""
			},
		}).Remarked(onPipe, echoallHelpers),
		{
			Name: "seven-one", Ours: true,
			Says:  "six of the seven functions arrive in the kernel as execve, fexecve as execveat",
			Why:   "because the library builds all of them from these two",
			Hints: [3]string{"Run it with --seven.", "Figure 8.15 draws it.", "ch8 trace exec/echoall -- --seven names the calls."},
			Judge: echoallSeven,
		},
		{
			Name: "who-searches", Ours: true,
			Says:  "only execlp and execvp look for the file in PATH; the others pass the pathname as it is",
			Why:   "because the search is the library's work, not the kernel's",
			Hints: [3]string{"Run it with --seven.", "p stands for PATH.", "Look at the path of each exec in the recording."},
			Judge: echoallSearches,
		},
		{
			Name: "whose-environment", Ours: true,
			Says:  "execle, execve and fexecve hand on the list that they get, the others the caller's environ of that moment",
			Why:   "because a function without that argument passes the variable environ",
			Hints: [3]string{"Run it with --seven.", "e stands for environment.", "setenv before execl changes what the new program gets."},
			Judge: echoallWhose,
		},
		{
			Name: "same-process", Ours: true,
			Says:  "pid and parent are the same before the exec and after it",
			Why:   "because exec replaces the program and not the process",
			Hints: [3]string{"Compare the pid that fork returned with the new program's.", "There is no new process.", "getpid() before and after."},
			Judge: echoallProcess,
		},
		{
			Name: "name", Ours: true,
			Says:  "comm is the name of the file, at most 15 bytes, and exe is the file, whatever argv[0] is",
			Why:   "because the kernel takes the name from the file",
			Hints: [3]string{"What does ps -o comm show, and what ps -o args?", "args is argv, which the program can change.", "/proc/PID/comm, /proc/PID/cmdline, /proc/PID/exe"},
			Judge: echoallComm,
		},
		{
			Name: "empty-argv", Ours: true,
			Says:  "a program that is executed without an argument gets one, the empty string",
			Why:   "because since Linux 5.18 the kernel adds it: programs that use argv[0] crashed",
			Hints: [3]string{"Run it with --empty.", "argc was 0 before Linux 5.18.", "execve(path, NULL, NULL)"},
			Judge: echoallEmpty,
		},
	},
	Cast: castBy(echoallKids),
	Moments: []lab.Moment{
		{
			Name: "forked", Says: "The child is a copy of its parent: the same program, the same environment.",
			At: func(o *lab.Observation) *trace.Event {
				_, kids := echoallKids(o)
				if len(kids) == 0 || kids[0].Birth.SameVM == nil || *kids[0].Birth.SameVM {
					return nil
				}
				return kids[0].Birth
			},
		},
		{
			Name: "executed", Says: "The exec replaces the program of the first child. The pid and the parent stay; arguments and environment are what the caller passed.",
			At: func(o *lab.Observation) *trace.Event {
				_, kids := echoallKids(o)
				if len(kids) == 0 {
					return nil
				}
				if e := echoallExec(o, kids[0], 0); e.Errno == "" && slices.Equal(arguments(e), e.Argv) {
					return e
				}
				return nil
			},
		},
		{
			Name: "found", Says: "The second child has tried the directories of PATH from left to right. This is the first file that can be executed.",
			At: func(o *lab.Observation) *trace.Event {
				if _, kids := echoallKids(o); len(kids) > 1 && searched(tries(o, kids[1])) {
					return success(o, kids[1])
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name: "environment", Ask: "The first child gives exec an environment of two strings. How many strings does the new program's environment have?",
			Answers: []string{"2", "those of the parent and 2 more", "those of the parent", "none"},
			Right: func(o *lab.Observation) string {
				_, kids := echoallKids(o)
				if len(kids) == 0 {
					return ""
				}
				if e := echoallExec(o, kids[0], 0); e.Errno == "" && e.Program != nil && e.Program.EnvCount == 2 {
					return "2"
				}
				return ""
			},
			Why:    "The list that exec gets is the new program's environment. Nothing of the caller's is added.",
			Moment: "executed",
		},
		{
			Name: "pid", Ask: "A child with the pid 4712 calls exec. Which pid does the new program have?",
			Answers: []string{"4712", "another one, because it is a new program", "that of the parent"},
			Right: func(o *lab.Observation) string {
				if _, kids := echoallKids(o); len(kids) > 0 && success(o, kids[0]) != nil {
					return "4712"
				}
				return ""
			},
			Why:    "exec makes no process. It replaces the program of the process that calls it.",
			Moment: "executed",
		},
	},
}

// echoallPair are the successful execs of the first two children; ok is
// false, with a verdict, if there are not two.
func echoallPair(b *lab.Bench, run lab.Run) (o *lab.Observation, kids []*trace.Process, execs [2]*trace.Event, bad *lab.Verdict) {
	o = b.Run(run)
	_, kids = echoallKids(o)
	if len(kids) < 2 {
		v := o.Fail(o.Family(), "two children should execute programs: "+whyTooFew(o, kids))
		return o, kids, execs, &v
	}
	for i := range execs {
		if e := echoallExec(o, kids[i], i); e.Errno == "" {
			execs[i] = e
		} else {
			v := o.Fail(o.Who(kids[i])+": "+failures(o, kids[i]), whyFailed(o, kids[i]))
			return o, kids, execs, &v
		}
	}
	return o, kids, execs, nil
}

// whyTooFew says why fewer children than needed called exec.
func whyTooFew(o *lab.Observation, kids []*trace.Process) string {
	if len(o.Processes()) < 2 {
		return o.WhyNoChild()
	}
	return fmt.Sprintf("%d called exec", len(kids))
}

// whyFailed says what the last failed exec of the process means.
func whyFailed(o *lab.Observation, p *trace.Process) string {
	all := tries(o, p)
	if len(all) == 0 {
		return "no exec succeeded"
	}
	w, ended := lab.Word(p)
	switch last := all[len(all)-1]; {
	case ended && w.Signaled():
		return "it " + o.Standing(p) + ", before an exec had succeeded"
	case last.Errno == "ENOENT" && !strings.Contains(last.Path, "/"):
		return "the kernel looks for a name without a slash in the working directory, not in PATH: give exec a pathname, or call a function with a p in its name, as execlp"
	case last.Errno == "ENOENT" && filepath.Dir(last.Path) == "/tmp" && !slices.Contains(filepath.SplitList(variable(start(o), "PATH")), "/tmp"):
		return fmt.Sprintf("there is no file %s. A name without a slash is looked for in /tmp when PATH is /tmp, which the list for the first child says: the parent has to keep the environment with which it was started", show.Line(last.Path))
	case last.Errno == "ENOENT":
		return "there is no such file: name a program that this machine has"
	}
	return "its exec failed"
}

// failures says which execs of the process failed.
func failures(o *lab.Observation, p *trace.Process) string {
	var s []string
	for _, e := range tries(o, p) {
		s = append(s, fmt.Sprintf("%s of %q failed with %s%s", e.Call, e.Path, e.Errno, lab.Where(e)))
	}
	if len(s) > 3 {
		s = append(s[:2], fmt.Sprintf("and %d more", len(s)-2))
	}
	return strings.Join(s, "; ")
}

func echoallOwn(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil && execs[0] == nil {
		return *bad
	}
	got, want := environment(execs[0]), []string{"PATH=/tmp", "USER=unknown"}
	if slices.Equal(got, want) {
		return o.Passed("the environment of the program that %s executed is %s", o.Who(kids[0]), quoted(got))
	}
	observed := fmt.Sprintf("the program that %s executed got an environment of %d strings, of the variables %s", o.Who(kids[0]), len(got), strings.Join(variables(got), ", "))
	switch len(got) {
	case 0:
		observed = fmt.Sprintf("the program that %s executed got an empty environment", o.Who(kids[0]))
	case 1:
		observed = fmt.Sprintf("the program that %s executed got an environment of one string, of the variable %s", o.Who(kids[0]), variables(got)[0])
	}
	return o.Fail(observed, echoallOtherList(got, want, environment(start(o))))
}

// echoallOtherList says what is wrong with the first environment. caller is
// the environment of the first process.
func echoallOtherList(got, want, caller []string) string {
	without := func(list, those []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(those, s) })
	}
	others, missing := without(got, want), without(want, got)
	switch {
	case slices.Equal(got, caller):
		return "this is the environment of the first process: a function without an e at the end of its name passes it on"
	case len(missing) == 0 && slices.ContainsFunc(others, func(s string) bool { return slices.Contains(caller, s) }):
		return "the two strings were added to strings of the caller's environment: give exec a list of these two only"
	case len(missing) == 0 && len(others) > 0:
		return "the list that exec gets should have these two strings only, and not " + strings.Join(variables(others), ", ")
	case len(missing) == 1 && sameVariable(got, missing[0]) != "":
		return fmt.Sprintf("the string should be %q, and it is %q", missing[0], sameVariable(got, missing[0]))
	case len(missing) == 1 && len(others) == 0:
		return fmt.Sprintf("the string %q is missing", missing[0])
	}
	return "the list that exec gets should have exactly these two strings"
}

// sameVariable is the string of the list that sets the same variable; "" if
// there is none.
func sameVariable(list []string, like string) string {
	name, _, _ := strings.Cut(like, "=")
	for _, s := range list {
		if strings.HasPrefix(s, name+"=") {
			return s
		}
	}
	return ""
}

// unquoted are the arguments without quotation marks at their ends.
func unquoted(args []string) (all []string) {
	for _, a := range args {
		all = append(all, strings.Trim(a, "\"'"))
	}
	return all
}

// variables are the names of the variables in an environment.
func variables(env []string) (names []string) {
	for _, s := range env {
		name, _, _ := strings.Cut(s, "=")
		names = append(names, show.Line(name))
	}
	return names
}

func echoallInherited(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil {
		return *bad
	}
	got, want := environment(execs[1]), environment(start(o))
	if slices.Equal(got, want) {
		return o.Passed("%s handed on all %d strings with which the first process was started", o.Who(kids[1]), len(want))
	}
	return o.Fail(fmt.Sprintf("%s handed on %d strings, the first process was started with %d: %s",
		o.Who(kids[1]), len(got), len(want), difference(got, want)), echoallChanged(execs, got, want))
}

// echoallChanged says how the second environment is not the one of the first
// process.
func echoallChanged(execs [2]*trace.Event, got, want []string) string {
	has := func(list []string) func(string) bool {
		return func(s string) bool { return !slices.Contains(list, s) }
	}
	switch {
	case slices.Equal(got, environment(execs[0])):
		return "it got the list of the first exec: the second one has to pass on the environment of the process"
	case !slices.ContainsFunc(want, has(got)):
		return "a string was added to the environment before the exec"
	case !slices.ContainsFunc(got, has(want)):
		return "a string was removed from the environment before the exec"
	}
	return "strings of the environment were changed before the exec, or another list was passed"
}

// difference names a string that is in one list only.
func difference(got, want []string) string {
	for _, s := range got {
		if !slices.Contains(want, s) {
			return fmt.Sprintf("%q is new", s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			return fmt.Sprintf("%q is missing", s)
		}
	}
	return "a string is there twice"
}

func echoallArguments(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil {
		return *bad
	}
	for i, want := range echoallWant {
		got := execs[i].Argv
		if slices.Equal(got, want) {
			continue
		}
		means := "the task asks for " + lab.Quote(want)
		switch {
		case slices.Equal(got, want[1:]):
			means = fmt.Sprintf("the list begins with argv[0]: %q is missing in front", want[0])
		case len(got) == len(want) && slices.Equal(got[1:], want[1:]):
			means = fmt.Sprintf("argv[0] should be %q: it need not be the name of the file", want[0])
		case slices.Equal(strings.Fields(strings.Join(got[min(1, len(got)):], " ")), strings.Fields(strings.Join(want[1:], " "))):
			means = "an argument is one string: the blank inside it does not separate arguments"
		case slices.Equal(unquoted(got), want):
			means = "the quotation marks are part of the argument: a shell takes them away, exec does not"
		}
		return o.Fail(fmt.Sprintf("%s executed %s with the arguments %s", o.Who(kids[i]), execs[i].Path, quoted(got)), means)
	}
	return o.Passed("the two programs have the arguments %s and %s", lab.Quote(execs[0].Argv), lab.Quote(execs[1].Argv))
}

func echoallSearch(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil {
		return *bad
	}
	path := execs[1].Path
	dirs := filepath.SplitList(variable(start(o), "PATH"))
	base := filepath.Base(path)
	if !strings.Contains(path, "/") {
		return o.Fail(fmt.Sprintf("%s executed the file %s of its working directory", o.Who(kids[1]), path),
			"the kernel does not search in PATH: call a function with a p in its name, as execlp")
	}
	if !slices.Contains(dirs, filepath.Dir(path)) {
		return o.Fail(fmt.Sprintf("%s executed %s, which is not in a directory of PATH", o.Who(kids[1]), path),
			"a name without a slash is searched in the directories of PATH: this file was named by its path")
	}
	for _, dir := range dirs {
		if dir == "" {
			dir = "."
		}
		full := filepath.Join(dir, base)
		if filepath.Clean(path) == full {
			if v, named := echoallNamed(b, o, kids[1], execs[1]); named {
				return v
			}
			return o.Passed("%s executed %s, the first %s in PATH", o.Who(kids[1]), path, base)
		}
		if info, err := os.Stat(full); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return o.Fail(fmt.Sprintf("%s executed %s; the first %s in PATH is %s", o.Who(kids[1]), path, base, full),
				"a search in the PATH with which the first process was started does not find this file")
		}
	}
	return o.Fail(fmt.Sprintf("%s executed %s, which is in no directory of PATH", o.Who(kids[1]), path), "the file was not found by a search in PATH")
}

// elsewhere is put before each directory of PATH for one more run. It names
// the same directories by other paths.
const elsewhere = "/proc/self/root"

// echoallNamed runs a program whose exec tried one path only once more, with
// other paths in PATH. If the same path is executed then, the program did not
// search.
func echoallNamed(b *lab.Bench, o *lab.Observation, child *trace.Process, found *trace.Event) (v lab.Verdict, named bool) {
	if o.TimedOut || searched(tries(o, child)) {
		return v, false
	}
	r := onPipe
	for _, s := range environment(start(o)) {
		if list, ok := strings.CutPrefix(s, "PATH="); ok {
			dirs := filepath.SplitList(list)
			for i, dir := range dirs {
				if strings.HasPrefix(dir, "/") {
					dirs[i] = elsewhere + dir
				}
			}
			s = "PATH=" + strings.Join(dirs, ":")
		}
		r.Env = append(r.Env, s)
	}
	again, err := b.Try(r)
	if err != nil || again == nil {
		return v, false
	}
	_, kids := echoallKids(again)
	if len(kids) < 2 {
		return v, false
	}
	e := echoallExec(again, kids[1], 1)
	if e.Errno != "" || e.Path != found.Path || !strings.HasPrefix(variable(start(again), "PATH"), elsewhere) {
		return v, false
	}
	return again.Fail(fmt.Sprintf("in one more run the directories of PATH began with %s, and %s executed %s all the same%s", elsewhere, again.Who(kids[1]), e.Path, lab.Where(e)),
		"the program names the file by its path, and does not search in PATH: call a function with a p in its name, as execlp, with a name without a slash"), true
}

// searched reports whether the execs tried one name in one directory after
// the other, until the last one succeeded.
func searched(tries []*trace.Event) bool {
	for i, e := range tries {
		if filepath.Base(e.Path) != filepath.Base(tries[0].Path) || !strings.Contains(e.Path, "/") || (e.Errno == "") != (i == len(tries)-1) {
			return false
		}
	}
	return len(tries) > 1
}

// variable is the value of a variable in the environment of the
// program.
func variable(e *trace.Event, name string) string {
	for _, s := range environment(e) {
		if v, ok := strings.CutPrefix(s, name+"="); ok {
			return v
		}
	}
	return ""
}

func echoallName(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil {
		return *bad
	}
	for i, e := range execs {
		if filepath.Base(e.Path) == "echoall" {
			return o.Fail(fmt.Sprintf("%s executed the file %s", o.Who(kids[i]), e.Path), "the file should have another name than argv[0]")
		}
		if len(e.Argv) == 0 || e.Argv[0] != "echoall" {
			return o.Fail(fmt.Sprintf("argv[0] of the program that %s executed is %s", o.Who(kids[i]), quoted(e.Argv[:min(1, len(e.Argv))])), "argv[0] should be echoall")
		}
	}
	return o.Passed("argv[0] is echoall; the files are %s and %s", execs[0].Path, execs[1].Path)
}

var sevenRun = executed("--seven")

// sevenFunctions are the names in the order in which the program calls
// them.
var sevenFunctions = []string{"execl", "execv", "execle", "execve", "execlp", "execvp", "fexecve"}

// echoallEach judges the exec of each of the seven functions.
func echoallEach(b *lab.Bench, bad func(function string, o *lab.Observation, e *trace.Event) string, passed string) lab.Verdict {
	o := b.Run(sevenRun)
	_, kids := execers(o)
	if len(kids) != len(sevenFunctions) {
		return o.Fail(o.Family(), "seven children should execute programs")
	}
	for i, f := range sevenFunctions {
		e := success(o, kids[i])
		if e == nil {
			return o.Fail(f+": "+failures(o, kids[i]), "its exec failed")
		}
		if s := bad(f, o, e); s != "" {
			return o.Fail(f+": "+s, "this is not what the function is for")
		}
	}
	return o.Passed("%s", passed)
}

func echoallSeven(b *lab.Bench) lab.Verdict {
	return echoallEach(b, func(f string, _ *lab.Observation, e *trace.Event) string {
		const emptyPath = 0x1000 // AT_EMPTY_PATH
		switch {
		case f == "fexecve" && (e.Call != "execveat" || e.Path != "" && !strings.HasPrefix(e.Path, "/") || e.Flags&emptyPath == 0):
			return fmt.Sprintf("%s of %q, flags %#x", e.Call, e.Path, e.Flags)
		case f != "fexecve" && e.Call != "execve":
			return "the call was " + e.Call
		}
		return ""
	}, "six arrived as execve, fexecve as execveat with AT_EMPTY_PATH")
}

func echoallSearches(b *lab.Bench) lab.Verdict {
	return echoallEach(b, func(f string, o *lab.Observation, e *trace.Event) string {
		if f == "fexecve" {
			return ""
		}
		path := variable(e, "PATH")
		if path == "" { // a list of its own: the caller's is not seen
			_, kids := execers(o)
			path = variable(success(o, kids[0]), "PATH")
		}
		if e.Path != path+"/echo" {
			return fmt.Sprintf("the path was %q, PATH is %q", e.Path, path)
		}
		return ""
	}, "execlp and execvp made the pathname of a name and PATH; the others passed theirs")
}

func echoallWhose(b *lab.Bench) lab.Verdict {
	return echoallEach(b, func(f string, _ *lab.Observation, e *trace.Event) string {
		want := "the caller's environ"
		if f == "execle" || f == "execve" || f == "fexecve" {
			want = "a list of its own"
		}
		if got := variable(e, "WHOSE"); got != want {
			return fmt.Sprintf("WHOSE is %q and not %q", got, want)
		}
		return ""
	}, "three handed on the list that they got, four the caller's environ with what setenv had set")
}

func echoallProcess(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil {
		return *bad
	}
	for i, e := range execs {
		before, after := files(o, e, atEntry), files(o, e, atSuccess)
		if before == nil || after == nil {
			return o.Fail(o.Who(kids[i])+" was not seen at its exec", "nothing can be compared")
		}
		for _, line := range []string{"Pid", "PPid"} {
			if before.Status(line) != after.Status(line) || before.Status(line) == "" {
				return o.Fail(fmt.Sprintf("%s of %s was %s before the exec and is %s after it", line, o.Who(kids[i]), before.Status(line), after.Status(line)), "the exec made another process")
			}
		}
	}
	return o.Passed("pid and parent were the same at the entry of both execs and after them")
}

func echoallComm(b *lab.Bench) lab.Verdict {
	o, kids, execs, bad := echoallPair(b, onPipe)
	if bad != nil {
		return *bad
	}
	for i, e := range execs {
		base := filepath.Base(e.Path)
		if len(base) > 15 {
			base = base[:15]
		}
		switch {
		case e.Program == nil:
			return o.Fail(o.Who(kids[i])+": the new program was not seen", "nothing can be compared")
		case e.Program.Comm != base:
			return o.Fail(fmt.Sprintf("comm of %s is %q, the file is %s", o.Who(kids[i]), e.Program.Comm, e.Path), "comm is not the file's name")
		case filepath.Base(e.Program.Exe) == "echoall":
			return o.Fail(fmt.Sprintf("exe of %s is %s", o.Who(kids[i]), e.Program.Exe), "exe is argv[0] and not the file")
		}
	}
	return o.Passed("comm was %q and %q, argv[0] echoall", execs[0].Program.Comm, execs[1].Program.Comm)
}

func echoallEmpty(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--empty"))
	_, kids := execers(o)
	if len(kids) != 1 || success(o, kids[0]) == nil {
		return o.Fail(o.Family(), "one child should execute a program")
	}
	e := success(o, kids[0])
	if len(e.Argv) != 0 {
		return o.Fail("the exec was called with "+quoted(e.Argv), "there should be no argument")
	}
	if got := arguments(e); len(got) != 1 || got[0] != "" {
		return o.Fail(fmt.Sprintf("the new program has %d arguments: %s", len(got), quoted(got)), "before Linux 5.18 there was none")
	}
	return o.Passed("the list was empty; the new program has one argument, the empty string")
}
