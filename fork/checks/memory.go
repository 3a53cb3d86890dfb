package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Memory checks which memory a fork copies.
var Memory = &lab.Experiment{
	Dir: "fork", Name: "memory", Ref: "§8.3",
	Title: "which memory is copied, shared, and when",
	Claims: []lab.Claim{
		memoryClaim(1, "data", "the initialized data is copied", "a global variable"),
		memoryClaim(2, "heap", "the heap is copied", "what malloc gave"),
		memoryClaim(3, "stack", "the stack is copied", "a local variable"),
		memoryClaim(4, "private", "a MAP_PRIVATE mapping is copied", "mmap with MAP_PRIVATE"),
		{
			Name:   "shared",
			Says:   "a MAP_SHARED mapping is one memory in all three generations: each sees what another wrote last",
			Points: 1,
			Hints: [3]string{
				"which column shows in the parent what the grandchild wrote?",
				"fork copies the mapping, not the pages behind it",
				"mmap with MAP_SHARED before fork()",
			},
			Judge: memoryShared,
		},
		{
			Name:   "text",
			Says:   "parent and child run the same text: the same pages of the same file, of which neither has a copy of its own",
			Points: 1,
			Hints: [3]string{
				"which mappings of a process cannot be written to?",
				"pages that nobody writes to are never copied",
				"the lines with r-xp in /proc/PID/smaps",
			},
			Judge: memoryText,
		},
		{
			Name:   "copy-on-write",
			Says:   "of the pages that the parent had, the child has copies of those only that it wrote to",
			Why:    "because fork copies the page tables, and a page when one of the two writes to it",
			Points: 2,
			Hints: [3]string{
				"how much memory did the fork itself copy?",
				"both tables refer to the same pages, read-only, until somebody writes",
				"Private_Dirty in /proc/PID/smaps of the child",
			},
			Judge: memoryCopied,
		},
	},
	Moments:   memoryMoments,
	Questions: memoryQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		return map[string]string{"P0": "parent", "P0.1": "child", "P0.1.1": "grandchild", "P0.2": "second child"}
	}),
}

// memoryLines are the rows: who prints it, and what is found there
// in a memory that is copied, and in one that is shared.
var memoryLines = []struct {
	name, process string
	copied, one   string
}{
	{"parent before its fork", "P0", "1", "1"},
	{"parent after its fork", "P0", "10", "10"},
	{"child finds", "P0.1", "1", "10"},
	{"child after its fork", "P0.1", "20", "20"},
	{"grandchild finds", "P0.1.1", "2", "20"},
	{"grandchild changes them", "P0.1.1", "3", "3"},
	{"child at the end", "P0.1", "20", "3"},
	{"parent at the end", "P0", "10", "3"},
}

func memoryClaim(column int, name, says, what string) lab.Claim {
	return lab.Claim{
		Name:   name,
		Says:   says + ", both ways and over three generations: nobody sees what another changed after the fork",
		Points: 1,
		Hints: [3]string{
			"what does each process find that another has changed since?",
			"the child gets the values as they were at the fork, in memory of its own",
			"change " + what + " after fork(), in both, and print it in both",
		},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(measured())
			return memoryColumn(o, column, false)
		},
	}
}

// memoryColumn compares a column with what a copied or a shared
// memory holds, and the processes with those that the kernel made.
func memoryColumn(o *lab.Observation, column int, shared bool) lab.Verdict {
	last := int64(-1)
	for _, l := range memoryLines {
		want := l.copied
		if shared {
			want = l.one
		}
		all := moments(o, l.name+"  ")
		if len(all) != 1 || len(fields(all[0].line)) != 6 {
			return o.Fail(fmt.Sprintf("the row %q came %s", l.name, times(len(all))), "not every generation looked")
		}
		m := all[0]
		switch got := fields(m.line)[column]; {
		case m.by.Name != l.process:
			return o.Fail(fmt.Sprintf("%s printed the row %q", m.by.Name, l.name), "that is another process's row")
		case m.write.Time < last:
			return o.Fail(fmt.Sprintf("the row %q came too early", l.name), "nobody had changed anything by then")
		case m.by.Birth != nil && m.by.Birth.SameVM != nil && *m.by.Birth.SameVM:
			return o.Fail(fmt.Sprintf("%s has the memory of its parent (%s)", m.by.Name, m.by.Birth.Call), "that was not a fork")
		case got != want:
			return o.Fail(fmt.Sprintf("%s: %s, where %s was to be expected", l.name, got, want), "what one process wrote reached, or did not reach, the other")
		}
		last = m.write.Time
	}
	if shared {
		return o.Passed("each found what the one before had written last")
	}
	return o.Passed("each found what was there at its fork, and at the end what it had written itself")
}

func memoryShared(b *lab.Bench) lab.Verdict {
	o := b.Run(measured())
	v := memoryColumn(o, 5, true)
	if v.Status != lab.Pass {
		return v
	}
	m := moments(o, "grandchild changes them")[0]
	inode := ""
	for _, name := range []string{"P0", "P0.1", "P0.1.1"} {
		seen := ""
		for _, x := range mappings(m.state[name]) {
			if strings.HasPrefix(x.path, "/dev/zero") && strings.HasSuffix(x.perms, "s") {
				seen = x.inode
			}
		}
		if seen == "" || inode != "" && seen != inode {
			return o.Fail(fmt.Sprintf("smaps of %s has inode %q for the shared mapping, the one above %q", name, seen, inode), "the three have not mapped one thing")
		}
		inode = seen
	}
	return o.Passed("%s; smaps has inode %s behind the mapping of all three", v.Observed, inode)
}

// copiedAt is the moment when the second child has written.
func copiedAt(o *lab.Observation) (m moment, parent, child trace.ProcState, ok bool) {
	all := moments(o, "the child wrote to ")
	if len(all) != 1 || all[0].by.Parent == nil {
		return m, parent, child, false
	}
	m = all[0]
	parent, child = m.state[m.by.Parent.Name], m.state[m.by.Name]
	return m, parent, child, parent.Files["smaps"] != "" && child.Files["smaps"] != ""
}

func memoryText(b *lab.Bench) lab.Verdict {
	o := b.Run(measured())
	_, parent, child, ok := copiedAt(o)
	if !ok {
		return o.Fail("parent and child were not seen side by side", "nobody's text could be compared")
	}
	mine := map[string]mapping{}
	for _, m := range mappings(parent) {
		mine[m.head] = m
	}
	n := 0
	for _, m := range mappings(child) {
		if m.perms != "r-xp" || m.inode == "0" {
			continue
		}
		switch p, same := mine[m.head]; {
		case !same:
			return o.Fail(fmt.Sprintf("the child has %s, the parent has not", m.head), "the child runs another text")
		// Not Private_Dirty: a file that was compiled a moment ago
		// has dirty pages in the cache, and one process's is all
		// that a page needs to count as private.
		case m.kB["Anonymous"] != 0 || p.kB["Anonymous"] != 0:
			return o.Fail(fmt.Sprintf("Anonymous of %s: %d kB in the child, %d kB in the parent", m.head, m.kB["Anonymous"], p.kB["Anonymous"]), "a page of the text was written to, and so copied")
		}
		n++
	}
	if n == 0 {
		return o.Fail("the child has no mapping with r-xp of a file", "it has no text")
	}
	return o.Passed("%d mappings with r-xp, the same in both, Anonymous 0 kB", n)
}

func memoryCopied(b *lab.Bench) lab.Verdict {
	o := b.Run(measured())
	at, _, child, ok := copiedAt(o)
	if !ok {
		return o.Fail("parent and child were not seen side by side", "nobody's pages could be counted")
	}
	var n, of int
	fmt.Sscanf(at.line, "the child wrote to %d of %d pages", &n, &of)
	for _, m := range mappings(child) {
		if !strings.HasPrefix(m.path, "/dev/zero") || m.perms != "rw-p" {
			continue
		}
		page := m.kB["KernelPageSize"]
		seen := fmt.Sprintf("smaps of the child: %d kB in pages of %d kB, Private_Dirty %d kB, Shared_Dirty %d kB", m.kB["Size"], page, m.kB["Private_Dirty"], m.kB["Shared_Dirty"])
		switch {
		case n == 0 || m.kB["Size"] != of*page:
			return o.Fail(seen+fmt.Sprintf("; the program says %d of %d pages", n, of), "that is not the mapping of the experiment")
		case m.kB["Private_Dirty"] != n*page:
			return o.Fail(seen, fmt.Sprintf("%d pages were written to, and not just these were copied", n))
		case m.kB["Shared_Dirty"] != (of-n)*page:
			return o.Fail(seen, "the other pages are not the parent's")
		}
		return o.Passed("%s: the %d pages that it wrote to", seen, n)
	}
	return o.Fail("the child has no private mapping of /dev/zero", "there are no pages to count")
}

// memoryMoments are where to stop in a run of the experiment.
var memoryMoments = []lab.Moment{
	{
		Name: "child-finds",
		Says: "The child finds what the parent had at the fork. It does not see what the parent changed later, except in the shared mapping.",
		At:   lab.AtLine("child finds"),
	},
	{
		Name: "copied-pages",
		Says: "The child wrote to a few pages only, and only those were copied: the others are still one memory for both.",
		At:   lab.AtLine("the child wrote to"),
	},
}

// memoryQuestions are what to ask before it is shown.
var memoryQuestions = []lab.Question{
	{
		Name:    "private",
		Ask:     "After the fork the parent sets a global variable to 10. What does the child find in it?",
		Answers: []string{"1, the value before the fork", "10, the parent's new value", "0, because a new process starts empty"},
		Right: lab.If("1, the value before the fork", func(o *lab.Observation) bool {
			e := lab.AtLine("child finds")(o)
			return e != nil && strings.Contains(strings.Join(strings.Fields(string(lab.Taken(e))), " "), "child finds 1 1 1 1 10")
		}),
		Why:    "Data, heap, stack and private mappings are copied by fork.",
		Moment: "child-finds",
	},
	{
		Name:    "shared",
		Ask:     "The same change was made in a MAP_SHARED mapping. What does the child find there?",
		Answers: []string{"the value before the fork", "the parent's new value", "nothing: the mapping is not inherited"},
		Right: lab.If("the parent's new value", func(o *lab.Observation) bool {
			e := lab.AtLine("child finds")(o)
			return e != nil && strings.Contains(strings.Join(strings.Fields(string(lab.Taken(e))), " "), "child finds 1 1 1 1 10")
		}),
		Why:    "fork copies the mapping, and both mappings show the same pages.",
		Moment: "child-finds",
	},
}
