package checks

import (
	"fmt"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

var (
	interruptRun  = watched()
	interruptMore = watched("--more")
	interruptPty  = lab.Run{Stdout: sandbox.Pipe, Args: []string{"--terminal"}, Ptys: true}
)

// Interrupt checks the function system with the signals handled.
var Interrupt = &lab.Experiment{
	Dir: "system", Name: "interrupt", Ref: "§8.13, §10.18",
	Title:    "signals while the command runs",
	Exercise: true,
	Task: `The program starts with SIGINT and SIGQUIT at their default and SIGCHLD
unblocked. It runs one command of at least 0.3 s by /bin/sh with the
arguments sh, -c and the command. (Write your own system, or use the
library's.) From before the child is made until it has been reaped,
the caller ignores SIGINT and SIGQUIT and has SIGCHLD blocked. The
shell starts with all three as they were at first. Afterwards the
caller has them as at first, and writes a line to standard output.`,
	Claims: []lab.Claim{
		{Name: "ignored", Points: 2,
			Says: "the caller ignores SIGINT and SIGQUIT when the shell begins and when it ends",
			Why:  "because control-C is meant for the command, and the terminal sends it to the caller as well",
			Hints: [3]string{
				"What happens to the caller when somebody types control-C?",
				"The whole foreground group gets the signal.",
				"sigaction(SIGINT, &ignore, &saved) before the fork",
			}, Judge: interruptJudge(interruptIgnored)},
		{Name: "blocked", Points: 2,
			Says: "the caller has SIGCHLD blocked when the shell begins and when it ends",
			Why:  "because its own handler must not reap the child before system does",
			Hints: [3]string{
				"What would a caller's handler for SIGCHLD do?",
				"It could wait for any child, and take the status away.",
				"sigprocmask(SIG_BLOCK, &chld, &saved) before the fork",
			}, Judge: interruptJudge(interruptBlocked)},
		{Name: "before-the-fork", Needs: []string{"ignored", "blocked"}, Points: 2,
			Says: "the three were so already when the child was made",
			Why:  "because a signal can come right after the fork",
			Hints: [3]string{
				"What if control-C comes between the fork and your call?",
				"Change the signals first, then fork.",
				"sigaction, sigaction, sigprocmask, fork",
			}, Judge: interruptJudge(interruptBefore)},
		{Name: "childs-own", Points: 2,
			Says: "the shell begins with SIGINT and SIGQUIT at their default and SIGCHLD not blocked",
			Why:  "because an ignored signal and the mask stay over an exec, and the command is to be interruptible",
			Hints: [3]string{
				"Can the command be interrupted?",
				"The child inherits what its parent has just changed.",
				"Restore all three in the child, before the exec.",
			}, Judge: interruptJudge(interruptChilds)},
		{Name: "restored", Needs: []string{"ignored", "blocked"}, Points: 2,
			Says: "at the caller's line all three are as at the start",
			Why:  "because the caller had its own plans for them",
			Hints: [3]string{
				"Which signals does the caller ignore after the call?",
				"Set again the actions that sigaction has saved.",
				"sigaction(SIGINT, &saved, NULL), sigprocmask(SIG_SETMASK, &saved_mask, NULL)",
			}, Judge: interruptJudge(interruptRestored)},
		{Name: "reaped", Points: 1,
			Says: "the caller reaps the shell",
			Why:  "because system returns its status",
			Hints: [3]string{
				"Who got the status of the shell?",
				"With SIGCHLD ignored the kernel throws it away.",
				"waitpid(pid, &status, 0), with SIGCHLD blocked and not ignored",
			}, Judge: interruptJudge(interruptReaped)},
		ours("child-after", "a caller that catches SIGCHLD gets one when system has returned, for a child that was waited for",
			"because Linux leaves the signal pending although the child was reaped",
			lines(interruptMore, "the signal was pending while it was blocked", []string{"SIGCHLD caught: normal termination, exit status = 0, succeeds; caught after it: 1"}, interruptAfter)),
		ours("ignored-child", "with SIGCHLD ignored system gives −1 and ECHILD, after the command has run",
			"because the kernel reaps the child itself", lines(interruptMore, "the wait has to fail", []string{"the command runs", "SIGCHLD ignored: no child processes"}, interruptECHILD)),
		ours("kept-ignored", "a signal that the caller ignored before is ignored in the command too",
			"because it is restored to what it was, and an exec keeps it", lines(interruptMore, "the command got SIGINT and went on", []string{"the command ignores SIGINT", "SIGINT ignored before: succeeds"}, nil)),
		ours("control-c", "on a terminal control-C ends the command and not the caller; with the version of Figure 8.22 it ends the caller too",
			"because both are in the foreground group, and only one of the callers ignores it",
			lines(interruptPty, "the terminal sends SIGINT to both", []string{"with signals handled: the caller: exited 0", "as in Figure 8.22: the caller: killed by SIGINT (2)"}, interruptTyped)),
		lab.AsAskedClaim("ignored", interruptRun, lab.Exclusion{Sentence: "It runs one command of at least 0.3 s", Broken: interruptShort}).Remarked(interruptRun, interruptOthers),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		caller, s, ok := interruptShell(o)
		if !ok {
			return nil
		}
		return lab.Cast{}.With("caller", caller).With("shell", s.Process)
	},
	Moments: []lab.Moment{
		{Name: "begins", Says: "The shell begins. The function system has its caller ignore SIGINT and SIGQUIT until the shell has ended: control-C is for the command.",
			At: func(o *lab.Observation) *trace.Event {
				if _, s, ok := interruptShell(o); ok {
					return s.exec
				}
				return nil
			}},
		{Name: "reaped", Says: "The wait returns the shell's status. Only now does the function system set the signals of its caller back to what they were.",
			At: func(o *lab.Observation) *trace.Event {
				if caller, s, ok := interruptShell(o); ok && s.Reaper == caller {
					return s.Reap
				}
				return nil
			}},
	},
	Questions: []lab.Question{{
		Name: "who", Ask: "A program waits in system for a command, on a terminal. Somebody types control-C. Which of the two processes gets SIGINT?",
		Answers: []string{"the command only", "the caller only", "both"},
		Right: func(o *lab.Observation) string {
			_, s, ok := interruptShell(o)
			if !ok || o.GroupAt(s.Process, s.exec.Time) != o.GroupAt(s.Parent, s.exec.Time) {
				return ""
			}
			return "both"
		},
		Why: "Both are in the foreground process group of the terminal. So system has the caller ignore it.", Moment: "begins",
	}, {
		Name: "lost", Ask: "If the caller has SIGCHLD blocked while the command runs, does it still get the status of the shell?",
		Answers: []string{"no: the signal tells it, and it is blocked", "yes: waitpid needs no signal", "yes, but only after it unblocks the signal"},
		Right: func(o *lab.Observation) string {
			if caller, s, ok := interruptShell(o); ok && s.Reap != nil && s.Reaper == caller {
				return "yes: waitpid needs no signal"
			}
			return ""
		},
		Why: "waitpid returns when the child has ended. The signal is another way to learn of it.", Moment: "reaped",
	}},
}

// interruptStates are what /proc said of caller and shell at the moments
// that matter.
type interruptStates struct {
	o                    *lab.Observation
	caller               *trace.Process
	shell                shell
	birth, exec, end     look // of the caller: child made, shell begun, shell at its end
	shellExec, afterLine look // of the shell when it begins; of the caller at its line
}

// A look is what /proc said of a process at a time.
type look struct {
	trace.ProcFiles
	time int64
}

// lookAt is what the snapshot says of the process.
func lookAt(snapshot *trace.Event, p *trace.Process) look {
	return look{of(snapshot, p), snapshot.Time}
}

// interruptJudge calls a judge with the states.
func interruptJudge(f func(interruptStates) lab.Verdict) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(interruptRun)
		caller, chosen, ok := interruptShell(o)
		if !ok {
			return interruptNone(o)
		}
		s := interruptStates{o: o, caller: caller, shell: chosen}
		for _, e := range at(o, "birth", caller.Name) {
			if f := of(e, s.shell.Process); f != nil && s.birth.ProcFiles == nil {
				s.birth = lookAt(e, caller)
			}
		}
		for _, e := range at(o, "exec", s.shell.Name) {
			if s.exec.ProcFiles == nil {
				s.exec, s.shellExec = lookAt(e, caller), lookAt(e, s.shell.Process)
			}
		}
		if all := at(o, "exit", s.shell.Name); len(all) > 0 {
			s.end = lookAt(all[len(all)-1], caller)
		}
		for _, l := range o.Printed("") {
			if l.By == caller && s.shell.Died >= 0 && l.Write.Time > s.shell.Died && l.Of(caller) != nil && !s.isRestored() {
				s.afterLine = look{l.Of(caller), l.Write.Time}
			}
		}
		return f(s)
	}
}

// isRestored reports whether the caller had all three as at the start at its
// line. A line that it wrote before it restored them is a free one.
func (s interruptStates) isRestored() bool {
	f := s.afterLine.ProcFiles
	return f != nil && !has(f, "SigIgn", sigINT) && !has(f, "SigIgn", sigQUIT) && !has(f, "SigBlk", lab.SIGCHLD)
}

func (s interruptStates) lacks(what string) lab.Verdict {
	if s.caller.Died >= 0 && (s.shell.Died < 0 || s.caller.Died < s.shell.Died) {
		return s.o.Fail("the caller ended before the shell had ended", "it did not wait for the shell")
	}
	return s.o.Fail("/proc was not read "+what, "there is nothing to compare")
}

func interruptIgnored(s interruptStates) lab.Verdict {
	if s.exec.ProcFiles == nil || s.end.ProcFiles == nil {
		return s.lacks("when the shell began and ended")
	}
	for i, f := range []look{s.exec, s.end} {
		for sig := sigINT; sig <= sigQUIT; sig++ {
			if name := proc.SignalName(sig); !has(f.ProcFiles, "SigIgn", sig) {
				return s.o.Fail(fmt.Sprintf("when the shell %s, its caller did not ignore %s", []string{"began", "ended"}[i], name), s.whyNotIgnored(f.ProcFiles, sig))
			}
		}
	}
	return s.o.Passed("the caller ignored SIGINT and SIGQUIT when the shell began and when it ended")
}

// blocks reports whether SIGCHLD is blocked in the caller: in the thread
// that waits for the shell, because each thread has its own mask. A signal
// that sigwait waits for is none of SigBlk meanwhile, and is blocked all the
// same: no handler runs for it.
func (s interruptStates) blocks(l look) bool {
	thread, status := 0, l.ProcFiles
	for _, e := range []*trace.Event{s.shell.Reap, s.shell.Birth} {
		if e == nil || e.Process != s.caller.Name {
			continue
		}
		if text, ok := l.ProcFiles[fmt.Sprintf("task/%d/status", e.Tid)]; ok {
			thread, status = e.Tid, trace.ProcFiles{"status": text}
		}
		if e.Tid == 0 || thread != 0 {
			break
		}
	}
	return has(status, "SigBlk", lab.SIGCHLD) || awaits(s.o, s.caller, thread, lab.SIGCHLD, l.time)
}

// awaits reports whether the thread (0 for the first) was in a sigwait or a
// relative of it at that time, and the signal is one that it waited for.
func awaits(o *lab.Observation, p *trace.Process, thread, sig int, when int64) bool {
	for _, e := range o.EventsOf(p, trace.KindPause) {
		set, err := strconv.ParseUint(e.Signals, 16, 64)
		if err == nil && e.Tid == thread && e.Entered <= when && when <= e.Time && set>>(sig-1)&1 != 0 {
			return true
		}
	}
	return false
}

// whyNotIgnored says what the state of a signal that is not ignored means
// for the caller.
func (s interruptStates) whyNotIgnored(f trace.ProcFiles, sig int) string {
	key := "control-C"
	if sig == sigQUIT {
		key = `control-\`
	}
	switch {
	case s.birth.ProcFiles != nil && has(s.birth.ProcFiles, "SigIgn", sig):
		return "the caller ignored it when it made the child, and restored it too early: do this after the wait"
	case has(f, "SigCgt", sig):
		return "the caller catches it: a handler runs while the command does, and the task says: ignores"
	case has(f, "SigBlk", sig):
		return "it is blocked: " + key + " on a terminal would end the caller as soon as it is unblocked"
	}
	return key + " on a terminal would end the caller as well"
}

// interruptShort says that the command ran for less than 0.3 s. A busy
// machine makes it longer only.
func interruptShort(o *lab.Observation) string {
	_, s, ok := interruptShell(o)
	if !ok || s.Died < 0 || interruptRan(o, s) >= interruptLong {
		return ""
	}
	return "the command ran for " + seconds(int(interruptRan(o, s)/1e6))
}

func interruptBlocked(s interruptStates) lab.Verdict {
	if s.exec.ProcFiles == nil || s.end.ProcFiles == nil {
		return s.lacks("when the shell began and ended")
	}
	if !s.blocks(s.exec) || !s.blocks(s.end) {
		return s.o.Fail("the caller did not have SIGCHLD blocked while the shell ran", s.whyNotBlocked())
	}
	return s.o.Passed("the caller had SIGCHLD blocked when the shell began and when it ended")
}

// whyNotBlocked says what a caller does whose SIGCHLD is not blocked.
func (s interruptStates) whyNotBlocked() string {
	switch {
	case has(s.exec.ProcFiles, "SigIgn", lab.SIGCHLD):
		return "it ignores SIGCHLD instead: then the kernel keeps no status of the shell for its wait"
	case has(s.exec.ProcFiles, "SigCgt", lab.SIGCHLD):
		return "the caller catches SIGCHLD: its handler runs when the shell ends, and could reap the shell before system does"
	case s.birth.ProcFiles != nil && s.blocks(s.birth):
		return "the caller had it blocked when it made the child, and unblocked it too early: do this after the wait"
	}
	return "a handler of the caller's could reap the shell, and system would get ECHILD"
}

// among are the names of the signals of which it is true, for a sentence.
func among(is func(sig int) bool, signals ...int) string {
	var names []string
	for _, sig := range signals {
		if is(sig) {
			names = append(names, proc.SignalName(sig))
		}
	}
	return strings.Join(names, " and ")
}

func interruptBefore(s interruptStates) lab.Verdict {
	if s.birth.ProcFiles == nil {
		return s.lacks("when the child was made")
	}
	var not []string
	if names := among(func(sig int) bool { return !has(s.birth.ProcFiles, "SigIgn", sig) }, sigINT, sigQUIT); names != "" {
		not = append(not, "did not ignore "+names)
	}
	if !s.blocks(s.birth) {
		not = append(not, "had not blocked SIGCHLD")
	}
	if len(not) > 0 {
		return s.o.Fail("when the child was made, its parent "+strings.Join(not, ", and "), "a signal can come right after the fork: change all three before it")
	}
	return s.o.Passed("all three were changed when the child was made")
}

func interruptChilds(s interruptStates) lab.Verdict {
	if s.shellExec.ProcFiles == nil {
		return s.lacks("when the shell began")
	}
	f := s.shellExec.ProcFiles
	names := among(func(sig int) bool { return has(f, "SigIgn", sig) }, sigINT, sigQUIT)
	switch {
	case names != "" && s.birth.ProcFiles != nil && among(func(sig int) bool { return has(f, "SigIgn", sig) && has(s.birth.ProcFiles, "SigIgn", sig) }, sigINT, sigQUIT) == "":
		return s.o.Fail("the shell began with "+names+" ignored, and its caller did not ignore this when it made the child",
			"the command cannot be interrupted: the child has set this itself before its exec, where it has to restore what was at the start")
	case names != "":
		return s.o.Fail("the shell began with "+names+" ignored", "the command cannot be interrupted: the child has inherited this, and has to restore what was at the start before its exec")
	case has(f, "SigBlk", lab.SIGCHLD):
		return s.o.Fail("the shell began with SIGCHLD blocked", "the exec keeps the mask, and the command cannot learn of its own children: the child has to restore the mask before its exec")
	}
	return s.o.Passed("the shell began with SIGINT and SIGQUIT at their default, and SIGCHLD not blocked")
}

func interruptRestored(s interruptStates) lab.Verdict {
	if s.afterLine.ProcFiles == nil {
		return s.o.Fail("the caller wrote no line when the shell had ended", s.whyNoLine())
	}
	f := s.afterLine.ProcFiles
	names := among(func(sig int) bool { return has(f, "SigIgn", sig) }, sigINT, sigQUIT)
	switch {
	case names != "":
		return s.o.Fail("at its line the caller still ignored "+names, "after the wait, and before it writes the line, it has to restore the dispositions that it had at the start")
	case has(f, "SigBlk", lab.SIGCHLD):
		return s.o.Fail("at its line the caller still had SIGCHLD blocked", "after the wait, and before it writes the line, it has to restore the mask that it had at the start")
	}
	v := s.o.Passed("at the caller's line all three were as at the start")
	if names := among(func(sig int) bool { return has(f, "SigCgt", sig) }, sigINT, sigQUIT); names != "" && s.o.InC(s.shell.Process) {
		v = v.Remark("at its line the caller catches %s: this is as at the start only if it did so before", names)
	}
	return v
}

// whyNoLine says what the caller wrote instead of the line.
func (s interruptStates) whyNoLine() string {
	if told := s.o.Told(s.caller); len(told) > 0 {
		return fmt.Sprintf("the task asks for one after the wait; %q was written before", told[len(told)-1].Text)
	}
	if lines := s.o.ErrorLines(s.caller); len(lines) > 0 {
		return fmt.Sprintf("the task asks for one on standard output (descriptor 1); %q went to standard error", lines[len(lines)-1])
	}
	return "the task asks for one"
}

func interruptReaped(s interruptStates) lab.Verdict {
	if s.shell.Reap == nil || s.shell.Reaper != s.caller {
		means := "the caller did not wait for it, and does not know its status"
		if s.o.AutoReaped(s.shell.Process) {
			means = s.o.NoZombie(s.shell.Process) + ": the wait fails with ECHILD, and the status is lost"
		} else if s.shell.Exit == nil {
			means = "it had not ended: it " + s.o.Standing(s.shell.Process)
		} else if early := noHang(s.o, s.caller, s.shell); early != "" {
			means = early
		}
		return s.o.Fail("no wait of the caller returned the shell", means)
	}
	return s.o.Passed("%s returned the shell", s.shell.Reap.Call)
}

func interruptAfter(o *lab.Observation) *lab.Verdict {
	for _, l := range o.Printed("SIGCHLD caught") {
		for _, e := range o.EventsOf(l.By, trace.KindSignal) {
			if e.Signal != lab.SIGCHLD {
				continue
			}
			for _, c := range l.By.Children {
				if c.Reaped >= 0 && e.Time > c.Reaped {
					return nil
				}
			}
		}
	}
	return failure(o, "Linux does not discard the pending signal when the child is reaped", "no SIGCHLD was delivered after the wait")
}

func interruptECHILD(o *lab.Observation) *lab.Verdict {
	for _, l := range o.Printed("SIGCHLD ignored") {
		for _, w := range o.Waits(l.By) {
			if w.Errno == "ECHILD" {
				return nil
			}
		}
	}
	return failure(o, "the wait has to fail with ECHILD", "no wait of the caller's failed with ECHILD")
}

// interruptTyped sees that the terminal's SIGINT reached both processes.
func interruptTyped(o *lab.Observation) *lab.Verdict {
	killed, interrupted := 0, 0
	for _, p := range o.Processes() {
		w, _ := lab.Word(p)
		if w.Signaled() {
			killed++
		}
		if w.TermSig() == sigINT {
			interrupted++
		}
	}
	// When the caller has died, the command may get SIGHUP first: its
	// session's leader is gone.
	if killed != 3 || interrupted < 2 {
		return failure(o, "in both runs the command dies, and in one the caller too", "%d processes were killed, %d of them by SIGINT", killed, interrupted)
	}
	return nil
}
