package checks

import (
	"fmt"
	"strconv"

	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Zombie checks Exercise 8.6.
var Zombie = &lab.Experiment{
	Dir: "exit", Name: "zombie", Ref: "§8.5, Ex. 8.6",
	Title:    "what is left of a child nobody has waited for",
	Exercise: true,
	Task: `A child ends. Its parent, still alive, enters the wait that collects
it only afterwards, and asks for its status (a status pointer or a
siginfo; looks with WNOWAIT do not count). Other children (ps, to
see the zombie) are free.`,
	Claims: []lab.Claim{
		{
			Name:   "was-zombie",
			Says:   "the child is dead before its parent enters the wait that returns it",
			Why:    "because a process that has ended stays a zombie (state Z) until its parent waits for it",
			Points: 4,
			Hints: [3]string{
				"what is the parent doing when the child ends?",
				"a parent that sits in wait() already collects the child at once; a zombie is a child that ended while its parent did something else",
				"let the parent sleep, run ps, or call waitid() with WEXITED | WNOWAIT, and call waitpid() after that",
			},
			Judge: zombieWas,
		},
		{
			Name:   "reaped",
			Says:   "that wait returns the child's pid and its termination status",
			Why:    "because this is what the kernel has kept the zombie for",
			Points: 2,
			Hints: [3]string{
				"does the parent ever wait, and does it ask for the status?",
				"wait(NULL) collects the child and throws the status away; a look with WNOWAIT collects nothing; with SIGCHLD ignored there is nothing to collect",
				"call waitpid(pid, &status, 0) at the end",
			},
			Judge: zombieReaped,
		},
		{
			Name:   "none-left",
			Says:   "when the parent ends, no child of it is a zombie",
			Why:    "because a zombie holds a pid and a place in the table of processes",
			Points: 2,
			Hints: [3]string{
				"count the children made and the waits that returned one",
				"every child needs a wait of its own; a zombie whose parent ends becomes the adopter's business",
				"call wait() until it fails with ECHILD",
			},
			Judge: zombieNoneLeft,
		},
		lab.AsAskedClaim(onPipe, zombieThere),
		{
			Name: "what-is-left", Ours: true,
			Says: "of a zombie its pid, its parent, its status and its CPU time are left; it has no memory, no descriptors and no command line",
			Why:  "because the kernel frees everything when a process ends, except what its parent may ask for",
			Hints: [3]string{
				"what do the files in /proc/PID say of a zombie?",
				"fields 3, 4, 14, 15 and 52 of /proc/PID/stat are its state, parent, CPU time and status word",
				"read /proc/PID/stat, status, cmdline and fd between the child's end and the wait",
			},
			Judge: zombieLeft,
		},
		{
			Name: "kill", Ours: true,
			Says: "a signal sent to a zombie succeeds and changes nothing: it stays a zombie, with the same status",
			Why:  "because its pid still names a process, and a dead one acts on no signal",
			Hints: [3]string{
				"can you kill a zombie?",
				"kill finds the pid in the table; the process has nothing left that could act on the signal",
				"call kill(pid, SIGKILL) between the child's end and the wait",
			},
			Judge: zombieKill,
		},
		{
			Name: "gone", Ours: true,
			Says: "after the wait there is no such process: kill fails with ESRCH, and /proc has no entry",
			Why:  "because the wait gives the pid back",
			Hints: [3]string{
				"what does kill -0 say after the wait?",
				"until the wait the pid can not be given to another process; afterwards it can",
				"call kill(pid, 0) after the wait",
			},
			Judge: zombieGone,
		},
		{
			Name: "handed-on", Ours: true,
			Says: "a parent that ends without waiting hands the zombie to the adopter, which collects it",
			Why:  "because zombies are given away like all children",
			Hints: [3]string{
				"who waits for the children of a process that never did?",
				"a zombie is adopted as a living child is, and its adopter is told of its end then",
				"run it with --adopted",
			},
			Judge: zombieHanded,
		},
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent, child := zombiePair(o)
		for _, p := range o.Processes() {
			if len(p.Reparented) > 0 && p.Parent.Parent != nil && p.Died >= 0 && p.Died <= p.Reparented[0].Time {
				return map[string]string{p.Parent.Parent.Name: "original", p.Parent.Name: "middle", p.Name: "child"}
			}
		}
		if child == nil {
			return nil
		}
		return map[string]string{parent.Name: "parent", child.Name: "child"}
	}),
}

// zombiePair finds the parent and the child of the experiment: the
// child that was collected late and with its status, or as near to
// that as there is one.
func zombiePair(o *lab.Observation) (parent, child *trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		for _, c := range p.Children {
			if isHelper(c) {
				continue
			}
			score := 0
			switch {
			case c.Reaper == p && c.Reap.Entered >= c.Died && !c.Reap.NullStatus:
				score = 4
			case c.Reaper == p && c.Reap.Entered >= c.Died:
				score = 3
			case c.Reaper == p:
				score = 2
			case c.Died >= 0 && (p.Died < 0 || c.Died < p.Died):
				score = 1
			}
			if score > best {
				parent, child, best = p, c, score
			}
		}
	}
	return parent, child
}

func zombieWas(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, child := zombiePair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "without a child there is no zombie")
	case child.Reaper != parent:
		return o.Fail(fmt.Sprintf("no wait of the parent %d returned the child %d", lab.Pid(parent), lab.Pid(child)),
			"the parent never collected the child: it did not wait, only looked, ignores SIGCHLD, or ended first")
	case child.Reap.Entered < child.Died:
		return o.Fail(fmt.Sprintf("the parent %d was in %s already when the child %d ended", lab.Pid(parent), child.Reap.Call, lab.Pid(child)),
			"the wait collected the child the moment it ended: it never was a zombie that one could have seen")
	}
	return o.Passed("the child ended, and the parent entered %s after that", child.Reap.Call)
}

func zombieReaped(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, child := zombiePair(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "without a child there is nothing to collect")
	case child.Reaper != parent:
		return o.Fail(fmt.Sprintf("no wait of the parent %d returned the child %d", lab.Pid(parent), lab.Pid(child)),
			"its status was never asked for")
	case child.Reap.NullStatus:
		return o.Fail(fmt.Sprintf("the parent called %s without a place for the status", child.Reap.Call),
			"the child was collected and its status thrown away")
	case child.Reap.Status != child.Exit.Status || int(child.Reap.Result) != lab.Pid(child):
		return o.Fail(fmt.Sprintf("%s returned %d with %s", child.Reap.Call, child.Reap.Result, trace.StatusText(child.Reap.Status)),
			fmt.Sprintf("the child %d had %s", lab.Pid(child), trace.StatusText(child.Exit.Status)))
	}
	return o.Passed("%s returned %d: %s", child.Reap.Call, child.Reap.Result, trace.StatusText(child.Reap.Status))
}

func zombieNoneLeft(b *lab.Bench) lab.Verdict {
	o := b.Run(snapped())
	parent, child := zombiePair(o)
	if child == nil {
		return o.Fail(o.Family(), "without a child there is nothing to collect")
	}
	// The last thing the recorder does with a process is to look at
	// all of them, before its children are given away.
	var last *trace.Event
	for _, e := range o.Events(trace.KindSnapshot) {
		if e.Process == parent.Name {
			last = e
		}
	}
	if last == nil {
		return o.Fail(fmt.Sprintf("the parent %d was not seen to end", lab.Pid(parent)), "there is no evidence of what it left")
	}
	for _, s := range last.Snapshot {
		l := look{last.Time, s.Files}
		if l.StatNumber(4) == parent.Pid && l.Stat(3) == "Z" {
			return o.Fail(fmt.Sprintf("the child %d was a zombie when the parent %d ended", lab.Pid(o.Recording.Process(s.Process)), lab.Pid(parent)),
				"the parent did not wait for each of its children; the adopter has to do it")
		}
	}
	return o.Passed("when the parent ended none of its children was in state Z")
}

// zombieThere: there has to be a child that ends while its parent
// is alive.
func zombieThere(o *lab.Observation) string {
	parent, child := zombiePair(o)
	switch {
	case child == nil:
		return "there was no child"
	case child.Exit == nil:
		return "the child was not seen to end"
	case parent.Died >= 0 && parent.Died < child.Died:
		return "the parent ended before its child"
	}
	return ""
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
	o := b.Run(snapped())
	parent, child := zombiePair(o)
	if child == nil || child.Exit == nil {
		return o.Fail(o.Family(), "there is no zombie to look at")
	}
	dead := zombieLooks(o, child)
	if len(dead) == 0 {
		return o.Fail("nobody looked at the child between its end and the wait", "there is no evidence of the zombie")
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
		return o.Fail("the child was not seen alive, with memory and descriptors", "what it never had can not have gone")
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
	o := b.Run(snapped())
	_, child := zombiePair(o)
	if child == nil || child.Reap == nil {
		return o.Fail(o.Family(), "there is no zombie to send a signal to")
	}
	kills := zombieKills(o, child, unix.SIGKILL)
	if len(kills) == 0 || kills[0].Time > child.Reaped {
		return o.Fail("nobody sent SIGKILL to the zombie", "whether it minds was not tried")
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
	o := b.Run(snapped())
	_, child := zombiePair(o)
	if child == nil || child.Reap == nil {
		return o.Fail(o.Family(), "nobody was collected")
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
	return o.Fail("nobody tried kill(pid, 0) after the wait", "whether the process is gone was not tried")
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
		return o.Fail("the adopter did not collect it with its status", "an adopter waits for all of its children, the dead ones too")
	}
	return o.Passed("the child was dead before its parent ended; the original adopted and collected it: %s", trace.StatusText(child.Reap.Status))
}
