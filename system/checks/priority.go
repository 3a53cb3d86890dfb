package checks

import (
	"fmt"

	"apue/internal/lab"
	"apue/internal/trace"
)

var priorityRun = watched()

// Priority checks the rules of the nice value.
var Priority = &lab.Experiment{
	Dir: "system", Name: "priority", Ref: "§8.16",
	Title: "the rules of the nice value",
	Claims: []lab.Claim{
		claim("adds", "nice(3) adds 3 to the nice value",
			"because its argument is a difference",
			[3]string{"Is nice's argument a value or a difference?", "A difference; setpriority takes a value.", "nice(3)"},
			lines(priorityRun, "3 was added", []string{"nice(3): +3, succeeds"}, priorityAdds)),
		claim("clamps", "beyond 19 the value is 19, without an error",
			"because the range ends there",
			[3]string{"What does nice(100) return?", "The end of the range.", "nice(100)"},
			lines(priorityRun, "19 is the end", []string{"nice(100): 19, succeeds"}, func(o *lab.Observation) *lab.Verdict { return priorityValue(o, "nice(100)", 19) })),
		claim("minus-one", "−1 is a legal value: from −3, nice(2) returns −1 without an error",
			"because nice returns the new value",
			[3]string{"How can −1 be told from an error?", "By errno, set to 0 before.", "errno = 0; nice(2)"},
			lines(priorityRun, "−1 is a value here", []string{"from −3, nice(2): -1, succeeds"}, func(o *lab.Observation) *lab.Verdict { return priorityValue(o, "from −3", -1) })),
		claim("eperm", "without privilege a lower value is refused: EPERM by nice, EACCES by setpriority for the caller itself, EPERM for another user's process",
			"because a raised nice value is given away",
			[3]string{"Can a plain user take a raised nice value back?", "Only with RLIMIT_NICE or CAP_SYS_NICE.", "nice(-1), setpriority(PRIO_PROCESS, 0, lower)"},
			lines(priorityRun, "the privilege is missing", []string{"without privilege, nice(-1): operation not permitted", "setpriority(itself, 9): permission denied"}, priorityRefused)),
		claim("group", "getpriority of a process group is the lowest value in it, and setpriority sets all",
			"because the lowest value is the highest priority",
			[3]string{"Which of the values 12, 15 and 17 is the group's?", "The most favourable one.", "getpriority(PRIO_PGRP, 0)"},
			lines(priorityRun, "12 is the lowest", []string{"a group of 12, 15 and 17: 12, succeeds", "setpriority(the group, 18): succeeds"}, priorityGroup)),
		claim("inherited", "a fork inherits the value, an exec keeps it",
			"because it belongs to the process",
			[3]string{"Which value does a new program have?", "The one of the process that executed it.", "nice 11 sh -c nice"},
			lines(priorityRun, "11 is inherited", []string{"after a fork: 11", "after an exec"}, func(o *lab.Observation) *lab.Verdict {
				if v := priorityValue(o, "after a fork", 11); v != nil {
					return v
				}
				return priorityValue(o, "after an exec", 11)
			})),
		claim("reset-on-fork", "with SCHED_RESET_ON_FORK a child of a process with a negative value has 0",
			"because a privileged process may not want to hand its privilege on",
			[3]string{"Which value does a child of a process with −3 have?", "A flag of the scheduling policy resets it.", "sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, …)"},
			lines(priorityRun, "a negative value should become 0 at the fork", []string{"SCHED_RESET_ON_FORK: -3", "SCHED_RESET_ON_FORK, after a fork: 0"}, func(o *lab.Observation) *lab.Verdict {
				if v := priorityValue(o, "SCHED_RESET_ON_FORK: -3", -3); v != nil {
					return v
				}
				return priorityValue(o, "SCHED_RESET_ON_FORK, after a fork: 0", 0)
			})),
		claim("thread", "on Linux the value is the thread's: two threads of one process have different values",
			"because the kernel schedules threads",
			[3]string{"Whose value does setpriority(PRIO_PROCESS, 0) change?", "The calling thread's.", "setpriority in one of two threads"},
			lines(priorityRun, "only one thread was changed", []string{"one thread: 13, another: +0"}, priorityThread)),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		unprivileged, leader := o.Printer("without privilege"), o.Printer("a group")
		child, reset := o.Printer("after a fork"), o.Printer("SCHED_RESET_ON_FORK, after a fork")
		return lab.Cast{}.With("original", o.Processes()[0]).
			With("nicer child", o.Printer("nice(3)")).With("privileged child", o.Printer("from −3")).
			With("unprivileged child", unprivileged).With("other user's process", childOf(unprivileged, 0)).
			With("group leader", leader).With("first member", childOf(leader, 0)).With("second member", childOf(leader, 1)).
			With("nice parent", parentOf(child)).With("inheriting child", child).
			With("resetting parent", parentOf(reset)).With("reset child", reset)
	},
	Moments: []lab.Moment{
		{Name: "refused", Says: "A process without privilege asks for a lower nice value, and is refused: what it gave away it cannot take back.",
			At: func(o *lab.Observation) *trace.Event {
				for _, e := range o.Events(trace.KindPriority) {
					if e.Errno != "" {
						return e
					}
				}
				return nil
			}},
	},
	Questions: []lab.Question{{
		Name: "back", Ask: "A plain user's process calls nice(10), and later nice(-10). What is its nice value then, if it began with 0?",
		Answers: []string{"0", "10", "20"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("without privilege, nice(-1): operation not permitted")) == 0 {
				return ""
			}
			return "10"
		},
		Why: "Lowering the value takes CAP_SYS_NICE, or RLIMIT_NICE. The second call fails with EPERM.", Moment: "refused",
	}, {
		Name: "exec", Ask: "A process with the nice value 11 forks, and the child executes another program. Which nice value has that program?",
		Answers: []string{"0: an exec starts anew", "11", "that of the file's owner"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("after a fork: 11")) == 0 {
				return ""
			}
			for _, l := range o.Printed("after an exec") {
				if l.By.Exec != nil {
					return "11"
				}
			}
			return ""
		},
		Why: "The nice value belongs to the process: a fork copies it, and an exec keeps it.",
	}},
}

// priorityValue judges field 19 of stat of the process at its line.
func priorityValue(o *lab.Observation, words string, want int) *lab.Verdict {
	for _, l := range o.Printed(words) {
		if got := l.Of(l.By).StatNumber(19); got != want {
			return failure(o, fmt.Sprintf("it should be %d", want), "at the line %q the nice value in /proc/PID/stat was %d", l.Text, got)
		}
	}
	return nil
}

// priorityCalls are the calls of setpriority of a process.
func priorityCalls(o *lab.Observation, p *trace.Process) (all []*trace.Event) {
	for _, e := range o.EventsOf(p, trace.KindPriority) {
		if e.Call == "setpriority" {
			all = append(all, e)
		}
	}
	return all
}

func priorityAdds(o *lab.Observation) *lab.Verdict {
	l := o.Printed("nice(3)")[0]
	calls := priorityCalls(o, l.By)
	if len(calls) == 0 || calls[0].Nice == nil || calls[0].Errno != "" || l.Of(l.By).StatNumber(19) != *calls[0].Nice {
		return failure(o, "/proc shows the new value", "at the line %q the nice value was %d", l.Text, l.Of(l.By).StatNumber(19))
	}
	return nil
}

func priorityRefused(o *lab.Observation) *lab.Verdict {
	l := o.Printed("without privilege, nice(-1)")[0]
	var errnos []string
	for _, e := range priorityCalls(o, l.By) {
		if e.Errno != "" {
			errnos = append(errnos, e.Errno)
		}
	}
	// nice makes EPERM of the kernel's EACCES.
	want := []string{"EACCES", "EACCES"}
	if len(o.Printed("setpriority(another user's, 19)")) > 0 {
		want = append(want, "EPERM")
	}
	if fmt.Sprint(errnos) != fmt.Sprint(want) {
		return failure(o, fmt.Sprintf("they should fail with %v", want), "the calls of setpriority failed with %v", errnos)
	}
	return nil
}

func priorityGroup(o *lab.Observation) *lab.Verdict {
	l := o.Printed("setpriority(the group, 18)")[0]
	for _, p := range append([]*trace.Process{l.By}, l.By.Children...) {
		if n := l.State[p.Name].Files.StatNumber(19); n != 18 {
			return failure(o, "setpriority of the group sets all", "a member of the group has the nice value %d, not 18", n)
		}
	}
	if len(l.By.Children) != 2 {
		return failure(o, "the group is of three", "the leader has %d children", len(l.By.Children))
	}
	return nil
}

func priorityThread(o *lab.Observation) *lab.Verdict {
	l := o.Printed("one thread: 13, another: +0")[0]
	for _, e := range priorityCalls(o, l.By) {
		if e.Tid != 0 && e.Errno == "" && e.Nice != nil && *e.Nice == 13 {
			if n := l.Of(l.By).StatNumber(19); n == 13 {
				return failure(o, "the first thread was not the one that called", "the first thread has the value %d too", n)
			}
			return nil
		}
	}
	return failure(o, "another thread than the first has to call it", "no thread but the first called setpriority")
}
