package checks

import (
	"fmt"
	"strings"

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
		keepsClaim("pending", "the pending signals", 6, func(f trace.ProcFiles) string { return f.Status("ShdPnd") }),
		keepsClaim("limits", "the resource limits", 7, func(f trace.ProcFiles) string { return lineWith(f["limits"], "Max file size") }),
		keepsClaim("nice", "the nice value", 8, func(f trace.ProcFiles) string { return f.Stat(19) }),
		shows("times", "the processor time of the process does not fall at an exec",
			"because it is the same process",
			[3]string{"How much processor time has the new program used?", "time(1) adds what both programs used.", "fields 14 and 15 of /proc/PID/stat"},
			nth(onPipe, 9, func(o *lab.Observation, p *trace.Process) lab.Verdict {
				e := success(o, p)
				used := func(at string) int {
					f := files(o, e, at)
					return number(f.Stat(14)) + number(f.Stat(15))
				}
				if e == nil || used(atEntry) < 3 || used(atSuccess) < used(atEntry) {
					return o.Fail(fmt.Sprintf("%s had used %d ticks before the exec and %d after it", o.Who(p), used(atEntry), used(atSuccess)), "it should not fall")
				}
				return o.Passed("%d ticks before the exec, %d after it", used(atEntry), used(atSuccess))
			})),
		keepsClaim("record-lock", "a record lock", 10, func(f trace.ProcFiles) string { return lineWith(f["fdinfo/50"], "lock:") }),
		keepsClaim("flock", "a lock of flock", 11, func(f trace.ProcFiles) string { return lineWith(f["fdinfo/50"], "lock:") }),
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

// keepsClaim compares a value at the entry of the exec of a child with
// that at its success.
func keepsClaim(name, what string, child int, of func(trace.ProcFiles) string) lab.Claim {
	return shows(name, what+" is the same before the exec and after it",
		"because it is an attribute of the process, and the exec replaces the program",
		[3]string{"What is in /proc/PID before the exec, and after it?", "The book's list in §8.10 names it.", "cat /proc/self/status"},
		nth(onPipe, child, func(o *lab.Observation, p *trace.Process) lab.Verdict {
			e := success(o, p)
			before, after := of(files(o, e, atEntry)), of(files(o, e, atSuccess))
			if e == nil || before == "" || before != after {
				return o.Fail(fmt.Sprintf("%s: %q before the exec of %s, %q after it", what, before, o.Who(p), after), "the exec should keep it")
			}
			return o.Passed("%s: %s before the exec and after it", what, before)
		}))
}

// resetsRun is the run in which the mappings are read too.
var resetsRun = func() lab.Run {
	r := executed()
	r.Trace.Smaps = true
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
