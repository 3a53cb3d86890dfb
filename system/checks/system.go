package checks

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// commands are what the exercise has executed, and the status words.
var commands = []command{{"exit 0", 0}, {"nosuchcommand", 127 << 8}, {"exit 44", 44 << 8}, {"kill -9 $$", 9}}

type command struct {
	text string
	word proc.WaitStatus
}

var casesRun = watched("--cases")

// System checks the function of Figure 8.22.
var System = &lab.Experiment{
	Dir: "system", Name: "system", Ref: "§8.13, Fig. 8.22, 8.23",
	Title:    "a command in a child, and its status",
	Exercise: true,
	Task: `Four children, one after the other, execute /bin/sh with the arguments
sh, -c and a command. The commands are, in this order,

    exit 0
    nosuchcommand
    exit 44
    kill -9 $$

The parent waits for each child by its pid, before it makes the next
one, and prints its status:

    normal termination, exit status = 0
    normal termination, exit status = 127
    normal termination, exit status = 44
    abnormal termination, signal number = 9

You may use the library's function system.`,
	Claims: []lab.Claim{
		{Name: "shells", Points: 3,
			Says: "four children of one parent execute /bin/sh with sh, -c and one of the four commands, in this order",
			Why:  "because system leaves it to the shell to understand the command",
			Hints: [3]string{
				"Which program did each child execute, and with which arguments?",
				"The shell gets the whole command as one argument, behind -c.",
				"execl(\"/bin/sh\", \"sh\", \"-c\", command, (char *)0) in each child.",
			}, Judge: systemShells},
		{Name: "statuses", Needs: []string{"shells"}, Points: 2,
			Says: "the status words of the four shells are 0, 0x7f00, 0x2c00 and 0x0009",
			Why:  "because the shell ends as its command ended, or with 127 if there is no such command",
			Hints: [3]string{
				"How did each shell end?",
				"A shell around the command can change how it ends.",
				"Hand the command to the shell as the task has it.",
			}, Judge: systemStatuses},
		{Name: "by-pid", Needs: []string{"shells"}, Points: 3,
			Says: "a wait that names the child returns each shell, before the next one is made",
			Why:  "because a wait for any child could reap a child that the program has for something else",
			Hints: [3]string{
				"What if the program has another child, which ends first?",
				"wait returns whichever child ends first. waitpid can name one.",
				"waitpid(pid, &status, 0)",
			}, Judge: systemByPid},
		{Name: "said-right", Needs: []string{"statuses"}, Points: 2,
			Says: "the parent prints one line for each status word, in their order",
			Why:  "because the macros of Figure 8.4 take the status word apart",
			Hints: [3]string{
				"Compare each line with how the tree says the shell ended.",
				"The exit status is in bits 8 to 15, the signal in bits 0 to 6.",
				"WIFEXITED and WEXITSTATUS, WIFSIGNALED and WTERMSIG.",
			}, Judge: systemSaid},
		ours("denied", "a command that cannot be executed is 126, one that does not exist 127",
			"because the shell says so with its own exit status", lines(casesRun, "the shell distinguishes the two",
				[]string{"no such command: normal termination, exit status = 127", "not executable: normal termination, exit status = 126"}, systemRealStatus)),
		ours("no-shell", "a shell that cannot be executed looks like a command that does not exist: 127",
			"because the child of the function ends with 127 then", lines(casesRun, "the child could not execute the shell",
				[]string{"no shell: normal termination, exit status = 127"}, systemNoShell)),
		ours("shells-signal", "a command that a signal ends is 128 + its number if the shell waited for it, and the signal itself if the shell was the command",
			"because the shell can only exit", lines(casesRun, "that is what each of the two shells did",
				[]string{"the shell killed: abnormal termination, signal number = 9", "a child of the shell killed: normal termination, exit status = 137"}, systemRealStatus)),
		ours("no-fork", "where no process can be made the function returns −1, with errno EAGAIN",
			"because fork failed", lines(casesRun, "fork has to fail there",
				[]string{"no process: −1, resource temporarily unavailable"}, systemNoFork)),
		ours("copy", "with exit instead of _exit after an exec that failed, the parent's unflushed line is written twice",
			"because the child has a copy of the buffer, and exit flushes it", systemCopy),
		ours("null", "the library's system(NULL) is not 0, and where fork fails the library's system returns 0x7f00, not −1",
			"because glibc runs \"exit 0\" to find out, and makes the child's 127 of a fork that failed", systemLibrary),
		lab.AsAskedClaim("shells", onPipe).Remarked(onPipe, systemOthers),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		caller, all := systemChosen(o)
		nth := func(i int) *trace.Process {
			if i >= len(all) {
				return nil
			}
			return all[i].Process
		}
		return lab.Cast{}.With("parent", caller).With("first shell", nth(0)).With("second shell", nth(1)).
			With("third shell", nth(2)).With("fourth shell", nth(3)).With("fifth shell", nth(4)).With("sixth shell", nth(5))
	},
	Moments: []lab.Moment{
		{Name: "shell", Says: "The child becomes the shell. It will understand the command, and execute it.",
			At: func(o *lab.Observation) *trace.Event {
				if _, all := systemChosen(o); len(all) > 0 {
					return all[0].exec
				}
				return nil
			}},
		{Name: "127", Says: "The shell found no such command, and ends with 127: its own exit status, which its parent gets.",
			At: func(o *lab.Observation) *trace.Event {
				if s, ok := shellThat(o, 127<<8, ""); ok {
					return s.Exit
				}
				return nil
			}},
	},
	Questions: []lab.Question{{
		Name: "missing", Ask: "The shell does not find the command. What does the parent's wait return?",
		Answers: []string{"an error, ENOENT", "exit status 127", "exit status 1", "a signal"},
		Right: func(o *lab.Observation) string {
			if _, ok := shellThat(o, 127<<8, ""); ok {
				return "exit status 127"
			}
			return ""
		},
		Why: "The shell was found and executed. That it did not find the command it says with its exit status.", Moment: "127",
	}, {
		Name: "killed", Ask: "The command is kill -9 $$, where $$ is the shell's own pid. What does the parent's wait return?",
		Answers: []string{"exit status 9", "exit status 137", "killed by signal 9"},
		Right: func(o *lab.Observation) string {
			if _, ok := shellThat(o, 9, "kill"); ok {
				return "killed by signal 9"
			}
			return ""
		},
		Why: "The shell itself was killed, and the parent gets its status as it is. 137 would come from another shell that had waited for it.",
	}},
}

// shellThat finds the shell that its parent reaped with this status word,
// and whose command has the word in it. A command that names 127 itself says
// nothing of one that was not found.
func shellThat(o *lab.Observation, status proc.WaitStatus, word string) (shell, bool) {
	caller, all := systemChosen(o)
	for _, s := range all {
		w, ok := lab.Word(s.Process)
		if ok && w == status && s.Reaper == caller && strings.Contains(s.command, word) && !strings.Contains(s.command, "127") {
			return s, true
		}
	}
	return shell{}, false
}

var onPipe = lab.Recorded(sandbox.Pipe)

// otherShell says which program, with which arguments, a child executed: the
// first one that was given a command of the task, or else the first one; "" if
// none executed any.
func otherShell(o *lab.Observation) (said string) {
	for _, e := range o.Events(trace.KindExec) {
		p := o.Process(e.Process)
		if p == nil || p.Birth == nil || e.Errno != "" {
			continue
		}
		args := e.Argv
		if len(args) > 6 {
			args = args[:6]
		}
		this := fmt.Sprintf("%s executed %s with the arguments %s", o.Who(p), e.Path, lab.Quote(args))
		for _, c := range commands {
			if slices.Contains(e.Argv, c.text) {
				return this
			}
		}
		said = cmp.Or(said, this)
	}
	return said
}

// systemOtherShell says how the exec of a shell with a command of the task is
// not the one that the task asks for.
func systemOtherShell(o *lab.Observation) string {
	for _, e := range o.Events(trace.KindExec) {
		given := func(c command) bool { return slices.Contains(e.Argv, c.text) }
		if e.Errno == "" && slices.ContainsFunc(commands, given) {
			return shellMistake(e)
		}
	}
	return shellAsked
}

// systemTooFew is the failure of a program that made not as many shells as
// there are commands.
func systemTooFew(o *lab.Observation, all []shell) (observed, means string) {
	if len(all) == 0 {
		for _, e := range o.Events(trace.KindExec) {
			if p := o.Process(e.Process); e.Errno != "" && p.Birth != nil {
				return fmt.Sprintf("the exec of %q by %s failed with %s%s", filepath.Base(e.Path), o.Who(p), e.Errno, lab.Where(e)),
					"a shell has to run the command, because it is not the name of a program: execute /bin/sh with the arguments sh, -c and the command"
			}
		}
		return o.Family(), "no child executed /bin/sh with sh, -c and a command: four are asked for"
	}
	children := "one child"
	if len(all) > 1 {
		children = fmt.Sprintf("%d children", len(all))
	}
	var got []string
	for _, s := range all {
		got = append(got, s.command)
	}
	means = "the task asks for four"
	for _, c := range commands {
		if !slices.Contains(got, c.text) {
			means = fmt.Sprintf("the task asks for four, one for each command: no shell got %q", c.text)
			break
		}
	}
	for i, text := range got {
		if len(got) <= len(commands) {
			break
		}
		if slices.Contains(got[:i], text) {
			means = fmt.Sprintf("the task asks for four: %q is there twice", text)
			break
		}
		if all[i].taskOf() < 0 {
			means = fmt.Sprintf("the task asks for four, and not for %q", text)
			break
		}
	}
	return fmt.Sprintf("%s executed /bin/sh with sh, -c and a command: %s", children, lab.Quote(got[:min(6, len(got))])), means
}

func systemShells(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, all := systemChosen(o)
	if other := otherShell(o); len(all) == 0 && other != "" {
		return o.Fail(other, systemOtherShell(o))
	}
	if len(all) != len(commands) {
		return o.Fail(systemTooFew(o, all))
	}
	for i, s := range all {
		if s.command != commands[i].text {
			return o.Fail(fmt.Sprintf("the %s shell got the command %q", lab.Ordinals[i], s.command), fmt.Sprintf("it should be %q", commands[i].text))
		}
	}
	return o.Passed("four children executed /bin/sh with the four commands, in order")
}

// systemFour are the parent and the four shells.
func systemFour(o *lab.Observation) (parent *trace.Process, all []shell, ok bool) {
	parent, all = systemChosen(o)
	return parent, all, len(all) == len(commands)
}

func systemStatuses(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, all, four := systemFour(o)
	if !four {
		return o.Fail(o.Family(), "there were not four shells")
	}
	for i, s := range all {
		w, ok := lab.Word(s.Process)
		if !ok || w != commands[i].word {
			return o.Fail(fmt.Sprintf("the %s shell %s: 0x%04x", lab.Ordinals[i], w.Short(), uint32(w)), fmt.Sprintf("%q ends a shell with 0x%04x", commands[i].text, uint32(commands[i].word)))
		}
	}
	return o.Passed("the words were 0, 0x7f00, 0x2c00 and 0x0009")
}

func systemByPid(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, all, four := systemFour(o)
	if !four {
		return o.Fail(o.Family(), "there were not four shells")
	}
	for i, s := range all {
		role := lab.Ordinals[i] + " shell"
		if s.Reap == nil || s.Reaper != parent {
			means := "it stays a zombie, and its status is not known"
			if o.AutoReaped(s.Process) {
				means = "the parent ignores SIGCHLD: no zombie stays, and the wait fails with ECHILD"
			} else if w := noHang(o, parent, s); w != "" {
				means = w
			}
			return o.Fail(fmt.Sprintf("no wait of the parent returned the %s", role), means)
		}
		for _, w := range o.WaitsOf(parent) {
			if w.Event == s.Reap && w.Form != lab.OnePid {
				return o.Fail(fmt.Sprintf("the wait that returned the %s asked for %s", role, w.For()), "it would have returned another child of the program as well")
			}
		}
		if i+1 < len(all) && s.Reaped > all[i+1].Born {
			return o.Fail(fmt.Sprintf("the %s shell was made before the %s was reaped", lab.Ordinals[i+1], role), "they are to run one after the other")
		}
	}
	return o.Passed("four waits named the four shells, each before the next one was made")
}

// systemLooked reports whether the parent had the status of the shell from a
// wait that left it a zombie.
func systemLooked(o *lab.Observation, parent *trace.Process, s shell) bool {
	return slices.ContainsFunc(o.WaitsOf(parent), func(w lab.Wait) bool {
		return w.Child == s.Process && !w.Took && w.Options&lab.WNOWAIT != 0 && !w.NullStatus
	})
}

func systemSaid(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, all, four := systemFour(o)
	if !four {
		return o.Fail(o.Family(), "there were not four shells")
	}
	said := systemLines(o, parent, all)
	if w, _ := lab.Word(all[0].Process); len(said) == 0 {
		return o.Fail(lab.Require(w.String()).Missing(b, o, parent))
	}
	for i, s := range all {
		w, _ := lab.Word(s.Process)
		want := lab.Require(w.String())
		if i >= len(said) {
			return o.Fail(fmt.Sprintf("the parent printed %s", lab.Quote(lab.Texts(said))), fmt.Sprintf("%q is missing", w))
		}
		if _, ok := want.Match(said[i].Text); !ok {
			return o.Fail(fmt.Sprintf("line %d of the parent is %q", i+1, said[i].Text), systemWrong(said[i].Text, w))
		}
		if said[i].Time < s.Reaped {
			return o.Fail(fmt.Sprintf("%q was written before the wait had returned", said[i].Text), "the parent did not know the status yet")
		}
		if s.Reap != nil && s.Reap.NullStatus && !systemLooked(o, parent, s) {
			return o.Fail(fmt.Sprintf("the wait that returned the %s shell was called with NULL instead of the address of a status%s", lab.Ordinals[i], lab.Where(s.Reap)),
				"the shell is reaped, but how it ended is lost: what is printed about it was not learned from the kernel")
		}
	}
	if len(said) != len(all) {
		return o.Fail(fmt.Sprintf("the parent printed %d such lines", len(said)), "there is one for each of the four shells")
	}
	if !o.TimedOut { // else there is no second run
		if v, literal := systemLiteral(b); literal {
			return v
		}
	}
	return o.Passed("the four lines say what the four words mean")
}

// systemWrong says how a wrong line about a status came about, as far as its
// number tells.
func systemWrong(line string, w proc.WaitStatus) string {
	right := fmt.Sprintf("the status word is 0x%04x, which is %q", uint32(w), w)
	if strings.Count(strings.ToLower(line), "termination") > 1 {
		return "this is one line about several statuses: each of them needs a newline at its end"
	}
	for _, form := range []*lab.Required{systemNormal, systemAbnormal} {
		n, ok := form.Match(line)
		switch {
		case !ok:
		case n[0] == -1&0x7f && form == systemAbnormal && w.ExitStatus() != 127:
			return fmt.Sprintf("no signal has the number 127: WTERMSIG makes it of −1, which is not a status that a wait stored; %s", right)
		case w.Signaled() && n[0] == w.TermSig():
			return fmt.Sprintf("%d is the number of a signal, and not an exit status: use WIFEXITED or WIFSIGNALED (of waitid si_code) before you take the number; %s", n[0], right)
		case w.Signaled() && n[0] == int(w)>>8 && form == systemNormal:
			return fmt.Sprintf("%d is what WEXITSTATUS makes of this status word, and it says nothing when WIFEXITED is false; %s", n[0], right)
		case w.Signaled() && n[0] == int(w)>>8:
			return fmt.Sprintf("%d is what WEXITSTATUS makes of this status word: WTERMSIG gives the signal; %s", n[0], right)
		case n[0] == int(w) && n[0] != w.ExitStatus():
			return fmt.Sprintf("%d is the whole status word: take it apart with WEXITSTATUS or WTERMSIG; %s", n[0], right)
		case w.Signaled() && n[0] == -w.TermSig():
			return fmt.Sprintf("%d stands for the signal %d in Python's numbers: it is not an exit status; %s", n[0], w.TermSig(), right)
		case w.Signaled() && n[0] == 128+w.TermSig():
			return fmt.Sprintf("%d is 128 + %d: a shell writes a death by signal like this, and it is not an exit status; %s", n[0], w.TermSig(), right)
		}
	}
	return right
}

var (
	systemNormal   = lab.Require("normal termination, exit status = N")
	systemAbnormal = lab.Require("abnormal termination, signal number = N")
)

// tampered is a run in which the recorder changes how the shells end.
var tampered = func() lab.Run {
	r := onPipe
	r.Trace.Tamper = &record.Tamper{Exits: map[int]int{127: 33, 44: 55}}
	return r
}()

// systemLiteral runs the program once more while the recorder changes how
// the shells end, and finds a line that says what it said before.
func systemLiteral(b *lab.Bench) (v lab.Verdict, literal bool) {
	o, err := b.Try(tampered)
	if err != nil || o == nil {
		return v, false
	}
	parent, all := systemChosen(o)
	if parent == nil {
		return v, false
	}
	said := systemLines(o, parent, all)
	for i, s := range all {
		w, ok := lab.Word(s.Process)
		if !ok || i >= len(said) || i >= len(commands) || w == commands[i].word {
			continue
		}
		if _, same := lab.Require(commands[i].word.String()).Match(said[i].Text); same {
			return o.Fail(fmt.Sprintf("in one more run the recorder changed how the shells end: the %s shell %s, and the parent printed %q all the same", lab.Ordinals[i], o.Standing(s.Process), said[i].Text),
				"the line does not come from the status: it is a fixed text. Print what WEXITSTATUS and WTERMSIG take from the status that the wait stored"), true
		}
	}
	return v, false
}

// systemRealStatus sees that the printed statuses are those of waits.
func systemRealStatus(o *lab.Observation) *lab.Verdict {
	for _, l := range o.Printed("") {
		_, text, ok := strings.Cut(l.Text, ": ")
		if !ok || !strings.Contains(text, "termination") || strings.Contains(l.Text, "(") {
			continue
		}
		found := false
		for _, w := range o.Waits(l.By) {
			found = found || w.Result > 0 && w.Time < l.Write.Time && proc.WaitStatus(w.Status).String() == text
		}
		if !found {
			return failure(o, "the line is about a status that the kernel did not give", "no wait had returned %q when it was printed", text)
		}
	}
	return nil
}

func systemNoShell(o *lab.Observation) *lab.Verdict {
	for _, e := range o.Events(trace.KindExec) {
		if e.Errno == "ENOENT" && strings.HasSuffix(e.Path, "/sh") {
			if w, ok := lab.Word(o.Process(e.Process)); ok && w == 127<<8 {
				return nil
			}
		}
	}
	return failure(o, "the shell was to be missing", "no exec of a shell failed with ENOENT in a child that ended with 127")
}

func systemNoFork(o *lab.Observation) *lab.Verdict {
	for _, e := range o.Events(trace.KindFork, trace.KindClone) {
		if e.Errno == "EAGAIN" {
			return nil
		}
	}
	return failure(o, "the limit did not bind", "no fork failed with EAGAIN")
}

func systemCopy(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, casesRun)
	if cannot != nil {
		return *cannot
	}
	once, twice := lab.CountLine(o.Lines(), "unflushed, then _exit"), lab.CountLine(o.Lines(), "unflushed, then exit")
	if once != 1 || twice != 2 {
		return o.Fail(fmt.Sprintf("with _exit the line came %d times, with exit %d times", once, twice), "_exit leaves the copy of the buffer unflushed, exit writes it")
	}
	return o.Passed("the line came once with _exit, and twice with exit")
}

func systemLibrary(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, casesRun)
	if cannot != nil {
		return *cannot
	}
	if len(o.Printed("system(NULL)")) == 0 {
		return lab.Cannot("the library's function is C's: the C program shows it", "ch8 check system/system -- the C program, c/system.c")
	}
	if len(o.Printed("system(NULL), the library's: not 0")) == 0 {
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "there is a shell here")
	}
	lines := o.Printed("no process, the library's system: ")
	if len(lines) == 0 {
		return lab.Cannot("this user is exempt from RLIMIT_NPROC", "run it as root, outside of user namespaces")
	}
	l := lines[0]
	if !strings.HasSuffix(l.Text, "0x7f00, resource temporarily unavailable") {
		return o.Fail(fmt.Sprintf("the program printed %q", l.Text), "glibc gives 0x7f00 and leaves EAGAIN in errno (musl gives −1)")
	}
	return o.Passed("system(NULL) was not 0; where fork failed the library gave 0x7f00, and errno was EAGAIN")
}
