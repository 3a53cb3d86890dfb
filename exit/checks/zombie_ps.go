package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
)

// zombieByPs is Exercise 8.6 as the book asks it: the program runs ps.
var zombieByPs = lab.Claim{
	Name: "by-ps", Ours: true, Ref: "Ex. 8.6",
	Says:  "a ps that the program runs prints the state Z for the child",
	Why:   "because ps reads the state of each process from /proc",
	Hints: [3]string{"Run it with --ps.", "The child stays a zombie while ps runs.", "system(\"ps …\")"},
	Judge: func(b *lab.Bench) lab.Verdict {
		r := recorded("--ps")
		o := b.Run(r)
		if strings.Contains(string(o.Stderr), "there is no ps") {
			return lab.Cannot("there is no ps on this machine", "install the package procps")
		}
		for _, c := range o.Processes() {
			if c.Birth == nil || lab.Execed(c) || c.Died < 0 {
				continue
			}
			for _, line := range o.Lines() {
				f := strings.Fields(line)
				if len(f) < 2 || f[0] != fmt.Sprint(lab.Pid(c)) {
					continue
				}
				if !strings.HasPrefix(f[1], "Z") {
					return o.Fail(fmt.Sprintf("ps printed %q", line), "the state should be Z")
				}
				return o.Passed("ps printed %q for the zombie", strings.Join(f[1:], " "))
			}
		}
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "no line of ps is about the child")
	},
}
