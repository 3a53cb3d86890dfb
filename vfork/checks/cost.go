package checks

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Cost checks what fork copies and vfork does not.
var Cost = &lab.Experiment{
	Dir: "vfork", Name: "cost", Ref: "§8.4",
	Title: "what fork copies as memory grows, and vfork does not",
	Claims: []lab.Claim{
		{
			Name:   "fork-copies-tables",
			Says:   "the page tables of a forked child grow with its parent's resident memory, an entry for each page",
			Why:    "because fork copies the tables, although it copies no page",
			Points: 2,
			Hints: [3]string{
				"what does fork copy if it copies no page?",
				"each process has page tables of its own; for 4 kB of memory there are 8 bytes in them",
				"VmPTE and VmRSS in /proc/PID/status",
			},
			Judge: costForkCopies,
		},
		{
			Name:   "vfork-copies-none",
			Says:   "a vforked child has the parent's page tables, however large they are",
			Why:    "because it runs in the parent's address space",
			Points: 2,
			Hints: [3]string{
				"whose page tables does a vforked child use?",
				"CLONE_VM: one address space, one set of tables",
				"kcmp(KCMP_VM); VmPTE of both in /proc/PID/status",
			},
			Judge: costVforkNone,
		},
		{
			Name:   "said-right",
			Says:   "the rate that the program prints is the one that /proc shows",
			Points: 1,
			Needs:  []string{"fork-copies-tables"},
			Hints: [3]string{
				"where does the number come from?",
				"the difference of the tables, by the difference of the sizes",
				"VmPTE in /proc/PID/status",
			},
			Judge: costSaidRight,
		},
	},
	Moments:    costMoments,
	Questions:  costQuestions,
	MomentArgs: []string{"--max", "4"},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		return map[string]string{"P0": "parent"}
	}),
}

// costRun measures 1 to 64 MiB, each once.
var costRun = func() lab.Run {
	r := looked
	r.Args = []string{"-max", "64", "-n", "1"}
	return r
}()

// A costSeen is a child of the program at its end.
type costSeen struct {
	child                   *trace.Process
	rss                     int // kB, of the parent
	tables, tablesOfParents int // kB
}

// costLook returns the forked, or the vforked, children when they
// ended.
func costLook(o *lab.Observation, vforked bool) (seen []costSeen) {
	parent := o.Processes()[0]
	kB := func(s state, key string) int {
		n, _ := strconv.Atoi(strings.TrimSuffix(s.Status(key), " kB"))
		return n
	}
	for _, c := range parent.Children {
		if lab.IsVfork(c) != vforked {
			continue
		}
		for _, l := range looks(o, c) {
			kid, mother := l.of[c.Name], l.of[parent.Name]
			if kid.Status("VmPTE") != "" {
				seen = append(seen, costSeen{c, kB(mother, "VmRSS"), kB(kid, "VmPTE"), kB(mother, "VmPTE")})
			}
		}
	}
	return seen
}

// costGrowth are the children with the smallest and the largest
// parent.
func costGrowth(o *lab.Observation) (least, most costSeen) {
	for i, s := range costLook(o, false) {
		if i == 0 || s.rss < least.rss {
			least = s
		}
		if s.rss > most.rss {
			most = s
		}
	}
	return least, most
}

func costForkCopies(b *lab.Bench) lab.Verdict {
	o := b.Run(costRun)
	least, most := costGrowth(o)
	memory, tables := most.rss-least.rss, most.tables-least.tables
	if memory < 32<<10 {
		return o.Fail(fmt.Sprintf("the parent's resident memory grew by %d kB only", memory),
			"the pages were not touched, or not kept")
	}
	const entry = 8 // bytes
	if want := memory * entry / os.Getpagesize(); tables < want*8/10 {
		return o.Fail(fmt.Sprintf("the child's page tables grew by %d kB while the parent grew by %d kB", tables, memory),
			fmt.Sprintf("a copy of the tables is %d kB larger", want))
	}
	return o.Passed("with %d kB more in the parent the child's page tables were %d kB larger", memory, tables)
}

func costVforkNone(b *lab.Bench) lab.Verdict {
	o := b.Run(costRun)
	seen := costLook(o, true)
	if len(seen) < 2 {
		return o.Fail(o.Family(), "there were no vforks to look at")
	}
	for _, s := range seen {
		if same := s.child.Birth.SameVM; same != nil && !*same || s.tables != s.tablesOfParents {
			return o.Fail(fmt.Sprintf("a vforked child had %d kB of page tables, its parent %d kB", s.tables, s.tablesOfParents),
				"it was in an address space of its own")
		}
	}
	return o.Passed("each of %d vforked children had its parent's page tables", len(seen))
}

var costLine = show.Pattern(`^fork copies (\d+) kB of page tables for each MiB, vfork 0$`)

func costSaidRight(b *lab.Bench) lab.Verdict {
	o := b.Run(costRun)
	least, most := costGrowth(o)
	lines := o.Lines()
	if len(lines) == 0 || most.rss == least.rss {
		return o.Fail("the program wrote nothing, or did not grow", "there is nothing to compare")
	}
	m := costLine().FindStringSubmatch(lines[len(lines)-1])
	if m == nil {
		return o.Fail(fmt.Sprintf("the last line is %q", lines[len(lines)-1]), "it names no rate")
	}
	said, _ := strconv.ParseFloat(m[1], 64)
	rate := float64(most.tables-least.tables) / (float64(most.rss-least.rss) / 1024)
	if said < rate-0.6 || said > rate+0.6 {
		return o.Fail(fmt.Sprintf("it says %.0f kB, /proc says %.2f kB", said, rate), "the sum is wrong")
	}
	return o.Passed("it says %.0f kB for each MiB, /proc says %.2f kB", said, rate)
}

// costMoments are where to stop in a run of the experiment.
var costMoments = []lab.Moment{
	{
		Name: "fork",
		Says: "A fork: the kernel copies the page tables, the more the larger the parent is.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "table",
		Says: "The times of fork grow with the parent's memory. Those of vfork do not.",
		At:   lab.AtLine("page tables"),
	},
}

// costQuestions are what to ask before it is shown.
var costQuestions = []lab.Question{
	{
		Name:    "grows",
		Ask:     "The parent's memory grows from 1 MiB to many. What happens to the time of a fork?",
		Answers: []string{"it stays the same", "it grows, because the page tables are copied", "it grows, because all pages are copied"},
		Right:   lab.Says("it grows, because the page tables are copied", "kB of page tables for each MiB"),
		Why:     "The pages themselves are copied later, and only those to which a process writes.",
		Moment:  "table",
	},
	{
		Name:    "vfork",
		Ask:     "What does vfork copy of the parent's page tables?",
		Answers: []string{"all of them", "half of them", "nothing"},
		Right:   lab.Says("nothing", "vfork 0"),
		Why:     "The child runs in the parent's memory.",
		Moment:  "table",
	},
}
