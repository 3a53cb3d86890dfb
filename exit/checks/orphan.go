package checks

import (
	"fmt"
	"regexp"
	"strconv"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// Orphan checks what becomes of a child whose parent ends.
var Orphan = &lab.Experiment{
	Dir: "exit", Name: "orphan", Ref: "§8.5",
	Title:    "a child whose parent ends gets a new one",
	Exercise: true,
	Task: `The parent makes a child and ends while the child runs, without
waiting for it. The child, once it has been adopted, prints

    parent pid = N

where N is its parent's pid as it sees it then, and ends. Any
process of the program may be the subreaper that adopts it.`,
	Claims: []lab.Claim{
		{
			Name:   "parent-first",
			Says:   "the parent ends while its child runs",
			Why:    "because only a process whose parent has ended is an orphan",
			Points: 2,
			Hints: [3]string{
				"who ends first, says the tree?",
				"a parent that waits ends last; a child that does not wait for anything may be gone before its parent is",
				"let the parent exit() after fork(), and let the child wait until its parent has ended: pidfd_open and poll, or compare getppid() with the old parent",
			},
			Judge: orphanFirst,
		},
		{
			Name:   "adopted",
			Says:   "the child then has another parent: the nearest subreaper among its ancestors, or init",
			Why:    "because every process has a parent, and the kernel gives an orphan a new one when the old one ends",
			Points: 3,
			Needs:  []string{"parent-first"},
			Hints: [3]string{
				"is the child still there when its parent ends?",
				"the kernel gives away the children of a process when the whole process has ended, not when a thread of it has",
				"the child has to outlive its parent: see the first hint of parent-first",
			},
			Judge: orphanAdopted,
		},
		{
			Name:   "saw-it",
			Says:   "the child prints parent pid = N with the pid of that new parent",
			Why:    "because getppid asks the kernel, which answers with the adopter from the adoption on",
			Points: 3,
			Needs:  []string{"adopted"},
			Hints: [3]string{
				"when does the child ask for its parent's pid, and what does it print?",
				"before the adoption getppid gives the old parent; after it the adopter, which is not pid 1 everywhere (ch8 doctor says who it is here)",
				"call getppid() after the parent's end, and print what it returns",
			},
			Judge: orphanSaw,
		},
		lab.AsAskedClaim(onPipe, orphanNotWaited),
		{
			Name: "named", Ours: true,
			Says: "the adopter of our program is the one that /proc names",
			Why:  "because the parent in /proc/PID/status is the kernel's own answer",
			Hints: [3]string{
				"what does /proc/PID/comm say of the new parent?",
				"a process that made itself a child subreaper adopts the orphans among its descendants; init is the last resort",
				"prctl(PR_SET_CHILD_SUBREAPER)",
			},
			Judge: orphanNamed,
		},
		{
			Name: "collected", Ours: true,
			Says: "the adopter is the nearest subreaper, and it collects the orphan with its status, so that no zombie stays",
			Why:  "because the kernel tells the new parent of the end as it would have told the old one",
			Hints: [3]string{
				"who waits for an orphan?",
				"the adopter is its parent in every respect: it gets SIGCHLD and can wait",
				"run it with --subreaper",
			},
			Judge: orphanCollected,
		},
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		child := orphanChild(o)
		if child == nil {
			return nil
		}
		roles := map[string]string{child.Name: "child", child.Parent.Name: "parent"}
		if a := child.Parent.Parent; a != nil {
			roles[a.Name] = "original"
		}
		return roles
	}),
}

const pPid = 1 // P_PID of waitid(2)

var orphanLine = regexp.MustCompile(`^parent pid = (-?\d+)$`)

// orphanPrinted are the pids in the lines that the process wrote,
// and when it wrote the last of them.
func orphanPrinted(o *lab.Observation, p *trace.Process) (pids []int, last int64) {
	for _, l := range o.Told(p) {
		if m := orphanLine.FindStringSubmatch(l.Text); m != nil {
			n, _ := strconv.Atoi(m[1])
			pids, last = append(pids, n), l.Time
		}
	}
	return pids, last
}

// orphanChild finds the child of the experiment: of the processes
// that some other one made, the one that was adopted and printed,
// or else that printed, was adopted, or is there at all.
func orphanChild(o *lab.Observation) (child *trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		if p.Parent == nil || isHelper(p) {
			continue
		}
		score := 0
		if orphanAdoption(p) != nil {
			score++
		}
		if printed, _ := orphanPrinted(o, p); len(printed) > 0 {
			score += 2
		}
		if score > best {
			child, best = p, score
		}
	}
	return child
}

// orphanAdoption is the adoption of the process while it ran.
func orphanAdoption(p *trace.Process) *trace.Event {
	for _, e := range p.Reparented {
		if p.Died < 0 || e.Time < p.Died {
			return e
		}
	}
	return nil
}

func orphanFirst(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	child := orphanChild(o)
	switch {
	case child == nil:
		return o.Fail(o.Family(), "without a child nobody can become an orphan")
	case child.Parent.Died < 0:
		return o.Fail("the parent was not seen to end", "the child keeps its parent as long as that lives")
	case child.Died >= 0 && child.Died < child.Parent.Died:
		return o.Fail(fmt.Sprintf("the child %d ended before its parent %d", lab.Pid(child), lab.Pid(child.Parent)),
			"it was never an orphan: it did not wait to become one, or its parent waited for it")
	}
	return o.Passed("the parent %d ended while the child %d ran", lab.Pid(child.Parent), lab.Pid(child))
}

func orphanAdopted(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	child := orphanChild(o)
	if child == nil {
		return o.Fail(o.Family(), "without a child nobody can be adopted")
	}
	e := orphanAdoption(child)
	if e == nil || e.NewParent == e.OldParent {
		return o.Fail(fmt.Sprintf("the child %d had the same parent, %d, until it ended", lab.Pid(child), lab.Pid(child.Parent)),
			"its parent did not end before it: nobody had to adopt it")
	}
	return o.Passed("the child got a new parent, %d (%s)", e.NewParentNSpid, e.NewParentComm)
}

func orphanSaw(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	child := orphanChild(o)
	if child == nil {
		return o.Fail(o.Family(), "nobody could print the pid of a new parent")
	}
	printed, when := orphanPrinted(o, child)
	e := orphanAdoption(child)
	switch {
	case len(printed) == 0:
		return o.Fail(fmt.Sprintf("the child %d wrote %s", lab.Pid(child), lab.Quote(lab.Lines(o.Wrote(child)))),
			"it did not print the line parent pid = N")
	case e == nil:
		return o.Fail(fmt.Sprintf("the child printed parent pid = %d and was never adopted", printed[0]),
			"there was no new parent that it could have seen")
	}
	last := printed[len(printed)-1]
	old, adopter := lab.Pid(child.Parent), e.NewParentNSpid
	if last == adopter && when < e.Time {
		return o.Fail(fmt.Sprintf("the child printed parent pid = %d before the adoption; its parent then was %d", last, old),
			"getppid can not have given it this pid yet: it was found in another way, or assumed")
	}
	if last == adopter {
		return o.Passed("it printed %d, the pid of its new parent", last)
	}
	means := "this is no parent of the child: it was not asked for with getppid"
	switch {
	case last == old:
		means = "this is the old parent: getppid was called before the adoption"
	case last == 1:
		means = "pid 1 adopts only those who have no subreaper among their ancestors; ask with getppid, and do not assume the answer"
	}
	return o.Fail(fmt.Sprintf("the child printed parent pid = %d; its new parent was %d (%s)", last, adopter, e.NewParentComm), means)
}

// orphanNotWaited finds what the contract excludes: a parent that
// waits, a child that does not end normally.
func orphanNotWaited(o *lab.Observation) string {
	child := orphanChild(o)
	if child == nil {
		return "there was no child"
	}
	for _, w := range o.Waits(child.Parent) {
		// With WNOHANG: not yet.
		looked := w.Result == 0 && w.Errno == "" && orphanAsks(o, w, child)
		if w.ResultProcess == child.Name || w.WaitPid == lab.Pid(child) || looked {
			return "the parent waited for its child: " + trace.Text(w)[13:]
		}
	}
	for _, p := range o.Processes() {
		if printed, _ := orphanPrinted(o, p); p != child && len(printed) > 0 {
			return fmt.Sprintf("another process, %d, printed such a line too", lab.Pid(p))
		}
	}
	if child.Exit == nil || !proc.WaitStatus(child.Exit.Status).Exited() {
		return "the child did not end normally"
	}
	return ""
}

// orphanAsks reports whether the wait could have returned the child,
// as far as the event tells: of a process group, or of a pidfd, it
// does not say who is meant.
func orphanAsks(o *lab.Observation, w *trace.Event, child *trace.Process) bool {
	switch {
	case w.Time < child.Born:
		return false
	case w.Call == "waitid":
		return w.IDType != pPid || w.ID == lab.Pid(child)
	case w.WaitPid > 0:
		return w.WaitPid == lab.Pid(child)
	}
	return true
}

func orphanNamed(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	child := orphanChild(o)
	if child == nil || orphanAdoption(child) == nil {
		return o.Fail(o.Family(), "nobody was adopted")
	}
	e := orphanAdoption(child)
	name, _ := said(o, child, fmt.Sprintf("child %d was adopted by ", lab.Pid(child)))
	switch {
	case e.NewParentNSpid != o.Adopter:
		return o.Fail(fmt.Sprintf("the kernel gave the child to %d (%s)", e.NewParentNSpid, e.NewParentComm),
			fmt.Sprintf("the nearest subreaper, or init, is %d (%s)", o.Adopter, o.AdopterComm))
	case name != e.NewParentComm && e.NewParentNSpid != 0:
		return o.Fail(fmt.Sprintf("the child says it was adopted by %q", name),
			fmt.Sprintf("the kernel calls the adopter %q", e.NewParentComm))
	}
	return o.Passed("%d (%s) is the adopter here", e.NewParentNSpid, e.NewParentComm)
}

func orphanCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(recorded("--subreaper"))
	child := orphanChild(o)
	if child == nil || orphanAdoption(child) == nil {
		return o.Fail(o.Family(), "nobody was adopted")
	}
	e := orphanAdoption(child)
	original := o.Processes()[0]
	switch {
	case e.NewParentProcess != original.Name:
		return o.Fail(fmt.Sprintf("the kernel gave the child to %d (%s)", e.NewParentNSpid, e.NewParentComm),
			"a subreaper among the ancestors comes before init and before all that are farther away")
	case child.Reaper != original:
		return o.Fail("the adopter did not collect the child", "a parent that never waits leaves a zombie, adopter or not")
	case child.Exit == nil || child.Reap.Status != child.Exit.Status:
		return o.Fail(fmt.Sprintf("the adopter's wait returned %s", trace.StatusText(child.Reap.Status)),
			"the status is what the child ended with, whoever collects it")
	}
	return o.Passed("the original, its subreaper, collected it: %s", trace.StatusText(child.Reap.Status))
}
