package checks

import (
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Moments and questions of the experiments that are not exercises.

// atTry finds an exec of the child with this index: its tries are
// counted from 0, from the last one if i is negative.
func atTry(child, i int) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		_, kids := execers(o)
		if child >= len(kids) {
			return nil
		}
		all := tries(o, kids[child])
		if i < 0 {
			i += len(all)
		}
		if i < 0 || i >= len(all) {
			return nil
		}
		return all[i]
	}
}

// gave is the Right of a question whose answer is this one in every run
// in which the exec had this error, "" for success.
func gave(answer, errno string, at func(*lab.Observation) *trace.Event) func(*lab.Observation) string {
	return lab.If(answer, func(o *lab.Observation) bool {
		e := at(o)
		return e != nil && e.Errno == errno
	})
}

var pathMoments = []lab.Moment{
	{Name: "passed-over", Says: "The first directory of PATH has a file of this name, but without execute permission: EACCES. The search goes on.", At: atTry(0, 0)},
	{Name: "found", Says: "The third directory has one that can be executed. The kernel got a pathname each time: it knows nothing of PATH.", At: atTry(0, -1)},
	{Name: "shell", Says: "The file is not a program (ENOEXEC). execvp, not the kernel, takes it for a shell script, and executes /bin/sh with it.", At: atTry(8, -1)},
}

var pathQuestions = []lab.Question{
	{
		Name: "permission", Ask: "PATH is a:d:c. a/prog has no execute permission, d/prog is a directory, c/prog is a program. What does execvp(\"prog\") do?",
		Answers: []string{"it fails with EACCES", "it executes a/prog", "it executes c/prog"},
		Right:   gave("it executes c/prog", "", atTry(0, -1)),
		Why:     "A file that cannot be executed does not end the search.", Moment: "found",
	},
	{
		Name: "script", Ask: "A text file without #! has execute permission. What do execvp and execv do with it?",
		Answers: []string{"both fail with ENOEXEC", "execvp gives it to /bin/sh, execv fails with ENOEXEC", "both give it to /bin/sh"},
		Right:   gave("execvp gives it to /bin/sh, execv fails with ENOEXEC", "ENOEXEC", atTry(10, 0)),
		Why:     "The kernel refuses the file. To try a shell is what the functions with a p in their name do.", Moment: "shell",
	},
}

var keepsMoments = []lab.Moment{
	{Name: "executed", Says: "The program is replaced. Pid, parent, group, session, mask, limits and locks belong to the process, and stay.", At: atTry(0, -1)},
	{Name: "pending", Says: "A blocked signal is pending at the exec. It is pending in the new program too, which never blocked it.", At: lab.AtLine("pending signal")},
}

var keepsQuestions = []lab.Question{
	{
		Name: "pending", Ask: "A process has blocked SIGUSR1, gets one, and executes another program. What has the new program?",
		Answers: []string{"neither: an exec clears the mask and the pending signals", "SIGUSR1 blocked and pending", "SIGUSR1 pending, but not blocked"},
		Right:   lab.Says("SIGUSR1 blocked and pending", "pending signal            0000000000000200        0000000000000200"),
		Why:     "The mask and the set of pending signals belong to the process. Only handlers are lost.", Moment: "pending",
	},
	{
		Name: "lock", Ask: "A process holds a record lock, and its descriptor has no close-on-exec. Which process holds the lock after an exec?",
		Answers: []string{"nobody: the lock was the old program's", "the same process: its pid is the lock's owner", "the parent"},
		Right:   lab.Says("the same process: its pid is the lock's owner", "record lock               is held                 is held"),
		Why:     "A record lock belongs to the process, and the exec does not make another process.",
	},
}

var resetsMoments = []lab.Moment{
	{Name: "executed", Says: "The exec makes a new address space. Handlers, mappings, locked pages and buffers were in the old one.", At: atTry(0, -1)},
	{Name: "lost", Says: "Only the new program's line arrives. The exit handler and the line in the buffer were lost at the exec.", At: lab.AtLine("handlers and buffers are gone")},
}

var resetsQuestions = []lab.Question{
	{
		Name: "buffer", Ask: "A process prints a line without a newline into a pipe, registers an exit handler, and executes another program. What arrives of the two?",
		Answers: []string{"the line and what the handler prints", "the line only", "neither of the two"},
		Right: lab.If("neither of the two", func(o *lab.Observation) bool {
			return lab.AtLine("handlers and buffers are gone")(o) != nil && !slices.ContainsFunc(o.Lines(), func(l string) bool {
				return strings.Contains(l, "a line in the buffer") || strings.Contains(l, "a handler ran")
			})
		}),
		Why: "Both were in the memory of the old program. exec calls no exit handler and flushes no buffer.", Moment: "lost",
	},
	{
		Name: "handler", Ask: "A process catches SIGUSR1 and executes another program. What happens to a SIGUSR1 that comes then?",
		Answers: []string{"the handler runs", "the default: it ends the process", "it is ignored"},
		Right:   lab.Says("the default: it ends the process", "caught signal             0000000000000200        0000000000000000"),
		Why:     "The handler's code is gone. The kernel sets a caught signal to its default.", Moment: "executed",
	},
}

// failsAt finds a failed exec of the first process by its error.
func failsAt(errno string) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		for _, e := range failsTries(o) {
			if e.Errno == errno {
				return e
			}
		}
		return nil
	}
}

var failsMoments = []lab.Moment{
	{Name: "first", Says: "The first exec fails: there is no such file. The call returns, and the same program runs on.", At: failsAt("ENOENT")},
	{Name: "busy", Says: "A file that is open for writing is not executed: its text could change while it runs.", At: failsAt("ETXTBSY")},
	{Name: "goes-on", Says: "After ten failed execs the process still runs its old program.", At: lab.AtLine("still runs this program")},
}

var failsQuestions = []lab.Question{
	{
		Name: "returns", Ask: "An exec fails. What does the process do next?",
		Answers: []string{"it ends with status 127", "it goes on after the call, in the same program", "it starts its program again from main"},
		Right: lab.If("it goes on after the call, in the same program", func(o *lab.Observation) bool {
			return failsAt("ENOENT")(o) != nil && lab.AtLine("still runs this program")(o) != nil
		}),
		Why: "The kernel replaces nothing before it knows that it can. The statuses 126 and 127 are what a shell's child chooses.", Moment: "goes-on",
	},
	{
		Name: "root", Ask: "Which error gives the exec of a file of mode 644?",
		Answers: []string{"EACCES, also for root", "EACCES, but root may execute it", "ENOEXEC"},
		Right:   lab.If("EACCES, also for root", func(o *lab.Observation) bool { return failsAt("EACCES")(o) != nil }),
		Why:     "Root needs one execute bit too.",
	},
}

// limitsAt finds an exec of /bin/true by its number and error.
func limitsAt(i int, errno string) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		all := limitsExecs(o)
		if i >= len(all) || all[i].Errno != errno {
			return nil
		}
		return all[i]
	}
}

var limitsMoments = []lab.Moment{
	{Name: "fits", Says: "Arguments that just fit: one string of 32 pages.", At: limitsAt(0, "")},
	{Name: "too-big", Says: "One byte more: E2BIG. The process that called exec goes on.", At: limitsAt(1, "E2BIG")},
	{Name: "two-parts", Says: "The list that was too long for one exec passes in two parts. xargs does this.", At: limitsAt(11, "")},
}

var limitsQuestions = []lab.Question{
	{
		Name: "stack", Ask: "How many bytes may arguments and environment have together on Linux?",
		Answers: []string{"always 128 KiB", "a quarter of the limit of the stack, between 128 KiB and 6 MiB", "as many as memory has"},
		Right:   gave("a quarter of the limit of the stack, between 128 KiB and 6 MiB", "E2BIG", limitsAt(3, "E2BIG")),
		Why:     "The strings are put on the new program's stack. Since Linux 2.6.23 there is no fixed number.",
	},
	{
		Name: "environment", Ask: "Does a variable of the environment leave less room for arguments?",
		Answers: []string{"yes, with its null byte and 8 bytes for the pointer", "yes, but without the pointer", "no, the environment has a limit of its own"},
		Right:   gave("yes, with its null byte and 8 bytes for the pointer", "E2BIG", limitsAt(5, "E2BIG")),
		Why:     "The kernel counts all strings and all pointers together, since 4.13.",
	},
}

var fexecveMoments = []lab.Moment{
	{Name: "old", Says: "The descriptor refers to the file that was opened, which has no name any more. It is executed.", At: atTry(0, -1)},
	{Name: "new", Says: "The name means another file now: execve of the name executes the new one.", At: atTry(1, -1)},
	{Name: "closed", Says: "An interpreter file by a descriptor with close-on-exec: its interpreter could not open it any more, so the exec fails with ENOENT.", At: atTry(3, -1)},
}

var fexecveQuestions = []lab.Question{
	{
		Name: "which", Ask: "A program opens a file, and then the name of the file is given to another one. Which file does fexecve execute?",
		Answers: []string{"the one that was opened", "the one that has the name now", "neither: it fails with ENOENT"},
		Right: lab.If("the one that was opened", func(o *lab.Observation) bool {
			e := atTry(0, -1)(o)
			return e != nil && e.Program != nil && strings.HasSuffix(e.Program.Exe, "(deleted)")
		}),
		Why: "A descriptor refers to a file, not to a name.", Moment: "old",
	},
	{
		Name: "script", Ask: "fexecve executes an interpreter file, and the descriptor has close-on-exec. What happens?",
		Answers: []string{"the interpreter reads the descriptor", "the exec fails with ENOENT", "the interpreter starts, and finds no file"},
		Right:   gave("the exec fails with ENOENT", "ENOENT", atTry(3, -1)),
		Why:     "The interpreter would get /dev/fd/N, and N is closed at the exec. The kernel knows that, and refuses.", Moment: "closed",
	},
}

var threadMoments = []lab.Moment{
	{Name: "calls", Says: "A thread that is not the first calls exec. The kernel ends all the others, and this thread takes over the pid.",
		At: func(o *lab.Observation) *trace.Event {
			for _, e := range o.Events(trace.KindExec) {
				if e.ByTid != 0 && e.Errno == "" {
					return e
				}
			}
			return nil
		}},
	{Name: "reaped", Says: "The parent's wait returns the new program's status under the same pid.", At: func(o *lab.Observation) *trace.Event {
		if _, p := execer(o); p != nil {
			return p.Reap
		}
		return nil
	}},
}

var threadQuestions = []lab.Question{
	{
		Name: "pid", Ask: "The thread with the thread id 4715 of the process 4712 calls exec. Which pid has the new program?",
		Answers: []string{"4712", "4715", "a new one"},
		Right:   lab.If("4712", func(o *lab.Observation) bool { return threadMoments[0].At(o) != nil && threadMoments[1].At(o) != nil }),
		Why:     "The process stays the same. The thread that called exec gets the first thread's id.", Moment: "calls",
	},
	{
		Name: "cleanup", Ask: "What happens to the other threads when one of them calls exec?",
		Answers: []string{"they run their cleanup functions and end", "they end at once, without a cleanup function", "they run on in the new program"},
		Right: lab.If("they end at once, without a cleanup function", func(o *lab.Observation) bool {
			return threadMoments[0].At(o) != nil && lab.AtLine("a cleanup function runs")(o) == nil
		}),
		Why: "Their code and their stacks are gone, so the kernel ends them.", Moment: "calls",
	},
}

var shebangMoments = []lab.Moment{
	{Name: "one-argument", Says: "All that follows the interpreter is one argument; the blanks around it are cut off.", At: atTry(0, -1)},
	{Name: "cut", Says: "The line is longer than 256 bytes: the argument is cut, and nothing says so.", At: atTry(2, -1)},
	{Name: "too-deep", Says: "Six interpreter files in a row are one too many: ELOOP.", At: atTry(10, -1)},
}

var shebangQuestions = []lab.Question{
	{
		Name: "carriage", Ask: "A script begins with #!/bin/sh and a carriage return. The file is there and has execute permission. What does the exec give?",
		Answers: []string{"it works: the carriage return is a blank", "ENOEXEC", "ENOENT"},
		Right:   gave("ENOENT", "ENOENT", atTry(5, -1)),
		Why:     "The interpreter's pathname ends with the carriage return, and there is no such file.",
	},
	{
		Name: "deep", Ask: "Can the interpreter of an interpreter file be an interpreter file itself?",
		Answers: []string{"no: ENOEXEC", "yes, five in a row", "yes, as many as you like"},
		Right:   gave("yes, five in a row", "ELOOP", atTry(10, -1)),
		Why:     "Each one adds its argument and its pathname in front. The sixth is refused: it could be a loop.", Moment: "too-deep",
	},
}
