package checks

import (
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Ids checks what section 8.2 says of the identifiers.
var Ids = &lab.Experiment{
	Dir: "fork", Name: "ids", Ref: "§8.2",
	Title: "what ids a process has, and who gets which",
	Claims: []lab.Claim{
		{
			Name:   "agree",
			Says:   "getppid, getuid, geteuid, getgid and getegid return what the kernel keeps, in the parent and in the child",
			Points: 1,
			Hints: [3]string{
				"what does the kernel say of the process?",
				"the ids are in the kernel's record of the process",
				"PPid, Uid and Gid in /proc/PID/status",
			},
			Judge: idsAgree,
		},
		{
			Name:   "not-at-once",
			Says:   "over 100 children, each waited for before the next is made, no id is given twice in a row",
			Why:    "because reuse is delayed, lest a new process be taken for the one that had the id before",
			Points: 1,
			Hints: [3]string{
				"fork, wait, fork: may the second child have the first one's id?",
				"the kernel goes on upwards from the last id it gave",
				"compare the values of fork()",
			},
			Judge: idsNotAtOnce,
		},
		{
			Name:   "zombie-skipped",
			Says:   "an id that would be next is skipped while a zombie has it",
			Why:    "because the parent must still be able to wait for it by that id",
			Points: 1,
			Hints: [3]string{
				"is the id of a dead child free?",
				"it is taken until the wait",
				"in a pid namespace of your own: write to ns_last_pid, then fork",
			},
			Judge: func(b *lab.Bench) lab.Verdict {
				return idsAsked(b, func(o *lab.Observation, a []asked) lab.Verdict {
					z := a[1].child // asked for, and given, 50
					if a[2].want != lab.Pid(z) || a[2].got == lab.Pid(z) || a[2].at < z.Died || z.Reaped >= 0 && a[2].at > z.Reaped {
						return o.Fail(a[2].String(), "the zombie's id was given out a second time, or the process was not a zombie then")
					}
					return o.Passed("%s, which a zombie had", a[2])
				})
			},
		},
		{
			Name:   "given-again",
			Says:   "after the wait the same id is given out again",
			Points: 1,
			Hints: [3]string{
				"what does wait give back beside the status?",
				"the table slot and the id are free after it",
				"waitpid() for the zombie, then fork() once more",
			},
			Judge: func(b *lab.Bench) lab.Verdict {
				return idsAsked(b, func(o *lab.Observation, a []asked) lab.Verdict {
					z := a[1].child
					if a[3].want != lab.Pid(z) || a[3].got != a[3].want || z.Reaped < 0 || a[3].at < z.Reaped {
						return o.Fail(a[3].String(), "the id did not come back with the wait")
					}
					return o.Passed("%s, after the wait for the one that had it", a[3])
				})
			},
		},
		{
			Name:   "group-skipped",
			Says:   "an id that would be next is skipped while a process group has it, though the leader is gone",
			Why:    "because kill and wait name a group by that number",
			Points: 1,
			Hints: [3]string{
				"what else is named by the numbers of processes?",
				"a process group keeps its id as long as it has a member",
				"setpgid() a second process into the first one's group, and wait for the first",
			},
			Judge: func(b *lab.Bench) lab.Verdict { return idsAsked(b, idsGroup) },
		},
		{
			Name:   "first",
			Says:   "process 1 is an ordinary user process, no thread of the kernel, and runs with superuser rights",
			Points: 1,
			Hints: [3]string{
				"what program is process 1 here?",
				"the kernel starts it at the end of booting, or a container does",
				"the ninth field of /proc/1/stat and Uid of /proc/1/status",
			},
			Judge: idsFirst,
		},
		{
			Name:   "first-survives",
			Says:   "process 1 does not die of kill -9 from inside its namespace, and the call does not fail",
			Why:    "because it has to be there to adopt and reap orphans",
			Points: 1,
			Hints: [3]string{
				"who would be the parent of orphans?",
				"the kernel throws away signals to process 1 for which it has no handler",
				"in a pid namespace of your own: kill(1, SIGKILL)",
			},
			Judge: idsSurvives,
		},
		{
			Name:   "second",
			Says:   "process 2 is kthreadd, the parent of the kernel's threads, or, in a pid namespace, any process or none",
			Points: 1,
			Hints: [3]string{
				"what program does process 2 run?",
				"threads of the kernel have no memory and no program",
				"PF_KTHREAD, 0x200000, in the ninth field of /proc/2/stat",
			},
			Judge: idsSecond,
		},
		{
			Name:   "zero",
			Says:   "0 is not a process: it is the scheduler's, a part of the kernel",
			Points: 1,
			Hints: [3]string{
				"who is the parent of process 1?",
				"the kernel's own idle task has the number 0 and no place in /proc",
				"ls -d /proc/0",
			},
			Judge: idsZero,
		},
		{
			Name:   "no-error",
			Says:   "the calls have no error return: where there is no id to tell, as of a parent in another pid namespace, getppid returns 0",
			Points: 1,
			Hints: [3]string{
				"what could getppid return in process 1?",
				"every process has these ids, so there is nothing that could fail",
				"getppid() in the first process of a new pid namespace",
			},
			Judge: idsNoError,
		},
	},
	Moments:   idsMoments,
	Questions: idsQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "parent"}
		for _, p := range o.Processes() {
			if p.Name != "P0" && strings.Count(p.Name, ".") == 1 {
				roles[p.Name] = "child"
			}
		}
		return roles
	}),
}

func idsAgree(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	n := 0
	for _, m := range moments(o, "") {
		_, rest, _ := strings.Cut(m.line, ": ")
		var a, e int
		got, want := "", ""
		p := m.state[m.by.Name]
		if _, err := fmt.Sscanf(rest, "real gid %d, effective gid %d", &a, &e); err == nil {
			got, want = fmt.Sprint(a, e), uidOf("Gid", 0)(p)+" "+uidOf("Gid", 1)(p)
		}
		var ppid int
		if _, err := fmt.Sscanf(rest, "parent %d, real uid %d, effective uid %d", &ppid, &a, &e); err == nil {
			got, want = fmt.Sprint(a, e), uidOf("Uid", 0)(p)+" "+uidOf("Uid", 1)(p)
			if parent := m.by.Parent; parent != nil && (ppid != lab.Pid(parent) || p.Files.Status("PPid") != fmt.Sprint(parent.Pid)) || parent == nil && ppid != o.Adopter {
				return o.Fail(fmt.Sprintf("getppid gave %d, /proc says %s", ppid, p.Files.Status("PPid")), "that is not the process that made it")
			}
		}
		if got == "" {
			continue
		}
		if got != want || !strings.Contains(m.line, fmt.Sprintf(" %d: ", lab.Pid(m.by))) {
			return o.Fail(fmt.Sprintf("%q; /proc/PID/status has %s", m.line, want), "the calls and the kernel's record do not agree")
		}
		n++
	}
	if n != 4 {
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "parent and child did not both tell their ids")
	}
	return o.Passed("the ids of parent and child are those of /proc/PID/status")
}

func idsNotAtOnce(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	first := o.Processes()[0]
	var last *trace.Process
	n := 0
	for _, c := range lab.Forked(first) {
		if last != nil && last.Reaped >= 0 && last.Reaped < c.Born {
			n++
			if c.Pid == last.Pid {
				return o.Fail(fmt.Sprintf("%s got %d, which had been free for a moment", c.Name, c.Pid), "an id was used again at once")
			}
		}
		last = c
	}
	m, v := said(o, " children in turn, ids given twice in a row: ")
	switch {
	case v.Status != "":
		return v
	case n < 100:
		return o.Fail(fmt.Sprintf("%d children were made after the one before had been waited for", n), "that is too few to tell")
	case !strings.HasSuffix(m.line, ": 0"):
		return o.Fail(fmt.Sprintf("the program printed %q", m.line), "it does not tell what the kernel did")
	}
	return o.Passed("of %d ids none had just been freed", n)
}

// asked is a fork in a namespace where the id before want had been
// given out last.
type asked struct {
	want, got int
	at        int64
	child     *trace.Process
}

func (a asked) String() string {
	return fmt.Sprintf("after %d the fork gave %d, where %d would be next", a.want-1, a.got, a.want)
}

// lacks says what the machine lacks if the program could not go on.
func lacks(o *lab.Observation) (lab.Verdict, bool) {
	why, own := strings.CutPrefix(string(o.Stderr), "fork ids: ")
	if !own || proc.WaitStatus(o.Status).ExitStatus() != 2 {
		return lab.Verdict{}, false
	}
	return lab.Cannot(strings.TrimSpace(why), "a kernel with CONFIG_CHECKPOINT_RESTORE that allows user namespaces, or root"), true
}

// idsAsked hands the forks of the namespace's process 1 to judge.
func idsAsked(b *lab.Bench, judge func(*lab.Observation, []asked) lab.Verdict) lab.Verdict {
	o := b.Run(watched("-namespace"))
	if v, yes := lacks(o); yes {
		return v
	}
	byName := map[string]*trace.Process{}
	for _, p := range o.Processes() {
		byName[p.Name] = p
	}
	var all []asked
	want := 0
	for _, e := range o.Events(trace.KindWrite, trace.KindFork, trace.KindClone) {
		switch {
		case e.Kind == trace.KindWrite && e.Result > 0 && e.Path == "/proc/sys/kernel/ns_last_pid":
			want = number(string(lab.Taken(e))) + 1
		case e.Kind != trace.KindWrite && want > 0 && e.Errno == "":
			all = append(all, asked{want: want, got: e.ChildNSpid, at: e.Time, child: byName[e.ChildProcess]})
			want = 0
		}
	}
	if len(all) != 8 {
		return o.Fail(fmt.Sprintf("an id was asked for %s", times(len(all))), "the experiment asks eight times")
	}
	return judge(o, all)
}

func idsGroup(o *lab.Observation, a []asked) lab.Verdict {
	leader, member := a[4].child, a[5].child
	group := 0
	for _, e := range o.Events(trace.KindSetpgid) {
		if e.Target == lab.Pid(member) && e.Errno == "" {
			group = e.Pgid
		}
	}
	switch {
	case group != lab.Pid(leader) || a[6].want != group:
		return o.Fail(fmt.Sprintf("%s was put into group %d", member.Name, group), "the group was not the first process's")
	case leader.Reaped < 0 || leader.Reaped > a[6].at || member.Died >= 0 && member.Died < a[6].at:
		return o.Fail(fmt.Sprintf("the leader of group %d was not gone, or its member was", group), "the group's id was no other's than the leader's")
	case a[6].got == a[6].want:
		return o.Fail(a[6].String(), "a new process has the id of a group that it does not belong to")
	case a[7].want != group || a[7].got != group || member.Reaped > a[7].at:
		return o.Fail(a[7].String(), "the id did not come back when the group had gone")
	}
	return o.Passed("%s, while group %d had a member; and %d when it had none", a[6], group, a[7].got)
}

// readProc is what /proc says of process 1 or 2 now.
func readProc(pid int) trace.ProcState {
	p := trace.ProcState{Files: map[string]string{}}
	for _, name := range []string{"stat", "status"} {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
		p.Files[name] = string(b)
	}
	return p
}

// isKthread reports whether the process is there and has PF_KTHREAD.
func isKthread(p trace.ProcState) bool {
	flags := number(p.Files.Stat(9))
	return flags >= 0 && flags&0x200000 != 0
}

// hereLine is what the program says of process pid.
func hereLine(b *lab.Bench, pid int) (o *lab.Observation, line string) {
	o = b.Run(watched("-here"))
	for _, l := range o.Lines() {
		if strings.HasPrefix(l, fmt.Sprintf("%d is ", pid)) {
			line = l
		}
	}
	return o, line
}

func idsFirst(b *lab.Bench) lab.Verdict {
	o, line := hereLine(b, 1)
	p := readProc(1)
	switch {
	case p.Files["stat"] == "":
		return lab.Cannot("/proc/1 cannot be read", "mount proc on /proc without hidepid")
	case isKthread(p):
		return o.Fail("process 1 is a thread of the kernel", "it should have a program")
	case uidOf("Uid", 1)(p) != "0":
		return lab.Cannot("process 1 of this container has the effective uid "+uidOf("Uid", 1)(p), "try it outside of the container")
	case !strings.Contains(line, ": a user process, uid 0, parent 0"):
		return o.Fail(fmt.Sprintf("the program printed %q; the kernel says flags %s, uid 0", line, p.Files.Stat(9)), "it does not tell what the kernel says")
	}
	return o.Passed("process 1: flags %s without PF_KTHREAD, effective uid 0", p.Files.Stat(9))
}

func idsSecond(b *lab.Bench) lab.Verdict {
	o, line := hereLine(b, 2)
	p := readProc(2)
	if readProc(1).Files["stat"] == "" {
		return lab.Cannot("/proc/1 cannot be read, and so nobody knows whether there is a process 2", "mount proc on /proc without hidepid")
	}
	kthreadd := isKthread(p) && p.Files.Status("Name") == "kthreadd" && p.Files.Status("PPid") == "0"
	says := strings.Contains(line, "2 is kthreadd: a thread of the kernel, uid 0, parent 0")
	switch {
	case line == "" || kthreadd != says:
		return o.Fail(fmt.Sprintf("the program printed %q; the kernel says: %q", line, or(p.Files.Status("Name"), "no process")), "it does not tell what the kernel says")
	case isKthread(p) && !kthreadd:
		return o.Fail("process 2 is the thread "+p.Files.Status("Name")+" of the kernel", "kthreadd is expected there")
	}
	return o.Passed("process 2: %s", or(p.Files.Status("Name"), "none in this namespace"))
}

func idsZero(b *lab.Bench) lab.Verdict {
	o, line := hereLine(b, 0)
	if _, err := os.Stat("/proc/0"); err == nil || line != "0 is not a process" {
		return o.Fail(fmt.Sprintf("the program printed %q; /proc/0: %v", line, err), "0 is a process here")
	}
	return o.Passed("there is no /proc/0")
}

func idsSurvives(b *lab.Bench) lab.Verdict {
	o := b.Run(watched("-namespace"))
	if v, yes := lacks(o); yes {
		return v
	}
	for _, e := range o.Events(trace.KindKill) {
		if e.Target != 1 || e.Signal != int(unix.SIGKILL) || e.NSpid <= 1 {
			continue
		}
		var first *trace.Process
		for _, p := range o.Processes() {
			if p.Name == e.TargetProcess || e.TargetProcess == "" && p.NSpid == 1 {
				first = p
			}
		}
		switch {
		case e.Errno != "":
			return o.Fail("kill(1, SIGKILL) failed with "+e.Errno, "the call is expected to succeed")
		case first == nil || first.Exit == nil || first.Exit.Status != 0 || first.Died < e.Time:
			return o.Fail("process 1 did not go on to its end", "the signal reached it")
		case len(o.Wrote(first)) == 0:
			return o.Fail("process 1 wrote nothing", "nobody knows whether it went on")
		}
		return o.Passed("kill(1, SIGKILL) by %d succeeded, and process 1 exited with 0 later", e.NSpid)
	}
	return o.Fail("nobody sent SIGKILL to process 1", "it had nothing to survive")
}

func idsNoError(b *lab.Bench) lab.Verdict {
	o := b.Run(watched("-namespace"))
	if v, yes := lacks(o); yes {
		return v
	}
	m, v := said(o, ": its parent is ")
	if v.Status != "" {
		return v
	}
	if m.by.Parent == nil {
		return o.Fail("the first process printed it", "it is in no namespace of its own")
	}
	levels := func(p trace.ProcState) int { return len(strings.Fields(p.Files.Status("NSpid"))) }
	mine, above := m.state[m.by.Name], m.state[m.by.Parent.Name]
	if levels(mine) != levels(above)+1 || !strings.HasSuffix(m.line, "process 1: its parent is 0") {
		return o.Fail(fmt.Sprintf("NSpid %s, of the parent %s; it printed %q", mine.Files.Status("NSpid"), above.Files.Status("NSpid"), m.line), "the parent is not in another namespace, or getppid did not say 0")
	}
	return o.Passed("NSpid %s, of the parent %s, which has no id inside: getppid gave 0", mine.Files.Status("NSpid"), above.Files.Status("NSpid"))
}

// idsMoments are where to stop in a run of the experiment.
var idsMoments = []lab.Moment{
	{
		Name: "child",
		Says: "The child has a pid of its own. Its parent's pid is what the child gets from getppid.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "counted",
		Says: "A hundred children came and went, and no id was given to two of them in a row.",
		At:   lab.AtLine("ids given twice in a row"),
	},
}

// idsQuestions are what to ask before it is shown.
var idsQuestions = []lab.Question{
	{
		Name:    "same-uid",
		Ask:     "The child is a copy of its parent. Which of these ids do the two have in common?",
		Answers: []string{"the process id", "the parent process id", "the real user id"},
		Right:   lab.Says("the real user id", "real uid"),
		Why:     "A fork copies the user and group ids. The pid and the parent's pid are the child's own.",
		Moment:  "child",
	},
	{
		Name:    "reuse",
		Ask:     "A child ended and was reaped. Does the next child get the same pid?",
		Answers: []string{"yes, the lowest free id is taken", "no, the kernel goes on to the next ids"},
		Right:   lab.Says("no, the kernel goes on to the next ids", "in a row: 0"),
		Why:     "The kernel gives out ids in ascending order and starts again at the end, so that a freed id is not used again at once.",
		Moment:  "counted",
	},
}
