package checks

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Zombies checks what unreaped children cost.
var Zombies = &lab.Experiment{
	Dir: "exit", Name: "zombies", Ref: "§8.5",
	Title: "unreaped children use up the places there are",
	Claims: []lab.Claim{
		{
			Name:   "places",
			Says:   "with RLIMIT_NPROC used up by zombies alone, fork fails with EAGAIN and makes no child",
			Why:    "because the kernel counts a process from its birth until somebody has waited for it",
			Points: 2,
			Hints: [3]string{
				"how many processes of this user run when fork fails?",
				"the limit counts what is in the table, dead or alive",
				"setrlimit with RLIMIT_NPROC, fork without wait",
			},
			Judge: zombiesPlaces,
		},
		{
			Name:   "pids",
			Says:   "each zombie holds its pid: kill(pid, 0) finds it",
			Why:    "because its parent may still ask for it by this number",
			Points: 1,
			Hints: [3]string{
				"can the pid of a zombie be given to another process?",
				"a pid is free when the wait has returned it",
				"kill with signal 0",
			},
			Judge: zombiesPids,
		},
		{
			Name:   "given-back",
			Says:   "each wait gives one place back; when all are reaped there is room for as many as before",
			Why:    "because the wait removes the zombie from the table",
			Points: 2,
			Hints: [3]string{
				"how many children fit in after one wait?",
				"one wait, one place",
				"waitpid",
			},
			Judge: zombiesBack,
		},
	},
	Moments:   zombiesMoments,
	Questions: zombiesQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "original"}
		if c := zombiesCounter(o); c != nil {
			roles[c.Name] = "counter"
		}
		return roles
	}),
}

var zombiesRun = lab.Watched()

// zombiesCounter is the process that makes the zombies.
func zombiesCounter(o *lab.Observation) *trace.Process {
	for _, p := range o.Processes()[0].Children {
		if !lab.IsProbe(p) {
			return p
		}
	}
	return nil
}

// A zombiesStep is a birth, a wait or a failed fork of the counter.
type zombiesStep struct {
	*trace.Event
	what string // "birth", "reaped", "refused"
}

func zombiesSteps(o *lab.Observation, counter *trace.Process) (steps []zombiesStep) {
	for _, e := range o.Events(trace.KindFork, trace.KindWait) {
		if e.Process != counter.Name {
			continue
		}
		switch {
		case e.Kind == trace.KindFork && e.Errno != "":
			steps = append(steps, zombiesStep{e, "refused"})
		case e.Kind == trace.KindFork:
			steps = append(steps, zombiesStep{e, "birth"})
		case e.Reaps():
			steps = append(steps, zombiesStep{e, "reaped"})
		}
	}
	return steps
}

// zombiesTry is the run, or the verdict that this machine cannot
// count.
func zombiesTry(b *lab.Bench) (o *lab.Observation, counter *trace.Process, cannot *lab.Verdict) {
	o = b.Run(zombiesRun)
	if proc.WaitStatus(o.Status).ExitStatus() == 2 {
		reason, _, _ := strings.Cut(strings.TrimSpace(string(o.Stderr)), ";")
		v := lab.Cannot(reason, "run it as root, or where user namespaces are allowed")
		return o, nil, &v
	}
	return o, zombiesCounter(o), nil
}

func zombiesPlaces(b *lab.Bench) lab.Verdict {
	o, counter, cannot := zombiesTry(b)
	if cannot != nil {
		return *cannot
	}
	if counter == nil {
		return o.Fail(o.Family(), "nobody made zombies")
	}
	n := 0
	for _, s := range zombiesSteps(o, counter) {
		switch s.what {
		case "birth":
			if p := o.Recording.Process(s.ChildProcess); p == nil || p.Exit == nil {
				return o.Fail(s.ChildProcess+" was not seen to end", "only the dead are to count")
			}
			n++
		case "reaped":
			return o.Fail(fmt.Sprintf("a child was reaped after %d births, before any fork failed", n), "the limit was not reached by zombies alone")
		case "refused":
			return zombiesFull(o, counter, s.Event, n)
		}
	}
	return o.Fail(fmt.Sprintf("no fork failed; there were %d children", n), "nothing counted the zombies")
}

// zombiesFull judges the first fork that failed, with n zombies.
func zombiesFull(o *lab.Observation, counter *trace.Process, refused *trace.Event, n int) lab.Verdict {
	if errno := refused.Errno; errno != "EAGAIN" {
		return o.Fail("fork failed with "+errno, "the limit gives EAGAIN")
	}
	for _, e := range o.Events(trace.KindSnapshot) {
		if e.Time < refused.Time || e.Process != counter.Name {
			continue
		}
		dead, limit := 0, ""
		for _, s := range e.Snapshot {
			l := look{e.Time, s.Files}
			switch {
			case s.Process == counter.Name:
				processes, _ := s.Files.Limit("Max processes")
				limit = processes.Soft
			case strings.HasPrefix(s.Process, counter.Name+".") && l.Stat(3) == "Z":
				dead++
			}
		}
		if dead != n || n == 0 || limit != fmt.Sprint(n+1) {
			return o.Fail(fmt.Sprintf("%d of %d children were zombies, with a limit of %s processes", dead, n, limit),
				"the limit has room for the process itself and its zombies, no more")
		}
		return o.Passed("limit %s: itself and %d zombies; the next fork failed with EAGAIN", limit, dead)
	}
	return o.Fail("nobody looked when fork had failed", "there is no evidence of the zombies")
}

func zombiesPids(b *lab.Bench) lab.Verdict {
	o, counter, cannot := zombiesTry(b)
	if cannot != nil {
		return *cannot
	}
	if counter == nil {
		return o.Fail(o.Family(), "nobody made zombies")
	}
	asked := map[string]bool{}
	for _, e := range o.Events(trace.KindKill) {
		if e.Process != counter.Name || e.Signal != 0 {
			continue
		}
		p := o.ByPid(e.Target)
		if e.Errno != "" || p == nil || e.Time < p.Died || p.Reaped >= 0 && e.Time > p.Reaped {
			return o.Fail(fmt.Sprintf("kill(%d, 0): %q", e.Target, e.Errno), "a zombie's pid still names it")
		}
		asked[p.Name] = true
	}
	n := 0
	for _, s := range zombiesSteps(o, counter) {
		if s.what == "refused" {
			break
		}
		if n++; !asked[s.ChildProcess] {
			return o.Fail("nobody asked for "+s.ChildProcess, "each zombie has to be tried")
		}
	}
	if n == 0 {
		return o.Fail("there was no zombie", "nothing was tried")
	}
	return o.Passed("kill found each of %d zombies", n)
}

func zombiesBack(b *lab.Bench) lab.Verdict {
	o, counter, cannot := zombiesTry(b)
	if cannot != nil {
		return *cannot
	}
	if counter == nil {
		return o.Fail(o.Family(), "nobody made zombies")
	}
	// Births between the waits: all, one after one wait, all again
	// after all waits.
	var rounds []int
	births, reaped, zombies := 0, 0, 0
	var waits []int
	for _, s := range zombiesSteps(o, counter) {
		switch s.what {
		case "birth":
			births++
			zombies++
		case "reaped":
			reaped++
			zombies--
		case "refused":
			rounds, waits = append(rounds, births), append(waits, reaped)
			births, reaped = 0, 0
		}
	}
	if len(rounds) != 3 || rounds[0] == 0 {
		return o.Fail(fmt.Sprintf("fork failed %d times", len(rounds)), "three times it should: full, full again after one wait, full again after all")
	}
	n := rounds[0]
	if rounds[1] != 1 || waits[1] != 1 || rounds[2] != n || waits[2] != n || zombies != 0 {
		return o.Fail(fmt.Sprintf("after %d waits %d children fitted in, after %d waits %d", waits[1], rounds[1], waits[2], rounds[2]),
			"one wait, one place")
	}
	return o.Passed("%d fitted in; after 1 wait 1; after %d waits %d", n, waits[2], rounds[2])
}

// zombiesMoments are where to stop in a run of the experiment.
var zombiesMoments = []lab.Moment{
	{
		Name: "full",
		Says: "fork fails: nine zombies have filled the places that this user may have.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno != "" }, trace.KindFork, trace.KindClone),
	},
	{
		Name: "room",
		Says: "One zombie is reaped, and there is room for one more process.",
		At:   lab.AtLine("one reaped: room for 1"),
	},
}

// zombiesQuestions are what to ask before it is shown.
var zombiesQuestions = []lab.Question{
	{
		Name:    "full",
		Ask:     "A process never waits for its children, which all end. What happens in the end?",
		Answers: []string{"nothing, zombies need no memory", "fork fails", "the kernel removes the oldest zombies"},
		Right:   lab.Says("fork fails", "zombies, and fork: "),
		Why:     "A zombie needs no memory, but it holds a pid and a place in the process table.",
		Moment:  "full",
	},
	{
		Name:    "one",
		Ask:     "One of the zombies is reaped. How many children can be made now?",
		Answers: []string{"none", "one", "as many as before"},
		Right:   lab.Says("one", "one reaped: room for 1"),
		Why:     "Each wait gives back one place.",
		Moment:  "room",
	},
}
