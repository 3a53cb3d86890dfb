package checks

import (
	"fmt"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Pids checks waitpid's first argument.
var Pids = &lab.Experiment{
	Dir: "wait", Name: "pids", Ref: "§8.6",
	Title:    "which child: a pid, any, a process group",
	Exercise: true,
	Task: `At least four children with different exit statuses; at least two of
them in one process group that is not the parent's. waitpid (or
waitid) is called with each of the four forms at least once: a pid,
the other group, the own group (with 0: naming it by number does not
count), any. Each child is collected exactly once; the last call
finds no child (ECHILD).`,
	Claims: []lab.Claim{
		{
			Name:   "one-pid",
			Says:   "a call that names a pid returns that child while another child is uncollected",
			Why:    "because a positive pid asks for that one and leaves all others as they are",
			Points: 2,
			Hints: [3]string{
				"when you name a pid, is there anybody else it could have been?",
				"only with a second child waiting, dead or alive, does the argument decide anything",
				"waitpid(pid, &status, 0), with the pid that fork returned, and not as the last one",
			},
			Judge: pidsOne,
		},
		{
			Name:   "other-group",
			Says:   "a call that names another process group returns a member of it",
			Why:    "because an argument below −1 is a process group, with its sign changed",
			Points: 2,
			Hints: [3]string{
				"which process group are the children in, and which the parent?",
				"a child starts in its parent's group; setpgid moves it, best called by both, as either may be first",
				"waitpid(-pgid, &status, 0)",
			},
			Judge: pidsOther,
		},
		{
			Name:   "own-group",
			Says:   "a call with 0 returns a child of the caller's process group",
			Why:    "because 0 stands for the group that the caller is in when it calls",
			Points: 2,
			Hints: [3]string{
				"what does the form 0 ask for?",
				"0 is the caller's own group, whatever its number is; the number itself is another form",
				"waitpid(0, &status, 0)",
			},
			Judge: pidsOwn,
		},
		{
			Name:   "any",
			Says:   "a call asks for any child",
			Points: 1,
			Hints: [3]string{
				"which call takes whoever is there?",
				"−1 asks for any child, and so does wait",
				"waitpid(-1, &status, 0)",
			},
			Judge: pidsAny,
		},
		{
			Name:   "each-once",
			Says:   "every child is collected by its parent, once",
			Why:    "because a child that nobody waits for stays a zombie, and a status can be had only once",
			Points: 2,
			Hints: [3]string{
				"count the children and the calls that returned one",
				"each call that returns a pid takes one child away",
				"go on with waitpid(-1, …) until it fails",
			},
			Judge: pidsEach,
		},
		{
			Name:   "then-echild",
			Says:   "the last call fails with ECHILD",
			Why:    "because that is how the kernel says that there is no child left",
			Points: 1,
			Needs:  []string{"each-once"},
			Hints: [3]string{
				"how does a parent know that it has them all?",
				"a wait without any child to wait for does not block: it fails",
				"one more waitpid(-1, …) at the end; look at errno",
			},
			Judge: pidsEchild,
		},
		lab.AsAskedClaim(onPipe, pidsExcluded),
		{
			Name: "any-order", Ours: true,
			Says:  "a call that names a pid passes over children that were made, and died, earlier",
			Judge: pidsAnyOrder,
		},
		{
			Name: "others-stay", Ours: true,
			Says:  "a call that names a group passes over zombies of other groups that died earlier, and they stay",
			Judge: pidsOthersStay,
		},
		{
			Name: "current-group", Ours: true,
			Says:  "after the parent has moved to another group, 0 returns a member of that one",
			Judge: pidsCurrent,
		},
		{
			Name: "same-as-wait", Ours: true,
			Says:  "waitpid with −1 and no options is what wait is: the same system call with the same arguments",
			Judge: pidsWait,
		},
		{
			Name: "not-yours", Ours: true,
			Says:  "a child already collected, oneself, the parent, a sibling and pid 1 are ECHILD",
			Judge: pidsNotYours,
		},
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent := most(o)
		if parent == nil || len(parent.Children) == 0 {
			return nil
		}
		roles := map[string]string{parent.Name: "parent"}
		for i, c := range parent.Children {
			roles[c.Name] = fmt.Sprintf("child %d", i+1)
		}
		if parent.Parent != nil {
			roles[parent.Parent.Name] = "original"
			for _, c := range parent.Parent.Children {
				if c != parent {
					roles[c.Name] = "sibling"
				}
			}
		}
		return roles
	}),
}

// A form is what a wait's argument asks for.
type form int

const (
	anyChild form = iota
	onePid
	ownGroup
	group
)

// formOf reads the argument of wait4 or waitid.
func formOf(e *trace.Event) (f form, id int) {
	if e.Call != "waitid" {
		switch {
		case e.WaitPid > 0:
			return onePid, e.WaitPid
		case e.WaitPid == 0:
			return ownGroup, 0
		case e.WaitPid < -1:
			return group, -e.WaitPid
		}
		return anyChild, 0
	}
	switch {
	case e.IDType == pPid, e.IDType == pPidfd:
		return onePid, e.ID
	case e.IDType == pPgid && e.ID == 0:
		return ownGroup, 0
	case e.IDType == pPgid:
		return group, e.ID
	}
	return anyChild, 0
}

// collects lists the parent's waits of that form that took a child
// away, each with the child.
func collects(o *lab.Observation, parent *trace.Process, f form) (waits []*trace.Event, kids []*trace.Process) {
	for _, e := range o.Waits(parent) {
		if got, _ := formOf(e); got != f || !e.Reaps() {
			continue
		}
		for _, c := range parent.Children {
			if c.Reap == e {
				waits, kids = append(waits, e), append(kids, c)
			}
		}
	}
	return waits, kids
}

// groupAt follows fork, setpgid and setsid and returns the process
// group of a process at a time, as the program numbers them.
func groupAt(o *lab.Observation, name string, t int64) int {
	all := map[string]*trace.Process{}
	of := map[string]int{}
	for i, p := range o.Processes() {
		all[p.Name] = p
		if i == 0 {
			of[p.Name] = lab.Pid(p) // the sandbox made it a leader
		}
	}
	for _, e := range o.Events(trace.KindFork, trace.KindVfork, trace.KindClone, trace.KindSetpgid, trace.KindSetsid) {
		if e.Time > t {
			break
		}
		target := e.Process
		switch {
		case e.Errno != "":
		case e.Kind == trace.KindSetsid:
			of[target] = lab.Pid(all[target])
		case e.Kind == trace.KindSetpgid:
			if e.Target != 0 {
				target = e.TargetProcess
			}
			if of[target] = e.Pgid; e.Pgid == 0 && all[target] != nil {
				of[target] = lab.Pid(all[target])
			}
		default:
			of[e.ChildProcess] = of[e.Process]
		}
	}
	return of[name]
}

func pidsOne(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	waits, kids := collects(o, parent, onePid)
	for i, e := range waits {
		for _, other := range parent.Children {
			if other != kids[i] && held(other, e.Time) {
				return o.Passed("%s(%d) returned it, and %d stayed", e.Call, lab.Pid(kids[i]), lab.Pid(other))
			}
		}
	}
	if len(waits) > 0 {
		return o.Fail("each call that named a pid did so when there was no other child",
			"any form would have returned the same child: nothing was chosen")
	}
	return pidsNone(o, parent, onePid, "a pid above 0 was not tried, or what it named was no child")
}

// pidsNone is the failure that no call of that form returned a
// child.
func pidsNone(o *lab.Observation, parent *trace.Process, f form, means string) lab.Verdict {
	name := [...]string{onePid: "that named a pid", ownGroup: "with 0", group: "that named a group"}[f]
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), "there is nobody to ask for")
	}
	for _, e := range o.Waits(parent) {
		got, id := formOf(e)
		if got != f || e.Errno != "ECHILD" {
			continue
		}
		for _, c := range parent.Children {
			if c.Born < e.Time && c.Reap == nil && asks(o, e, c) && !alive(c, e.Time) {
				return o.Fail(fmt.Sprintf("a call %s (%d) failed with ECHILD, and nobody had collected %d", name, id, lab.Pid(c)),
					"SIGCHLD is ignored: the kernel then keeps no status, and a wait has nothing to return")
			}
		}
	}
	return o.Fail("no call "+name+" returned a child: "+pidsCalls(o, parent), means)
}

// pidsCalls says which calls the parent made.
func pidsCalls(o *lab.Observation, parent *trace.Process) string {
	var n [4]int
	for _, e := range o.Waits(parent) {
		f, _ := formOf(e)
		n[f]++
	}
	return fmt.Sprintf("the parent asked %d times for any child, %d for a pid, %d for its own group (0), %d for a group by number",
		n[anyChild], n[onePid], n[ownGroup], n[group])
}

func pidsOther(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	waits, kids := collects(o, parent, group)
	for i, e := range waits {
		if _, id := formOf(e); id != groupAt(o, parent.Name, e.Entered) {
			return o.Passed("%s named the group %d and returned its member %d", e.Call, id, lab.Pid(kids[i]))
		}
	}
	if len(waits) > 0 {
		return o.Fail("the group named was the parent's own", "setpgid was not called, or failed, so that all are in one group")
	}
	for _, e := range o.Waits(parent) {
		if f, id := formOf(e); f == group && e.Errno != "" && uncollected(parent) == nil {
			return o.Fail(fmt.Sprintf("%s for the group %d failed with %s", e.Call, id, e.Errno),
				"no child of the parent was in that group: setpgid was not called for it, or not yet")
		}
	}
	return pidsNone(o, parent, group,
		"a group is named by its number with the sign changed (waitid: P_PGID)")
}

func pidsOwn(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	waits, kids := collects(o, parent, ownGroup)
	if len(waits) == 0 {
		return pidsNone(o, parent, ownGroup,
			"0 is the only form that asks for the caller's own group without knowing its number")
	}
	return o.Passed("%s with 0 returned %d", waits[0].Call, lab.Pid(kids[0]))
}

func pidsAny(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	for _, e := range o.Waits(parent) {
		if f, _ := formOf(e); f == anyChild {
			return o.Passed("%s asked for any child", e.Call)
		}
	}
	return o.Fail("no call asked for any child: "+pidsCalls(o, parent), "neither wait nor the form −1 (waitid: P_ALL) was used")
}

func pidsEach(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), "there is nobody to collect")
	}
	if c := uncollected(parent); c != nil {
		if waits := o.Waits(parent); len(waits) > 0 && waits[len(waits)-1].Errno == "ECHILD" {
			return o.Fail(who("a child", c)+" was never returned by a wait of its parent, and the last wait found no child",
				"the kernel dropped the child when it died: SIGCHLD is ignored, which leaves no zombie and no status")
		}
		return o.Fail(who("a child", c)+" was never returned by a wait of its parent",
			"it was a zombie, or still running, when the parent ended: somebody else had to collect it")
	}
	return o.Passed("%d children, and as many calls that returned one", len(parent.Children))
}

func pidsEchild(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	waits := o.Waits(parent)
	if len(waits) == 0 {
		return o.Fail("the parent never waited", "ECHILD is how a wait says that there is no child")
	}
	last := waits[len(waits)-1]
	if f, _ := formOf(last); f == anyChild && last.Errno == "ECHILD" {
		return o.Passed("%s for any child failed with ECHILD", last.Call)
	}
	for _, c := range parent.Children {
		if held(c, last.Time) {
			return o.Fail(who("a child", c)+" was still there at the parent's last call", "the last call is to come when all have been collected")
		}
	}
	if last.Errno != "ECHILD" {
		return o.Fail(fmt.Sprintf("the parent's last call returned %d", last.Result), "the parent stopped before it had heard that there is no child left")
	}
	return o.Passed("%s failed with ECHILD", last.Call)
}

// pidsExcluded finds too few statuses and too few in another group.
func pidsExcluded(o *lab.Observation) string {
	parent := most(o)
	statuses, members := map[int]bool{}, map[int]int{}
	enough := false
	for _, c := range parent.Children {
		w, ok := word(c)
		if !ok {
			continue
		}
		if w.Exited() {
			statuses[w.ExitStatus()] = true
		}
		at := max(c.Reaped, c.Died)
		if g := groupAt(o, c.Name, at); g != groupAt(o, parent.Name, c.Died) {
			members[g]++
			enough = enough || members[g] >= 2
		}
	}
	switch {
	case len(statuses) < 4:
		return fmt.Sprintf("the parent had %d children, and %d different exit statuses: four of each are asked for", len(parent.Children), len(statuses))
	case !enough:
		return "no two children were together in a process group other than the parent's"
	}
	return ""
}

// earlier finds a child that died before c and was a zombie when
// the wait returned c.
func earlier(parent, c *trace.Process, e *trace.Event, also func(*trace.Process) bool) *trace.Process {
	for _, other := range parent.Children {
		if other != c && other.Born < c.Born && other.Died < c.Died && other.Died >= 0 && held(other, e.Time) && also(other) {
			return other
		}
	}
	return nil
}

func pidsAnyOrder(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	waits, kids := collects(o, parent, onePid)
	for i, e := range waits {
		if other := earlier(parent, kids[i], e, func(*trace.Process) bool { return true }); other != nil {
			return o.Passed("%d was returned though %d had been a zombie for longer", lab.Pid(kids[i]), lab.Pid(other))
		}
	}
	return o.Fail("no earlier zombie was passed over", "the pid did not decide which child was returned")
}

func pidsOthersStay(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	for _, f := range []form{group, ownGroup} {
		waits, kids := collects(o, parent, f)
		passed := false
		for i, e := range waits {
			g := groupAt(o, kids[i].Name, e.Time)
			passed = passed || earlier(parent, kids[i], e, func(other *trace.Process) bool { return groupAt(o, other.Name, e.Time) != g }) != nil
		}
		if !passed {
			return o.Fail("no earlier zombie of another group was passed over by "+[]string{ownGroup: "the form 0", group: "the form −g"}[f],
				"the group did not decide which child was returned")
		}
	}
	return o.Passed("earlier zombies of another group were passed over, and collected later")
}

func pidsCurrent(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	first := groupAt(o, parent.Name, parent.Born)
	waits, kids := collects(o, parent, ownGroup)
	before, after := false, false
	for i, e := range waits {
		at := groupAt(o, parent.Name, e.Entered)
		if groupAt(o, kids[i].Name, e.Time) != at {
			return o.Fail(fmt.Sprintf("0 returned %d, which is not in the group %d", lab.Pid(kids[i]), at), "0 does not stand for the caller's group")
		}
		before = before || at == first
		after = after || at != first
	}
	if !before || !after {
		return o.Fail("0 did not return a child both before and after the parent had moved", "it can not be told which group 0 stands for")
	}
	return o.Passed("0 returned a child of the first group, and after setpgid one of the other")
}

func pidsWait(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	waits, _ := collects(o, most(o), anyChild)
	if len(waits) < 2 {
		return o.Fail(fmt.Sprintf("%d children were collected by asking for any", len(waits)), "waitpid(−1) and wait were not both used")
	}
	x, y := waits[0], waits[1]
	if x.Call != y.Call || x.WaitPid != y.WaitPid || x.Options != y.Options {
		return o.Fail(fmt.Sprintf("%s(%d, %#x) and %s(%d, %#x)", x.Call, x.WaitPid, x.Options, y.Call, y.WaitPid, y.Options), "the two calls ask the kernel for different things")
	}
	return o.Passed("both are %s(%d, …, %d)", x.Call, x.WaitPid, x.Options)
}

func pidsNotYours(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := most(o)
	if parent.Parent == nil {
		return o.Fail("the parent has no recorded parent", "there is no sibling to ask for")
	}
	asked := map[string]int{"itself": lab.Pid(parent), "its parent": lab.Pid(parent.Parent), "pid 1": 1}
	for _, c := range parent.Parent.Children {
		if c != parent && alive(c, parent.Died) {
			asked["a sibling"] = lab.Pid(c)
		}
	}
	_, kids := collects(o, parent, onePid)
	if len(kids) > 0 {
		asked["a child already collected"] = lab.Pid(kids[0])
	}
	for _, name := range []string{"a child already collected", "itself", "its parent", "a sibling", "pid 1"} {
		seen := ""
		for _, e := range o.Waits(parent) {
			if e.WaitPid == asked[name] && e.Result <= 0 {
				seen = e.Errno
			}
		}
		if asked[name] == 0 || seen != "ECHILD" {
			return o.Fail(fmt.Sprintf("waiting for %s (%d) failed with %q", name, asked[name], seen), "only one's own, uncollected children can be waited for")
		}
	}
	return o.Passed("all five failed with ECHILD")
}
