package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Script checks the program of Figure 8.20.
var Script = &lab.Experiment{
	Dir: "exec", Name: "script", Ref: "§8.12, Fig. 8.20, 8.21, Ex. 8.5",
	Title:    "an interpreter file",
	Exercise: true,
	Task: `The program makes an executable file testinterp, whose first line is #!,
the absolute pathname of an executable, a blank, and

    one two

The whole line is at most 255 bytes long. A child executes the file, by
a pathname, with the arguments

    zero   myarg1   MY ARG2

(argv[0] to argv[2]), and the parent reaps it. Which program the
interpreter is is free: it ends by itself.`,
	Claims: []lab.Claim{
		{
			Name:   "executed",
			Says:   "the exec of testinterp succeeds, and the program that runs is the interpreter",
			Why:    "because the kernel reads the first line and executes the program that it names",
			Points: 2,
			Hints: [3]string{
				"Did the exec succeed? ch8 trace shows its errno.",
				"The file needs execute permission, must not be open for writing, and begins with the two bytes #!.",
				"chmod 755, close it, then execl(\"./testinterp\", …).",
			},
			Judge: scriptExecuted,
		},
		scriptClaim("one-argument", "the interpreter's second argument is \"one two\"",
			"because all that follows the interpreter in the line is one argument",
			[3]string{"How many arguments does the interpreter have?", "Linux does not split the rest of the line at blanks.", "#!/path one two, with one blank"},
			func(args []string, _ string) (bool, string) {
				if len(args) > 1 && args[1] == "one two\r" {
					return false, "the line ends with a carriage return, and this belongs to the argument: end it with a newline only"
				}
				if len(args) > 1 && args[1] != "one two" && strings.Trim(args[1], "\"'") == "one two" {
					return false, "the quotation marks belong to the argument: the kernel does not take them away, as a shell does"
				}
				if len(args) > 1 && filepath.Base(args[0]) == "env" && strings.HasSuffix(args[1], " one two") {
					return false, "env is the interpreter, and all that follows is its one argument: write the absolute pathname of the program instead of env"
				}
				return len(args) > 1 && args[1] == "one two", "all that follows the interpreter in the line should be: one two"
			}),
		scriptClaim("pathname", "the next argument is the pathname that was given to exec",
			"because the interpreter has to open the file",
			[3]string{"What is argv[2] of the interpreter?", "It is the first argument of exec, not argv[0].", "print the arguments in the interpreter"},
			func(args []string, path string) (bool, string) {
				if len(args) == 4 && args[1] == path { // there is no argument in the line
					return true, ""
				}
				return len(args) > 2 && args[2] == path, fmt.Sprintf("argv[2] should be %q, as exec got it", path)
			}),
		scriptClaim("zero-lost", "zero is not among the interpreter's arguments",
			"because the kernel replaces argv[0] by the interpreter, the argument and the pathname",
			[3]string{"Where is zero?", "argv[0] of the exec is dropped.", "argv[0] of the interpreter is its own pathname"},
			func(args []string, _ string) (bool, string) {
				return len(args) > 0 && !slices.Contains(args, "zero"), "argv[0] of the exec should be lost"
			}),
		scriptClaim("rest", "myarg1 and MY ARG2 follow, and nothing else",
			"because argv[1] and the following are passed on",
			[3]string{"What is after the pathname?", "The arguments of exec from argv[1] on are the script's own.", "execl(path, \"zero\", \"myarg1\", \"MY ARG2\", (char *)0)"},
			func(args []string, path string) (bool, string) {
				rest := args[slices.Index(args, path)+1:]
				return slices.Equal(rest, scriptWant[1:]), "behind the pathname there should be myarg1 and MY ARG2, two arguments"
			}),
		collected(onPipe, 1, false, false, scriptKids),
		lab.AsAskedClaim("", onPipe, lab.Exclusion{
			Sentence: "with the arguments zero myarg1 MY ARG2",
			Broken: func(o *lab.Observation) string {
				if _, e := scriptExec(o); e != nil && !slices.Equal(e.Argv, scriptWant) {
					return "the exec of testinterp was called with " + quoted(e.Argv)
				}
				return ""
			},
		}),
		{
			Name: "searched", Ours: true, Ref: "Ex. 8.5",
			Says:  "after execlp the interpreter's argv[2] is the prefix in PATH with the name: absolute, relative, or the bare name for an empty prefix",
			Why:   "because execlp calls execve with that pathname",
			Hints: [3]string{"Run it with --search.", "The kernel does not make a pathname absolute.", "execlp(\"testinterp\", …) with PATH=bin"},
			Judge: scriptSearched,
		},
		{
			Name: "comm", Ours: true,
			Says:  "comm is the script's name, exe is the interpreter, AT_EXECFN is the script's pathname",
			Why:   "because the process is named after the file that was executed",
			Hints: [3]string{"What does ps -o comm show for a script?", "/proc/PID/exe is the program that runs.", "/proc/PID/comm and /proc/PID/exe"},
			Judge: scriptComm,
		},
		{
			Name: "awk", Ours: true, Ref: "Fig. 8.21",
			Says:  "with #!/usr/bin/awk -f the file is a program of awk: ARGV[0] is awk, and the file's name is not among the others",
			Why:   "because awk takes the file after -f as its program, and the kernel puts the pathname there",
			Hints: [3]string{"Run it with --awk.", "-f and the pathname are awk's own arguments.", "BEGIN { for (i = 0; i < ARGC; i++) print ARGV[i] }"},
			Judge: scriptAwk,
		},
	},
	Cast: castBy(scriptKids),
	Moments: []lab.Moment{{
		Name: "executed", Says: "exec gets the pathname of the file. The kernel reads its first line, and executes the interpreter with other arguments.",
		At: interpreted,
	}},
	Questions: []lab.Question{
		{
			Name: "split", Ask: "The first line is #!/bin/x one two. How many arguments do \"one two\" make?",
			Answers: []string{"one: \"one two\"", "two: \"one\" and \"two\"", "none"},
			Right: func(o *lab.Observation) string {
				if e := interpreted(o); e != nil && len(arguments(e)) > 1 && arguments(e)[1] == "one two" {
					return "one: \"one two\""
				}
				return ""
			},
			Why:    "Linux passes the rest of the line as one argument. Other systems split it.",
			Moment: "executed",
		},
		{
			Name: "zero", Ask: "exec is called with argv[0] \"zero\". What is argv[0] of the interpreter?",
			Answers: []string{"zero", "the pathname of the interpreter", "testinterp"},
			Right: func(o *lab.Observation) string {
				if e := interpreted(o); e != nil && len(e.Argv) > 0 && e.Argv[0] == "zero" && strings.HasPrefix(arguments(e)[0], "/") {
					return "the pathname of the interpreter"
				}
				return ""
			},
			Why:    "The kernel replaces argv[0] by the pathname of the interpreter, its argument, and the pathname of the file.",
			Moment: "executed",
		},
	},
}

// scriptWant are the arguments with which the file is executed.
var scriptWant = []string{"zero", "myarg1", "MY ARG2"}

// scriptExec is the process that tried to execute testinterp, and its exec:
// one that succeeded, and of these the first one with the arguments of the
// task, or else with zero among them. A helper may execute the file too.
func scriptExec(o *lab.Observation) (by *trace.Process, best *trace.Event) {
	most := -1
	for _, p := range o.Processes() {
		for _, e := range tries(o, p) {
			if filepath.Base(e.Path) != scriptName {
				continue
			}
			like := 0
			if e.Errno == "" {
				like += 4
			}
			if slices.Equal(e.Argv, scriptWant) {
				like += 2
			} else if slices.Contains(e.Argv, scriptWant[0]) {
				like++
			}
			if like > most {
				by, best, most = p, e, like
			}
		}
	}
	return by, best
}

// scriptKids are the child that tried to execute testinterp, and its parent.
func scriptKids(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	p, _ := scriptExec(o)
	if p == nil {
		return execers(o)
	}
	if p.Birth == nil {
		return nil, nil
	}
	return p.Parent, []*trace.Process{p}
}

// interpreted is the exec of testinterp if an interpreter executes it.
func interpreted(o *lab.Observation) *trace.Event {
	_, e := scriptExec(o)
	if e == nil || e.Program == nil || len(e.Program.Cmdline) == 0 || filepath.Base(e.Program.Exe) == "testinterp" {
		return nil
	}
	return e
}

// scriptRan is the exec of testinterp in the run, or a verdict.
func scriptRan(b *lab.Bench) (o *lab.Observation, p *trace.Process, e *trace.Event, bad *lab.Verdict) {
	o = b.Run(onPipe)
	p, e = scriptExec(o)
	switch {
	case e == nil:
		v := o.Fail(o.Family(), "no process tried to execute testinterp")
		bad = &v
	case e.Errno != "":
		seen := fmt.Sprintf("the exec of %q by %s failed with %s%s", e.Path, o.Who(p), e.Errno, lab.Where(e))
		if scriptSought(o, e) {
			seen = fmt.Sprintf("%s looked for %s in PATH, and the exec failed with %s%s", o.Who(p), scriptName, e.Errno, lab.Where(e))
		}
		v := o.Fail(seen, scriptFailed(o, e))
		bad = &v
	}
	return o, p, e, bad
}

// scriptFailed says why the exec failed, as far as the recording shows it.
func scriptFailed(o *lab.Observation, exec *trace.Event) string {
	made, text := false, ""
	for _, x := range lab.Before(o.Events(trace.KindOpen, trace.KindWrite), exec.Time) {
		switch {
		case filepath.Base(x.Path) != scriptName || x.Errno != "":
		case x.Kind == trace.KindOpen:
			made = true
		default:
			text += string(lab.Taken(x))
		}
	}
	line, _, _ := strings.Cut(text, "\n")
	named := strings.HasPrefix(line, "#!")
	// #!, the interpreter, and perhaps an argument.
	interpreter, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#!")), " ")
	switch {
	case exec.Errno == "ENOEXEC" && made:
		return fmt.Sprintf("%s: its first line is %q", scriptWhy[exec.Errno], line)
	case exec.Errno == "EACCES" && named && executable(interpreter):
		return "the file has no execute permission"
	case exec.Errno != "ENOENT":
		return scriptWhy[exec.Errno]
	case !made:
		return "no process of the program had made this file"
	case scriptSought(o, exec):
		return "a name without a slash is looked for in the directories of PATH, and the working directory is not one of them: give ./" + scriptName
	case named && !filepath.IsAbs(interpreter):
		return fmt.Sprintf("the kernel does not look for the interpreter in PATH: name it by its absolute pathname, and not like this: %q", line)
	case named:
		return fmt.Sprintf("the file was made, and the interpreter that its first line names does not exist: %q", line)
	}
	return scriptWhy[exec.Errno]
}

// scriptSought reports whether the exec was one of a search in PATH.
func scriptSought(o *lab.Observation, exec *trace.Event) bool {
	dir := filepath.Dir(exec.Path)
	return dir != "." && slices.Contains(filepath.SplitList(variable(start(o), "PATH")), dir)
}

// executable reports whether the file can be executed on this machine.
func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// scriptName is the file that the program makes.
const scriptName = "testinterp"

// scriptWhy says what an error of the exec means for the file.
var scriptWhy = map[string]string{
	"ENOENT":  "there is no such file, or the interpreter that its first line names does not exist",
	"EACCES":  "the file, or its interpreter, has no execute permission",
	"ETXTBSY": "the file is still open for writing",
	"ENOEXEC": "the file does not begin with #! and the pathname of an interpreter",
}

func scriptExecuted(b *lab.Bench) lab.Verdict {
	o, p, e, bad := scriptRan(b)
	if bad != nil {
		return *bad
	}
	if e.Program == nil || filepath.Base(e.Program.Exe) == "testinterp" {
		return o.Fail(fmt.Sprintf("%s executed the file itself", o.Who(p)), "testinterp should be an interpreter file")
	}
	return o.Passed("%s executed %s, and %s runs", o.Who(p), e.Path, filepath.Base(e.Program.Exe))
}

// scriptClaim judges the arguments of the interpreter.
func scriptClaim(name, says, why string, hints [3]string, holds func(args []string, path string) (bool, string)) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1, Hints: hints, Needs: []string{"executed"},
		Judge: func(b *lab.Bench) lab.Verdict {
			o, _, e, bad := scriptRan(b)
			if bad != nil {
				return *bad
			}
			args := arguments(e)
			ok, means := holds(args, e.Path)
			if ok {
				return o.Passed("the interpreter has the arguments %s", quoted(args))
			}
			if n := lab.CountLine(e.Argv, "zero"); name == "zero-lost" && n > 1 {
				means = fmt.Sprintf("the exec got zero %d times: only argv[0] is lost", n)
			}
			if name == "rest" && len(e.Argv) > 0 && e.Argv[0] == scriptWant[1] {
				means = fmt.Sprintf("the exec%s got %q as its argv[0], and the kernel drops argv[0]: zero has to come before it", lab.Where(e), e.Argv[0])
			}
			if e.Call == "execveat" && name == "pathname" {
				means = "the file was executed by its descriptor, and the kernel made this name: the task asks for a pathname"
			}
			return o.Fail("the interpreter has the arguments "+quoted(append([]string{"…"}, args[min(1, len(args)):]...)), means)
		},
	}
}

func scriptSearched(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--search"))
	_, kids := execers(o)
	if len(kids) != 3 {
		return o.Fail(o.Family(), "three children should execute the file")
	}
	for i, c := range kids {
		e := success(o, c)
		if e == nil {
			return o.Fail(o.Who(c)+": "+failures(o, c), "its exec failed")
		}
		path := variable(e, "PATH")
		want := path + "/testinterp"
		if path == "" {
			want = "testinterp"
		}
		args := arguments(e)
		if len(args) < 3 || args[2] != e.Path || args[2] != want && args[2] != "./"+want {
			return o.Fail(fmt.Sprintf("with PATH=%q the interpreter has the arguments %s", path, quoted(args)), "argv[2] should be "+want)
		}
		if i == 0 && !filepath.IsAbs(args[2]) || i > 0 && filepath.IsAbs(args[2]) {
			return o.Fail(fmt.Sprintf("with PATH=%q argv[2] is %q", path, args[2]), "the kernel does not change the pathname")
		}
	}
	return o.Passed("argv[2] was the prefix with the name: absolute, bin/testinterp, and testinterp")
}

func scriptComm(b *lab.Bench) lab.Verdict {
	o, p, e, bad := scriptRan(b)
	if bad != nil {
		return *bad
	}
	prog := e.Program
	switch {
	case prog == nil:
		return o.Fail("the new program of "+o.Who(p)+" was not seen", "nothing can be compared")
	case prog.Comm != "testinterp":
		return o.Fail(fmt.Sprintf("comm is %q", prog.Comm), "it should be the name of the file")
	case prog.Execfn != e.Path:
		return o.Fail(fmt.Sprintf("AT_EXECFN is %q, exec got %q", prog.Execfn, e.Path), "it should be the pathname of the file")
	case filepath.Base(prog.Exe) == "testinterp":
		return o.Fail("exe is "+prog.Exe, "it should be the interpreter")
	}
	return o.Passed("comm is testinterp, AT_EXECFN is %s, and exe is %s", e.Path, filepath.Base(prog.Exe))
}

func scriptAwk(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--awk"))
	if strings.Contains(string(o.Stderr), "there is no /usr/bin/awk") {
		return lab.Cannot("there is no awk on this machine", "install a package with awk")
	}
	_, kids := execers(o)
	if len(kids) != 1 || success(o, kids[0]) == nil {
		return o.Fail(o.Family(), "a child should execute the file")
	}
	lines := o.Lines()
	want := []string{"ARGV[1] = file1", "ARGV[2] = FILENAME2", "ARGV[3] = f3"}
	if len(lines) != 4 || !strings.HasSuffix(lines[0], "awk") || !slices.Equal(lines[1:], want) {
		return o.Fail("it printed "+lab.Quote(lines), "awk should have the arguments after the file's name")
	}
	e := success(o, kids[0])
	if args := arguments(e); len(args) < 3 || args[1] != "-f" || args[2] != e.Path {
		return o.Fail("awk was executed with "+quoted(args), "-f and the pathname should be its first arguments")
	}
	return o.Passed("awk got -f and the pathname, and its ARGV has the other arguments")
}
