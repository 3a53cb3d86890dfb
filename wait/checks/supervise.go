package checks

import (
	"fmt"
	"os"
	"strings"
	"time"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// Supervise checks the prefork supervisor.
var Supervise = &lab.Experiment{
	Dir: "wait", Name: "supervise", Ref: "§8.6",
	Title: "a prefork supervisor, real enough to copy",
	Claims: []lab.Claim{
		{
			Name:   "same-id",
			Says:   "a worker that dies of a signal or exits non-zero is made again, with its id; there is never a second one of an id",
			Points: 2,
			Hints: [3]string{
				"which worker is it that has ended?",
				"wait gives a pid; which worker that was only the supervisor's own table can tell",
				"keep a table from pid to id, filled at the fork, looked up at the wait",
			},
			Judge: superSameID,
		},
		{
			Name:   "finished",
			Says:   "a worker that exits 0 is not made again; when all have, the supervisor exits 0",
			Points: 1,
			Hints: [3]string{
				"when is there nothing more to supervise?",
				"exit status 0 says that the work is done",
				"WIFEXITED and WEXITSTATUS; end when the table is empty",
			},
			Judge: superFinished,
		},
		{
			Name:   "count",
			Says:   "N workers are made; 0 stands for one per processor that the process may run on",
			Points: 1,
			Hints: [3]string{
				"how many workers can run at once?",
				"a process may be bound to some of the machine's processors",
				"sched_getaffinity; of Cpus_allowed_list in /proc/PID/status those that are in /sys/devices/system/cpu/online",
			},
			Judge: superCount,
		},
		{
			Name:   "max-restarts",
			Says:   "exactly that many restarts are made, over all workers; the next bad end makes it stop and collect the rest, and exit non-zero",
			Points: 2,
			Hints: [3]string{
				"what if a worker can never succeed?",
				"the limit counts restarts: the end after the last of them is the one that is too many",
				"compare before you fork, count after",
			},
			Judge: superLimit,
		},
		{
			Name:   "stop",
			Says:   "SIGTERM has it stop every worker, collect every one, make none, and exit 0",
			Points: 2,
			Hints: [3]string{
				"who stops the workers when the supervisor is told to stop?",
				"a signal to a process reaches that process alone",
				"on SIGTERM: a flag, kill for each worker, and then wait for each",
			},
			Judge: superStop,
		},
		{
			Name:   "crash",
			Says:   "when the supervisor is killed with SIGKILL its workers get SIGTERM, from the kernel, and end",
			Points: 1,
			Hints: [3]string{
				"who stops the workers of a supervisor that cannot?",
				"a process may ask the kernel for a signal at its parent's death",
				"prctl(PR_SET_PDEATHSIG, SIGTERM) in the worker, and then a look at getppid",
			},
			Judge: superCrash,
		},
		{
			Name:   "interrupted",
			Says:   "a signal that is caught while it waits does not end the supervision",
			Points: 1,
			Hints: [3]string{
				"what does wait return when a handler has run?",
				"EINTR is no end of a child: the wait is to be entered again, by the kernel or by you",
				"SA_RESTART, or a loop around the wait",
			},
			Judge: superInterrupted,
		},
		{
			Name:   "unknown",
			Says:   "a child that is no worker is collected and otherwise ignored",
			Points: 1,
			Hints: [3]string{
				"can a process have children that it never made?",
				"a subreaper adopts what its descendants leave behind; and a program may inherit children through exec",
				"look the pid up in the table, and go on if it is not there",
			},
			Judge: superUnknown,
		},
		{
			Name:   "own-random",
			Says:   "no two workers draw the same random number",
			Points: 1,
			Hints: [3]string{
				"what is the state of a generator after fork?",
				"it is memory like any other, and copied: all children go on from the same state",
				"seed in the worker, from getrandom",
			},
			Judge: superRandom,
		},
		{
			Name:   "log",
			Says:   "every start and every end is logged with the worker's id, its pid and the cause",
			Points: 1,
			Hints: [3]string{
				"what will you want to know at night?",
				"the status word has the cause; it can be had once",
				"print id, pid and what Figure 8.5 makes of the status",
			},
			Judge: superLog,
		},
		{
			Name:   "thousand",
			Says:   "after 1,000 bad ends in a row no worker is lost, none is a zombie, and nobody is left behind",
			Points: 2,
			Hints: [3]string{
				"does it add up over a day?",
				"every end needs its wait, every restart its place in the table",
				"wait in a loop for as long as there is somebody in the table",
			},
			Judge: superThousand,
		},
	},
	Moments:   superviseMoments,
	Questions: superviseQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		super := o.Processes()[0]
		roles := map[string]string{super.Name: "supervisor"}
		for i, c := range super.Children {
			roles[c.Name] = "worker"
			if i < len(lab.Ordinals) {
				roles[c.Name] = lab.Ordinals[i] + " worker"
			}
			for _, g := range c.Children {
				roles[g.Name] = "stray"
			}
		}
		return roles
	}),
}

// superRun is a run with these arguments.
func superRun(snapshots bool, args ...string) lab.Run {
	return lab.Run{Stdout: sandbox.Pipe, Args: args, Timeout: time.Minute, Trace: record.Options{Files: snapshots, Snapshots: snapshots}}
}

var (
	superDemo  = superRun(true, "-n", "3", "-bad", "4")
	superMany  = slow(superRun(false, "-n", "3", "-bad", "1000", "-max-restarts", "1000"))
	superStops = superRun(false, "-n", "3", "-bad", "1", "-stop")
)

// slow gives a run more time: on a busy machine a thousand forks
// take a while.
func slow(run lab.Run) lab.Run {
	run.Timeout = 3 * time.Minute
	return run
}

// comm is the name that the process had in /proc when it was last
// looked at: workers write their id there.
func comm(o *lab.Observation, p *trace.Process) string {
	s, ok := seenAt(o, p, p.Died)
	if !ok {
		return ""
	}
	text := s.Files["stat"]
	from, to := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if from < 0 || to < from {
		return ""
	}
	return text[from+1 : to]
}

// superLost finds a child of the supervisor that it did not
// collect.
func superLost(o *lab.Observation) (lab.Verdict, bool) {
	super := o.Processes()[0]
	if c := unreaped(super); c != nil {
		return o.Fail(who("a worker", c)+" was not collected by the supervisor", "it was left behind, running or as a zombie"), true
	}
	if len(o.Leftovers) > 0 {
		return o.Fail("left running: "+lab.Names(o.Leftovers), "the supervisor has to outlive all of them"), true
	}
	return lab.Verdict{}, false
}

// exited reports whether the supervisor ended with exit status
// want; −1 is any but 0.
func superExited(o *lab.Observation, want int) bool {
	w, ok := lab.Word(o.Processes()[0])
	if want < 0 {
		return ok && w.Exited() && w != 0
	}
	return ok && w.Exited() && w.ExitStatus() == want
}

func superSameID(b *lab.Bench) lab.Verdict {
	o := b.Run(superDemo)
	kids := o.Processes()[0].Children
	if len(kids) != 7 {
		return o.Fail(fmt.Sprintf("%d workers were made", len(kids)), "3 and 4 more for those that ended badly should be")
	}
	for i, c := range kids {
		w, ended := lab.Word(c)
		id := comm(o, c)
		if n, ok := strings.CutPrefix(id, "worker "); !ok || n < "0" || n > "2" || !ended {
			return o.Fail(fmt.Sprintf("%d was called %q in /proc", lab.Pid(c), id), "the ids are 0, 1 and 2")
		}
		var next *trace.Process
		for _, d := range kids[i+1:] {
			if comm(o, d) == id {
				next = d
				break
			}
		}
		switch {
		case next != nil && next.Born < c.Died:
			return o.Fail(fmt.Sprintf("%d was made as %q while %d was", lab.Pid(next), id, lab.Pid(c)), "an id means one worker at a time")
		case w != 0 && next == nil:
			return o.Fail(fmt.Sprintf("%q (%d) %s, and was not made again", id, lab.Pid(c), lab.Ended(uint32(w))), "a worker that ends badly is restarted with its id")
		case w == 0 && next != nil:
			return o.Fail(fmt.Sprintf("%q (%d) exited 0 and was made again as %d", id, lab.Pid(c), lab.Pid(next)), "another one's id was given to the restarted worker")
		}
	}
	return o.Passed("4 bad ends, and the next of the same id was made after each")
}

func superFinished(b *lab.Bench) lab.Verdict {
	o := b.Run(superDemo)
	if v, lost := superLost(o); lost {
		return v
	}
	zero := 0
	kids := o.Processes()[0].Children
	for _, c := range kids {
		if w, ok := lab.Word(c); ok && w == 0 {
			zero++
		}
	}
	if zero != 3 || len(kids) != 7 || !superExited(o, 0) {
		return o.Fail(fmt.Sprintf("%d workers exited 0, %d were made, and the supervisor %s", zero, len(kids), lab.Ended(o.Status)),
			"with 3 ids and 4 bad ends, 7 are made, 3 finish, and the supervisor exits 0")
	}
	return o.Passed("3 exited 0, none of them was made again, the supervisor exited 0")
}

func superCount(b *lab.Bench) lab.Verdict {
	o := b.Run(superRun(true, "-n", "0", "-bad", "0"))
	super := o.Processes()[0]
	s, ok := seenAt(o, super, super.Died)
	online, _ := os.ReadFile("/sys/devices/system/cpu/online")
	cpus := lab.CPUs(s.Files.Status("Cpus_allowed_list"), string(online))
	if !ok || len(super.Children) != cpus {
		return o.Fail(fmt.Sprintf("%d workers were made; it may run on %d processors", len(super.Children), cpus), "-n 0 asks for one each")
	}
	return o.Passed("%d processors, %d workers", cpus, len(super.Children))
}

func superLimit(b *lab.Bench) lab.Verdict {
	o := b.Run(superRun(false, "-n", "3", "-bad", "3", "-max-restarts", "2", "-hold"))
	super := o.Processes()[0]
	if n := len(super.Children); n > 5 {
		return o.Fail(fmt.Sprintf("%d workers were made", n), "3 workers and 2 restarts are 5: one restart too many")
	}
	if v, lost := superLost(o); lost {
		return v
	}
	var badEnds, last int64
	stopped := 0
	for _, c := range super.Children {
		w, _ := lab.Word(c)
		if w == proc.WaitStatus(15) {
			stopped++
			continue
		}
		badEnds++
		last = max(last, c.Reaped)
	}
	for _, c := range super.Children {
		if c.Born > last {
			return o.Fail(who("a worker", c)+" was made after the end that was one too many", "2 restarts were allowed")
		}
	}
	switch {
	case len(super.Children) != 5 || badEnds != 3:
		return o.Fail(fmt.Sprintf("%d workers were made, %d ended badly", len(super.Children), badEnds), "3 workers and 2 restarts are 5, and the third bad end is one too many")
	case stopped != 2 || !superExited(o, -1):
		return o.Fail(fmt.Sprintf("%d workers were stopped with SIGTERM, and the supervisor %s", stopped, lab.Ended(o.Status)), "the 2 that were left are to be stopped, and it is a failure")
	}
	return o.Passed("3 bad ends, 2 restarts, 2 workers stopped; the supervisor %s", lab.Ended(o.Status))
}

// arrived is the delivery of the signal to the supervisor.
func arrived(o *lab.Observation, signal int) *trace.Event {
	super := o.Processes()[0]
	for _, e := range o.Events(trace.KindSignal) {
		if e.Process == super.Name && e.Signal == signal {
			return e
		}
	}
	return nil
}

func superStop(b *lab.Bench) lab.Verdict {
	o := b.Run(superStops)
	super := o.Processes()[0]
	term := arrived(o, 15)
	if term == nil {
		return o.Fail("no SIGTERM reached the supervisor", "nobody told it to stop")
	}
	if v, lost := superLost(o); lost {
		return v
	}
	n := 0
	for _, c := range super.Children {
		if c.Born > term.Time {
			return o.Fail(who("a worker", c)+" was made after the SIGTERM", "a supervisor that stops makes no more")
		}
		if !lab.Alive(c, term.Time) {
			continue
		}
		killed := false
		for _, e := range o.Events(trace.KindKill) {
			killed = killed || e.Process == super.Name && e.TargetProcess == c.Name && e.Signal == 15
		}
		if w, _ := lab.Word(c); !killed || w != proc.WaitStatus(15) {
			return o.Fail(fmt.Sprintf("%s: SIGTERM from the supervisor: %v; it %s", who("a worker", c), killed, lab.Ended(uint32(w))), "every worker is to be told")
		}
		n++
	}
	if n != 3 || !superExited(o, 0) {
		return o.Fail(fmt.Sprintf("%d workers were stopped, and the supervisor %s", n, lab.Ended(o.Status)), "3 were running, and stopping when told is no failure")
	}
	return o.Passed("3 workers got SIGTERM and were collected; the supervisor exited 0")
}

func superCrash(b *lab.Bench) lab.Verdict {
	o := b.Run(superRun(false, "-n", "3", "-bad", "0", "-crash"))
	super := o.Processes()[0]
	if w, _ := lab.Word(super); w != proc.WaitStatus(9) || len(super.Children) != 3 {
		return o.Fail(fmt.Sprintf("with %d workers the supervisor %s", len(super.Children), lab.Ended(o.Status)), "it should have been killed while it had 3")
	}
	// Their order tells nothing: the kernel signals the workers before
	// anybody is told that their supervisor is dead. But it signals in
	// the supervisor's name, and that one called no kill.
	for _, e := range o.Events(trace.KindKill) {
		if e.Process == super.Name {
			return o.Fail("the supervisor itself sent "+trace.SignalName(e.Signal), "it was to die of SIGKILL and do nothing")
		}
	}
	inItsName := map[string]bool{}
	for _, e := range o.Events(trace.KindSignal) {
		if e.Signal == 15 && e.SenderProcess == super.Name {
			inItsName[e.Process] = true
		}
	}
	signaled := 0
	for _, c := range super.Children {
		w, ok := lab.Word(c)
		switch {
		case !ok || o.TimedOut:
		case w == proc.WaitStatus(15) && inItsName[c.Name]:
			signaled++
			continue
		case w == proc.WaitStatus(1<<8):
			// It asked for the signal too late, looked, and found
			// its supervisor gone.
			continue
		}
		return o.Fail(fmt.Sprintf("%s did not end of SIGTERM after the supervisor's death: %#x", who("a worker", c), uint32(w)), "it outlived its supervisor, and would go on for ever")
	}
	if signaled == 0 {
		return o.Fail("no worker ended of SIGTERM after the supervisor's death", "the kernel was not asked to send it")
	}
	return o.Passed("%d workers ended of SIGTERM after the supervisor's death", signaled)
}

func superInterrupted(b *lab.Bench) lab.Verdict {
	o := b.Run(superStops)
	super := o.Processes()[0]
	sig := arrived(o, 10)
	if sig == nil {
		return o.Fail("no SIGUSR1 reached the supervisor", "nothing interrupted it")
	}
	during, after := "", false
	for _, e := range o.Waits(super) {
		// A wait that failed with EINTR is recorded when the
		// handler returns; one that goes on, when it returns.
		if e.Entered < sig.Time && e.Time > sig.Time {
			during = e.Call + " went on"
			if e.Errno != "" {
				during = e.Call + " failed with " + e.Errno
			}
		}
		after = after || e.Reaps() && e.Time > sig.Time
	}
	if during == "" || !after {
		return o.Fail(fmt.Sprintf("in a wait at the time of the signal: %v; collected a worker later: %v", during != "", after), "the signal was to come during a wait, and not to end the supervision")
	}
	return o.Passed("%s, and workers were collected later", during)
}

func superUnknown(b *lab.Bench) lab.Verdict {
	o := b.Run(superRun(true, "-n", "3", "-bad", "1", "-stray"))
	super := o.Processes()[0]
	for _, p := range o.Processes() {
		if p.Parent == nil || p.Parent == super {
			continue
		}
		switch {
		case len(p.Reparented) == 0 || p.Reparented[0].NewParentProcess != super.Name:
			return o.Fail(who("the stray", p)+" was not adopted by the supervisor", "it is no unknown child then")
		case p.Reaper != super:
			return o.Fail(who("the stray", p)+" was not collected by the supervisor", "an adopted child is a child: it stays a zombie otherwise")
		case len(super.Children) != 4 || !superExited(o, 0):
			return o.Fail(fmt.Sprintf("%d workers were made, and the supervisor %s", len(super.Children), lab.Ended(o.Status)), "3 and one restart should be: the stray's end is no worker's")
		}
		return o.Passed("the stray %d was adopted and collected; 4 workers were made, as without it", lab.Pid(p))
	}
	return o.Fail(o.Family(), "no worker left a child behind")
}

var drew = show.Pattern(`^worker (\d+) drew (\d+)$`)

func superRandom(b *lab.Bench) lab.Verdict {
	o := b.Run(superRun(true, "-n", "3", "-bad", "2", "-draw"))
	by := map[string]int{}
	n := 0
	for _, c := range o.Processes()[0].Children {
		for _, l := range lab.Lines(o.Wrote(c)) {
			m := drew().FindStringSubmatch(l)
			if m == nil {
				continue
			}
			n++
			if other, twice := by[m[2]]; twice {
				return o.Fail(fmt.Sprintf("%d and %d both drew %s", other, lab.Pid(c), m[2]), "they go on from a copy of one state")
			}
			by[m[2]] = lab.Pid(c)
		}
	}
	if n != 5 {
		return o.Fail(fmt.Sprintf("%d numbers were drawn by %d workers", n, len(o.Processes()[0].Children)), "each of the 5 draws one")
	}
	return o.Passed("5 workers drew 5 different numbers")
}

func superLog(b *lab.Bench) lab.Verdict {
	o := b.Run(superDemo)
	super := o.Processes()[0]
	log := lab.Lines(o.Wrote(super))
	for _, c := range super.Children {
		w, ok := lab.Word(c)
		name := fmt.Sprintf("%s (pid %d)", comm(o, c), lab.Pid(c))
		how := "ended"
		if w == 0 {
			how = "finished"
		}
		for _, line := range []string{name + " started", fmt.Sprintf("%s %s: %v", name, how, w)} {
			if n := lab.CountLine(log, line); !ok || n != 1 {
				return o.Fail(fmt.Sprintf("the log has %d times %q", n, line), "a start or an end is missing, or it has another id, pid or cause than /proc and the status tell")
			}
		}
	}
	if len(super.Children) == 0 {
		return o.Fail(o.Family(), "there is nothing to log")
	}
	return o.Passed("%d starts and as many ends, each with id, pid and cause", len(super.Children))
}

func superThousand(b *lab.Bench) lab.Verdict {
	o := b.Run(superMany)
	if v, lost := superLost(o); lost {
		return v
	}
	kids := o.Processes()[0].Children
	badEnds := 0
	for _, c := range kids {
		if w, ok := lab.Word(c); ok && w != 0 {
			badEnds++
		}
	}
	if len(kids) != 1003 || badEnds != 1000 || !superExited(o, 0) {
		return o.Fail(fmt.Sprintf("%d workers were made, %d ended badly, and the supervisor %s", len(kids), badEnds, lab.Ended(o.Status)), "1,003 should be made, and the last three finish")
	}
	return o.Passed("1,003 workers, 1,000 bad ends, all collected, exit status 0")
}

// superviseMoments are where to stop in a run of the experiment.
var superviseMoments = []lab.Moment{
	{
		Name: "died",
		Says: "A worker is ended by a signal. The supervisor's wait returns it at once.",
		At:   superviseDied,
	},
	{
		Name: "restarted",
		Says: "The supervisor makes a new worker with the same task.",
		At: func(o *lab.Observation) *trace.Event {
			died := superviseDied(o)
			if died == nil {
				return nil
			}
			for _, e := range lab.After(o.EventsOf(o.Process("P0"), trace.KindWrite), died.Time) {
				if strings.HasPrefix(string(e.Data), "worker 0 ") && strings.Contains(string(e.Data), "started") {
					return e
				}
			}
			return nil
		},
	},
}

// superviseDied is the first end of a worker by a signal.
var superviseDied = lab.AtFirst(func(e *trace.Event) bool { return e.Process != "P0" && e.Status&0x7f != 0 }, trace.KindExit)

// superviseQuestions are what to ask before it is shown.
var superviseQuestions = []lab.Question{
	{
		Name:    "restart",
		Ask:     "A worker is killed. What does the supervisor do?",
		Answers: []string{"it ends too", "it starts the same task again", "it waits for the other workers"},
		Right:   lab.If("it starts the same task again", func(o *lab.Observation) bool { return strings.Count(string(o.Stdout), "worker 0 (pid ") >= 3 }),
		Why:     "A worker that dies of a signal or exits with another status than 0 has not finished its task.",
		Moment:  "died",
	},
	{
		Name:    "normal",
		Ask:     "A worker ends with exit status 0. Is it restarted?",
		Answers: []string{"yes", "no, its task is finished"},
		Right:   lab.Says("no, its task is finished", "finished: normal termination, exit status = 0"),
		Why:     "Status 0 says that the work is done.",
	},
}
