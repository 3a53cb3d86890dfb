package checks

import (
	"fmt"
	"os"
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Limit checks the two reasons for which fork fails.
var Limit = &lab.Experiment{
	Dir: "fork", Name: "limit", Ref: "§8.3",
	Title: "fork until it fails: the user's limit and the system's",
	Claims: []lab.Claim{
		limitClaim(userRun, "user-limit", "with RLIMIT_NPROC 8 a user id's eighth process is its last: the next fork gives EAGAIN and makes no child",
			"because the kernel counts the processes of each real user id", limitReached,
			"who is counted: the parent's children, or the user's processes?"),
		limitClaim(userRun, "user-zombies", "when all of its children are dead and none is collected, fork still gives EAGAIN",
			"because a zombie is a process of its user until it is collected", limitZombies,
			"does a dead process count?"),
		limitClaim(userRun, "user-reaped", "when all are collected, fork makes a child again",
			"because a wait gives the place back", limitReaped,
			"what frees a zombie's place?"),
		{
			Name:   "root-exempt",
			Says:   "root forks although its limit is 1",
			Why:    "because RLIMIT_NPROC does not bind the user 0, nor a process with CAP_SYS_RESOURCE or CAP_SYS_ADMIN",
			Points: 1,
			Hints: [3]string{
				"does ulimit -u hold for everybody?",
				"the kernel asks for the limit, then for privilege",
				"setrlimit(RLIMIT_NPROC), then fork(), as root",
			},
			Judge: limitRoot,
		},
		limitClaim(systemRun, "system-limit", "in a pid namespace with pid_max 301 the 300th process is the last, for root too: fork gives EAGAIN and makes no child",
			"because there is no process id left to give", limitReached,
			"what does every process need one of?"),
		limitClaim(systemRun, "system-zombies", "when all of its children are dead and none is collected, fork still gives EAGAIN",
			"because a zombie keeps its process id", limitZombies,
			"does a dead process have its id still?"),
		{
			Name:   "child-max",
			Says:   "sysconf(_SC_CHILD_MAX) is the soft limit RLIMIT_NPROC, also after setrlimit",
			Why:    "because the library asks the kernel for the limit, and keeps no number of its own",
			Points: 1,
			Hints: [3]string{
				"Is CHILD_MAX a number of the system or of the process?",
				"The limit of processes has a soft and a hard value.",
				"getconf CHILD_MAX, ulimit -Su 50, getconf CHILD_MAX",
			},
			Judge: limitChildMax,
		},
		limitClaim(systemRun, "system-reaped", "when all are collected, fork makes a child again",
			"because a wait gives the id back", limitReaped,
			"what frees a zombie's id?"),
	},
	Moments:    limitMoments,
	Questions:  limitQuestions,
	MomentArgs: []string{"--only", "user"},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "original"}
		if f := limitFailed(o); f != nil {
			roles[f.by.Name] = "limited child"
		}
		return roles
	}),
}

var (
	userRun = watched("-only", "user")
	rootRun = watched("-only", "root")
	// 300 processes: looking at each in /proc would take minutes.
	systemRun = lab.Run{
		Stdout: sandbox.Pipe, Args: []string{"-only", "system"},
		Trace: record.Options{Files: true},
	}
)

// limitClaim makes a claim about the process whose fork failed.
func limitClaim(run lab.Run, name, says, why string, judge func(o *lab.Observation, f *limited) lab.Verdict, nudge string) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1,
		Hints: [3]string{
			nudge,
			"the kernel counts processes until they are collected, per user id and in all",
			"fork() until it gives −1, and look at errno; waitid(WNOWAIT) for zombies; waitpid()",
		},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(run)
			if v, cannot := limitCannot(o); cannot {
				return v
			}
			f := limitFailed(o)
			if f == nil {
				return o.Fail("no fork failed: "+fmt.Sprint(len(o.Processes()))+" processes", "there was no limit")
			}
			return judge(o, f)
		},
	}
}

// limitCannot is the verdict if the program says that this machine
// lacks something.
func limitCannot(o *lab.Observation) (lab.Verdict, bool) {
	for _, l := range lab.Lines(o.Stderr) {
		if why, ok := strings.CutPrefix(l, "fork limit: "); ok {
			return lab.Cannot(why, "run it as root, outside of containers and user namespaces, on Linux 6.14 or newer"), true
		}
	}
	return lab.Verdict{}, false
}

// limited is the process whose forks failed.
type limited struct {
	by     *trace.Process
	failed []*trace.Event // its forks that failed
	before []*trace.Process
	max    int // how many processes there may be
}

func limitFailed(o *lab.Observation) *limited {
	f := &limited{max: -1}
	for _, e := range o.Events(trace.KindFork) {
		if e.Errno == "" || f.by != nil && e.Process != f.by.Name {
			continue
		}
		f.by = o.Recording.Process(e.Process)
		f.failed = append(f.failed, e)
	}
	if f.by == nil {
		return nil
	}
	for _, c := range f.by.Children {
		if c.Born < f.failed[0].Time {
			f.before = append(f.before, c)
		}
	}
	for _, m := range moments(o, "user ") {
		f.max = maxProcesses(m.state[f.by.Name])
	}
	for _, e := range o.Events(trace.KindWrite) {
		if e.Path == "/proc/sys/kernel/pid_max" && e.Process == f.by.Name {
			f.max = number(string(e.Data)) - 1 // ids begin at 1
		}
	}
	return f
}

// maxProcesses is the soft RLIMIT_NPROC in /proc/PID/limits.
func maxProcesses(p trace.ProcState) int {
	if l, ok := p.Files.Limit("Max processes"); ok {
		return number(l.Soft)
	}
	return -1
}

func limitReached(o *lab.Observation, f *limited) lab.Verdict {
	first := f.failed[0]
	switch {
	case first.Errno != "EAGAIN" || first.Result != -1:
		return o.Fail("fork gave "+first.Errno, "it failed for another reason")
	case f.max < 0:
		return o.Fail("the limit was not seen in /proc", "there is nothing to compare with")
	case len(f.before)+1 != f.max:
		return o.Fail(fmt.Sprintf("fork failed with %d children, and %d processes are allowed", len(f.before), f.max),
			"it is not this limit that was reached")
	}
	for _, c := range f.before {
		if c.Died < first.Time {
			return o.Fail("a child was dead already", "it is not the living alone that count")
		}
	}
	return o.Passed("with %d processes of %d fork gave −1 and EAGAIN, and no child was made", len(f.before)+1, f.max)
}

func limitZombies(o *lab.Observation, f *limited) lab.Verdict {
	for _, e := range f.failed[1:] {
		dead := 0
		for _, c := range f.before {
			if c.Died >= 0 && c.Died < e.Time && (c.Reaped < 0 || c.Reaped > e.Time) {
				dead++
			}
		}
		if dead > 0 && dead == len(f.before) && e.Errno == "EAGAIN" {
			return o.Passed("with %d zombies and no living child fork gave EAGAIN", dead)
		}
	}
	return o.Fail("no fork failed while all children were zombies", "the dead do not count, or were collected")
}

func limitReaped(o *lab.Observation, f *limited) lab.Verdict {
	last := int64(0)
	for _, c := range f.before {
		if c.Reaper != f.by {
			return o.Fail(c.Name+" was not collected by its parent", "it holds its place")
		}
		last = max(last, c.Reaped)
	}
	for _, c := range f.by.Children {
		if c.Born > last {
			return o.Passed("after the last of %d was collected fork made a child", len(f.before))
		}
	}
	return o.Fail("no child was made after the last was collected", "collecting them gave nothing back")
}

func limitRoot(b *lab.Bench) lab.Verdict {
	o := b.Run(rootRun)
	if v, cannot := limitCannot(o); cannot {
		return v
	}
	uids, _ := os.ReadFile("/proc/self/uid_map")
	if strings.Join(strings.Fields(string(uids)), " ") != "0 0 4294967295" {
		return lab.Cannot("the root of a user namespace may be anybody outside of it, and then its limit binds",
			"run it as root outside of containers and user namespaces")
	}
	said := moments(o, "root ")
	if len(said) == 0 {
		return o.Fail("root's part did not run", "it printed nothing")
	}
	by := said[0].by
	s := said[0].state[by.Name]
	switch uid, max := s.Files.Status("Uid"), maxProcesses(s); {
	case uid != "0 0 0 0":
		return o.Fail("its user ids are "+uid, "it is not root")
	case max != 1:
		return o.Fail(fmt.Sprintf("its limit is %d", max), "it did not set the limit")
	case len(by.Children) == 0:
		return o.Fail("root's fork made no child", "it is not exempt here")
	}
	return o.Passed("root, with RLIMIT_NPROC 1, made a child")
}

// limitMoments are where to stop in a run of the experiment.
var limitMoments = []lab.Moment{
	{
		Name: "refused",
		Says: "fork fails with EAGAIN: the user must not have more processes, and no child was made.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "EAGAIN" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "again",
		Says: "All zombies are reaped, and fork works again: it was the zombies that filled the table.",
		At:   lab.AtLine("all reaped, fork gives a child"),
	},
}

// limitQuestions are what to ask before it is shown.
var limitQuestions = []lab.Question{
	{
		Name:    "zombies",
		Ask:     "The limit is reached and all children end. Nobody waits for them. Can the parent fork now?",
		Answers: []string{"yes, they have ended", "no, a zombie counts like a living process"},
		Right:   lab.Says("no, a zombie counts like a living process", "zombies, fork gives EAGAIN"),
		Why:     "A zombie has a place in the process table until it is reaped.",
	},
	{
		Name:    "errno",
		Ask:     "What does fork return when the limit is reached?",
		Answers: []string{"0", "−1, with errno EAGAIN", "it kills the process"},
		Right: lab.If("−1, with errno EAGAIN", func(o *lab.Observation) bool {
			return len(o.Events(trace.KindFork, trace.KindClone)) > 0 && lab.AtLine("fork gives EAGAIN")(o) != nil
		}),
		Why:    "EAGAIN means \"try again later\": a process may end meanwhile.",
		Moment: "refused",
	},
}

// limitChildMax compares what sysconf said with the limit that the
// process had in /proc when it printed that.
func limitChildMax(b *lab.Bench) lab.Verdict {
	o := b.Run(watched("--child-max"))
	const words = "sysconf(_SC_CHILD_MAX) is "
	seen := map[int]bool{}
	for _, m := range moments(o, "RLIMIT_NPROC ") {
		_, said, _ := strings.Cut(m.line, words)
		if strings.TrimSpace(said) == "" {
			return lab.Cannot("there is no getconf, which calls sysconf", "install a package with getconf, or check the C program")
		}
		soft := maxProcesses(m.state[m.by.Name])
		if number(strings.TrimSpace(said)) != soft {
			return o.Fail(fmt.Sprintf("sysconf said %s, and the soft limit in /proc/PID/limits is %d", said, soft), "it should be the soft limit")
		}
		seen[soft] = true
	}
	if len(seen) != 2 {
		return o.Fail(fmt.Sprintf("%d different limits were seen", len(seen)), "there should be two")
	}
	return o.Passed("sysconf said the soft limit, before it was lowered and after")
}
