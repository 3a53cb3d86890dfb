package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// The flags of Linux that count here (linux/sched.h), with the
// same values everywhere: a recording is checked on any system.
const (
	withVM    = 0x100
	withFS    = 0x200
	withFiles = 0x400
	withVfork = 0x4000
)

// Clone checks what the flags of clone share.
var Clone = &lab.Experiment{
	Dir: "fork", Name: "clone", Ref: "§8.3",
	Title: "the flags of clone say what a child shares",
	Claims: []lab.Claim{
		{
			Name:   "flags",
			Says:   "four children are made: with no flag, with CLONE_FILES, with CLONE_FS, and with CLONE_VM and CLONE_VFORK",
			Points: 1,
			Hints: [3]string{
				"which call makes all of these children?",
				"fork and vfork are clone with certain flags",
				"clone(2), its first argument",
			},
			Judge: cloneFlags,
		},
		cloneClaim("files", "a descriptor that the child opens is the parent's too if, and only if, CLONE_FILES was given",
			"because both then use one descriptor table", withFiles, cloneSameFiles,
			"the table of descriptors", "dup() in the child, /proc/PID/fd of both"),
		cloneClaim("fs", "the child's chdir moves the parent if, and only if, CLONE_FS was given",
			"because both then have one working directory", withFS, cloneSameCwd,
			"the working directory, with root and umask", "chdir() in the child, /proc/PID/cwd of both"),
		cloneClaim("vm", "what the child stores is in the parent's memory if, and only if, CLONE_VM was given",
			"because both then run in one address space", withVM, cloneSameVM,
			"the memory", "kcmp(KCMP_VM), or a variable and its value in the parent"),
		{
			Name:   "said-right",
			Says:   "the program's lines say the same as /proc",
			Points: 1,
			Hints: [3]string{
				"how does the parent find out what its child has changed?",
				"it looks when the child has ended",
				"fcntl(F_GETFD), getcwd(), and the variable",
			},
			Judge: cloneSaidRight,
		},
	},
	Moments:   cloneMoments,
	Questions: cloneQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "original"}
		for i, c := range cloneChildren(o) {
			if i < len(cloneRows) {
				roles[c.Parent.Name] = lab.Ordinals[i] + " parent"
				roles[c.Name] = lab.Ordinals[i] + " child"
			}
		}
		return roles
	}),
}

var cloneRun = func() lab.Run {
	r := watched()
	r.Trace.Words = []int32{6}
	return r
}()

// cloneMask are the flags that count here.
const cloneMask = withFiles | withFS | withVM | withVfork

var cloneRows = []uint64{0, withFiles, withFS, withVM | withVfork}

// cloneChildren are the children of the children of the first
// process: one for each row.
func cloneChildren(o *lab.Observation) (children []*trace.Process) {
	for _, p := range o.Processes()[0].Children {
		children = append(children, p.Children...)
	}
	return children
}

func cloneFlags(b *lab.Bench) lab.Verdict {
	o := b.Run(cloneRun)
	var flags []uint64
	for _, c := range cloneChildren(o) {
		flags = append(flags, c.Birth.Flags&cloneMask)
	}
	if !slices.Equal(flags, cloneRows) {
		return o.Fail(fmt.Sprintf("the flags were %#x", flags), "a row is missing or was made with other flags")
	}
	return o.Passed("the four children were made with %#x", flags)
}

// cloneClaim makes the claim that a thing is shared if, and only
// if, the flag was given.
func cloneClaim(name, says, why string, flag uint64, same func(*lab.Observation, *trace.Process) (bool, bool), what, call string) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1, Needs: []string{"flags"},
		Hints: [3]string{
			"what is copied by default, and what did this flag leave out?",
			"the flag shares " + what,
			call,
		},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(cloneRun)
			children := cloneChildren(o)
			if len(children) != len(cloneRows) {
				return o.Fail(o.Family(), "there were not four children")
			}
			for i, c := range children {
				is, seen := same(o, c)
				switch {
				case !seen:
					return o.Fail(fmt.Sprintf("in row %d it was not seen", i+1), "there is nothing to compare")
				case is != (cloneRows[i]&flag != 0):
					return o.Fail(fmt.Sprintf("in row %d, with the flags %#x: shared is %v", i+1, cloneRows[i], is),
						"it is not the flag that decides here")
				}
			}
			return o.Passed("shared in the row with the flag, and in none of the other three")
		},
	}
}

// cloneAtTheEnd is what /proc said of parent and child when the
// child was about to end.
func cloneAtTheEnd(o *lab.Observation, c *trace.Process) (parent, child trace.ProcState, seen bool) {
	for _, e := range o.Events(trace.KindSnapshot) {
		if e.Process != c.Name {
			continue
		}
		for _, s := range e.Snapshot {
			switch s.Process {
			case c.Name:
				child = s
			case c.Parent.Name:
				parent = s
			}
		}
	}
	return parent, child, parent.Files != nil && child.Files != nil
}

func cloneSameFiles(o *lab.Observation, c *trace.Process) (same, seen bool) {
	parent, child, seen := cloneAtTheEnd(o, c)
	return len(openFiles(parent)) == len(openFiles(child)), seen && len(openFiles(child)) > 0
}

// openFiles are the numbers of the open descriptors.
func openFiles(p trace.ProcState) (open []string) {
	for name := range p.Files {
		if n, ok := strings.CutPrefix(name, "fd/"); ok {
			open = append(open, n)
		}
	}
	return open
}

func cloneSameCwd(o *lab.Observation, c *trace.Process) (same, seen bool) {
	parent, child, seen := cloneAtTheEnd(o, c)
	return parent.Files["cwd"] == child.Files["cwd"], seen && child.Files["cwd"] == "/"
}

// cloneSameVM asks the kernel, and looks at the variable too where
// the parent was suspended.
func cloneSameVM(o *lab.Observation, c *trace.Process) (same, seen bool) {
	if c.Birth.SameVM == nil {
		return c.Birth.Flags&withVM != 0 && cloneCounted(o, c), true
	}
	if *c.Birth.SameVM && !cloneCounted(o, c) {
		return false, true
	}
	return *c.Birth.SameVM, true
}

// cloneCounted reports whether a word of the parent's memory went
// from 6 to 7 while it was suspended.
func cloneCounted(o *lab.Observation, c *trace.Process) bool {
	for _, e := range o.Events(trace.KindVforkDone) {
		for _, w := range e.Words {
			if e.ChildProcess == c.Name && w.Before == 6 && w.After == 7 {
				return true
			}
		}
	}
	return false
}

func cloneSaidRight(b *lab.Bench) lab.Verdict {
	o := b.Run(cloneRun)
	said := moments(o, "    table of files ")
	children := cloneChildren(o)
	if len(said) != len(children) || len(said) == 0 {
		return o.Fail(fmt.Sprintf("%d rows for %d children", len(said), len(children)), "each child has a row")
	}
	word := map[bool]string{true: "shared", false: "own"}
	for i, c := range children {
		files, _ := cloneSameFiles(o, c)
		cwd, _ := cloneSameCwd(o, c)
		vm, _ := cloneSameVM(o, c)
		want := fmt.Sprintf("    table of files %s, directory %s, memory %s", word[files], word[cwd], word[vm])
		if said[i].line != want {
			return o.Fail(fmt.Sprintf("row %d says %q", i+1, strings.TrimSpace(said[i].line)), "/proc says: "+strings.TrimSpace(want))
		}
	}
	return o.Passed("all %d rows say what /proc said when the child was about to end", len(said))
}

// cloneMoments are where to stop in a run of the experiment.
var cloneMoments = []lab.Moment{
	{
		Name: "plain",
		Says: "Without flags clone is a fork: table of files, directory and memory are the child's own.",
		At:   lab.AtBirth("first child"),
	},
	{
		Name: "vm",
		Says: "CLONE_VM and CLONE_VFORK make a vfork: the child runs in its parent's memory.",
		At:   lab.AtBirth("fourth child"),
	},
}

// cloneQuestions are what to ask before it is shown.
var cloneQuestions = []lab.Question{
	{
		Name:    "files",
		Ask:     "A child is made with CLONE_FILES and opens a file. Can its parent use that descriptor?",
		Answers: []string{"yes, they share one table of descriptors", "no, the child has a copy"},
		Right:   lab.Says("yes, they share one table of descriptors", "table of files shared"),
		Why:     "The flag says what is shared. fork passes no such flag.",
	},
	{
		Name:    "vfork",
		Ask:     "Which flags of clone make a vfork?",
		Answers: []string{"CLONE_FILES", "CLONE_FS", "CLONE_VM and CLONE_VFORK"},
		Right: lab.If("CLONE_VM and CLONE_VFORK", func(o *lab.Observation) bool {
			p := o.Cast().Of("fourth child")
			return p != nil && lab.IsVfork(p)
		}),
		Why:    "CLONE_VM shares the memory, and CLONE_VFORK suspends the parent until the child is done with it.",
		Moment: "vm",
	},
}
