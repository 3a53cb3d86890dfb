package checks

import (
	"fmt"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Glob checks the program of Figure 8.3.
var Glob = &lab.Experiment{
	Dir: "vfork", Name: "glob", Ref: "§8.4, Fig. 8.3",
	Title:    "a vforked child changes its parent's variables",
	Exercise: true,
	Task: `A global variable is 6, a local one 88. The parent calls vfork (or
clone with CLONE_VM and CLONE_VFORK). The child adds one to both
variables and ends with _exit(0). The parent then prints

    pid = P, glob = G, var = V

with its own pid P. No other process prints such a line.`,
	Claims: []lab.Claim{
		vforkedClaim(globRun),
		{
			Name:   "shared",
			Says:   "the parent prints its own pid, glob 7 and var 89 (88 where the compiler kept the local in a register)",
			Why:    "because the child changed the parent's variables, not copies",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"who adds one: the child, the parent, or both?",
				"what the child does to a variable is done to the parent's: there is one memory",
				"add in the branch where vfork returned 0; print getpid() after it, in the parent only",
			},
			Judge: globShared,
		},
		{
			Name:   "by-the-child",
			Says:   "a word of the parent's memory was 6 at the vfork and 7 when the parent ran again",
			Why:    "because it was changed while the parent was suspended, so by the child",
			Points: 3,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"which process runs the line that adds one?",
				"the recorder looks at the parent's memory at the vfork and when it is over",
				"let the child do glob++ before its _exit(), and the parent not",
			},
			Judge: globByTheChild,
		},
		{
			Name:   "underscore-exit",
			Says:   "the child ends with status 0 and has written nothing",
			Why:    "because _exit leaves the parent's streams alone, where exit would flush them",
			Points: 2,
			Needs:  []string{"vforked"},
			Hints: [3]string{
				"how does the child end, and who writes what was in the buffer?",
				"exit runs the parent's handlers and flushes the parent's streams: they are in the same memory",
				"end the child with _exit(0), not with exit(0) or return",
			},
			Judge: globUnderscoreExit,
		},
		needsVfork(lab.AsAskedClaim(globRun, globNoOther)),
	},
	Cast: lab.ByName(parentAndChild),
}

// globRun looks for the global variable in the parent's memory.
var globRun = lab.Run{
	Stdout: sandbox.Pipe,
	Trace:  record.Options{Files: true, Words: []int32{6}},
}

// noVfork is the failure of what can not be without a vfork.
func noVfork(o *lab.Observation) lab.Verdict {
	return o.Fail(o.Family(), "without a vfork no child runs in the parent's memory")
}

func globShared(b *lab.Bench) lab.Verdict {
	o := b.Run(globRun)
	parent, child := vforkPair(o)
	if child == nil {
		return noVfork(o)
	}
	said := globSaidAfter(o, parent, child)
	if len(said) == 0 {
		seen := fmt.Sprintf("the parent (%d) wrote %s", lab.Pid(parent), lab.Quote(lab.Lines(o.Wrote(parent))))
		if parent.Exit != nil && proc.WaitStatus(parent.Exit.Status).Signaled() {
			return o.Fail(seen+" and was "+lab.Ended(parent.Exit.Status),
				"the parent did not survive its child, which used the same stack: it may not return from the function that called vfork")
		}
		if len(lab.GlobSaid(o, parent)) > 0 {
			return o.Fail(seen, "it printed such a line before the vfork only: print it when the child has ended")
		}
		return o.Fail(seen, fmt.Sprintf("it did not print the line pid = %d, glob = 7, var = 89", lab.Pid(parent)))
	}
	// What it printed before, it may have printed again since.
	s := said[len(said)-1]
	line := fmt.Sprintf("the parent (%d) printed pid = %d, glob = %d, var = %d", lab.Pid(parent), s[0], s[1], s[2])
	switch {
	case s[0] != lab.Pid(parent):
		return o.Fail(line, "the pid is not that of the process that wrote the line: print getpid(), not vfork's return value")
	case s[1] == 6:
		return o.Fail(line, "nobody added one to the variable that the parent prints")
	case s[1] != 7:
		return o.Fail(line, "the variable was not 6 before the vfork, or more than the child's one was added to it")
	case s[2] == 88:
		return o.Passed("the parent printed glob = 7").
			Remark("var is still 88 in the parent: the compiler kept the local in a register, of which each process has its own")
	case s[2] != 89:
		return o.Fail(line, "the local variable was not 88 before the vfork, or more than the child's one was added to it")
	}
	return o.Passed("the parent printed glob = 7 and var = 89")
}

// globSaidAfter is the pid, glob and var of each line that the parent
// printed when the child had let it run again.
func globSaidAfter(o *lab.Observation, parent, child *trace.Process) [][3]int {
	return lab.GlobsIn(lab.AllTaken(after(o.Writes(parent), child.Resumed)))
}

func globByTheChild(b *lab.Bench) lab.Verdict {
	o := b.Run(globRun)
	_, child := vforkPair(o)
	if child == nil {
		return noVfork(o)
	}
	if counted(o, child) {
		return o.Passed("a word of the parent's memory was 6 and became 7 while it was suspended")
	}
	return o.Fail("no word of the parent's memory that was 6 at the vfork was 7 when the parent ran again",
		"the child did not add one to a variable that was 6")
}

func globUnderscoreExit(b *lab.Bench) lab.Verdict {
	o := b.Run(globRun)
	_, child := vforkPair(o)
	if child == nil {
		return noVfork(o)
	}
	for _, e := range o.Events(trace.KindWrite) {
		if e.Process == child.Name && e.Result > 0 {
			return o.Fail(fmt.Sprintf("the child wrote %s", lab.Quote(lab.Lines(lab.Taken(e)))),
				"the child printed, or its exit flushed a buffer that is the parent's")
		}
	}
	if child.Exit == nil || child.Exit.Status != 0 {
		seen := "the child was not seen to end"
		if child.Exit != nil {
			seen = "the child ended otherwise: " + lab.Ended(child.Exit.Status)
		}
		return o.Fail(seen, "it did not call _exit(0)")
	}
	return o.Passed("the child ended with status 0 and wrote nothing")
}

// globNoOther finds what the contract excludes: another process
// that prints the line, an abnormal end.
func globNoOther(o *lab.Observation) string {
	parent, child := vforkPair(o)
	if child == nil {
		return "there was no vfork: " + o.Family()
	}
	for _, p := range o.Processes() {
		n := len(lab.GlobSaid(o, p))
		switch {
		case p == child && n > 0:
			return "the child printed such a line too"
		case p != parent && n > 0:
			return fmt.Sprintf("%s printed such a line too", p.Name)
		}
	}
	if parent.Exit == nil || !proc.WaitStatus(parent.Exit.Status).Exited() {
		return "the parent did not end normally"
	}
	return ""
}
