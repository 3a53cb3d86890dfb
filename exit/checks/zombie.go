package checks

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Zombie checks Exercise 8.6.
var Zombie = &lab.Experiment{
	Dir: "exit", Name: "zombie", Ref: "§8.5, Ex. 8.6",
	Title:    "what is left of a child nobody has waited for",
	Exercise: true, SleepsAllowed: true,
	Task: `A child, made by fork, ends while its parent lives and is not in a
wait for it, so that it is a zombie for a while. The program looks at
the zombie meanwhile: with ps by way of system(), in /proc, or with
waitid and WNOWAIT. The parent may reap the child afterwards, but it
need not. Other children (ps, for example) are free.`,
	Claims: []lab.Claim{
		{
			Name:   "was-zombie",
			Says:   "the child, which runs no other program, is dead for a while, and its parent lives and is in no wait that could return it",
			Why:    "because a process that has ended stays a zombie (state Z) until its parent waits for it",
			Points: 8,
			Hints: [3]string{
				"What is the parent doing when the child ends?",
				"A parent that is in wait() already reaps the child at once. A zombie is a child that ended while its parent did something else.",
				"Let the parent sleep, or call waitid() with WEXITED | WNOWAIT, and then run ps. If it reaps the child at all, then after that.",
			},
			Judge: zombieWas,
		},
		lab.AsAskedClaim("", onPipe),
		{
			Name: "reaped", Ours: true,
			Says: "a wait of the parent then returns the child's pid and its termination status",
			Why:  "because this is what the kernel has kept the zombie for",
			Hints: [3]string{
				"Does the parent ever wait, and does it ask for the status?",
				"wait(NULL) reaps the child and throws the status away. A look with WNOWAIT reaps nothing. With SIGCHLD ignored there is nothing to reap.",
				"Call waitpid(pid, &status, 0) at the end.",
			},
			Judge: zombieReaped,
		},
		{
			Name: "none-left", Ours: true,
			Says: "when the parent ends, no child of it is a zombie",
			Why:  "because a zombie holds a pid and a place in the table of processes",
			Hints: [3]string{
				"Count the children that were made, and the waits that returned one.",
				"Every child needs a wait of its own. When the parent ends, its adopter has to reap its zombies.",
				"Call wait() until it fails with ECHILD.",
			},
			Judge: zombieNoneLeft,
		},
		{
			Name: "what-is-left", Ours: true,
			Says: "of a zombie its pid, its parent, its status and its CPU time are left; it has no memory, no descriptors and no command line",
			Why:  "because the kernel frees everything when a process ends, except what its parent may ask for",
			Hints: [3]string{
				"What do the files in /proc/PID say of a zombie?",
				"Fields 3, 4, 14, 15 and 52 of /proc/PID/stat are its state, parent, CPU time and status word.",
				"Read /proc/PID/stat, status, cmdline and fd between the child's end and the wait.",
			},
			Judge: zombieLeft,
		},
		{
			Name: "kill", Ours: true,
			Says: "a signal sent to a zombie succeeds and changes nothing: it stays a zombie, with the same status",
			Why:  "because its pid still names a process, and a dead process acts on no signal",
			Hints: [3]string{
				"Can you kill a zombie?",
				"kill finds the pid in the table. The process has nothing left that could act on the signal.",
				"Call kill(pid, SIGKILL) between the child's end and the wait.",
			},
			Judge: zombieKill,
		},
		{
			Name: "gone", Ours: true,
			Says: "after the wait there is no such process: kill fails with ESRCH, and /proc has no entry",
			Why:  "because the wait gives the pid back",
			Hints: [3]string{
				"What does kill -0 say after the wait?",
				"Until the wait the pid cannot be given to another process. Afterwards it can.",
				"Call kill(pid, 0) after the wait.",
			},
			Judge: zombieGone,
		},
		{
			Name: "handed-on", Ours: true,
			Says: "when a parent ends without waiting, its zombie is adopted, and the adopter reaps it",
			Why:  "because zombies get a new parent as all children do",
			Hints: [3]string{
				"Which process waits for the children of a process that never did?",
				"A zombie is adopted as a living child is, and its adopter is told of its end then.",
				"Run it with --adopted.",
			},
			Judge: zombieHanded,
		},
		zombieByPs,
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, child := zombieFind(o)
		if parent == nil || parent.Parent == nil {
			return lab.Pair(parent, child)
		}
		role := "parent"
		if o.ParentAt(child, child.Reaped) == parent.Parent {
			role = "middle" // the zombie passes to the process above
		}
		return lab.Cast{}.With("original", parent.Parent).With(role, parent).With("child", child)
	},
	Moments: []lab.Moment{
		{
			Name: "ends",
			Says: "The child has ended, and no wait has reaped it. The kernel frees its memory and its descriptors, and keeps its pid and its status: a zombie.",
			At: func(o *lab.Observation) *trace.Event {
				if p, c := zombiePair(o); p != nil && c != nil {
					if from, _ := zombieWhile(o, p, c); from > 0 {
						return c.Exit
					}
				}
				return nil
			},
		},
		{
			Name: "reaped",
			Says: "The parent's wait returns the status, and only now is the zombie gone.",
			At: func(o *lab.Observation) *trace.Event {
				if _, c := zombiePair(o); c != nil {
					return c.Reap
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "until-when",
			Ask:     "The child has ended. Until when does it keep its pid?",
			Answers: []string{"it has lost it already", "until its parent waits for it", "until a signal kills it"},
			Right: func(o *lab.Observation) string {
				if _, c := zombiePair(o); c == nil || c.Reap == nil || c.Reap.Entered < c.Died {
					return ""
				}
				return "until its parent waits for it"
			},
			Why:    "The pid and the status are what the kernel keeps for the parent. A dead process cannot be killed once more.",
			Moment: "reaped",
		},
		{
			Name:    "state",
			Ask:     "The child has ended and its parent has not waited. Which state does ps show?",
			Answers: []string{"R", "S", "D", "T", "Z"},
			Right: func(o *lab.Observation) string {
				if p, c := zombiePair(o); c == nil || !o.ZombieOf(c, p, c.Died) {
					return ""
				}
				return "Z"
			},
			Why:    "Z stands for zombie: a process that has ended and was not reaped.",
			Moment: "ends",
		},
	},
}

// zombieFind finds the parent and the child of the experiment: a forked
// child that executed no program comes before one that did, one that was
// a zombie before one that was not, and one that was never reaped before
// one that was.
func zombieFind(o *lab.Observation) (parent, child *trace.Process) {
	best := 0
	for _, p := range o.Processes() {
		for _, c := range lab.Made(p) {
			if lab.IsProbe(c) {
				continue
			}
			score := 1
			if lab.IsFork(c) && !lab.Execed(c) {
				score += 8
				if zombieSure(o, p, c) { // of others it may be chance
					score += 4
				}
			}
			if c.Reaper != p {
				score += 2
			}
			if score > best {
				parent, child, best = p, c, score
			}
		}
	}
	return parent, child
}

// zombiePair are the parent and the child of the run's cast.
func zombiePair(o *lab.Observation) (parent, child *trace.Process) {
	parent = o.Cast().Of("parent")
	if parent == nil {
		parent = o.Cast().Of("middle")
	}
	return parent, o.Cast().Of("child")
}

// zombieWhile returns when the child began to be a zombie for which its
// parent was not in a wait, and for how long it was one, in ns.
func zombieWhile(o *lab.Observation, parent, child *trace.Process) (from, while int64) {
	if child.Exit == nil || parent.Died >= 0 && parent.Ending < child.Died || o.AutoReaped(child) {
		return 0, 0
	}
	from = child.Died
	var to int64
	switch {
	case child.Reap != nil && child.Reaper == parent:
		to = child.Reap.Entered
	case parent.Died >= 0:
		to = parent.Ending
	default:
		to = o.Recording.Events[len(o.Recording.Events)-1].Time
	}
	// A look with WNOWAIT may have been under way when it died.
	for _, w := range o.WaitsOf(parent) {
		if w.Entered < child.Died && w.Time > child.Died && w.Asks(child) {
			from = max(from, w.Time)
		}
	}
	return from, max(to-from, 0)
}

// zombieLook is the first look of the program at the zombie: a wait with
// WNOWAIT, a file of /proc, or a program that was started meanwhile. nil
// if there is none.
func zombieLook(o *lab.Observation, parent, child *trace.Process) *trace.Event {
	from, while := zombieWhile(o, parent, child)
	for _, w := range o.WaitsOf(parent) {
		if w.Child == child && !w.Took && w.Options&lab.WNOWAIT != 0 {
			return w.Event
		}
	}
	// A file of /proc that was opened before the death may have been read
	// after it: it was closed then.
	opened := map[string]*trace.Event{}
	for _, e := range o.Events(trace.KindOpen, trace.KindClose, trace.KindExec) {
		key := fmt.Sprint(e.Process, " ", e.Fd)
		looks := e.Kind == trace.KindExec
		switch {
		case e.Errno != "":
			continue
		case e.Kind == trace.KindOpen && strings.HasPrefix(e.Path, "/proc/"):
			opened[key] = e
			looks = true
		case e.Kind == trace.KindClose:
			looks = opened[key] != nil
			delete(opened, key)
		}
		if looks && e.Time > child.Died && e.Time <= from+while {
			return e
		}
	}
	return nil
}

// zombieEarly says which program was started to look at the processes, or
// which file of /proc was opened, while the child was still running; "" if
// none was.
func zombieEarly(o *lab.Observation, parent, child *trace.Process) string {
	for _, e := range o.Events(trace.KindOpen, trace.KindExec) {
		if e.Errno != "" || e.Time < child.Born || e.Time > child.Died || e.Process == child.Name {
			continue
		}
		who := o.Process(e.Process)
		switch {
		case who == nil:
		case e.Kind == trace.KindExec && path.Base(e.Path) == "ps":
			return "ps was started " + lab.At(child.Died - e.Time)[1:] + " before the child ended"
		case e.Kind == trace.KindOpen && who == parent && strings.HasPrefix(e.Path, fmt.Sprintf("/proc/%d/", lab.Pid(child))):
			return "the parent opened " + e.Path + lab.Where(e) + " before the child ended"
		}
	}
	return ""
}

// zombieChance, in ns: a shorter time between the child's end and its
// parent's wait may be due to a busy machine, where the parent did not
// sleep.
const zombieChance = 200e6

// zombieSlept, in ns, is how long a zombie is one at least whose parent
// slept meanwhile. A handler of SIGCHLD that waits ends the sleep at once.
const zombieSlept = 20e6

func zombieWas(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, child := zombiePair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), o.WhyNoChild())
	case lab.Execed(child) && parent.Exit != nil && parent.Exit.Threads > 0:
		return o.Fail(o.Family(), "your program made a thread, which is not a process, and the processes that it made executed other programs: the child that is to become a zombie has to be one that your program forks and that ends by itself")
	case lab.Execed(child):
		return o.Fail(o.Family(), "each child executed another program: the child that is to become a zombie has to be one that your program forks and that ends by itself")
	case !lab.IsFork(child):
		return o.Fail(o.Family(), "the child was not made by fork")
	case child.Exit == nil:
		return o.Fail("the child did not end: it "+o.Standing(child), "a zombie is a process that has ended")
	case parent.Died >= 0 && parent.Ending < child.Died:
		return o.Fail(fmt.Sprintf("the parent (%d) ended before its child (%d)", lab.Pid(parent), lab.Pid(child)),
			"the child was adopted while it ran, and its adopter reaped it at once: the parent has to live when the child ends")
	case o.AutoReaped(child):
		return o.Fail("the child ended and left no zombie", o.NoZombie(child)+": so a child that has ended leaves nothing to wait for")
	}
	look := zombieLook(o, parent, child)
	if !zombieSure(o, parent, child) {
		seen := fmt.Sprintf("the parent (%d) reaped the child (%d) with a wait%s at once, %.2f s after its end, and no process looked at it before",
			lab.Pid(parent), lab.Pid(child), lab.Where(child.Reap), float64(child.Reaped-child.Died)/1e9)
		if zombieHandled(o, parent, child) != nil {
			return o.Fail(seen, "a handler of the parent caught SIGCHLD, and called this wait as soon as the child had ended: it is never a zombie that another process could see. Leave the wait out of the handler")
		}
		return o.Fail(seen, "the wait reaps the child as soon as it ends: it is never a zombie that another process could see. Let the parent do something else first")
	}
	_, while := zombieWhile(o, parent, child)
	v := o.Passed("the child was a zombie for %.2f s, and its parent was in no wait for it", float64(while)/1e9)
	if early := zombieEarly(o, parent, child); look == nil && early != "" {
		v = v.Remark("%s: the child was still running then, and not yet a zombie. Look at it when it has ended, and before any wait", early)
	} else if look == nil {
		v = v.Remark("no process of the program looked at the child while it was a zombie. How do you know that it was one? Run ps with system(), or read /proc/PID/stat, before any wait")
	}
	if child.Reaper == nil {
		v = v.Remark("the program never reaped the child: when the parent ended, the adopter of its children had to")
	}
	return v
}

// zombieSure reports whether the child was a zombie by what the program
// does, and not because its parent happened to run late: its parent did
// not reap it, or asked with WNOHANG when it was dead, or the program
// looked at it, or the parent did something else for a while.
func zombieSure(o *lab.Observation, parent, child *trace.Process) bool {
	_, while := zombieWhile(o, parent, child)
	if while == 0 {
		return false
	}
	asked := child.Reap != nil && child.Reap.Options&lab.WNOHANG != 0 && zombieHandled(o, parent, child) == nil
	return child.Reaper != parent || asked ||
		zombieLook(o, parent, child) != nil ||
		while >= zombieSlept && zombieBusy(o, parent, child, trace.KindNote, trace.KindSleep, trace.KindPoll, trace.KindPause) ||
		while >= zombieChance && zombieBusy(o, parent, child, trace.KindRead, trace.KindWrite, trace.KindWait, trace.KindKill)
}

// zombieHandled is the delivery of the SIGCHLD that a handler of the parent
// caught, when the first thing that the parent did then was the wait that
// reaped the child. nil if it was not so.
func zombieHandled(o *lab.Observation, parent, child *trace.Process) *trace.Event {
	var caught *trace.Event
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		switch {
		case e.Process != parent.Name || e.Time < child.Died:
		case e.Kind == trace.KindSignal:
			caught = nil
			if e.Signal == lab.SIGCHLD && e.Disposition == "caught" {
				caught = e
			}
		case e == child.Reap:
			return caught
		case e.Call != "" && caught != nil && e.Kind != trace.KindWait:
			caught = nil
		}
	}
	return nil
}

// zombieBusy reports whether the parent did one of these things between
// the child's birth and the wait that returned it.
func zombieBusy(o *lab.Observation, parent, child *trace.Process, kinds ...trace.Kind) bool {
	for _, e := range o.EventsOf(parent, kinds...) {
		if e.Time > child.Born && e.Time < child.Reap.Entered {
			return true
		}
	}
	return false
}

func zombieReaped(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, child := zombiePair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "without a child there is nothing to reap")
	case child.Reaper != parent:
		return o.Fail(fmt.Sprintf("no wait of the parent (%d) returned the child (%d)", lab.Pid(parent), lab.Pid(child)),
			"the parent did not ask for its status")
	case child.Reap.NullStatus:
		return o.Fail(fmt.Sprintf("the parent called %s without a place for the status", child.Reap.Call),
			"the child was reaped and its status thrown away")
	case child.Reap.Status != child.Exit.Status || int(child.Reap.Result) != lab.Pid(child):
		return o.Fail(fmt.Sprintf("%s returned %d with %s", child.Reap.Call, child.Reap.Result, trace.StatusText(child.Reap.Status)),
			fmt.Sprintf("the child (%d) had %s", lab.Pid(child), trace.StatusText(child.Exit.Status)))
	}
	return o.Passed("%s returned %d: %s", child.Reap.Call, child.Reap.Result, trace.StatusText(child.Reap.Status))
}

func zombieNoneLeft(b *lab.Bench) lab.Verdict {
	o := b.Run(lab.Watched())
	parent, child := zombiePair(o)
	if child == nil {
		return o.Fail(o.Family(), "without a child there is nothing to reap")
	}
	// The last thing the recorder does with a process is to look at
	// all of them, before its children get a new parent.
	var last *trace.Event
	for _, e := range o.EventsOf(parent, trace.KindSnapshot) {
		last = e
	}
	if last == nil {
		return o.Fail(fmt.Sprintf("the parent (%d) was not seen to end", lab.Pid(parent)), "there is no evidence of what it left")
	}
	for _, s := range last.Snapshot {
		if s.Files.StatNumber(4) == parent.Pid && s.Files.Stat(3) == "Z" {
			return o.Fail(fmt.Sprintf("the child (%d) was a zombie when the parent (%d) ended", lab.Pid(o.Process(s.Process)), lab.Pid(parent)),
				"the parent did not wait for each of its children; the adopter has to do it")
		}
	}
	return o.Passed("when the parent ended none of its children was in state Z")
}

// zombieLooks are the looks at the child while it was a zombie.
func zombieLooks(o *lab.Observation, child *trace.Process) (dead []look) {
	for _, l := range looks(o, child) {
		if l.at > child.Died && (child.Reaped < 0 || l.at < child.Reaped) {
			dead = append(dead, l)
		}
	}
	return dead
}

func zombieLeft(b *lab.Bench) lab.Verdict {
	o := b.Run(lab.Watched())
	parent, child := zombiePair(o)
	if child == nil || child.Exit == nil {
		return o.Fail(o.Family(), "there is no zombie to look at")
	}
	dead := zombieLooks(o, child)
	if len(dead) == 0 {
		return o.Fail("no process looked at the child between its end and the wait", "there is no evidence of the zombie")
	}
	for _, l := range dead {
		cpu := l.StatNumber(14) + l.StatNumber(15)
		wrong := ""
		switch {
		case l.Stat(3) != "Z":
			wrong = "its state is " + l.Stat(3)
		case l.StatNumber(4) != parent.Pid:
			wrong = "its parent is " + l.Stat(4)
		case l.Stat(52) != fmt.Sprint(child.Exit.Status):
			wrong = "its status word is " + l.Stat(52)
		case cpu <= 0:
			wrong = "its CPU time is gone"
		case l.has("VmSize") || l.has("VmRSS"):
			wrong = "it has memory"
		case len(l.descriptors()) > 0:
			wrong = fmt.Sprintf("it has the descriptors %v", l.descriptors())
		case l.ProcFiles["cmdline"] != "":
			wrong = fmt.Sprintf("it has the command line %q", l.ProcFiles["cmdline"])
		}
		if wrong != "" {
			return o.Fail("in /proc of the dead child "+wrong, "a zombie has its pid, parent, status and CPU time, and nothing else")
		}
	}
	alive := looks(o, child)[0]
	if alive.at > child.Died || !alive.has("VmSize") || len(alive.descriptors()) == 0 || alive.ProcFiles["cmdline"] == "" {
		return o.Fail("the child was not seen alive, with memory and descriptors", "what it never had cannot be gone")
	}
	return o.Passed("state Z, parent %s, status word %s, %d ticks of CPU time; no VmSize, fd empty, cmdline empty",
		dead[0].Stat(4), dead[0].Stat(52), dead[0].StatNumber(14)+dead[0].StatNumber(15))
}

// zombieKills are the kills of the child after its death.
func zombieKills(o *lab.Observation, child *trace.Process, sig unix.Signal) (kills []*trace.Event) {
	for _, e := range o.Events(trace.KindKill) {
		if e.Target == lab.Pid(child) && e.Signal == int(sig) && e.Time > child.Died {
			kills = append(kills, e)
		}
	}
	return kills
}

func zombieKill(b *lab.Bench) lab.Verdict {
	o := b.Run(lab.Watched())
	_, child := zombiePair(o)
	if child == nil || child.Reap == nil {
		return o.Fail(o.Family(), "there is no zombie to send a signal to")
	}
	kills := zombieKills(o, child, unix.SIGKILL)
	if len(kills) == 0 || kills[0].Time > child.Reaped {
		return o.Fail("no process sent SIGKILL to the zombie", "whether a signal changes a zombie was not tried")
	}
	if kills[0].Errno != "" {
		return o.Fail("kill failed with "+kills[0].Errno, "until the wait the pid names a process, dead or not")
	}
	stays := false
	for _, l := range zombieLooks(o, child) {
		stays = stays || l.at > kills[0].Time && l.Stat(3) == "Z"
	}
	switch {
	case !stays:
		return o.Fail("after the signal it was not seen as a zombie", "a signal does not remove a zombie; only a wait does")
	case child.Reap.Status != child.Exit.Status:
		return o.Fail("the wait gave "+trace.StatusText(child.Reap.Status), "the status is that of its end, not of a later signal")
	}
	return o.Passed("kill returned 0; then still state Z, and the wait gave %s", trace.StatusText(child.Reap.Status))
}

func zombieGone(b *lab.Bench) lab.Verdict {
	o := b.Run(lab.Watched())
	_, child := zombiePair(o)
	if child == nil || child.Reap == nil {
		return o.Fail(o.Family(), "no child was reaped")
	}
	for _, k := range zombieKills(o, child, 0) {
		if k.Time < child.Reaped {
			continue
		}
		if k.Errno != "ESRCH" {
			return o.Fail("after the wait kill(pid, 0) gave "+strconv.Quote(k.Errno), "the wait has removed the process: there is none to send a signal to")
		}
		for _, l := range looks(o, child) {
			if l.at > child.Reaped {
				return o.Fail("it still has an entry in /proc after the wait", "the wait has removed it")
			}
		}
		return o.Passed("after the wait kill(pid, 0) fails with ESRCH, and /proc has no entry")
	}
	return o.Fail("no process tried kill(pid, 0) after the wait", "whether the process is gone was not tried")
}

func zombieHanded(b *lab.Bench) lab.Verdict {
	o := b.Run(recorded("--adopted"))
	all := o.Processes()
	if len(all) < 3 {
		return o.Fail(o.Family(), "there have to be an original, a middle process and its child")
	}
	original, child := all[0], all[2]
	switch {
	case child.Parent != all[1] || child.Exit == nil || child.Died > all[1].Died || len(child.Reparented) == 0:
		return o.Fail(o.Family(), "no zombie was left behind")
	case child.Reparented[0].NewParentProcess != original.Name:
		return o.Fail("the zombie went to "+child.Reparented[0].NewParentComm, "the nearest subreaper adopts it")
	case child.Reaper != original || child.Reap.Status != child.Exit.Status:
		return o.Fail("the adopter did not reap it with its status", "an adopter waits for all of its children, the dead ones too")
	}
	return o.Passed("the child was dead before its parent ended; the original adopted and reaped it: %s", trace.StatusText(child.Reap.Status))
}
