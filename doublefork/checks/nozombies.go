package checks

import (
	"fmt"
	"strings"
	"time"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Nozombies checks three ways to start jobs.
var Nozombies = &lab.Experiment{
	Dir: "doublefork", Name: "nozombies", Ref: "§8.6, §10.7",
	Title: "200 jobs with zombies, and 400 without",
	Claims: []lab.Claim{
		{
			Name:   "plain-leaves",
			Says:   "200 children that nobody waits for are 200 zombies while their parent lives",
			Why:    "because the kernel keeps a status for a parent that might ask",
			Points: 1,
			Hints:  [3]string{"what is left of a process that has ended?", "its parent may still ask for its status", "waitpid collects it"},
			Judge:  nzPlain,
		},
		{
			Name:   "double-leaves-none",
			Says:   "of 200 jobs started by a double fork none is ever a child of the original, and none of its children is a zombie",
			Why:    "because it waits for the first children at once, and the jobs are somebody else's",
			Points: 1,
			Hints:  [3]string{"whose child is the second child?", "a process whose parent ends is adopted", "fork in the child, and waitpid in the parent"},
			Judge:  nzDouble,
		},
		{
			Name:   "ignored-leaves-none",
			Says:   "of 200 children of a parent that ignores SIGCHLD none is a zombie, and wait comes back with ECHILD when all have ended",
			Why:    "because such a parent has said that it will not ask",
			Points: 1,
			Hints:  [3]string{"how does the kernel know that nobody will ask?", "to ignore SIGCHLD is more than its default, which does nothing either", "sigaction with SIG_IGN"},
			Judge:  nzIgnored,
		},
	},
	Moments:    nozombiesMoments,
	Questions:  nozombiesQuestions,
	MomentArgs: []string{"--jobs", "6"},
	Cast:       lab.ByName(func(o *lab.Observation) map[string]string { return map[string]string{"P0": "original"} }),
}

var (
	// 200 of each way: 800 processes take longer than usual.
	nzAll = lab.Run{Timeout: 3 * time.Minute}
	nzFew = looked("-jobs", "6") // with /proc
)

const nzJobs = 200

var nzLines = []string{"fork and no wait: ", "double fork: ", "SIGCHLD ignored: "}

// nzPart are the children that the original made for one of the
// three ways, and when it told of them.
func nzPart(o *lab.Observation, way int) (children []*trace.Process, told int64) {
	from := int64(-1)
	for i, line := range nzLines[:way+1] {
		all := moments(o, line)
		if len(all) != 1 {
			return nil, 0
		}
		if i < way {
			from = all[0].write.Time
		}
		told = all[0].write.Time
	}
	for _, c := range o.Processes()[0].Children {
		if c.Born > from && c.Born < told {
			children = append(children, c)
		}
	}
	return children, told
}

// nzZombies counts the original's zombies in /proc at that time,
// −1 if it was not looked at.
func nzZombies(o *lab.Observation, way int) int {
	all := moments(o, nzLines[way])
	if len(all) != 1 || len(all[0].state) == 0 {
		return -1
	}
	n := 0
	for _, s := range all[0].state {
		if s.Stat(statState) == "Z" && s.StatNumber(statPpid) == o.Processes()[0].Pid {
			n++
		}
	}
	return n
}

const nzMissing = "the program did not start its jobs in three ways, and tell of each"

func nzPlain(b *lab.Bench) lab.Verdict {
	o, few := b.Run(nzAll), b.Run(nzFew)
	children, told := nzPart(o, 0)
	zombies := 0
	for _, c := range children {
		if c.Exit != nil && c.Died < told && (c.Reap == nil || c.Reaped > told) {
			zombies++
		}
	}
	if zombies != nzJobs || len(children) != nzJobs {
		return o.Fail(fmt.Sprintf("of %d children %d were zombies", len(children), zombies), nzMissing)
	}
	if n := nzZombies(few, 0); n != 6 {
		return few.Fail(fmt.Sprintf("/proc had %d in state Z of 6", n), "a child that was not waited for has to be a zombie")
	}
	return o.Passed("200 children had ended and were not collected; of 6 in another run /proc had 6 in state Z")
}

func nzDouble(b *lab.Bench) lab.Verdict {
	o, few := b.Run(nzAll), b.Run(nzFew)
	original := o.Processes()[0]
	firsts, told := nzPart(o, 1)
	jobs := 0
	for _, first := range firsts {
		if first.Reap == nil || first.Reaper != original || first.Reaped > told {
			return o.Fail(first.Name+", a first child, was not waited for", "then it is a zombie itself")
		}
		for _, job := range first.Children {
			jobs++
			for _, e := range job.Reparented {
				if e.NewParentProcess == original.Name {
					return o.Fail(job.Name+" was adopted by the original", "then it is the original's to wait for")
				}
			}
		}
	}
	if len(firsts) != nzJobs || jobs != nzJobs {
		return o.Fail(fmt.Sprintf("%d first children made %d jobs", len(firsts), jobs), nzMissing)
	}
	if n := nzZombies(few, 1); n != 0 {
		return few.Fail(fmt.Sprintf("/proc had %d of the original's children in state Z", n), "it did not wait for its first children")
	}
	return o.Passed("200 first children were collected, their 200 jobs were never the original's children; /proc had none in state Z")
}

func nzIgnored(b *lab.Bench) lab.Verdict {
	o, few := b.Run(nzAll), b.Run(nzFew)
	original := o.Processes()[0]
	children, told := nzPart(o, 2)
	last := int64(0)
	for _, c := range children {
		if c.Exit == nil || c.Died > told {
			return o.Fail(c.Name+" had not ended", "wait came back too early, or was not called")
		}
		if c.Reap != nil {
			return o.Fail(c.Name+" was collected by a wait", "SIGCHLD was not ignored")
		}
		last = max(last, c.Died)
	}
	if len(children) != nzJobs {
		return o.Fail(fmt.Sprintf("there were %d children", len(children)), nzMissing)
	}
	echild := false
	for _, e := range o.Waits(original) {
		echild = echild || e.Errno == "ECHILD" && e.Time > last && e.Time < told
	}
	if !echild {
		return o.Fail("no wait failed with ECHILD after the last one ended", "that is how such a parent learns that all have ended")
	}
	if n := nzZombies(few, 2); n != 0 {
		return few.Fail(fmt.Sprintf("/proc had %d in state Z", n), "SIGCHLD was not ignored")
	}
	return o.Passed("200 children ended, no wait returned one, wait failed with ECHILD after the last; /proc had none in state Z")
}

// nozombiesMoments are where to stop in a run of the experiment.
var nozombiesMoments = []lab.Moment{
	{
		Name: "zombies",
		Says: "Plain forks without a wait: every job is a zombie now.",
		At:   lab.AtLine("fork and no wait: "),
	},
	{
		Name: "none",
		Says: "With the double fork all jobs were adopted, and the adopter has reaped them.",
		At:   lab.AtLine("double fork: "),
	},
}

// nozombiesQuestions are what to ask before it is shown.
var nozombiesQuestions = []lab.Question{
	{
		Name:    "plain",
		Ask:     "A process forks jobs that end, and never waits. How many zombies does it have?",
		Answers: []string{"none", "one", "one for each job"},
		Right: lab.If("one for each job", func(o *lab.Observation) bool {
			e := lab.AtLine("fork and no wait: ")(o)
			var done, zombies int
			if e == nil {
				return false
			}
			n, _ := fmt.Sscanf(string(lab.Taken(e)), "fork and no wait: %d jobs done, %d zombies", &done, &zombies)
			return n == 2 && done == zombies
		}),
		Why:    "Each child that ended stays until its parent waits for it.",
		Moment: "zombies",
	},
	{
		Name:    "double",
		Ask:     "The same with a double fork. How many zombies does the process have?",
		Answers: []string{"none", "one for each job", "two for each job"},
		Right: lab.If("none", func(o *lab.Observation) bool {
			e := lab.AtLine("double fork: ")(o)
			return e != nil && strings.Contains(string(lab.Taken(e)), " 0 zombies")
		}),
		Why:    "The first child is reaped at once, and the job belongs to its adopter.",
		Moment: "none",
	},
}
