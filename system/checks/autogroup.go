package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

var autogroupRun = watched()

// Autogroup checks the nice value across sessions.
var Autogroup = &lab.Experiment{
	Dir: "system", Name: "autogroup", Ref: "§8.16",
	Title: "the nice value across sessions",
	Claims: []lab.Claim{
		claim("equal", "two processes of different sessions share a processor half and half, with the nice values 0 and 19",
			"because the kernel divides the processor among the sessions first",
			[3]string{"Does nice help against a process of another terminal?", "Each session is a group of its own.", "setsid in both, nice 19 in one"},
			autogroupShares("sessions", 0.6, 1.6)),
		claim("group-nice", "a number written to /proc/PID/autogroup weighs the session as a whole",
			"because groups have nice values of their own",
			[3]string{"How can a whole session be made nicer?", "Its group has a nice value.", "echo 10 > /proc/self/autogroup"},
			autogroupShares("the second group +10", 1024.0/110/2, 1024.0/110*2)),
		claim("within", "within one session the nice values count: with 0 and 10 the shares are as 1024 to 110",
			"because the group divides its part of the processor among its processes",
			[3]string{"When does the nice value count?", "Among the processes of one session.", "one setsid, two forks, nice 10 in one"},
			autogroupShares("one session", 1024.0/110/2, 1024.0/110*2)),
		claim("membership", "a fork inherits the group, setsid makes a new one",
			"because a group is for a session",
			[3]string{"When does a process leave its group?", "When it makes a session.", "cat /proc/self/autogroup"},
			lines(autogroupRun, "the group is the session's", []string{"a fork: the same group: true", "setsid: another group: true"}, autogroupMember)),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		first := o.Processes()[0]
		common := childOf(first, 5)
		return lab.Cast{}.With("original", first).With("new leader", childOf(first, 0)).
			With("plain leader", childOf(first, 1)).With("nice leader", childOf(first, 2)).
			With("unweighed leader", childOf(first, 3)).With("weighed leader", childOf(first, 4)).
			With("common leader", common).With("plain member", childOf(common, 0)).With("nice member", childOf(common, 1))
	},
	Moments: []lab.Moment{
		{Name: "session", Says: "setsid: a new session, and with it a new group of the scheduler's. Its nice values count only among its own processes.",
			At: func(o *lab.Observation) *trace.Event {
				if all := o.Events(trace.KindSetsid); len(all) > 0 {
					return all[0]
				}
				return nil
			}},
	},
	Questions: []lab.Question{{
		Name: "share", Ask: "Two processes in two sessions compete for one processor, one with nice 0 and one with nice 19. How do they share it?",
		Answers: []string{"67 to 1", "10 to 1", "half and half"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("sessions, nice +19: about half")) == 0 {
				return ""
			}
			return "half and half"
		},
		Why: "With autogrouping the kernel divides the processor among sessions first. The nice value counts within a session.", Moment: "session",
	}, {
		Name: "setsid", Ask: "When does a process leave its group of the scheduler's (its autogroup)?",
		Answers: []string{"at a fork", "at a setsid", "when its nice value changes"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("a fork: the same group: true")) == 0 || len(o.Printed("setsid: another group: true")) == 0 {
				return ""
			}
			return "at a setsid"
		},
		Why: "There is one group for each session. A fork inherits the session, and with it the group.", Moment: "session",
	}},
}

// autogroupTimes are the processor times, in ms, of the two processes
// of a line when both were zombies.
func autogroupTimes(o *lab.Observation, what string) (a, z int, ok bool) {
	found := o.Printed(what + ", nice +")
	if len(found) != 2 {
		return 0, 0, false
	}
	var pair []int
	for _, p := range found[0].By.Children {
		if f := found[0].Of(p); f.Stat(3) == "Z" {
			pair = append(pair, usedMs(f))
		}
	}
	if len(pair) != 2 {
		return 0, 0, false
	}
	return pair[0], pair[1], true
}

// autogroupRoot reports whether the process is in the root CPU control
// group, where autogroups count; known is false where that is hidden.
func autogroupRoot(f trace.ProcFiles) (root, known bool) {
	for line := range strings.Lines(f["cgroup"]) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, ok := strings.Cut(rest, ":")
		if !ok {
			continue
		}
		for c := range strings.SplitSeq(controllers, ",") {
			if c == "cpu" {
				return path == "/", true
			}
		}
		if controllers == "" && path == "/" {
			root, known = true, true
		}
	}
	return root, known
}

// autogroupEnough is how much processor time, in ms, the two processes have
// to get together in their half second. Where others take more of it, the
// smaller share is a few slices, and one slice decides.
const autogroupEnough = 400

func autogroupShares(what string, low, high float64) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o, cannot := run(b, autogroupRun)
		if cannot != nil {
			if strings.Contains(cannot.Reason, "sysctl") {
				cannot.Remedy = "the administrator sets kernel.sched_autogroup_enabled"
			}
			return *cannot
		}
		a, z, ok := autogroupTimes(o, what)
		if !ok {
			return o.Fail("the program printed "+lab.Quote(o.Lines()), "two processes should have computed, and be zombies at these lines")
		}
		if a+z < autogroupEnough {
			return lab.Cannot(fmt.Sprintf("the two processes together got %d ms of the processor", a+z), "try again when the machine is less busy")
		}
		if ratio := float64(a) / float64(max(z, 1)); ratio < low || ratio > high {
			if root, known := autogroupRoot(o.Printed("a fork")[0].Of(o.Printed("a fork")[0].By)); !root || !known {
				return lab.Cannot("this process is in a CPU control group, where autogroups do not count, or that is hidden", "run it in the root CPU control group")
			}
			return o.Fail(fmt.Sprintf("the processor times were %d and %d ms", a, z), fmt.Sprintf("the ratio should lie between %.1f and %.1f", low, high))
		}
		return o.Passed("the processor times were %d and %d ms", a, z)
	}
}

func autogroupMember(o *lab.Observation) *lab.Verdict {
	same, other := o.Printed("a fork")[0], o.Printed("setsid")[0]
	parent := same.Of(same.By.Parent)["autogroup"]
	if parent == "" || same.Of(same.By)["autogroup"] != parent || other.Of(other.By)["autogroup"] == parent {
		return failure(o, "the lines are not what /proc has", "the parent's group is %q, the child's %q and then %q", parent, same.Of(same.By)["autogroup"], other.Of(other.By)["autogroup"])
	}
	return nil
}
