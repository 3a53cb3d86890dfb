package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

var holeRun = watched()

// Hole checks what becomes of a set-user-ID program's privilege in the
// programs that it runs.
var Hole = &lab.Experiment{
	Dir: "system", Name: "hole", Ref: "§8.13, Fig. 8.24, 8.25",
	Title: "system in a set-user-ID program",
	Claims: []lab.Claim{
		claim("inherited", "fork and exec keep the effective and the saved user id: the program that is run has them",
			"because an exec of a plain file changes neither",
			[3]string{"Which ids does a program get that a set-user-ID program executes?", "The effective id stays over an exec.", "fork, execlp(\"pruids\"), without a shell"},
			lines(holeRun, "the ids stay over fork and exec", nil, holeIDs("fork and exec", idUser, idOwner, idOwner))),
		claim("shell-drops", "the shell that system starts sets the effective id back itself, before it executes the command",
			"because dash, bash and others do so when effective and real id differ",
			[3]string{"Which process changed the ids, and when?", "Look for a setuid between the exec of the shell and that of pruids.", "ch8 trace shows the shell's setuid or setresuid"}, holeShell),
		claim("p-keeps", "with -p the shell keeps them",
			"because -p asks it not to",
			[3]string{"Which option of the shell opens the hole again?", "The manual of sh calls it privileged.", "sh -p -c pruids"},
			lines(holeRun, "-p keeps the ids", nil, holeIDs("sh -p", idUser, idOwner, idOwner))),
		claim("search-hole", "execlp executes a program of the caller's choice with the owner's id",
			"because the caller decides what PATH is",
			[3]string{"Who decides which file execlp finds?", "The environment comes from the caller.", "PATH with a folder of the caller's in front"}, holeSearch),
		claim("mended", "giving the ids up between fork and exec closes it",
			"because the program that is run has no privilege then",
			[3]string{"What has to stand between fork and exec?", "All three ids have to change.", "setresuid in the child, before the exec"},
			lines(holeRun, "the child gave the ids up", nil, holeIDs("mended execlp", idUser, idUser, idUser))),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		caller := o.Printer("the caller")
		return lab.Cast{}.With("original", o.Processes()[0]).With("caller", caller).
			With("first tsys", childOf(caller, 0)).With("first pruids", o.Printer("fork and exec")).
			With("second tsys", childOf(caller, 1)).With("second pruids", o.Printer("system")).With("shell", childOf(childOf(caller, 1), 0)).
			With("third tsys", childOf(caller, 2)).With("third pruids", o.Printer("sh -p")).With("shell of -p", childOf(childOf(caller, 2), 0)).
			With("fourth tsys", childOf(caller, 3)).With("fourth pruids", o.Printer("execlp")).
			With("fifth tsys", childOf(caller, 4)).With("fifth pruids", o.Printer("mended execlp"))
	},
	Moments: []lab.Moment{
		{Name: "raised", Says: "The exec of the set-user-ID program: from here on the owner's id is effective.",
			At: func(o *lab.Observation) *trace.Event {
				for _, e := range o.Events(trace.KindExec) {
					if e.Errno == "" && e.After != nil && e.After.UID[1] == idOwner && e.Before != nil && e.Before.UID[1] == idUser {
						return e
					}
				}
				return nil
			}},
		{Name: "drops", Says: "The shell, not the kernel, gives the owner's id up: its own call, before it runs the command.",
			At: func(o *lab.Observation) *trace.Event { e, _ := holeDrop(o); return e }},
	},
	Questions: []lab.Question{{
		Name: "closed", Ask: "A set-user-ID program calls system. The command does not get the owner's user id here. What closes the hole?",
		Answers: []string{"the kernel, at the exec of the shell", "the shell, with a call of its own", "the library's system", "nothing: it does get it"},
		Right: func(o *lab.Observation) string {
			if e, _ := holeDrop(o); e == nil {
				return ""
			}
			return "the shell, with a call of its own"
		},
		Why: "The ids stay over the exec. The shell sees that effective and real id differ, and sets the one to the other.", Moment: "drops",
	}, {
		Name: "search", Ask: "A set-user-ID program calls execlp(\"pruids\"), and its caller has put a program of this name into a folder of PATH. Which ids has this program?",
		Answers: []string{"those of the set-user-ID program, so the effective id is the owner's", "those of the caller", "none: execlp refuses such a PATH"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("execlp: real "+fmt.Sprint(idUser)+", effective "+fmt.Sprint(idOwner))) == 0 {
				return ""
			}
			return "those of the set-user-ID program, so the effective id is the owner's"
		},
		Why: "execlp uses the environment, and that is the caller's. A set-user-ID program must use full pathnames, and give its ids up before an exec.",
	}},
}

// holeIDs judges the ids of the program that printed the line.
func holeIDs(how string, want ...int) func(*lab.Observation) *lab.Verdict {
	return func(o *lab.Observation) *lab.Verdict {
		found := o.Printed(how + ": real")
		if len(found) == 0 {
			return failure(o, "the program was not run this way", "no line begins with %q", how)
		}
		var got [3]int
		fmt.Sscan(found[0].Of(found[0].By).Status("Uid"), &got[0], &got[1], &got[2])
		if got != [3]int(want) {
			return failure(o, fmt.Sprintf("they should be %v: real, effective, saved", want), "by %s the user ids of pruids are %v", how, got)
		}
		if text := fmt.Sprintf("%s: real %d, effective %d, saved %d", how, got[0], got[1], got[2]); found[0].Text != text {
			return failure(o, "the line has to be what the kernel has", "pruids printed %q", found[0].Text)
		}
		return nil
	}
}

// holeDrop is the call by which the shell of system gave the owner's id
// up, and its program.
func holeDrop(o *lab.Observation) (*trace.Event, string) {
	for _, e := range o.Events(trace.KindCreds) {
		if e.Errno != "" || e.Before == nil || e.After == nil || e.Before.UID[1] != idOwner || e.After.UID[1] != idUser {
			continue
		}
		p := o.Process(e.Process)
		var last *trace.Event
		for _, x := range o.EventsOf(p, trace.KindExec) {
			if x.Errno == "" && x.Time < e.Time {
				last = x
			}
		}
		if last != nil && strings.HasSuffix(last.Path, "/sh") {
			return e, last.Path
		}
	}
	return nil, ""
}

func holeShell(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, holeRun)
	if cannot != nil {
		return *cannot
	}
	if len(o.Printed("system: real")) == 0 {
		return o.Fail("no line begins with \"system\"", "the command was not run")
	}
	e, path := holeDrop(o)
	if e == nil {
		if v := holeIDs("system", idUser, idOwner, idOwner)(o); v == nil {
			return lab.Cannot("this machine's /bin/sh does not give the ids up, so the hole of the book is open here", "try it where /bin/sh is dash or bash")
		}
		return o.Fail("the shell made no call that gave the ids up", "its own call has to stand between its exec and that of the command")
	}
	if v := holeIDs("system", idUser, idUser, idUser)(o); v != nil {
		return *v
	}
	return o.Passed("%s called %s, and pruids had the ids of the caller", path, e.Call)
}

func holeSearch(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, holeRun)
	if cannot != nil {
		return *cannot
	}
	if v := holeIDs("execlp", idUser, idOwner, idOwner)(o); v != nil {
		return *v
	}
	by := o.Printed("execlp: real")[0].By
	if by.Exec == nil || !strings.HasSuffix(by.Exec.Path, "/pruids") || strings.HasPrefix(by.Exec.Path, "/usr") || strings.HasPrefix(by.Exec.Path, "/bin") {
		return o.Fail("pruids was not found in the caller's folder", "the search has to begin there")
	}
	return o.Passed("execlp found %s, which ran with the owner's id", by.Exec.Path)
}
