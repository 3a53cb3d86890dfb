package checks

import (
	"fmt"
	"math"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Pids checks waitpid's first argument.
var Pids = &lab.Experiment{
	Dir: "wait", Name: "pids", Ref: "§8.6",
	Title:    "which child: a pid, any, a process group",
	Exercise: true,
	Task: `At least four children with different exit statuses. At least two of
them are in one process group that is not the parent's. waitpid (or
waitid) is called with each of the four forms at least once: a pid, the
other group, the own group (with 0: to name it by its number does not
count), any child. Each child is reaped exactly once. The last call
finds no child (ECHILD).`,
	Claims: []lab.Claim{
		{
			Name:   "one-pid",
			Says:   "a call that names a pid returns that child while another child is not yet reaped",
			Why:    "because a positive pid asks for that child and leaves all others as they are",
			Points: 2,
			Hints: [3]string{
				"When you name a pid, is there another child that the call could have returned?",
				"The argument decides something only if a second child is there, running or dead.",
				"waitpid(pid, &status, 0), with the pid that fork returned, and not as the last call.",
			},
			Judge: pidsOne,
		},
		{
			Name:   "other-group",
			Says:   "a call that names another process group returns a member of it",
			Why:    "because an argument below −1 is a process group, with its sign changed",
			Points: 2,
			Hints: [3]string{
				"Which process group are the children in, and which the parent?",
				"A child starts in its parent's group. setpgid moves it; it is best called by both, because either may be first.",
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
				"What does the form 0 ask for?",
				"0 is the caller's own group, whatever its number is. The number itself is another form.",
				"waitpid(0, &status, 0)",
			},
			Judge: pidsOwn,
		},
		{
			Name:   "any",
			Says:   "a call asks for any child",
			Points: 1,
			Hints: [3]string{
				"Which call takes whichever child is there?",
				"−1 asks for any child, and so does wait.",
				"waitpid(-1, &status, 0)",
			},
			Judge: pidsAny,
		},
		{
			Name:   "each-once",
			Says:   "every child is reaped by its parent, once",
			Why:    "because a child that is not waited for stays a zombie, and a status can be had only once",
			Points: 2,
			Hints: [3]string{
				"Count the children, and the calls that returned one.",
				"Each call that returns a pid takes one child away.",
				"Go on with waitpid(-1, …) until it fails.",
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
				"How does a parent know that it has reaped all of them?",
				"A wait without any child to wait for does not block: it fails.",
				"One more waitpid(-1, …) at the end. Look at errno.",
			},
			Judge: pidsEchild,
		},
		lab.AsAskedClaim("", onPipe,
			lab.Exclusion{Sentence: "At least four children with different exit statuses.", Broken: pidsStatuses},
			lab.Exclusion{Sentence: "At least two of them are in one process group that is not the parent's.", Broken: pidsGroups}),
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
			Says:  "to wait for a child that was reaped already, for itself, its parent, a sibling or pid 1 fails with ECHILD",
			Judge: pidsNotYours,
		},
		pidsNoGroup,
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent := pidsFind(o)
		if parent == nil || len(parent.Children) == 0 {
			return nil
		}
		c := lab.Cast{}.With("parent", parent)
		for i, child := range parent.Children {
			c = c.With(fmt.Sprintf("child %d", i+1), child)
		}
		if parent.Parent != nil {
			c = c.With("original", parent.Parent)
			for _, sibling := range parent.Parent.Children {
				c = c.With("sibling", sibling)
			}
		}
		return c
	},
	Moments: []lab.Moment{
		{
			Name: "passed-over",
			Says: "The call names one pid: children that ended earlier are passed over and stay zombies.",
			At: func(o *lab.Observation) *trace.Event {
				parent := pidsParent(o)
				for _, w := range reaps(o, parent, lab.OnePid) {
					for _, other := range parent.Children {
						if other != w.Child && o.ZombieOf(other, parent, w.Time) {
							return w.Event
						}
					}
				}
				return nil
			},
		},
		{
			Name: "none-left",
			Says: "No child is left: the wait does not block, it fails with ECHILD.",
			At: func(o *lab.Observation) *trace.Event {
				last, _ := noneLeft(o)
				return last.Event
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "minus-one",
			Ask:     "No child is left. What does waitpid(-1, …) do?",
			Answers: []string{"it returns 0", "it blocks for ever", "it fails with ECHILD", "it returns the last status once more"},
			Right: func(o *lab.Observation) string {
				if last, ok := noneLeft(o); ok && last.Form == lab.AnyChild {
					return "it fails with ECHILD"
				}
				return ""
			},
			Why:    "A wait blocks only while there is a child that it could return one day.",
			Moment: "none-left",
		},
		{
			Name:    "zero",
			Ask:     "Which children does waitpid(0, …) ask for?",
			Answers: []string{"any child", "children in the caller's process group", "children in process group 0", "children that were not reaped yet"},
			Right: func(o *lab.Observation) string {
				parent := pidsParent(o)
				for _, w := range reaps(o, parent, lab.OwnGroup) {
					if o.GroupAt(w.Child, w.Time) == o.GroupAt(parent, w.Entered) {
						return "children in the caller's process group"
					}
				}
				return ""
			},
			Why: "0 stands for the group that the caller is in at the moment of the call.",
		},
	},
}

// pidsFind finds the parent of the experiment: the process that used most
// of the four forms, and of those with as many the one with most children.
// A process that executed a program is a helper.
func pidsFind(o *lab.Observation) (parent *trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		if lab.Execed(p) {
			continue
		}
		used := map[lab.WaitForm]bool{}
		for _, w := range o.WaitsOf(p) {
			used[w.Form] = true
		}
		if len(p.Children) == 0 {
			used = nil
		}
		if score := 1000*len(used) + len(p.Children); score > best {
			parent, best = p, score
		}
	}
	return parent
}

// pidsParent is the parent of the run's cast; the first process where
// there is none.
func pidsParent(o *lab.Observation) *trace.Process {
	if p := o.Cast().Of("parent"); p != nil {
		return p
	}
	return o.Processes()[0]
}

// noneLeft is the parent's last wait, if it failed with ECHILD when the
// parent had no child any more.
func noneLeft(o *lab.Observation) (last lab.Wait, ok bool) {
	parent := pidsParent(o)
	for _, w := range o.WaitsOf(parent) {
		if w.Errno == "ECHILD" {
			last, ok = w, true
		}
	}
	for _, c := range o.Processes() {
		if ok && o.ParentAt(c, last.Time) == parent && (lab.Alive(c, last.Time) || o.ZombieOf(c, parent, last.Time)) {
			return lab.Wait{}, false
		}
	}
	return last, ok
}

// reaps are the waits of that form that reaped a child.
func reaps(o *lab.Observation, parent *trace.Process, f lab.WaitForm) (waits []lab.Wait) {
	for _, w := range o.WaitsOf(parent) {
		if w.Form == f && w.Took {
			waits = append(waits, w)
		}
	}
	return waits
}

func pidsOne(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	waits := reaps(o, parent, lab.OnePid)
	for _, w := range waits {
		for _, other := range parent.Children {
			if other != w.Child && lab.Held(other, w.Time) {
				return o.Passed("%s for %s returned it, and %s stayed", w.Call, o.Who(w.Child), o.Who(other))
			}
		}
	}
	if len(waits) > 0 {
		return o.Fail("each call that named a pid was made when there was no other child",
			"any form would have returned the same child: nothing was chosen")
	}
	means := "no call named a pid"
	for _, w := range o.WaitsOf(parent) {
		switch {
		case w.Form != lab.OnePid:
		case w.Errno != "":
			means = fmt.Sprintf("the call for %s failed with %s%s", w.For(), w.Errno, lab.Where(w.Event))
		case w.Options&lab.WNOWAIT != 0:
			means = "the calls that named a pid only looked (WNOWAIT): they reaped nothing"
		}
	}
	return pidsNone(o, parent, lab.OnePid, means)
}

// pidsNone is the failure that no call of that form returned a child.
func pidsNone(o *lab.Observation, parent *trace.Process, f lab.WaitForm, means string) lab.Verdict {
	name := map[lab.WaitForm]string{lab.OnePid: "that named a pid", lab.OwnGroup: "with 0", lab.Group: "that named a group"}[f]
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), o.WhyNoChild())
	}
	if o.CutShort() {
		return o.Unfinished()
	}
	for _, p := range o.Processes() {
		for _, w := range o.WaitsOf(p) {
			if p != parent && w.Form == f && w.Errno == "ECHILD" {
				return o.Fail(fmt.Sprintf("%s waited for %s, which failed with ECHILD%s", o.Who(p), w.For(), lab.Where(w.Event)),
					"only the parent of a process can wait for it: call the waits in the process that called fork")
			}
		}
	}
	for _, w := range o.WaitsOf(parent) {
		if w.Form != f || w.Errno != "ECHILD" {
			continue
		}
		for _, c := range parent.Children {
			if c.Born < w.Time && c.Reap == nil && w.Asks(c) && !lab.Alive(c, w.Time) {
				return o.Fail(fmt.Sprintf("a call %s failed with ECHILD%s, and no process had reaped %s", name, lab.Where(w.Event), o.Who(c)),
					o.NoZombie(c)+": there is nothing to reap, and a wait has nothing to return")
			}
		}
		if allReaped(parent, w.Time) {
			return o.Fail(fmt.Sprintf("a call %s failed with ECHILD%s", name, lab.Where(w.Event)), "it came too late: the parent had reaped all its children before")
		}
	}
	return o.Fail("no call "+name+" returned a child: "+pidsCalls(o, parent), means)
}

// allReaped reports whether the parent had children, and had reaped all of
// them at that time.
func allReaped(parent *trace.Process, t int64) bool {
	for _, c := range parent.Children {
		if c.Reaped < 0 || c.Reaped > t {
			return false
		}
	}
	return len(parent.Children) > 0
}

// pidsCalls says which calls the parent made.
func pidsCalls(o *lab.Observation, parent *trace.Process) string {
	n := map[lab.WaitForm]int{}
	for _, w := range o.WaitsOf(parent) {
		n[w.Form]++
	}
	var asked []string
	for _, x := range []struct {
		form lab.WaitForm
		what string
	}{{lab.AnyChild, "any child"}, {lab.OnePid, "a pid"}, {lab.OwnGroup, "its own group, with 0"}, {lab.Group, "a group by its number"}} {
		switch n[x.form] {
		case 0:
		case 1:
			asked = append(asked, x.what+" (once)")
		default:
			asked = append(asked, fmt.Sprintf("%s (%d times)", x.what, n[x.form]))
		}
	}
	if len(asked) == 0 {
		return "the parent made no call that returned"
	}
	return "the parent asked for " + strings.Join(asked, ", ")
}

// pidsSetpgid says what became of the calls of setpgid.
func pidsSetpgid(o *lab.Observation) string {
	all := o.Events(trace.KindSetpgid)
	for _, e := range all {
		if e.Errno != "" {
			return fmt.Sprintf("setpgid failed with %s%s", e.Errno, lab.Where(e))
		}
	}
	if len(all) == 0 {
		return "setpgid was not called, so that all are in one group"
	}
	return "the first setpgid came later" + lab.Where(all[0])
}

func pidsOther(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	waits := reaps(o, parent, lab.Group)
	for _, w := range waits {
		if w.ID != o.GroupAt(parent, w.Entered) {
			return o.Passed("%s named the group %d and returned its member, %s", w.Call, w.ID, o.Who(w.Child))
		}
	}
	if len(waits) > 0 {
		return o.Fail("the group that was named is the parent's own", pidsSetpgid(o))
	}
	for _, w := range o.WaitsOf(parent) {
		if w.Form == lab.Group && w.Errno != "" && unreaped(parent) == nil && !allReaped(parent, w.Time) {
			return o.Fail(fmt.Sprintf("the wait for the group %d failed with %s%s", w.ID, w.Errno, lab.Where(w.Event)),
				"no child of the parent was in that group then: "+pidsSetpgid(o))
		}
	}
	for _, w := range o.WaitsOf(parent) {
		if w.Form != lab.OnePid || w.Child == nil {
			continue
		}
		for _, c := range parent.Children {
			if c != w.Child && o.GroupAt(c, w.Time) == w.ID {
				return pidsNone(o, parent, lab.Group,
					fmt.Sprintf("the call for %s asked for this process only%s: to ask for its process group, change the sign (-%d)", w.For(), lab.Where(w.Event), w.ID))
			}
		}
	}
	return pidsNone(o, parent, lab.Group, "a group is named by its number with the sign changed (waitid: P_PGID)")
}

func pidsOwn(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	waits := reaps(o, parent, lab.OwnGroup)
	if len(waits) == 0 {
		means := "0 is the only form that asks for the caller's own group without knowing its number"
		for _, w := range o.WaitsOf(parent) {
			if w.Form == lab.Group && w.ID == o.GroupAt(parent, w.Entered) {
				means = fmt.Sprintf("the parent named its own group by the number%s: the task asks for 0", lab.Where(w.Event))
				break
			}
		}
		return pidsNone(o, parent, lab.OwnGroup, means)
	}
	return o.Passed("%s with 0 returned %s", waits[0].Call, o.Who(waits[0].Child))
}

func pidsAny(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	for _, w := range o.WaitsOf(parent) {
		if w.Form == lab.AnyChild {
			return o.Passed("%s asked for any child", w.Call)
		}
	}
	switch {
	case len(parent.Children) == 0:
		return o.Fail(o.Family(), o.WhyNoChild())
	case o.CutShort():
		return o.Unfinished()
	}
	return o.Fail("no call asked for any child: "+pidsCalls(o, parent), "neither wait nor the form −1 (waitid: P_ALL) was used")
}

func pidsEach(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	if len(parent.Children) == 0 {
		return o.Fail(o.Family(), o.WhyNoChild())
	}
	c := unreaped(parent)
	if c == nil {
		return o.Passed("%d children, and as many calls that returned one", len(parent.Children))
	}
	seen := o.Who(c) + " was never returned by a wait of its parent"
	switch {
	case o.AutoReaped(c):
		return o.Fail(seen+", and no child was left",
			o.NoZombie(c)+": there is nothing to reap, and a wait has nothing to return")
	case o.CutShort():
		return o.Unfinished()
	case c.Exit == nil:
		return o.Fail(seen, "it was still running: it "+o.Standing(c))
	case parent.Died >= 0 && c.Died > parent.Died:
		return o.Fail(seen, "it was still running when the parent ended: the adopter had to reap it")
	}
	return o.Fail(seen, "it was a zombie when the parent ended: the adopter had to reap it")
}

// withoutHelpers are the waits without those at the end that returned a child
// which executed a program and was made after a wait had failed with ECHILD: a
// helper that cleans up, as a command of system.
func withoutHelpers(waits []lab.Wait) []lab.Wait {
	failed := int64(math.MaxInt64)
	for _, w := range waits {
		if w.Errno == "ECHILD" {
			failed = min(failed, w.Time)
		}
	}
	for len(waits) > 0 {
		last := waits[len(waits)-1]
		if last.Child == nil || !lab.Execed(last.Child) || last.Child.Born < failed {
			break
		}
		waits = waits[:len(waits)-1]
	}
	return waits
}

func pidsEchild(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	waits := withoutHelpers(o.WaitsOf(parent))
	if o.CutShort() {
		return o.Unfinished()
	}
	if len(waits) == 0 {
		return o.Fail("the parent never waited", "ECHILD is how a wait says that there is no child")
	}
	last := waits[len(waits)-1]
	if last.Form == lab.AnyChild && last.Errno == "ECHILD" {
		return o.Passed("%s for any child failed with ECHILD", last.Call)
	}
	for _, c := range parent.Children {
		if lab.Held(c, last.Time) {
			return o.Fail(o.Who(c)+" was still there at the parent's last call", "the last call has to come when all children have been reaped")
		}
	}
	if last.Errno != "ECHILD" {
		return o.Fail(fmt.Sprintf("the parent's last call returned %d%s", last.Result, lab.Where(last.Event)), "the parent stopped before a wait told it that there is no child left")
	}
	return o.Passed("%s failed with ECHILD", last.Call)
}

// pidsStatuses finds too few children or too few different statuses.
func pidsStatuses(o *lab.Observation) string {
	parent := pidsParent(o)
	statuses := map[int]bool{}
	var ends []string
	for _, c := range parent.Children {
		w, ok := lab.Word(c)
		if ok && w.Exited() {
			statuses[w.ExitStatus()] = true
		}
		if len(ends) < 6 {
			ends = append(ends, o.Who(c)+" "+o.Standing(c))
		}
	}
	if len(statuses) >= 4 || len(ends) == 0 { // without a child other claims fail
		return ""
	}
	return strings.Join(ends, ", ")
}

// counted says "1 child", "2 children".
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// pidsGroups finds too few children in another group.
func pidsGroups(o *lab.Observation) string {
	parent := pidsParent(o)
	if len(parent.Children) == 0 {
		return "" // other claims fail
	}
	members := map[int]int{}
	for _, c := range parent.Children {
		at := max(c.Reaped, c.Died)
		if g := o.GroupAt(c, at); g != o.GroupAt(parent, c.Died) {
			if members[g]++; members[g] >= 2 {
				return ""
			}
		}
	}
	for _, e := range o.Events(trace.KindSetpgid) {
		if e.Errno != "" {
			return fmt.Sprintf("no two children were together in a process group other than the parent's: setpgid failed with %s%s", e.Errno, lab.Where(e))
		}
	}
	return "no two children were together in a process group other than the parent's"
}

// earlier finds a child that died before c and was a zombie when
// the wait returned c.
func earlier(parent, c *trace.Process, e *trace.Event, also func(*trace.Process) bool) *trace.Process {
	for _, other := range parent.Children {
		if other != c && other.Born < c.Born && other.Died < c.Died && other.Died >= 0 && lab.Held(other, e.Time) && also(other) {
			return other
		}
	}
	return nil
}

func pidsAnyOrder(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	waits := reaps(o, parent, lab.OnePid)
	for _, w := range waits {
		if other := earlier(parent, w.Child, w.Event, func(*trace.Process) bool { return true }); other != nil {
			return o.Passed("%d was returned though %d had been a zombie for longer", lab.Pid(w.Child), lab.Pid(other))
		}
	}
	return o.Fail("no earlier zombie was passed over", "the pid did not decide which child was returned")
}

func pidsOthersStay(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	for _, f := range []lab.WaitForm{lab.Group, lab.OwnGroup} {
		passed := false
		for _, w := range reaps(o, parent, f) {
			g := o.GroupAt(w.Child, w.Time)
			passed = passed || earlier(parent, w.Child, w.Event, func(other *trace.Process) bool { return o.GroupAt(other, w.Time) != g }) != nil
		}
		if !passed {
			return o.Fail("no earlier zombie of another group was passed over by "+map[lab.WaitForm]string{lab.OwnGroup: "the form 0", lab.Group: "the form −g"}[f],
				"the group did not decide which child was returned")
		}
	}
	return o.Passed("earlier zombies of another group were passed over, and reaped later")
}

func pidsCurrent(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	first := o.GroupAt(parent, parent.Born)
	before, after := false, false
	for _, w := range reaps(o, parent, lab.OwnGroup) {
		at := o.GroupAt(parent, w.Entered)
		if o.GroupAt(w.Child, w.Time) != at {
			return o.Fail(fmt.Sprintf("0 returned %d, which is not in the group %d", lab.Pid(w.Child), at), "0 does not stand for the caller's group")
		}
		before = before || at == first
		after = after || at != first
	}
	if !before || !after {
		return o.Fail("0 did not return a child both before and after the parent had moved", "the run does not show which group 0 stands for")
	}
	return o.Passed("0 returned a child of the first group, and after setpgid one of the other")
}

func pidsWait(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	waits := reaps(o, pidsParent(o), lab.AnyChild)
	if len(waits) < 2 {
		return o.Fail(fmt.Sprintf("%d children were reaped by asking for any child", len(waits)), "waitpid(−1) and wait were not both used")
	}
	x, y := waits[0], waits[1]
	if x.Call != y.Call || x.WaitPid != y.WaitPid || x.Options != y.Options {
		return o.Fail(fmt.Sprintf("%s(%d, %#x) and %s(%d, %#x)", x.Call, x.WaitPid, x.Options, y.Call, y.WaitPid, y.Options), "the two calls ask the kernel for different things")
	}
	return o.Passed("both are %s(%d, …, %d)", x.Call, x.WaitPid, x.Options)
}

func pidsNotYours(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent := pidsParent(o)
	if parent.Parent == nil {
		return o.Fail("the parent has no recorded parent", "there is no sibling to ask for")
	}
	asked := map[string]int{"itself": lab.Pid(parent), "its parent": lab.Pid(parent.Parent), "pid 1": 1}
	for _, c := range parent.Parent.Children {
		if c != parent && lab.Alive(c, parent.Died) {
			asked["a sibling"] = lab.Pid(c)
		}
	}
	if waits := reaps(o, parent, lab.OnePid); len(waits) > 0 {
		asked["a child that was reaped already"] = lab.Pid(waits[0].Child)
	}
	for _, name := range []string{"a child that was reaped already", "itself", "its parent", "a sibling", "pid 1"} {
		seen := ""
		for _, e := range o.Waits(parent) {
			if e.WaitPid == asked[name] && e.Result <= 0 {
				seen = e.Errno
			}
		}
		if asked[name] == 0 || seen != "ECHILD" {
			return o.Fail(fmt.Sprintf("waiting for %s (%d) failed with %q", name, asked[name], seen), "a process can wait only for its own children that were not reaped yet")
		}
	}
	return o.Passed("all five failed with ECHILD")
}
