package checks

import (
	"fmt"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Background checks what becomes of a shell's jobs when their
// terminal goes away.
var Background = &lab.Experiment{
	Dir: "doublefork", Name: "background", Ref: "§8.6, §9.6, §10.2",
	Title: "jobs, nohup, a daemon: their terminal goes",
	Claims: []lab.Claim{
		{
			Name:   "set-up",
			Says:   "leader and jobs share a session and its terminal: two jobs are in its foreground group, one is in a group of its own; the daemon is in another session without a terminal",
			Why:    "because these are the places in which a shell puts its jobs",
			Points: 1,
			Hints:  [3]string{"what does a shell do for cmd, and what for cmd &?", "a group for each job; one group is the terminal's foreground", "setpgid and tcsetpgrp"},
			Judge:  bgSetUp,
		},
		{
			Name:   "leader-hup",
			Says:   "the kernel sends SIGHUP to the session leader, which dies of it",
			Why:    "because its controlling terminal has hung up",
			Points: 1,
			Hints:  [3]string{"who is told first?", "the session leader is the controlling process", "the last close of the terminal's other end"},
			Judge: bgJudge("session leader", func(o *lab.Observation, p *trace.Process) (string, bool) {
				return "it has to be sent by the kernel, and to end it", len(bgKernelHups(o, p)) == 1 && p.Exit.Status == lab.SIGHUP
			}),
		},
		{
			Name:   "foreground-hup",
			Says:   "the kernel sends SIGHUP to the job in the foreground group when the leader ends, and it dies of it",
			Why:    "because that is what the end of a controlling process does",
			Points: 1,
			Hints:  [3]string{"when is it told, and why then?", "the foreground group hears of it when the session leader ends", "tcsetpgrp decides which group that is"},
			Judge: bgJudge("foreground job", func(o *lab.Observation, p *trace.Process) (string, bool) {
				// The leader sends it on its way out, and may be
				// overtaken there: disassociate_ctty comes before
				// exit_notify in do_exit.
				hups, first := bgKernelHups(o, p), []*trace.Event(nil)
				if leader := bgFind(o, "session leader"); leader != nil {
					first = bgKernelHups(o, leader)
				}
				return "it has to be sent by the kernel, and to end it", len(hups) == 1 &&
					p.Exit.Status == lab.SIGHUP && len(first) > 0 && first[0].Time < hups[0].Time
			}),
		},
		{
			Name:   "nohup-ignores",
			Says:   "the job that ignores SIGHUP is in the foreground group as well, and runs on until it ends normally",
			Why:    "because nohup does nothing else: an ignored signal is sent, and discarded",
			Points: 1,
			Hints:  [3]string{"what does nohup change?", "SigIgn in /proc/PID/status; exec keeps it", "signal with SIG_IGN"},
			Judge:  bgNohup,
		},
		{
			Name:   "background-spared",
			Says:   "the kernel sends no SIGHUP to the job in a group of its own, which runs on until it ends normally",
			Why:    "because it is neither the session leader nor in the foreground group",
			Points: 1,
			Hints:  [3]string{"who tells a background job?", "the kernel does not; a shell may", "setpgid"},
			Judge:  bgJudge("background job", bgSpared),
		},
		{
			Name:   "daemon-spared",
			Says:   "the daemon is sent no SIGHUP, and runs on until it ends normally",
			Why:    "because it is in another session",
			Points: 1,
			Hints:  [3]string{"which session is hung up?", "a terminal has one session", "setsid"},
			Judge:  bgJudge("daemon", bgSpared),
		},
		{
			Name:   "terminal-lost",
			Says:   "after the hangup the jobs that run on have no controlling terminal, and are still in their session",
			Why:    "because the kernel takes the terminal away from every process of the session",
			Points: 1,
			Hints:  [3]string{"which terminal has a job whose terminal is gone?", "tty_nr in /proc/PID/stat becomes 0", "the last close of the terminal's other end"},
			Judge:  bgTerminalLost,
		},
		{
			Name:   "subreaper-not-inherited",
			Says:   "the daemon is adopted by the original, which made itself a subreaper, and not by the session leader, a nearer ancestor that runs and was forked after that",
			Why:    "because fork does not hand the attribute on",
			Points: 1,
			Hints:  [3]string{"which ancestors does the daemon have when its parent ends?", "the nearest living subreaper adopts; the child of one is none", "prctl with PR_SET_CHILD_SUBREAPER"},
			Judge:  bgSubreaper,
		},
	},
	Moments:   backgroundMoments,
	Questions: backgroundQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "original"}
		for _, role := range bgRoles {
			if p := bgFind(o, role); p != nil {
				roles[p.Name] = role
				if role == "daemon" && p.Parent != nil && p.Parent.Name != "P0" {
					roles[p.Parent.Name] = "first child"
				}
			}
		}
		return roles
	}),
}

var (
	bgRun   = onPty(looked())
	bgRoles = []string{"session leader", "foreground job", "nohup job", "background job", "daemon"}
)

// bgFind is the process that the program introduced in this role.
// A claim then judges it by /proc.
func bgFind(o *lab.Observation, role string) *trace.Process {
	for _, m := range moments(o, role+" ") {
		rest, _, _ := strings.Cut(strings.TrimPrefix(m.line, role+" "), ":")
		if pid, err := strconv.Atoi(rest); err == nil {
			return o.ByPid(pid)
		}
	}
	return nil
}

func bgSetUp(b *lab.Bench) lab.Verdict {
	o := b.Run(bgRun)
	all := moments(o, "daemon ") // the last one introduced
	if len(all) == 0 {
		return o.Fail("it printed "+lab.Quote(o.Lines()), "there were no jobs")
	}
	at := map[string]state{}
	for _, role := range bgRoles {
		p := bgFind(o, role)
		if p == nil || all[0].state[p.Name] == nil {
			return o.Fail("there is no "+role, "one of the five was not started")
		}
		at[role] = all[0].state[p.Name]
	}
	const foreground = 8 // tpgid of proc(5)
	leader, fg := at["session leader"], at["foreground job"]
	session, tty := leader.Stat(statSession), leader.Stat(statTty)
	said := ""
	for _, role := range bgRoles {
		s := at[role]
		said += fmt.Sprintf("%s: session %s, group %s, tty_nr %s. ", role, s.Stat(statSession), s.Stat(statGroup), s.Stat(statTty))
	}
	wrong := ""
	for _, role := range bgRoles[:4] {
		if at[role].Stat(statSession) != session || at[role].Stat(statTty) != tty || tty == "0" {
			wrong = role + " is not in the session of the terminal"
		}
	}
	bg, d := at["background job"], at["daemon"]
	switch {
	case session != leader.Status("Pid"):
		wrong = "the leader does not lead its session"
	case fg.Stat(statGroup) != fg.Stat(foreground) || at["nohup job"].Stat(statGroup) != fg.Stat(foreground):
		wrong = "the foreground jobs are not in the terminal's foreground group"
	case bg.Stat(statGroup) != bg.Status("Pid"):
		wrong = "the background job has no group of its own"
	case d.Stat(statSession) == session || d.Stat(statTty) != "0" || d.Stat(statSession) == d.Status("Pid"):
		wrong = "the daemon is in that session, or leads its own, or has a terminal"
	}
	if wrong != "" {
		return o.Fail(strings.TrimSpace(said), wrong)
	}
	return o.Passed("%s", strings.TrimSpace(said))
}

// bgKernelHups are the SIGHUPs that the kernel sent to the process.
func bgKernelHups(o *lab.Observation, p *trace.Process) (hups []*trace.Event) {
	for _, e := range o.EventsOf(p, trace.KindSignal) {
		if e.Signal == lab.SIGHUP && e.SiCode > 0 {
			hups = append(hups, e)
		}
	}
	return hups
}

// bgJudge judges one of the five by the signals it got and by its
// end.
func bgJudge(role string, right func(*lab.Observation, *trace.Process) (string, bool)) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(bgRun)
		p := bgFind(o, role)
		if p == nil || p.Exit == nil {
			return o.Fail("no "+role+" was seen to end", "there was none, or it was left running")
		}
		said := fmt.Sprintf("the %s (%d) was sent %d SIGHUP by the kernel, and %s", role, lab.Pid(p), len(bgKernelHups(o, p)), lab.Ended(p.Exit.Status))
		if means, ok := right(o, p); !ok {
			return o.Fail(said, means)
		}
		return o.Passed("%s", said)
	}
}

// bgSpared says that the process got no SIGHUP from anybody, and
// outlived those that did.
func bgSpared(o *lab.Observation, p *trace.Process) (string, bool) {
	for _, e := range o.EventsOf(p, trace.KindSignal) {
		if e.Signal == lab.SIGHUP {
			return "the hangup reached it", false
		}
	}
	fg := bgFind(o, "foreground job")
	return "it did not outlive the hangup, or ended in another way", p.Exit.Status == 0 && fg != nil && fg.Died > 0 && fg.Died < p.Died
}

func bgNohup(b *lab.Bench) lab.Verdict {
	o := b.Run(bgRun)
	p, fg := bgFind(o, "nohup job"), bgFind(o, "foreground job")
	all := moments(o, "nohup job ")
	if p == nil || fg == nil || p.Exit == nil || len(all) == 0 {
		return o.Fail("no nohup job was seen to end", "there was none, or it was left running")
	}
	s, f := all[0].state[p.Name], all[0].state[fg.Name]
	ignored := signals(s, "SigIgn", lab.SIGHUP)
	said := fmt.Sprintf("the nohup job (%d) is in group %s, ignores SIGHUP: %t, and %s", lab.Pid(p), s.Stat(statGroup), ignored, lab.Ended(p.Exit.Status))
	if !ignored || s.Stat(statGroup) != f.Stat(statGroup) || p.Exit.Status != 0 || p.Died < fg.Died {
		return o.Fail(said, "it was to ignore what ended its neighbour in the group")
	}
	return o.Passed("%s", said)
}

func bgTerminalLost(b *lab.Bench) lab.Verdict {
	o := b.Run(bgRun)
	leader := bgFind(o, "session leader")
	seen := 0
	for _, role := range []string{"nohup job", "background job"} {
		p := bgFind(o, role)
		for _, m := range moments(o, role+" ") {
			if p == nil || leader == nil || !strings.HasSuffix(m.line, ": still runs") {
				continue
			}
			s := m.state[p.Name]
			if s.Stat(statTty) != "0" || s.StatNumber(statSession) != leader.Pid {
				return o.Fail(fmt.Sprintf("the %s has tty_nr %s, session %s", role, s.Stat(statTty), s.Stat(statSession)),
					"its terminal was to be gone, and its session the same")
			}
			seen++
		}
	}
	if seen != 2 {
		return o.Fail(fmt.Sprintf("%d of two jobs were seen after the hangup", seen), "they were to run on")
	}
	return o.Passed("nohup job and background job have tty_nr 0, and are in session %d still", leader.Pid)
}

func bgSubreaper(b *lab.Bench) lab.Verdict {
	o := b.Run(bgRun)
	d, leader := bgFind(o, "daemon"), bgFind(o, "session leader")
	if d == nil || leader == nil || len(d.Reparented) == 0 || d.Parent.Parent != leader {
		return o.Fail(o.Family(), "there was no daemon whose grandparent is the session leader")
	}
	set := false
	for _, e := range o.Events(trace.KindSubreaper) {
		set = set || e.Process == leader.Parent.Name && e.Value == 1 && e.Time < leader.Born
	}
	e := d.Reparented[0]
	said := fmt.Sprintf("subreaper before the leader was forked: %t; the daemon was adopted by %s", set, newParent(e))
	if !set || e.NewParentProcess != leader.Parent.Name || leader.Died < e.Time {
		return o.Fail(said, "it was to be the subreaper, while the leader ran")
	}
	return o.Passed("%s", said)
}

// backgroundMoments are where to stop in a run of the experiment.
var backgroundMoments = []lab.Moment{
	{
		Name: "leader",
		Says: "The terminal goes away: the kernel sends SIGHUP (1) to the session leader, which dies of it.",
		At:   lab.AtEnd("session leader"),
	},
	{
		Name: "foreground",
		Says: "The foreground process group gets SIGHUP too.",
		At:   lab.AtEnd("foreground job"),
	},
}

// backgroundQuestions are what to ask before it is shown.
var backgroundQuestions = []lab.Question{
	{
		Name:    "nohup",
		Ask:     "The terminal goes away. What happens to a job that was started with nohup?",
		Answers: []string{"it is ended by SIGHUP", "it runs on, because it ignores SIGHUP"},
		Right:   lab.If("it runs on, because it ignores SIGHUP", func(o *lab.Observation) bool { return bgNormal(o, "nohup job") }),
		Why:     "nohup sets SIGHUP to be ignored, and an exec keeps that.",
	},
	{
		Name:    "background",
		Ask:     "And a job in the background, in a process group of its own?",
		Answers: []string{"the kernel sends it SIGHUP", "the kernel sends it nothing"},
		Right:   lab.If("the kernel sends it nothing", func(o *lab.Observation) bool { return bgNormal(o, "background job") }),
		Why:     "The kernel sends SIGHUP to the session leader and to the foreground group only. A shell may forward it to its other jobs.",
	},
}

// bgNormal reports whether the process in this role ended normally.
func bgNormal(o *lab.Observation, role string) bool {
	p := o.Cast().Of(role)
	return p != nil && lab.EndedNormally(p)
}
