package checks

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Fails checks that an exec that fails changes nothing.
var Fails = &lab.Experiment{
	Dir: "exec", Name: "fails", Ref: "§8.10",
	Title: "an exec that fails changes nothing",
	Claims: []lab.Claim{
		shows("errors", "each of ten files or pathnames gives its own error",
			"because execve(2) lists them",
			[3]string{"Which error does each of the files give?", "A shell has a text for each of them.", "ch8 trace exec/fails"},
			func(b *lab.Bench) lab.Verdict {
				o := b.Run(onPipe)
				var got []string
				for _, e := range failsTries(o) {
					got = append(got, e.Errno)
				}
				if !slices.Equal(got, failsErrors) {
					return o.Fail("the errors were "+strings.Join(got, ", "), "they should be "+strings.Join(failsErrors, ", "))
				}
				return o.Passed("the errors were %s", strings.Join(got, ", "))
			}),
		shows("goes-on", "after each of them the same process goes on, with the same memory, descriptors and threads",
			"because the kernel replaces nothing before it knows that it can",
			[3]string{"What does a program do after a failed exec?", "There is a point of no return in the exec; all these errors come before it.", "the code after exec"},
			failsGoesOn),
		shows("root-too", "root needs an execute bit too",
			"because a file without any is not meant to be executed by anybody",
			[3]string{"What may root do with a file of mode 644?", "Root may read and write it.", "chmod 644, then exec as root"},
			failsRoot),
		shows("no-nproc", "a process whose setuid took it over the limit of processes is told by the exec: EAGAIN",
			"because since Linux 3.1 setuid succeeds, and too many programs did not look at its result",
			[3]string{"What happens if setuid goes over RLIMIT_NPROC?", "Many programs did not check setuid.", "setrlimit(RLIMIT_NPROC), setuid, exec"},
			lab.Seeing(executed("--nproc"), failsNproc)),
		shows("status", "a child ends with 127 if there is no such file, and with 126 if it cannot be executed",
			"because shells do, and programs that look at the status expect it",
			[3]string{"Which statuses does a shell use?", "127 is also what system(3) returns without a shell.", "_exit(errno == ENOENT ? 127 : 126)"},
			func(b *lab.Bench) lab.Verdict {
				o := b.Run(onPipe)
				for path, want := range map[string]int{"nothing": 127, "plain": 126} {
					found := false
					for _, p := range o.Processes() {
						if p.Birth == nil || len(tries(o, p)) == 0 || tries(o, p)[0].Path != path {
							continue
						}
						w, _ := lab.Word(p)
						if !w.Exited() || w.ExitStatus() != want {
							return o.Fail(o.Who(p)+" ended otherwise: "+w.Short(), fmt.Sprintf("it should end with %d", want))
						}
						found = true
					}
					if !found {
						return o.Fail(o.Family(), "no child tried to execute "+path)
					}
				}
				return o.Passed("the children ended with 127 and 126")
			}),
	},
	Cast:      parentAndExecers,
	Moments:   failsMoments,
	Questions: failsQuestions,
}

var failsErrors = []string{"ENOENT", "EACCES", "EACCES", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "ENOEXEC", "ENOEXEC", "ETXTBSY", "EFAULT"}

// failsTries are the execs of the first process.
func failsTries(o *lab.Observation) []*trace.Event {
	if all := o.Processes(); len(all) > 0 {
		return tries(o, all[0])
	}
	return nil
}

func failsGoesOn(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	all := failsTries(o)
	if len(all) < 2 {
		return o.Fail(o.Family(), "the process should call exec many times")
	}
	first, last := files(o, all[0], atEntry), files(o, all[len(all)-1], atFailure)
	for _, same := range []struct {
		what string
		of   func(trace.ProcFiles) string
	}{
		{"the start of the stack", func(f trace.ProcFiles) string { return f.Stat(28) }},
		{"the open descriptors", func(f trace.ProcFiles) string { return fmt.Sprint(lab.DescriptorNumbers(f)) }},
		{"the caught signals", func(f trace.ProcFiles) string { return f.Status("SigCgt") }},
	} {
		if a, z := same.of(first), same.of(last); a != z || a == "" {
			return o.Fail(fmt.Sprintf("%s: %s before the first exec, %s after the last", same.what, a, z), "a failed exec should change nothing")
		}
	}
	if len(o.Writes(o.Processes()[0])) == 0 {
		return o.Fail("the process printed nothing", "it should go on")
	}
	return o.Passed("after %d failed execs the process has the same stack, descriptors and handlers, and goes on", len(all))
}

func failsRoot(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	for _, e := range failsTries(o) {
		if e.Path != "plain" {
			continue
		}
		uid := strings.Fields(files(o, e, atFailure).Status("Uid"))
		if len(uid) < 2 || uid[1] != "0" {
			return lab.Cannot("the program does not run as root", "run the check as root")
		}
		if e.Errno == "EACCES" {
			return o.Passed("the effective user id was 0, the error EACCES")
		}
		return o.Fail("root's exec of a file of mode 644 gave "+step{e.Path, e.Errno}.String(), "root needs an execute bit")
	}
	return o.Fail(o.Family(), "no process tried to execute the file of mode 644")
}

func failsNproc(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--nproc"))
	if proc.WaitStatus(o.Status).ExitStatus() == 2 {
		return lab.Cannot("the program cannot change its user id (CAP_SETUID)", "run the check as root, outside a container")
	}
	for _, p := range o.Processes() {
		for _, e := range tries(o, p) {
			if e.Path == "/bin/true" {
				if e.Errno == "EAGAIN" {
					return o.Passed("setuid succeeded, and the exec failed with EAGAIN")
				}
				return o.Fail(step{e.Path, e.Errno}.String(), "it should fail with EAGAIN")
			}
		}
	}
	return o.Fail(o.Family(), "no child called exec over the limit")
}

// Limits checks how much an exec can hand on.
var Limits = &lab.Experiment{
	Dir: "exec", Name: "limits", Ref: "§8.10",
	Title: "how much an exec can hand on",
	Claims: []lab.Claim{
		limitsClaim("one-string", "one string of 32 pages, with its null byte, can be handed on, one byte more is E2BIG", 0,
			[3]string{"How long may one argument be?", "The limit for one string is smaller than that for all.", "32 pages"}),
		limitsClaim("total", "the pathname, all strings and 8 bytes for each pointer may be together a quarter of RLIMIT_STACK, one byte more is E2BIG", 2,
			[3]string{"How much may all arguments be together?", "The strings are put on the new stack.", "ulimit -s, divided by 4"}),
		limitsClaim("environment-counts", "a variable of the environment of n bytes leaves n + 9 bytes less for arguments", 4,
			[3]string{"Does the environment count?", "It lies beside the arguments.", "n bytes, a null byte and a pointer"}),
		limitsClaim("floor", "with a stack of 256 KiB it is 128 KiB, never less", 8,
			[3]string{"What if the stack limit is small?", "POSIX wants at least 4096 bytes; Linux gives 128 KiB.", "ulimit -s 256"}),
		limitsClaim("ceiling", "with a stack of 64 MiB it is 6 MiB, never more", 13,
			[3]string{"What if the stack limit is large?", "Three quarters of 8 MiB.", "ulimit -s 65536"}),
		shows("said", "sysconf(_SC_ARG_MAX) gives the same number",
			"because the library computes it from the limit of the stack",
			[3]string{"Which number does getconf ARG_MAX print?", "It changes with ulimit -s.", "sysconf(_SC_ARG_MAX)"},
			limitsSaid),
		shows("split", "a list that is too much for one exec can be handed on in two parts",
			"because each exec has the limit for itself, which is what xargs uses",
			[3]string{"What does xargs do with a long list?", "It makes several execs.", "getconf ARG_MAX"},
			func(b *lab.Bench) lab.Verdict {
				o, all := limitsTries(b)
				if len(all) < 13 || all[10].Errno != "E2BIG" || all[11].Errno != "" || all[12].Errno != "" {
					return o.Fail(fmt.Sprintf("there were %d execs of /bin/true", len(all)), "the whole list should fail with E2BIG, both parts should succeed")
				}
				return o.Passed("the whole list gave E2BIG, both parts were executed")
			}),
		shows("goes-on", "the process lives on after E2BIG",
			"because the strings are counted before anything is replaced",
			[3]string{"What happens after E2BIG?", "A failed exec changes nothing.", "errno"},
			func(b *lab.Bench) lab.Verdict {
				o := b.Run(onPipe)
				if !strings.Contains(string(o.Stdout), "still runs after E2BIG") {
					return o.Fail("the program did not print its last line", "it should go on")
				}
				return o.Passed("the process that got E2BIG printed its last line")
			}),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent := o.Processes()[0]
		return lab.Cast{}.With("parent", parent).Numbered(parent.Children)
	},
	Moments:   limitsMoments,
	Questions: limitsQuestions,
}

// limitsTries are the execs of /bin/true in their order: pairs of one
// that just fits and one with a byte more; then a list in one and in
// two parts; and a pair again.
func limitsTries(b *lab.Bench) (o *lab.Observation, all []*trace.Event) {
	o = b.Run(onPipe)
	return o, limitsExecs(o)
}

func limitsExecs(o *lab.Observation) (all []*trace.Event) {
	for _, e := range o.Events(trace.KindExec) {
		if e.Path == "/bin/true" {
			all = append(all, e)
		}
	}
	return all
}

// limitsSaid compares what sysconf said with a quarter of the limit that
// the process had.
func limitsSaid(b *lab.Bench) lab.Verdict {
	o, all := limitsTries(b)
	const words = "sysconf(_SC_ARG_MAX) is "
	for _, l := range o.Lines() {
		_, said, ok := strings.Cut(l, words)
		if !ok {
			continue
		}
		if strings.Contains(said, "no getconf") {
			return lab.Cannot("there is no getconf, which calls sysconf", "install a package with getconf")
		}
		if len(all) < 3 {
			break
		}
		stack := strings.Fields(lineWith(files(o, all[2], atEntry)["limits"], "Max stack size") + " 0 0 0 0")[3]
		if number(stack) <= 0 || number(said)*4 != number(stack) {
			return o.Fail(fmt.Sprintf("sysconf said %s, and the limit of the stack is %s", said, stack), "it should be a quarter of it")
		}
		return o.Passed("sysconf said %s, a quarter of %s", said, stack)
	}
	return o.Fail("no line says what sysconf gives", "there is nothing to compare")
}

// limitsClaim judges a pair of execs: the first fits, the second has one
// byte more.
func limitsClaim(name, says string, at int, hints [3]string) lab.Claim {
	return shows(name, says, "because execve counts all of it, so that the new program has room on its stack", hints,
		func(b *lab.Bench) lab.Verdict {
			o, all := limitsTries(b)
			if at+1 >= len(all) {
				return o.Fail(fmt.Sprintf("there were %d execs of /bin/true", len(all)), "there should be more")
			}
			fits, more := all[at], all[at+1]
			switch {
			case fits.Errno != "" || fits.Program == nil:
				return o.Fail("the exec that should fit failed with "+fits.Errno, "the limit is smaller here")
			case more.Errno != "E2BIG":
				return o.Fail("the exec with one byte more: "+step{more.Path, more.Errno}.String(), "the limit is larger here")
			}
			had := fits.Program.ArgsBytes + fits.Program.EnvBytes
			return o.Passed("%d bytes of strings were handed on, one more was E2BIG", had)
		})
}

// Shebang checks the first line of an interpreter file.
var Shebang = &lab.Experiment{
	Dir: "exec", Name: "shebang", Ref: "§8.12",
	Title: "the first line of an interpreter file, and its limits",
	Claims: []lab.Claim{
		shows("one-argument", "all that follows the interpreter is one argument, without the blanks before it and at the end of the line",
			"because the kernel does not split it",
			[3]string{"How many arguments are a and b?", "Blanks inside stay.", "#!/bin/echo a  b"},
			nth(onPipe, 0, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				e := success(o, p)
				if e == nil || len(arguments(e)) != 3 || arguments(e)[1] != "a  b" {
					return o.Fail(shebangSaw(o, p), "the argument should be \"a  b\"")
				}
				return o.Passed("the interpreter got the arguments %s", quoted(arguments(e)))
			})),
		shows("length", "a line of 256 bytes passes; a longer argument is cut without an error; a longer pathname is ENOEXEC",
			"because the kernel reads 256 bytes of the file, and must not execute a pathname that may be cut",
			[3]string{"How long may the line be?", "It was 127 bytes before Linux 5.1.", "a line of 257 bytes"},
			shebangLength),
		shows("nesting", "five interpreter files in a row work, six are ELOOP; each adds its argument and its pathname in front",
			"because the kernel gives up after five",
			[3]string{"Can an interpreter be a script?", "The kernel executes one after the other.", "#!./s1 as the first line of s2"},
			shebangNesting),
		shows("relative", "a pathname without a slash counts from the working directory; PATH is not searched",
			"because the kernel uses the pathname as it is",
			[3]string{"Where does the kernel look for \"echoarg\"?", "The kernel knows nothing of PATH.", "#!echoarg"},
			nth(onPipe, 8, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				e := success(o, p)
				if e == nil || len(arguments(e)) < 1 || arguments(e)[0] != "echoarg" {
					return o.Fail(shebangSaw(o, p), "the file of the working directory should be the interpreter")
				}
				return o.Passed("the interpreter is echoarg of the working directory")
			})),
		shows("errors", "no such interpreter is ENOENT, also /bin/sh with a carriage return; one without permission is EACCES; something before #! is ENOEXEC",
			"because the error is that of the interpreter, not of the file",
			[3]string{"What does ENOENT mean if the script is there?", "A text file from another system ends its lines with two characters.", "od -c script | head -1"},
			func(b *lab.Bench) lab.Verdict {
				o := b.Run(onPipe)
				_, kids := execers(o)
				if len(kids) < 8 {
					return o.Fail(o.Family(), "more children should call exec")
				}
				for i, want := range map[int]string{4: "ENOENT", 5: "ENOENT", 6: "EACCES", 7: "ENOEXEC"} {
					if got := tried(o, kids[i]); len(got) != 1 || got[0].errno != want {
						return o.Fail(fmt.Sprintf("%s: %s", o.Who(kids[i]), inTurn(got)), "it should fail with "+want)
					}
				}
				return o.Passed("ENOENT, ENOENT, EACCES and ENOEXEC")
			}),
		shows("no-set-id", "set-user-ID and set-group-ID of a script are ignored, those of its interpreter are not",
			"because another file could take the script's name between the exec and the interpreter's open",
			[3]string{"Which ids has the interpreter of a set-user-ID script?", "The kernel executes the interpreter, and looks at its bits.", "chmod u+s script"},
			shebangSetID),
		shows("unreadable", "a script that may be executed and not read is executed, and its interpreter cannot open it",
			"because the kernel reads the first line itself, and the interpreter opens the file as the user",
			[3]string{"Which process reads the script?", "Execute permission is enough for the kernel.", "chmod 111 script, as a user who is not root"},
			shebangUnreadable),
	},
	Cast:      parentAndExecers,
	Moments:   shebangMoments,
	Questions: shebangQuestions,
}

// shebangSaw says what became of the exec of a child.
func shebangSaw(o *lab.Observation, p *trace.Process) string {
	if e := success(o, p); e != nil {
		return fmt.Sprintf("the interpreter got %d arguments", len(arguments(e)))
	}
	return inTurn(tried(o, p))
}

func shebangLength(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if len(kids) < 4 {
		return o.Fail(o.Family(), "more children should call exec")
	}
	const room = 256 - len("#!./echoarg \n")
	for _, i := range []int{1, 2} {
		e := success(o, kids[i])
		if e == nil || len(arguments(e)) != 3 || len(arguments(e)[1]) != room {
			return o.Fail(shebangSaw(o, kids[i]), fmt.Sprintf("the argument should have %d bytes", room))
		}
	}
	if got := tried(o, kids[3]); len(got) != 1 || got[0].errno != "ENOEXEC" {
		return o.Fail("a longer pathname: "+inTurn(got), "it should be ENOEXEC")
	}
	return o.Passed("an argument of %d bytes passed, a longer one was cut to it, and a longer pathname was ENOEXEC", room)
}

func shebangNesting(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if len(kids) < 11 {
		return o.Fail(o.Family(), "more children should call exec")
	}
	want := []string{"./echoarg", "1", "./s1", "2", "./s2", "3", "./s3", "4", "./s4", "5", "./s5"}
	if e := success(o, kids[9]); e == nil || !slices.Equal(arguments(e), want) {
		return o.Fail("five in a row: "+shebangSaw(o, kids[9]), "the arguments should be "+lab.Quote(want))
	}
	if got := tried(o, kids[10]); len(got) != 1 || got[0].errno != "ELOOP" {
		return o.Fail("six in a row: "+inTurn(got), "it should be ELOOP")
	}
	return o.Passed("five in a row gave eleven arguments, six ELOOP")
}

func shebangSetID(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--set-id"))
	if proc.WaitStatus(o.Status).ExitStatus() == 2 {
		reason, _, _ := strings.Cut(strings.TrimSpace(string(o.Stderr)), "\n")
		return lab.Cannot(reason, "run it as root, outside of user namespaces")
	}
	const caller, interpreter = "7000001", "7000002"
	for _, want := range []struct{ name, effective string }{{"script-set", caller}, {"script", interpreter}} {
		var e *trace.Event
		for _, x := range o.Events(trace.KindExec) {
			if x.Errno == "" && path.Base(x.Path) == want.name {
				e = x
			}
		}
		if e == nil {
			return o.Fail(o.Family(), "no exec of "+want.name+" succeeded")
		}
		for _, line := range []string{"Uid", "Gid"} {
			ids := files(o, e, atSuccess).Status(line)
			if word(ids, 0) != caller || word(ids, 1) != want.effective || word(ids, 2) != want.effective {
				return o.Fail(fmt.Sprintf("after the exec of %s the line %s of /proc/PID/status is %q", want.name, line, ids),
					fmt.Sprintf("the real id should be %s, and the effective and the saved one %s", caller, want.effective))
			}
		}
	}
	return o.Passed("the script's bits changed nothing; with the interpreter's its owner's ids became effective")
}

func shebangUnreadable(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if len(kids) < 12 {
		return o.Fail(o.Family(), "more children should call exec")
	}
	p := kids[11]
	w, ok := lab.Word(p)
	switch {
	case success(o, p) == nil:
		return o.Fail(inTurn(tried(o, p)), "the exec should succeed")
	case !ok || !w.Exited() || w.ExitStatus() == 0:
		return o.Fail("the interpreter ended otherwise: "+w.Short(), "it should not be able to open the file")
	}
	return o.Passed("the exec succeeded, and the interpreter ended with status %d", w.ExitStatus())
}
