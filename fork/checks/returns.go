package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Returns checks that fork is called once and returns twice.
var Returns = &lab.Experiment{
	Dir: "fork", Name: "returns", Ref: "§8.3",
	Title: "fork is called once and returns twice",
	Claims: []lab.Claim{
		{
			Name:   "twice",
			Says:   "one call of fork, and two processes go on behind it",
			Points: 1,
			Hints: [3]string{
				"how many processes print a line after the fork?",
				"the child begins where fork returns, with a copy of everything",
				"what stands behind fork() is done by both, unless its value is looked at",
			},
			Judge: returnsTwice,
		},
		{
			Name:   "zero",
			Says:   "fork returns 0 in the child",
			Why:    "because no process has the id 0, and a child can ask getppid for its parent",
			Points: 1,
			Needs:  []string{"twice"},
			Hints: [3]string{
				"how does a process know which of the two it is?",
				"the two returns differ in their value",
				"compare what fork() returned with 0",
			},
			Judge: returnsZero,
		},
		{
			Name:   "pid",
			Says:   "fork returns the child's process id in the parent",
			Why:    "because a process may have many children, and no call lists them",
			Points: 1,
			Needs:  []string{"twice"},
			Hints: [3]string{
				"what does the parent need for waitpid?",
				"the number is the one that the child gets from getpid",
				"keep the value of fork() in the parent",
			},
			Judge: returnsPid,
		},
		{
			Name:   "parent",
			Says:   "the child's getppid is the process that called fork",
			Points: 1,
			Needs:  []string{"twice"},
			Hints: [3]string{
				"whom does /proc/PID/status of the child name as PPid?",
				"the caller is the parent, until it ends",
				"getppid() in the child",
			},
			Judge: returnsParent,
		},
		{
			Name:   "unique",
			Says:   "the new id is above 1, below pid_max, and that of no living process, process group or session",
			Ref:    "§8.2",
			Points: 1,
			Needs:  []string{"twice"},
			Hints: [3]string{
				"which ids are taken?",
				"the kernel gives out an id when nothing carries it any more: no process, no group, no session",
				"/proc/sys/kernel/pid_max; fields 4, 5 and 6 of /proc/PID/stat",
			},
			Judge: returnsUnique,
		},
	},
	Moments:   returnsMoments,
	Questions: returnsQuestions,
	Cast:      lab.ByName(pairRoles),
}

// pairRoles names the parent and the child of an experiment with
// one fork.
func pairRoles(o *lab.Observation) map[string]string {
	parent, child := pair(o, func(p *trace.Process) bool { return len(o.Wrote(p)) > 0 })
	if child == nil {
		return nil
	}
	return map[string]string{parent.Name: "parent", child.Name: "child"}
}

// returned finds the two lines behind the fork.
func returned(b *lab.Bench) (o *lab.Observation, child, parent moment, ok bool) {
	o = b.Run(watched())
	for _, m := range moments(o, "") {
		if strings.HasPrefix(m.line, "child: ") {
			child = m
		}
		if strings.HasPrefix(m.line, "parent: ") {
			parent = m
		}
	}
	return o, child, parent, child.by != nil && parent.by != nil
}

func returnsTwice(b *lab.Bench) lab.Verdict {
	o, child, parent, ok := returned(b)
	if !ok {
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "one of the two processes did not come back from fork")
	}
	forks := o.Events(trace.KindFork, trace.KindClone)
	switch {
	case len(forks) != 1:
		return o.Fail(fmt.Sprintf("fork was called %s", times(len(forks))), "the experiment calls it once")
	case child.by.Birth != forks[0] || parent.by.Name != forks[0].Process:
		return o.Fail(fmt.Sprintf("%s and %s printed the lines", child.by.Name, parent.by.Name), "they are not the two that the call made of one")
	case child.write.Time < forks[0].Time || parent.write.Time < forks[0].Time:
		return o.Fail("a line came before the fork", "it cannot tell what fork returned")
	}
	return o.Passed("%s called %s once; it and %s went on", parent.by.Name, forks[0].Call, child.by.Name)
}

func returnsZero(b *lab.Bench) lab.Verdict {
	o, child, _, _ := returned(b)
	var n, pid, ppid int
	fmt.Sscanf(child.line, "child: fork returned %d, pid %d, parent %d", &n, &pid, &ppid)
	if child.by == nil || n != 0 || pid != lab.Pid(child.by) {
		return o.Fail(fmt.Sprintf("the child printed %q", child.line), "fork returned something else in the process that it made")
	}
	return o.Passed("process %d, which fork made, printed 0", pid)
}

func returnsPid(b *lab.Bench) lab.Verdict {
	o, child, parent, _ := returned(b)
	var n, pid int
	fmt.Sscanf(parent.line, "parent: fork returned %d, pid %d", &n, &pid)
	if child.by == nil || parent.by == nil || n != lab.Pid(child.by) || pid != lab.Pid(parent.by) {
		return o.Fail(fmt.Sprintf("the parent printed %q", parent.line), "that is not the id that the kernel gave the child")
	}
	return o.Passed("the parent printed %d, the id of the child", n)
}

func returnsParent(b *lab.Bench) lab.Verdict {
	o, child, _, _ := returned(b)
	var n, pid, ppid int
	fmt.Sscanf(child.line, "child: fork returned %d, pid %d, parent %d", &n, &pid, &ppid)
	if child.by == nil || child.by.Parent == nil {
		return o.Fail("there is no child", "nobody could ask")
	}
	told := child.state[child.by.Name].Files.Status("PPid")
	if ppid != lab.Pid(child.by.Parent) || told != fmt.Sprint(child.by.Parent.Pid) {
		return o.Fail(fmt.Sprintf("getppid gave %d, /proc/PID/status says PPid %s", ppid, told), "the parent is not the process that called fork")
	}
	return o.Passed("getppid gave %d, and /proc says the same", ppid)
}

func returnsUnique(b *lab.Bench) lab.Verdict {
	o, child, _, _ := returned(b)
	if child.by == nil {
		return o.Fail("there is no child", "no id was given")
	}
	text, err := os.ReadFile("/proc/sys/kernel/pid_max")
	if err != nil {
		return lab.Cannot("/proc/sys/kernel/pid_max cannot be read", "mount proc on /proc")
	}
	pidMax := number(strings.TrimSpace(string(text)))
	if child.by.Pid <= 1 || child.by.Pid >= pidMax {
		return o.Fail(fmt.Sprintf("the child's id is %d, pid_max %d", child.by.Pid, pidMax), "the kernel gives out ids from 2 to pid_max − 1")
	}
	taken := map[int]string{o.Recording.Header.Recorder: "the recorder", o.Adopter: "the adopter"}
	for name, p := range child.state {
		if name != child.by.Name {
			taken[p.Pid] = name
		}
		for i, what := range []string{"process group", "session"} {
			taken[number(p.Files.Stat(5+i))] = "the " + what + " of " + name
		}
	}
	if who := taken[child.by.Pid]; who != "" {
		return o.Fail(fmt.Sprintf("the child's id is %d, that of %s", child.by.Pid, who), "the id was in use")
	}
	if who := olderWith(child.by.Pid, number(child.state[child.by.Name].Files.Stat(22))); who != "" {
		return o.Fail(fmt.Sprintf("the child's id is %d, that of %s", child.by.Pid, who), "the id was in use")
	}
	return o.Passed("%d is below pid_max, %d, and was nobody's", child.by.Pid, pidMax)
}

// olderWith looks among the processes of the machine for one that
// was there before the time start, in ticks since the boot, and is in
// the process group or session id.
func olderWith(id, start int) string {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		b, err := os.ReadFile(dir + "/stat")
		if err != nil {
			continue // it has ended
		}
		files := trace.ProcFiles{"stat": string(b)}
		if began := files.StatNumber(22); began < 0 || began >= start {
			continue
		}
		for i, what := range []string{"process group", "session"} {
			if files.StatNumber(5+i) == id {
				return "the " + what + " of process " + filepath.Base(dir)
			}
		}
	}
	return ""
}

// returnsMoments are where to stop in a run of the experiment.
var returnsMoments = []lab.Moment{
	{
		Name: "fork",
		Says: "One process calls fork. From here on two processes run the same code, each with its own return value.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "child-line",
		Says: "In the child fork returned 0. No process has the id 0, so the child knows that it is the child.",
		At:   lab.AtLine("child: fork returned 0"),
	},
}

// returnsQuestions are what to ask before it is shown.
var returnsQuestions = []lab.Question{
	{
		Name:    "zero",
		Ask:     "What does fork return in the child?",
		Answers: []string{"0", "the child's pid", "the parent's pid", "−1"},
		Right:   lab.Says("0", "child: fork returned 0,"),
		Why:     "The child can ask for its parent with getppid at any time, so it needs no pid from fork.",
		Moment:  "child-line",
	},
	{
		Name:    "calls",
		Ask:     "fork is called once. How often does it return?",
		Answers: []string{"never", "once", "twice"},
		Right: lab.If("twice", func(o *lab.Observation) bool {
			return lab.AtLine("child: fork returned")(o) != nil && lab.AtLine("parent: fork returned")(o) != nil
		}),
		Why:    "It returns in the process that called it and in the new one.",
		Moment: "fork",
	},
}
