package checks

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Keeps checks what an exec keeps.
var Keeps = &lab.Experiment{
	Dir: "exec", Name: "keeps", Ref: "§8.10",
	Title: "what an exec keeps",
	Claims: []lab.Claim{
		keepsClaim("pid", "the process ID", 0, func(f trace.ProcFiles) string { return f.Status("Pid") }),
		keepsClaim("ppid", "the parent process ID", 1, func(f trace.ProcFiles) string { return f.Status("PPid") }),
		keepsClaim("pgid", "the process group", 2, func(f trace.ProcFiles) string { return f.Stat(5) }),
		keepsClaim("sid", "the session", 3, func(f trace.ProcFiles) string { return f.Stat(6) }),
		keepsClaim("umask", "the file mode creation mask", 4, func(f trace.ProcFiles) string { return f.Status("Umask") }),
		keepsClaim("mask", "the signal mask", 5, func(f trace.ProcFiles) string { return f.Status("SigBlk") }),
		keepsClaim("pending", "the set of pending signals, of the process and of the thread,", 6, pendingSets),
		keepsClaim("ignored", "that a signal is ignored", 17, func(f trace.ProcFiles) string { return f.Status("SigIgn") }),
		keepsClaim("limits", "a resource limit", 7, func(f trace.ProcFiles) string { return lineWith(f["limits"], "Max file size") }),
		keepsClaim("nice", "the nice value", 8, func(f trace.ProcFiles) string { return f.Stat(19) }),
		shows("times", "the processor time of the process does not fall at an exec",
			"because it is the same process",
			[3]string{"How much processor time has the new program used?", "time(1) adds what both programs used.", "fields 14 and 15 of /proc/PID/stat"},
			keepsRow(9, func(o *lab.Observation, p *trace.Process, e *trace.Event) lab.Verdict {
				used := func(at string) int {
					f := files(o, e, at)
					return number(f.Stat(14)) + number(f.Stat(15))
				}
				if used(atEntry) < 3 || used(atSuccess) < used(atEntry) {
					return o.Fail(fmt.Sprintf("%s had used %d ticks before the exec and %d after it", o.Who(p), used(atEntry), used(atSuccess)), "it should not fall")
				}
				return o.Passed("%d ticks before the exec, %d after it", used(atEntry), used(atSuccess))
			})),
		keepsClaim("record-lock", "a record lock", 10, func(f trace.ProcFiles) string { return lineWith(f["fdinfo/50"], "lock:") }),
		keepsClaim("flock", "a lock of flock", 11, func(f trace.ProcFiles) string { return lineWith(f["fdinfo/50"], "lock:") }),
		keepsClaim("tty", "the controlling terminal", 12, func(f trace.ProcFiles) string { return strings.TrimPrefix(f.Stat(7), "0") }),
		keepsClaim("cwd", "the working directory", 13, func(f trace.ProcFiles) string { return f["cwd"] }),
		keepsTimer("alarm", "an alarm", 14, sigalrm),
		keepsTimer("virtual", "a timer of user time", 15, sigvtalrm),
		keepsTimer("itimers", "a timer of user and system time", 16, sigprof),
		keepsClaim("ruid", "the real user ID", root+0, func(f trace.ProcFiles) string { return word(f.Status("Uid"), 0) }),
		keepsClaim("effective", "the effective user ID, if the file has no set-user-ID bit,", root+1, func(f trace.ProcFiles) string { return word(f.Status("Uid"), 1) }),
		keepsClaim("rgid", "the real group ID", root+2, func(f trace.ProcFiles) string { return word(f.Status("Gid"), 0) }),
		keepsClaim("egid", "the effective group ID, if the file has no set-group-ID bit,", root+3, func(f trace.ProcFiles) string { return word(f.Status("Gid"), 1) }),
		keepsClaim("groups", "the list of supplementary group IDs", root+4, func(f trace.ProcFiles) string { return f.Status("Groups") }),
		keepsClaim("root", "the root directory", root+5, func(f trace.ProcFiles) string { return f["root"] }),
	},
	Cast:      parentAndExecers,
	Moments:   keepsMoments,
	Questions: keepsQuestions,
}

// lineWith is the line of the text that begins with the words.
func lineWith(text, words string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, words) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// root is added to the number of a row of the run with --root.
const root = 100

var keepsRoot = executed("--root")

// keepsRow judges the child of a row, from 0, or says why this machine
// cannot set the row's value.
func keepsRow(row int, judge func(o *lab.Observation, p *trace.Process, e *trace.Event) lab.Verdict) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		run, i := onPipe, row
		if row >= root {
			run, i = keepsRoot, row-root
		}
		o := b.Run(run)
		var kids []*trace.Process
		for _, c := range o.Processes()[0].Children {
			if !lab.IsProbe(c) {
				kids = append(kids, c)
			}
		}
		if i >= len(kids) {
			return o.Fail(o.Family(), fmt.Sprintf("only %d children were made", len(kids)))
		}
		p := kids[i]
		e := success(o, p)
		if e == nil {
			const cannotSet = 99
			if w, _ := lab.Word(p); w.Exited() && w.ExitStatus() == cannotSet {
				return lab.Cannot("the value cannot be set here: "+lineWith(string(o.Stdout), keepsTitle(o, p)), "run it as root, in a container with --privileged or outside of one")
			}
			return o.Fail(o.Who(p)+": "+failures(o, p), "it should execute a program")
		}
		return judge(o, p, e)
	}
}

// keepsTitle is the beginning of the line that was printed next after
// the end of the child.
func keepsTitle(o *lab.Observation, p *trace.Process) string {
	for _, l := range o.Told(o.Processes()[0]) {
		if l.Time > p.Died {
			return l.Text
		}
	}
	return ""
}

// keepsClaim compares a value at the entry of the exec of a row's child
// with that at its success.
func keepsClaim(name, what string, row int, of func(trace.ProcFiles) string) lab.Claim {
	return shows(name, what+" is the same before the exec and after it",
		"because it is an attribute of the process, and the exec replaces the program",
		[3]string{"What is in /proc/PID before the exec, and after it?", "The book's list in §8.10 names it.", "cat /proc/self/status"},
		keepsRow(row, func(o *lab.Observation, p *trace.Process, e *trace.Event) lab.Verdict {
			before, after := of(files(o, e, atEntry)), of(files(o, e, atSuccess))
			usual := of(files(o, start(o), atSuccess))
			switch {
			case before == "" || before != after:
				return o.Fail(fmt.Sprintf("%s: %q before the exec of %s, %q after it", what, before, o.Who(p), after), "the exec should keep it")
			case before == usual && name != "ppid" && name != "pid":
				return o.Fail(fmt.Sprintf("%s of %s is %s, as it was at the start of the program", what, o.Who(p), before), "the usual value proves nothing: the child should set another one")
			}
			return o.Passed("%s: %s before the exec and after it", what, before)
		}))
}

// pendingSets are both sets of pending signals; "" if one is empty.
func pendingSets(f trace.ProcFiles) string {
	process, thread := f.Status("ShdPnd"), f.Status("SigPnd")
	if strings.Trim(process, "0") == "" || strings.Trim(thread, "0") == "" {
		return ""
	}
	return process + " and " + thread
}

// word is a word of the text, from 0.
func word(text string, n int) string {
	if f := strings.Fields(text); n < len(f) {
		return f[n]
	}
	return ""
}

// keepsTimer judges that the timer that a row's child set before its exec
// ends the new program by this signal.
func keepsTimer(name, what string, row int, sig int) lab.Claim {
	return shows(name, what+" that was set before the exec rings in the new program",
		"because the time left belongs to the process",
		[3]string{"How does the new program end?", "The new program set no timer.", "setitimer, then exec"},
		keepsRow(row, func(o *lab.Observation, p *trace.Process, e *trace.Event) lab.Verdict {
			set := 0
			for _, t := range o.EventsOf(p, trace.KindTimer) {
				if t.Time > e.Time {
					return o.Fail(o.Who(p)+" set a timer after its exec", "only the old program should")
				}
				set++
			}
			w, ok := lab.Word(p)
			switch {
			case set != 1:
				return o.Fail(fmt.Sprintf("%s set %d timers before its exec", o.Who(p), set), "it should set one")
			case !ok || !w.Signaled() || w.TermSig() != sig:
				return o.Fail(fmt.Sprintf("%s ended otherwise: %s", o.Who(p), w.Short()), "the timer of the old program should end it")
			}
			return o.Passed("the new program set no timer, and %s ended it", proc.SignalText(sig))
		}))
}

// resetsRun is the run in which the mappings are read too.
var resetsRun = func() lab.Run {
	r := executed()
	r.Trace.Smaps = true
	r.Trace.Snapshots = true
	return r
}()

// Resets checks what an exec does not keep.
var Resets = &lab.Experiment{
	Dir: "exec", Name: "resets", Ref: "§8.10",
	Title: "what an exec does not keep",
	Claims: []lab.Claim{
		resetsClaim("caught", "a caught signal has its default after the exec", 0,
			func(f trace.ProcFiles) bool { return signalSet(f, "SigCgt", sigusr1) }),
		resetsClaim("memory", "a mapping is gone", 1,
			func(f trace.ProcFiles) bool { return strings.Contains(f["smaps"], "/memfd:shared") }),
		resetsClaim("shm", "an attached segment is detached", 2,
			func(f trace.ProcFiles) bool { return strings.Contains(f["smaps"], "/SYSV") }),
		resetsClaim("locked-memory", "no memory is locked any more", 3,
			func(f trace.ProcFiles) bool { return number(strings.TrimSuffix(f.Status("VmLck"), " kB")) > 0 }),
		resetsClaim("posix-timer", "a POSIX timer is deleted", 4,
			func(f trace.ProcFiles) bool { return strings.Contains(f["timers"], "ID:") }),
		shows("name", "comm is the name of the new file", "because the process is named after the file",
			[3]string{"What does ps -o comm show?", "The old name was that of the old file.", "/proc/PID/comm"},
			nth(resetsRun, 5, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				e := success(o, p)
				before, after := files(o, e, atEntry).Status("Name"), files(o, e, atSuccess).Status("Name")
				if e == nil || after != "cat" || before == after {
					return o.Fail(fmt.Sprintf("the name was %q and is %q", before, after), "it should be that of the file, cat")
				}
				return o.Passed("the name was %q and is %q", before, after)
			})),
		shows("handlers", "exit handlers and buffers of the old program are lost",
			"because they were in its memory",
			[3]string{"Is the line of the buffer printed?", "Flush before an exec.", "fflush(stdout)"},
			nth(resetsRun, 6, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				lines := lab.Texts(o.Told(p))
				if len(lines) != 1 || lines[0] != "handlers and buffers are gone" {
					return o.Fail(o.Who(p)+" printed "+lab.Quote(lines), "only the new program's line should arrive")
				}
				return o.Passed("only the new program's line arrived")
			})),
		resetsSaved("saved-ids", "the saved user ID and the saved group ID become the effective ones"),
		shows("descriptor-table", "a table of descriptors that was shared by CLONE_FILES is the process's own after an exec, while a working directory that was shared by CLONE_FS stays shared",
			"because the exec closes descriptors, and must not close those of another process",
			[3]string{"Which descriptors does the other process have after the exec?", "Close-on-exec would close them in both.", "clone(CLONE_FILES | CLONE_FS), then exec"},
			resetsTable),
	},
	Cast:      parentAndExecers,
	Moments:   resetsMoments,
	Questions: resetsQuestions,
}

// resetsClaim judges that a child had something at the entry of its exec
// and has it no more.
func resetsClaim(name, says string, child int, has func(trace.ProcFiles) bool) lab.Claim {
	return shows(name, says, "because it belonged to the old program, or to its memory",
		[3]string{"What is in /proc/PID before the exec, and after it?", "The exec makes a new address space.", "cat /proc/self/maps"},
		nth(resetsRun, child, func(o *lab.Observation, p *trace.Process) lab.Verdict {
			e := success(o, p)
			before, after := has(files(o, e, atEntry)), has(files(o, e, atSuccess))
			if e == nil || !before || after {
				return o.Fail(fmt.Sprintf("%s had it before the exec: %t, after it: %t", o.Who(p), before, after), "it should be there before and not after")
			}
			return o.Passed("it was there before the exec, and is not there after it")
		}))
}

// resetsSaved judges both children of the run with --root.
func resetsSaved(name, says string) lab.Claim {
	saved := func(row int, line string) func(*lab.Bench) lab.Verdict {
		return keepsRow(root+row, func(o *lab.Observation, p *trace.Process, e *trace.Event) lab.Verdict {
			before, after := files(o, e, atEntry).Status(line), files(o, e, atSuccess).Status(line)
			if word(before, 2) == word(before, 1) || word(after, 2) != word(before, 1) {
				return o.Fail(fmt.Sprintf("%s of %s was %q before the exec and is %q after it", line, o.Who(p), before, after), "the third id, the saved one, should become the second, the effective one")
			}
			return o.Passed("%s was %q before the exec and is %q after it", line, before, after)
		})
	}
	return shows(name, says, "because the exec copies the effective id after it has looked at the set-id bits",
		[3]string{"What is the third id in the line Uid, before the exec and after it?", "Run it with --root.", "setresuid(-1, -1, id), then exec"},
		func(b *lab.Bench) lab.Verdict {
			if v := saved(0, "Uid")(b); v.Status != lab.Pass {
				return v
			}
			return saved(1, "Gid")(b)
		})
}

// resetsTable judges the child that was made with CLONE_FILES.
func resetsTable(b *lab.Bench) lab.Verdict {
	o := b.Run(resetsRun)
	const probe = "fd/60"
	for _, p := range o.Processes() {
		if p.Birth == nil || p.Birth.Flags&cloneFiles == 0 || success(o, p) == nil {
			continue
		}
		e := success(o, p)
		theirs := func(at string) bool { return filesOf(o, e, at, p.Parent.Name)[probe] != "" }
		mine := func(at string) bool { return files(o, e, at)[probe] != "" }
		switch {
		case !theirs(atEntry) || !mine(atEntry):
			return o.Fail(fmt.Sprintf("before the exec descriptor 60 is open in the child: %t, in its parent: %t", mine(atEntry), theirs(atEntry)), "with CLONE_FILES both should have the child's descriptor")
		case mine(atSuccess) || !theirs(atSuccess):
			return o.Fail(fmt.Sprintf("after the exec descriptor 60, which has close-on-exec, is open in the child: %t, in its parent: %t", mine(atSuccess), theirs(atSuccess)), "the exec should close it in the child only")
		}
		for _, s := range o.Events(trace.KindSnapshot) {
			if s.At != "exit" || s.Process != p.Name {
				continue
			}
			for _, state := range s.Snapshot {
				if state.Process != p.Parent.Name {
					continue
				}
				if state.Files["cwd"] != "/usr" {
					return o.Fail("the working directory of the parent is "+state.Files["cwd"], "the new program changed it, and with CLONE_FS it should stay shared")
				}
				return o.Passed("the exec closed descriptor 60 in the child only; the new program's chdir changed the directory of both")
			}
		}
		return o.Fail("/proc was not read at the end of "+o.Who(p), "nothing can be compared")
	}
	return o.Fail(o.Family(), "no child was made with CLONE_FILES and executed a program")
}

const cloneFiles = 0x400 // CLONE_FILES of linux/sched.h
