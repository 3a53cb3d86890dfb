package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// A step is what one child of the program should have done: the paths
// that it tried to execute, with their errors, "" for success.
type step struct {
	path, errno string
}

// tried are the steps of the process.
func tried(o *lab.Observation, p *trace.Process) (steps []step) {
	for _, e := range tries(o, p) {
		steps = append(steps, step{e.Path, e.Errno})
	}
	return steps
}

func (s step) String() string {
	if s.errno == "" {
		return fmt.Sprintf("%q succeeded", s.path)
	}
	return fmt.Sprintf("%q failed with %s", s.path, s.errno)
}

// inTurn are the steps for a sentence.
func inTurn(steps []step) string {
	if len(steps) == 0 {
		return "no exec"
	}
	var s []string
	for _, x := range steps {
		s = append(s, x.String())
	}
	return strings.Join(s, ", ")
}

// nth judges the child of the program with this index, from 0.
func nth(run lab.Run, i int, judge func(o *lab.Observation, p *trace.Process) lab.Verdict) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(run)
		_, kids := execers(o)
		if i >= len(kids) {
			return o.Fail(o.Family(), fmt.Sprintf("only %d children called exec", len(kids)))
		}
		return judge(o, kids[i])
	}
}

// shows is a claim about our own program, with its hints.
func shows(name, says, why string, hints [3]string, judge func(*lab.Bench) lab.Verdict) lab.Claim {
	return lab.Claim{Name: name, Says: says, Why: why, Points: 1, Hints: hints, Judge: judge}
}

// Path checks which file a name means.
var Path = &lab.Experiment{
	Dir: "exec", Name: "path", Ref: "§8.10",
	Title: "which file a name means",
	Claims: []lab.Claim{
		shows("order", "the directories of PATH are tried from left to right, and the first file that can be executed is executed",
			"because execvp calls execve with one pathname after the other",
			[3]string{"Which pathnames does execvp try?", "A file without permission does not end the search.", "ch8 trace exec/path"},
			nth(onPipe, 0, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				want := []step{{"a/prog", "EACCES"}, {"d/prog", "EACCES"}, {"c/prog", ""}}
				if got := tried(o, p); !slices.Equal(got, want) {
					return o.Fail("with PATH=a:d:c: "+inTurn(got), "the search should try a, d and c, in this order")
				}
				return o.Passed("with PATH=a:d:c: %s", inTurn(want))
			})),
		shows("empty-prefix", "a prefix of length zero, at the beginning, in the middle or at the end of PATH, and an empty PATH, mean the working directory",
			"because the pathname is then the name alone",
			[3]string{"What does PATH=:c mean?", "An empty prefix is older than the dot.", "PATH=a::c"},
			pathEmpty),
		shows("slash", "a name with a slash is not searched",
			"because it is a pathname",
			[3]string{"What does execvp do with ./prog?", "A shell does the same.", "execvp(\"./prog\", …)"},
			nth(onPipe, 5, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				if got := tried(o, p); !slices.Equal(got, []step{{"./prog", ""}}) {
					return o.Fail("with ./prog: "+inTurn(got), "the pathname should be executed as it is")
				}
				return o.Passed("./prog was executed, although PATH has another prog")
			})),
		shows("denied", "if nothing better follows, the error for a file without permission, or a directory, is EACCES and not ENOENT",
			"because the search remembers that it found one",
			[3]string{"What is the error if a file is there, but has no execute permission?", "ENOENT would say that there is none.", "PATH=a:d"},
			pathDenied),
		shows("shell", "a file that is not a program and has no #! is given to /bin/sh; execv of the same file fails with ENOEXEC",
			"because the shell is the library's guess, not the kernel's",
			[3]string{"What happens with a text file that has execute permission?", "execvp tries /bin/sh after ENOEXEC.", "execv and execvp of the same file"},
			pathShell),
		shows("unset", "without PATH the search goes to /bin, then to /usr/bin, and not to the working directory",
			"because the library has a list of its own for that case; older ones began with the working directory",
			[3]string{"Where does execvp look if there is no PATH?", "confstr(_CS_PATH) tells a standard list.", "getconf PATH"},
			nth(onPipe, 11, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				want := []step{{"/bin/prog", "ENOENT"}, {"/usr/bin/prog", "ENOENT"}}
				if got := tried(o, p); !slices.Equal(got, want) {
					return o.Fail("without PATH: "+inTurn(got), "the search should try "+inTurn(want))
				}
				return o.Passed("without PATH: %s", inTurn(want))
			})),
		shows("callers-path", "execvpe searches the PATH of its caller, not that of the new environment",
			"because the list is what the new program gets",
			[3]string{"Which of the two lists has the PATH that is searched?", "The search is over before the new program has its environment.", "execvpe(\"prog\", argv, envp)"},
			pathCallers),
	},
	Cast:      parentAndExecers,
	Moments:   pathMoments,
	Questions: pathQuestions,
}

func pathEmpty(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if len(kids) < 5 {
		return o.Fail(o.Family(), "more children should call exec")
	}
	for i, list := range []string{":c", "a::c", "a:", ""} {
		e := success(o, kids[1+i])
		if e == nil || e.Path != "prog" && e.Path != "./prog" {
			return o.Fail(fmt.Sprintf("with PATH=%q: %s", list, inTurn(tried(o, kids[1+i]))), "the file of the working directory should be executed")
		}
	}
	return o.Passed("with PATH=:c, a::c, a: and an empty PATH the file of the working directory was executed")
}

func pathDenied(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if len(kids) < 8 || success(o, kids[6]) != nil || success(o, kids[7]) != nil {
		return o.Fail(o.Family(), "two searches should find nothing")
	}
	for i, want := range map[int]string{6: "EACCES", 7: "ENOENT"} {
		if lines := lab.Texts(o.Told(kids[i])); len(lines) != 1 || strings.TrimSpace(lines[0]) != want {
			return o.Fail(fmt.Sprintf("%s printed %s after %s", o.Who(kids[i]), lab.Quote(lines), inTurn(tried(o, kids[i]))), "the error should be "+want)
		}
	}
	return o.Passed("with PATH=a:d the error was EACCES, with PATH=x ENOENT")
}

func pathCallers(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if !strings.Contains(string(o.Stdout), "execvpe(") {
		return lab.Cannot("execvpe is a function of the GNU C library, and Go has none", "ch8 check exec/path -- the C program, c/path.c")
	}
	if len(kids) < 13 {
		return o.Fail(o.Family(), "thirteen children should call exec")
	}
	e := success(o, kids[12])
	if e == nil || e.Path != "c/prog" || !slices.Equal(environment(e), []string{"PATH=a"}) {
		return o.Fail("execvpe with PATH=c and a list with PATH=a: "+inTurn(tried(o, kids[12])), "it should execute c/prog, with the list as its environment")
	}
	return o.Passed("with PATH=c and a list with PATH=a it executed c/prog, whose PATH is a")
}

func pathShell(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := execers(o)
	if len(kids) < 11 {
		return o.Fail(o.Family(), "eleven children should call exec")
	}
	got := tried(o, kids[8])
	e := success(o, kids[8])
	if len(got) != 2 || got[0] != (step{"b/prog", "ENOEXEC"}) || e == nil || e.Path != "/bin/sh" || len(e.Argv) < 2 || e.Argv[1] != "b/prog" {
		return o.Fail("execvp with PATH=b: "+inTurn(got), "after ENOEXEC it should execute /bin/sh with the file")
	}
	if got := tried(o, kids[10]); !slices.Equal(got, []step{{"b/prog", "ENOEXEC"}}) {
		return o.Fail("execv of b/prog: "+inTurn(got), "it should fail with ENOEXEC")
	}
	return o.Passed("execvp executed /bin/sh with b/prog; execv failed with ENOEXEC")
}

// Fexecve checks that a descriptor executes the file that was opened.
var Fexecve = &lab.Experiment{
	Dir: "exec", Name: "fexecve", Ref: "§8.10",
	Title: "the file that was opened",
	Claims: []lab.Claim{
		shows("that-file", "when the name has another file, the descriptor still executes the old one, and execve of the name the new one",
			"because a descriptor refers to the file and not to its name",
			[3]string{"Which file does the descriptor mean after the rename?", "A name can change between a check and an exec.", "open, rename, fexecve"},
			func(b *lab.Bench) lab.Verdict {
				o := b.Run(onPipe)
				_, kids := execers(o)
				if len(kids) < 2 || success(o, kids[0]) == nil || success(o, kids[1]) == nil {
					return o.Fail(o.Family(), "two children should execute programs")
				}
				old, now := success(o, kids[0]), success(o, kids[1])
				switch {
				case old.Program == nil || !strings.HasSuffix(old.Program.Exe, "(deleted)"):
					return o.Fail("exe of the first is "+exeOf(old), "it should be the file that has no name any more")
				case exeOf(now) == exeOf(old):
					return o.Fail("exe of both is "+exeOf(old), "the name should mean the new file")
				}
				return o.Passed("the descriptor executed a file that is deleted, the name another one")
			}),
		shows("by-descriptor", "the call is execveat with an empty pathname and AT_EMPTY_PATH, and argv[0] is free",
			"because fexecve is this system call",
			[3]string{"Which system call is fexecve?", "Older libraries executed /proc/self/fd/N.", "ch8 trace exec/fexecve"},
			nth(onPipe, 0, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				const emptyPath = 0x1000 // AT_EMPTY_PATH
				e := success(o, p)
				if e == nil || e.Call != "execveat" || e.Flags&emptyPath == 0 || len(e.Argv) == 0 || e.Argv[0] != "echoarg" {
					return o.Fail(inTurn(tried(o, p)), "it should be execveat with AT_EMPTY_PATH")
				}
				return o.Passed("execveat with AT_EMPTY_PATH; argv[0] is %q", e.Argv[0])
			})),
		shows("path-only", "a descriptor from O_PATH is enough",
			"because the kernel opens the file itself",
			[3]string{"Can you read from this descriptor?", "O_PATH names a file and opens nothing.", "open(path, O_PATH | O_CLOEXEC)"},
			nth(onPipe, 2, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				e := success(o, p)
				if e == nil || lab.DescriptorFlags(files(o, e, atEntry), e.Dirfd)&lab.OPath == 0 {
					return o.Fail(inTurn(tried(o, p)), "the exec of a descriptor from O_PATH should succeed")
				}
				return o.Passed("descriptor %d is from O_PATH, and was executed", e.Dirfd)
			})),
		shows("script", "an interpreter file is handed to its interpreter as /dev/fd/N: with close-on-exec the exec fails with ENOENT, without it it works",
			"because the interpreter could not open the descriptor any more",
			[3]string{"Which pathname does the interpreter get?", "There is no pathname: the file was executed by a descriptor.", "fcntl(fd, F_SETFD, 0)"},
			func(b *lab.Bench) lab.Verdict {
				o := b.Run(onPipe)
				_, kids := execers(o)
				if len(kids) < 5 {
					return o.Fail(o.Family(), "five children should call exec")
				}
				with, e := tried(o, kids[3]), success(o, kids[4])
				switch {
				case len(with) != 1 || with[0].errno != "ENOENT":
					return o.Fail("with close-on-exec: "+inTurn(with), "it should fail with ENOENT")
				case e == nil || !slices.Contains(arguments(e), fmt.Sprintf("/dev/fd/%d", e.Dirfd)):
					return o.Fail("without close-on-exec: "+inTurn(tried(o, kids[4])), "the interpreter should get /dev/fd/N")
				}
				return o.Passed("with the flag ENOENT; without it the interpreter got /dev/fd/%d", e.Dirfd)
			}),
	},
	Cast:      parentAndExecers,
	Moments:   fexecveMoments,
	Questions: fexecveQuestions,
}

// exeOf is the file whose code runs after the exec.
func exeOf(e *trace.Event) string {
	if e == nil || e.Program == nil {
		return "not known"
	}
	return e.Program.Exe
}

// Thread checks an exec by a thread that is not the first.
var Thread = &lab.Experiment{
	Dir: "exec", Name: "thread", Ref: "§8.10",
	Title: "an exec by a thread",
	Claims: []lab.Claim{
		shows("pid", "the pid stays, although another thread than the first called exec",
			"because the calling thread takes over the process with its pid",
			[3]string{"Which thread called exec?", "The first thread is ended like the others.", "gettid() and getpid() before the exec"},
			func(b *lab.Bench) lab.Verdict {
				o, p, e := threadExec(b)
				if e == nil || e.ByTid == 0 {
					return o.Fail(o.Family(), "no thread other than the first called exec")
				}
				return o.Passed("the thread %d of %s called exec; the new program has the pid %d", e.ByTid, o.Who(p), lab.Pid(p))
			}),
		shows("alone", "no other thread is left, and none of them ran a cleanup function",
			"because the kernel ends them at once",
			[3]string{"What happens to the other threads?", "They are not cancelled, they end.", "pthread_cleanup_push, or defer in Go"},
			func(b *lab.Bench) lab.Verdict {
				o, p, e := threadExec(b)
				if e == nil {
					return o.Fail(o.Family(), "no thread called exec")
				}
				before, after := files(o, e, atEntry), files(o, e, atSuccess)
				switch {
				case number(before.Status("Threads")) < 4:
					return o.Fail("before the exec there are "+before.Status("Threads")+" threads", "there should be several")
				case after.Status("Threads") != "1":
					return o.Fail("after the exec there are "+after.Status("Threads")+" threads", "one should be left")
				}
				for _, l := range o.Told(p) {
					if strings.Contains(l.Text, "cleanup") {
						return o.Fail(fmt.Sprintf("%s printed %q", o.Who(p), l.Text), "no cleanup function should run")
					}
				}
				return o.Passed("of %s threads one is left, and no cleanup function ran", before.Status("Threads"))
			}),
		shows("mask", "the signal mask of the new program is that of the calling thread",
			"because each thread has a mask of its own, and only this thread goes on",
			[3]string{"Which signals are blocked in the new program?", "The other threads had another mask.", "pthread_sigmask in the calling thread"},
			func(b *lab.Bench) lab.Verdict {
				o, _, e := threadExec(b)
				if e == nil || !signalSet(files(o, e, atSuccess), "SigBlk", sigusr1) {
					return o.Fail("SIGUSR1 is not blocked in the new program", "the calling thread had blocked it")
				}
				return o.Passed("SIGUSR1, which only the calling thread had blocked, is blocked in the new program")
			}),
		shows("collected", "the parent's wait returns the status of the new program",
			"because it is still the same process",
			[3]string{"Which process does the parent wait for?", "The pid has not changed.", "waitpid(pid, &status, 0)"},
			func(b *lab.Bench) lab.Verdict {
				o, p, e := threadExec(b)
				if e == nil || p.Reap == nil || p.Reap.Process != p.Parent.Name || p.Reap.Status != 0 {
					return o.Fail(o.Family(), "the parent should reap the new program, which exits with 0")
				}
				return o.Passed("the parent reaped %s with status 0", o.Who(p))
			}),
	},
	Cast:      parentAndExecers,
	Moments:   threadMoments,
	Questions: threadQuestions,
}

// threadExec is the last exec of the child.
func threadExec(b *lab.Bench) (o *lab.Observation, p *trace.Process, e *trace.Event) {
	o = b.Run(onPipe)
	_, p = execer(o)
	for _, x := range tries(o, p) {
		if x.Errno == "" {
			e = x
		}
	}
	return o, p, e
}
