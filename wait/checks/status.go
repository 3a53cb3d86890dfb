package checks

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Status checks the program of Figures 8.5 and 8.6.
var Status = &lab.Experiment{
	Dir: "wait", Name: "status", Ref: "§8.6, Fig. 8.5, 8.6",
	Title:    "three ways to end, three statuses",
	Exercise: true,
	Task: `Three children, one after the other: the first exits with 7, the
second aborts (SIGABRT, sent by itself), the third dies of SIGFPE
(raised, or by a division where machine and compiler make it trap).
The parent waits for each and prints for each, in this order,

    normal termination, exit status = 7
    abnormal termination, signal number = 6
    abnormal termination, signal number = 8

the last two followed by " (core file generated)" where, and only
where, the core bit of the status is set.`,
	Claims: []lab.Claim{
		{
			Name:   "three-deaths",
			Says:   "three children of one parent end, in this order: exit status 7, SIGABRT, SIGFPE",
			Why:    "because the kernel makes the status from how a process really ends",
			Points: 3,
			Hints: [3]string{
				"the tree shows how each child ended: which one ended otherwise than you think?",
				"a handler, a runtime or a shell between you and the signal turns a death by signal into an exit",
				"exit(7) in the first child, abort() in the second, raise(SIGFPE) in the third",
			},
			Judge: statusDeaths,
		},
		{
			Name:   "collected",
			Says:   "the parent's waits return each of the three, with its status",
			Why:    "because the kernel keeps a dead child's status until its parent asks for it",
			Points: 3,
			Hints: [3]string{
				"which of the children was reaped by the parent, and which by somebody else?",
				"each wait collects one child; it gives the status only through the pointer it is handed",
				"call wait(&status) once for each child, with SIGCHLD at its default",
			},
			Judge: statusCollected,
		},
		{
			Name:   "said-right",
			Says:   "the parent prints one line for each of the three statuses it got, in their order",
			Why:    "because the macros of Figure 8.4 take the status word apart",
			Points: 3,
			Hints: [3]string{
				"compare each line with how the tree says the child ended",
				"the exit status is in bits 8 to 15 of the word, the signal in bits 0 to 6, the core bit is bit 7",
				"WIFEXITED and WEXITSTATUS; WIFSIGNALED, WTERMSIG and WCOREDUMP; print after wait returned",
			},
			Judge: statusSaid,
		},
		lab.AsAskedClaim(onPipe, statusExcluded),
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent, kids := statusFamily(o)
		if parent == nil {
			return nil
		}
		roles := map[string]string{parent.Name: "parent"}
		for i, k := range kids {
			roles[k.Name] = ordinal[i] + " child"
		}
		return roles
	}),
}

var ordinal = []string{"first", "second", "third", "fourth", "fifth", "sixth"}

// ordinalRoles are parent, first child, second child …, of the
// process with the most children.
func ordinalRoles(o *lab.Observation) map[string]string {
	parent := most(o)
	roles := map[string]string{parent.Name: "parent"}
	for i, c := range parent.Children {
		if i < len(ordinal) {
			roles[c.Name] = ordinal[i] + " child"
		}
	}
	return roles
}

// statusWords are the three statuses, the core bit aside.
var statusWords = [3]proc.WaitStatus{7 << 8, proc.WaitStatus(unix.SIGABRT), proc.WaitStatus(unix.SIGFPE)}

// statusFamily finds the parent and its three children: those
// whose ends, in the order of their birth, come nearest to what is
// asked. Other children are helpers. parent is nil if no process
// made three.
func statusFamily(o *lab.Observation) (parent *trace.Process, kids [3]*trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		c := p.Children
		if len(c) > 64 {
			c = c[:64]
		}
		for i := range c {
			for j := i + 1; j < len(c); j++ {
				for k := j + 1; k < len(c); k++ {
					three := [3]*trace.Process{c[i], c[j], c[k]}
					if n := statusRight(three); n > best {
						best, parent, kids = n, p, three
					}
				}
			}
		}
	}
	return parent, kids
}

// statusRight counts the children that ended as asked.
func statusRight(kids [3]*trace.Process) int {
	n := 0
	for i, k := range kids {
		if w, ok := word(k); ok && w&^0x80 == statusWords[i] {
			n++
		}
	}
	return n
}

func statusDeaths(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids := statusFamily(o)
	if parent == nil {
		return o.Fail(o.Family(), "no process has three children whose status it could ask for")
	}
	for i, k := range kids {
		w, ok := word(k)
		if !ok || w&^0x80 != statusWords[i] {
			how := "was not seen to end"
			if ok {
				how = lab.Ended(uint32(w))
			}
			return o.Fail(fmt.Sprintf("%s: %s", who("the "+ordinal[i]+" child", k), how),
				statusInstead(w, statusWords[i]))
		}
	}
	return o.Passed("the words were %#x, %#x and %#x", kids[0].Exit.Status, kids[1].Exit.Status, kids[2].Exit.Status)
}

// statusInstead says what a wrong end tells.
func statusInstead(got, want proc.WaitStatus) string {
	asked := "it should have " + lab.Ended(uint32(want)) + ": "
	if want.Signaled() {
		asked = "it should have been " + lab.Ended(uint32(want)) + ": "
	}
	switch {
	case want.Signaled() && got.ExitStatus() == 128+want.TermSig():
		return asked + fmt.Sprintf("128 + %d is how a shell writes a death by signal, but here it is an ordinary exit status", want.TermSig())
	case want.Signaled() && got.Exited():
		return asked + "this is a normal end, so the signal was never raised, or it was ignored or caught (Go's runtime turns it into exit status 2, Perl ignores SIGFPE)"
	case want.Signaled():
		return asked + "this is the end of another child, or another signal came first"
	}
	return asked + "the low 8 bits of what exit is given are the exit status"
}

func statusCollected(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids := statusFamily(o)
	if parent == nil {
		return o.Fail(o.Family(), "there were not three children to collect")
	}
	for i, k := range kids {
		name := who("the "+ordinal[i]+" child", k)
		switch {
		case k.Reap == nil || k.Reaper != parent:
			return o.Fail(name+" was not returned by a wait of its parent",
				statusMeans(o, parent))
		case statusless(k.Reap):
			return o.Fail(fmt.Sprintf("the %s that returned %s got no place for the status", k.Reap.Call, name),
				"the child is collected, but how it ended is lost: what is printed about it was not learned from the kernel")
		case k.Reap.Status != k.Exit.Status:
			return o.Fail(fmt.Sprintf("%s ended with the word %#x, the wait gave %#x", name, k.Exit.Status, k.Reap.Status),
				"the two words are the same on every Linux: the recording is not of this run")
		}
	}
	return o.Passed("%s, %s and %s returned the three statuses", kids[0].Reap.Call, kids[1].Reap.Call, kids[2].Reap.Call)
}

// statusMeans says why a wait may not have returned a child.
func statusMeans(o *lab.Observation, parent *trace.Process) string {
	waits := o.Waits(parent)
	for _, e := range waits {
		if e.Errno == "ECHILD" {
			return "a wait failed with ECHILD: the child was not there any more, which is so when SIGCHLD is ignored, or when it has been collected before"
		}
		if e.Options&wnowait != 0 && e.Call == "waitid" {
			return "a look with WNOWAIT collects nothing: the child stays a zombie"
		}
	}
	if len(waits) == 0 {
		return "the parent never waited: its children stayed zombies until it ended itself"
	}
	return fmt.Sprintf("the parent waited %d times, and not for this child", len(waits))
}

// statusLines are the lines about terminations.
func statusLines(lines []string) []string {
	var out []string
	for _, l := range lines {
		if strings.HasPrefix(l, "normal termination") || strings.HasPrefix(l, "abnormal termination") {
			out = append(out, l)
		}
	}
	return out
}

func statusSaid(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, kids := statusFamily(o)
	if parent == nil {
		return o.Fail(o.Family(), "a line would have to be about a child, and there are not three")
	}
	var want []string
	for _, k := range kids {
		w, ok := word(k)
		if !ok {
			return o.Fail(who("a child", k)+" was not seen to end", "there is no status to print")
		}
		want = append(want, w.String())
	}
	all, own := statusLines(o.Lines()), statusLines(lab.Lines(o.Wrote(parent)))
	for i, l := range want {
		switch {
		case i >= len(own):
			return o.Fail(fmt.Sprintf("%s printed %s", who("the parent", parent), lab.Quote(own)),
				fmt.Sprintf("%q is missing there", l))
		case own[i] != l:
			return o.Fail(fmt.Sprintf("line %d of the parent's is %q", i+1, own[i]),
				fmt.Sprintf("the status of the %s child is %#x, which is %q", ordinal[i], kids[i].Exit.Status, l))
		}
	}
	if len(own) != 3 || len(all) != 3 {
		return o.Fail(fmt.Sprintf("%d such lines arrived, %d of them from the parent", len(all), len(own)),
			"each child's line is printed once, by the parent: a copy of its unflushed buffer may have gone with a child")
	}
	for i, k := range kids {
		if at := saidAt(o, parent, i); k.Reaped < 0 || at < k.Reaped {
			return o.Fail(fmt.Sprintf("%q was written before a wait had returned the child", want[i]),
				"the line was a guess: the parent did not know the status yet")
		}
	}
	return o.Passed("the lines say what the words %#x, %#x and %#x mean", kids[0].Exit.Status, kids[1].Exit.Status, kids[2].Exit.Status)
}

// saidAt is when the parent wrote its n-th line about a termination.
func saidAt(o *lab.Observation, parent *trace.Process, n int) int64 {
	sofar := ""
	for _, e := range o.Writes(parent) {
		sofar += string(lab.Taken(e))
		if len(statusLines(lab.Lines([]byte(sofar)))) > n {
			return e.Time
		}
	}
	return -1
}

// statusExcluded finds children that overlap, and signals that a
// child did not send to itself.
func statusExcluded(o *lab.Observation) string {
	parent, kids := statusFamily(o)
	if parent == nil {
		return "there were not three children"
	}
	for i, k := range kids[1:] {
		if before := kids[i]; before.Died < 0 || k.Born < before.Died {
			return fmt.Sprintf("%s was made while %s was alive: not one after the other", who("the "+ordinal[i+1]+" child", k), who("the "+ordinal[i], before))
		}
	}
	for i, k := range kids {
		w, ok := word(k)
		if !ok || !w.Signaled() {
			continue
		}
		for _, e := range o.Events(trace.KindSignal) {
			if e.Process == k.Name && e.Signal == w.TermSig() && e.SiCode <= 0 && e.SenderProcess != k.Name {
				return fmt.Sprintf("the signal %d of %s came from %s: it did not send it itself", e.Signal, who("the "+ordinal[i]+" child", k), sender(e))
			}
		}
	}
	return ""
}

// sender names who sent a signal.
func sender(e *trace.Event) string {
	if e.SenderProcess != "" {
		return fmt.Sprintf("%s (%d)", e.SenderProcess, e.Sender)
	}
	return fmt.Sprintf("pid %d", e.Sender)
}
