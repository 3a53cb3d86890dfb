package checks

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Waitid checks the status experiment done with waitid.
var Waitid = &lab.Experiment{
	Dir: "wait", Name: "waitid", Ref: "§8.7, Fig. 8.9, 8.10",
	Title: "the same statuses, in parts, with waitid",
	Claims: append([]lab.Claim{
		{
			Name:   "agrees",
			Says:   "si_code and si_status say of each child what the status word of waitpid says",
			Points: 1,
			Hints: [3]string{
				"what does si_status hold: an exit status, a signal, or a word to take apart?",
				"si_code says how it ended, and with that what si_status is",
				"CLD_EXITED: the exit status; CLD_KILLED, CLD_DUMPED: the signal",
			},
			Judge: waitidAgrees,
		},
		{
			Name:   "uid",
			Says:   "si_uid is the child's real user id",
			Points: 1,
			Hints: [3]string{
				"whose user id does the parent get?",
				"the kernel fills si_uid from the child's credentials",
				"info.si_uid; /proc/PID/status, Uid",
			},
			Judge: waitidUID,
		},
		{
			Name:   "stays",
			Says:   "with WNOWAIT the child can be looked at twice and is still there to be collected, once",
			Points: 1,
			Hints: [3]string{
				"can a status be read without collecting the child?",
				"WNOWAIT leaves the child in its waitable state",
				"waitid(…, WEXITED | WNOWAIT), as often as you like",
			},
			Judge: waitidStays,
		},
		{
			Name:   "selects",
			Says:   "P_PID and P_PGID return the child that was asked for though others are zombies for longer; P_ALL takes any",
			Points: 1,
			Hints: [3]string{
				"how does waitpid say these three in one argument?",
				"waitid has the kind and the number apart",
				"P_PID with a pid, P_PGID with a group, P_ALL with anything",
			},
			Judge: waitidSelects,
		},
		{
			Name:   "pidfd",
			Says:   "P_PIDFD returns the child that the descriptor refers to",
			Points: 1,
			Hints: [3]string{
				"what can a pid do that a descriptor cannot?",
				"a number may come to mean another process, a descriptor stays with its own",
				"pidfd_open, then waitid(P_PIDFD, fd, …)",
			},
			Judge: waitidPidfd,
		},
		{
			Name:   "not-dumpable",
			Says:   "a child that is not dumpable is CLD_KILLED, its core bit clear",
			Points: 1,
			Hints: [3]string{
				"what decides about a core file?",
				"RLIMIT_CORE and core_pattern do; but a process that is not dumpable never gets one",
				"prctl(PR_SET_DUMPABLE, 0) in the child",
			},
			Judge: waitidUndumpable,
		},
		{
			Name:   "einval",
			Says:   "waitid fails with EINVAL when no change is named, or a bit is unknown",
			Points: 1,
			Hints: [3]string{
				"wait for what?",
				"at least one of WEXITED, WSTOPPED, WCONTINUED has to be given",
				"waitid with WNOHANG alone",
			},
			Judge: waitidEinval,
		},
	}, waitidMore...),
	Moments:   waitidMoments,
	Questions: waitidQuestions,
	Cast:      ordinalRoles,
}

// withUID is the run in which si_uid is printed, and /proc read.
var withUID = lab.Run{
	Stdout: sandbox.Pipe, Args: []string{"-uid"},
	Trace: record.Options{Files: true, Snapshots: true},
}

// peeks are the parent's looks (WNOWAIT) that saw the child.
func peeks(o *lab.Observation, parent, c *trace.Process) (all []*trace.Event) {
	for _, e := range o.Waits(parent) {
		if e.Call == "waitid" && e.Options&lab.WNOWAIT != 0 && e.Result == int64(lab.Pid(c)) && !e.NullStatus {
			all = append(all, e)
		}
	}
	return all
}

func waitidAgrees(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	if len(parent.Children) != 4 {
		return o.Fail(o.Family(), "there should be four children to compare")
	}
	for i, c := range parent.Children {
		name := who("the "+lab.NthChild(i), c)
		w, ended := lab.Word(c)
		looked := peeks(o, parent, c)
		if !ended || len(looked) == 0 || c.Reaper != parent || c.Reap.Call != "wait4" {
			return o.Fail(name+" was not both looked at with waitid and collected with waitpid", "there is nothing to compare")
		}
		code := lab.CldExited
		if w.Signaled() {
			code = lab.CldKilled
		}
		if w.CoreDump() {
			code = lab.CldDumped
		}
		e := looked[len(looked)-1]
		if e.SiCode != code || e.Status != c.Reap.Status || c.Reap.Status != uint32(w) {
			return o.Fail(fmt.Sprintf("of %s waitid said code %d and what makes the word %#x; waitpid said %#x", name, e.SiCode, e.Status, c.Reap.Status),
				"the two calls disagree about one death")
		}
	}
	return o.Passed("both calls said the same of all four")
}

func waitidUID(b *lab.Bench) lab.Verdict {
	o := b.Run(withUID)
	n := 0
	for _, c := range most(o).Children {
		uid := ""
		for _, e := range o.Events(trace.KindSnapshot) {
			for _, s := range e.Snapshot {
				if s.Process != c.Name {
					continue
				}
				for line := range strings.Lines(s.Files["status"]) {
					if f := strings.Fields(line); len(f) == 5 && f[0] == "Uid:" {
						uid = f[1]
					}
				}
			}
		}
		for _, l := range o.Lines() {
			said, ok := strings.CutPrefix(l, fmt.Sprintf("si_uid of %d is ", lab.Pid(c)))
			if ok && (uid == "" || said != uid) {
				return o.Fail(fmt.Sprintf("si_uid of %d was %s; /proc/%d/status said %q", lab.Pid(c), said, lab.Pid(c), uid), "it is not the child's real user id")
			}
			if ok {
				n++
			}
		}
	}
	if n == 0 {
		return o.Fail("no si_uid was printed", "there is nothing to compare with /proc")
	}
	return o.Passed("%d times si_uid was what /proc said", n)
}

func waitidStays(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	for _, c := range parent.Children {
		n := 0
		for _, e := range o.Waits(parent) {
			if e.Call == "waitid" && e.Options&lab.WNOWAIT != 0 && e.Errno == "" && e.Time > c.Died && e.Time < c.Reaped &&
				(e.Result == int64(lab.Pid(c)) || e.IDType == lab.PPid && e.ID == lab.Pid(c)) {
				n++
			}
		}
		if n < 2 || c.Reaper != parent {
			return o.Fail(fmt.Sprintf("%d was looked at %d times and then collected by %v", lab.Pid(c), n, c.Reaper != nil), "it did not stay waitable, or nobody tried")
		}
	}
	waits := o.Waits(parent)
	if len(parent.Children) == 0 || waits[len(waits)-1].Errno != "ECHILD" {
		return o.Fail("the last wait did not fail with ECHILD", "a collected child is gone, for waitid too")
	}
	return o.Passed("each was seen twice, collected once, and then there was no child")
}

func waitidSelects(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	var any bool
	seen := map[int]bool{}
	for _, c := range parent.Children {
		for _, e := range peeks(o, parent, c) {
			switch e.IDType {
			case lab.PPid, lab.PPgid:
				right := e.ID == lab.Pid(c) || e.IDType == lab.PPgid && e.ID == o.GroupAt(c, e.Time)
				older := earlier(parent, c, e, func(*trace.Process) bool { return true }) != nil
				seen[e.IDType] = seen[e.IDType] || right && older
			case lab.PAll:
				any = true
			}
		}
	}
	if !seen[lab.PPid] || !seen[lab.PPgid] || !any {
		return o.Fail(fmt.Sprintf("P_PID chose: %v, P_PGID chose: %v, P_ALL took one: %v", seen[lab.PPid], seen[lab.PPgid], any), "a selection did not return its child, or no other zombie was there to be taken by mistake")
	}
	return o.Passed("P_PID and P_PGID passed over an older zombie; P_ALL took the one left")
}

func waitidPidfd(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	if lines := o.Lines(); len(lines) > 0 && (lines[0] == "P_PIDFD: ENOSYS" || lines[0] == "P_PIDFD: EINVAL") {
		return lab.Cannot("this kernel has no pidfds to wait for", "Linux 5.4 or later has")
	}
	for _, c := range parent.Children {
		for _, e := range peeks(o, parent, c) {
			if e.IDType == lab.PPidfd && earlier(parent, c, e, func(*trace.Process) bool { return true }) != nil {
				return o.Passed("the descriptor %d returned %d, though others were zombies for longer", e.ID, lab.Pid(c))
			}
		}
	}
	return o.Fail("no waitid with P_PIDFD returned a child", "the descriptor did not select it")
}

func waitidUndumpable(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	if len(parent.Children) != 4 {
		return o.Fail(o.Family(), "the fourth child is the undumpable one")
	}
	c := parent.Children[3]
	w, ended := lab.Word(c)
	if !ended || w != proc.WaitStatus(6) {
		return o.Fail(fmt.Sprintf("the word of the undumpable child is %#x", uint32(w)), "it should be 0x6: SIGABRT, and the core bit clear")
	}
	for _, e := range peeks(o, parent, c) {
		if e.SiCode != lab.CldKilled {
			return o.Fail(fmt.Sprintf("si_code of the undumpable child is %d", e.SiCode), "it should be CLD_KILLED")
		}
	}
	return o.Passed("its word is %#x", uint32(w))
}

func waitidEinval(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	var none, unknown string
	for _, e := range o.Waits(most(o)) {
		switch {
		case e.Call != "waitid" || e.Result >= 0:
		case e.Options&(lab.WEXITED|lab.WUNTRACED|lab.WCONTINUED) == 0:
			none = e.Errno
		case e.Options&0x100 != 0:
			unknown = e.Errno
		}
	}
	if none != "EINVAL" || unknown != "EINVAL" {
		return o.Fail(fmt.Sprintf("no change named: %q; an unknown bit: %q", none, unknown), "both are EINVAL")
	}
	return o.Passed("both failed with EINVAL")
}

// waitidMoments are where to stop in a run of the experiment.
var waitidMoments = []lab.Moment{
	{
		Name: "pidfd",
		Says: "waitid names a child by a descriptor, a pidfd: that cannot become another process by mistake.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Call == "waitid" && e.IDType == lab.PPidfd && e.Result > 0 }, trace.KindWait),
	},
	{
		Name: "all",
		Says: "P_ALL: any child, as waitpid with −1.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Call == "waitid" && e.IDType == lab.PAll && e.Result > 0 }, trace.KindWait),
	},
}

// waitidQuestions are what to ask before it is shown.
var waitidQuestions = []lab.Question{
	{
		Name:    "status",
		Ask:     "A child called exit(7). What is in si_status?",
		Answers: []string{"0x0700", "7", "0"},
		Right:   lab.Says("7", "CLD_EXITED, si_status 7"),
		Why:     "waitid gives the exit status and the kind of the end apart. There is no word to take apart.",
		Moment:  "all",
	},
	{
		Name:    "wnowait",
		Ask:     "waitid is called with WNOWAIT. Is the child reaped?",
		Answers: []string{"yes", "no, it stays waitable"},
		Right: lab.If("no, it stays waitable", func(o *lab.Observation) bool {
			look := lab.AtFirst(func(e *trace.Event) bool { return e.Options&lab.WNOWAIT != 0 && e.Result > 0 }, trace.KindWait)(o)
			if look == nil {
				return false
			}
			c := o.Process(look.ResultProcess)
			return c != nil && c.Reap != nil && c.Reaped > look.Time
		}),
		Why:    "WNOWAIT only looks.",
		Moment: "pidfd",
	},
}
