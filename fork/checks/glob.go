package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Glob checks the program of Figure 8.1.
var Glob = &lab.Experiment{
	Dir: "fork", Name: "glob", Ref: "§8.3, Fig. 8.1",
	Title:    "a child gets copies of variables and buffers",
	Exercise: true,
	Task: `A global variable is 6, a local one 88. Before forking, the parent
writes one line directly with write(2) and one line through its
language's buffered output, unflushed. It forks; the child adds one
to both variables. Both processes print through the buffered output

    pid = P, glob = G, var = V

where P is the own pid, and end normally. No other process prints,
and the parent makes no other child.`,
	Claims: []lab.Claim{
		{
			Name:   "forked",
			Says:   "the parent makes exactly one child, by a real fork, and the child does not exec",
			Why:    "because only a fork gives the child a copy of the parent's memory to go on with",
			Points: 2,
			Hints: [3]string{
				"how many processes does the tree show, and who made them?",
				"fork is called once and returns twice; vfork and clone with CLONE_VM make no copy",
				"call fork() once, in the parent",
			},
			Judge: globForked,
		},
		{
			Name:   "copied",
			Says:   "the child prints 7 and 89, the parent 6 and 88, each with its own pid",
			Why:    "because the child changes its own copy of both variables",
			Points: 3,
			Needs:  []string{"forked"},
			Hints: [3]string{
				"who adds one: the process that got 0 from fork, or both?",
				"a variable changed after the fork changes in one process only",
				"compare fork's return value with 0, add in that branch; print getpid() after it",
			},
			Judge: globCopied,
		},
		{
			Name:   "direct-once",
			Says:   "the parent's first write arrives once, on a terminal, a pipe and in a file",
			Why:    "because write(2) has handed it to the kernel before the fork",
			Points: 2,
			Needs:  []string{"forked"},
			Hints: [3]string{
				"was this line really written before the fork?",
				"a line in a buffer of the process is copied by fork; one the kernel has is not",
				"use write(STDOUT_FILENO, …) itself, before fork()",
			},
			Judge: globDirectOnce,
		},
		{
			Name:   "buffered-twice",
			Says:   "the buffered line arrives once on a terminal, and twice on a pipe and in a file, once from each process",
			Why:    "because on a pipe it is still in the buffer when fork copies it, and each process writes its copy when it exits",
			Points: 3,
			Needs:  []string{"forked"},
			Hints: [3]string{
				"run it twice: ./a.out, and ./a.out | cat",
				"a stream is line buffered on a terminal and fully buffered otherwise; fork copies the buffer, exit flushes it",
				"printf before fork() without fflush(); end both processes with exit() or return, not _exit()",
			},
			Judge: globBufferedTwice,
		},
		needing("forked", lab.AsAskedClaim(onPipe, globNoOther)),
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		parent, child := globPair(o)
		roles := map[string]string{}
		if child != nil {
			roles[parent.Name], roles[child.Name] = "parent", "child"
		}
		return roles
	}),
}

// onPipe, onPty and inFile are the runs these checks look at.
var (
	onPipe = lab.Recorded(sandbox.Pipe)
	onPty  = lab.Recorded(sandbox.Pty)
	inFile = lab.Recorded(sandbox.File)
)

// needing makes a claim a consequence of another one.
func needing(name string, c lab.Claim) lab.Claim {
	c.Needs = []string{name}
	return c
}

// globPair finds the parent and the child of the experiment, which
// need not be the first process and its child: the first pair of a
// process and its forked child that both print, or else where the
// child does, or else any.
func globPair(o *lab.Observation) (parent, child *trace.Process) {
	return pair(o, func(p *trace.Process) bool { return len(o.Wrote(p)) > 0 })
}

// pair returns the first process and forked child that both do
// what the experiment is about, or else where the child does, or
// else any.
func pair(o *lab.Observation, does func(*trace.Process) bool) (parent, child *trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		for _, c := range lab.Forked(p) {
			n := 0
			if does(c) {
				n = 1
				if does(p) {
					n = 2
				}
			}
			if n > best {
				parent, child, best = p, c, n
			}
		}
	}
	return parent, child
}

func globForked(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, child := globPair(o)
	switch {
	case child == nil:
		means := "nothing was copied: there was no fork"
		for _, p := range o.Processes() {
			if lab.Execed(p) {
				means = "no fork went on: a new program starts with its own memory, and has nothing of its parent's"
			} else if p.Birth != nil {
				means = "this child does not get a copy: it runs in its parent's own memory"
			}
		}
		return o.Fail(o.Family(), means)
	case lab.Execed(child):
		return o.Fail(fmt.Sprintf("the child executed %s", child.Exec.Path),
			"another program has nothing of the parent's memory")
	case len(lab.Made(parent)) != 1:
		return o.Fail(fmt.Sprintf("the parent made %d children", len(lab.Made(parent))),
			"the experiment is about one parent and one child")
	}
	return o.Passed("%s made %s by %s", parent.Name, child.Name, child.Birth.Call)
}

func globCopied(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	parent, child := globPair(o)
	if child == nil {
		return o.Fail(o.Family(), "without a fork there is no copy to change")
	}
	for _, x := range []struct {
		who         string
		p           *trace.Process
		glob, local int
	}{{"child", child, 7, 89}, {"parent", parent, 6, 88}} {
		said := lab.GlobSaid(o, x.p)
		want := [3]int{lab.Pid(x.p), x.glob, x.local}
		switch {
		case len(said) == 0 && strings.Contains(string(o.Wrote(x.p)), fmt.Sprintf("pid = %d, glob = %d, var = %d", want[0], want[1], want[2])):
			return o.Fail(fmt.Sprintf("the %s (%d) wrote %s", x.who, want[0], lab.Quote(lab.Lines(o.Wrote(x.p)))),
				"it is not a line of its own: what was printed before it did not end with a newline")
		case len(said) == 0:
			return o.Fail(fmt.Sprintf("the %s (%d) wrote %s", x.who, lab.Pid(x.p), lab.Quote(lab.Lines(o.Wrote(x.p)))),
				fmt.Sprintf("the line pid = %d, glob = %d, var = %d did not arrive: it was not printed, or was still in a buffer when the process ended without flushing it", want[0], want[1], want[2]))
		case len(said) > 1:
			return o.Fail(fmt.Sprintf("the %s printed %d such lines", x.who, len(said)),
				"each process prints its own line once")
		case said[0] != want:
			return o.Fail(fmt.Sprintf("the %s (%d) printed pid = %d, glob = %d, var = %d", x.who, want[0], said[0][0], said[0][1], said[0][2]),
				globMeans(said[0], want))
		}
	}
	return o.Passed("the child wrote 7 and 89, the parent 6 and 88")
}

// globMeans says what a wrong line tells.
func globMeans(said, want [3]int) string {
	switch {
	case said[0] != want[0]:
		return fmt.Sprintf("the pid is not that of the process that wrote the line, which is %d: it was taken before the fork, or from fork's return value", want[0])
	case want[1] == 6:
		return "the parent's variables changed: either it added too, or its memory was shared"
	}
	return "the child's copy was not changed by one, from 6 and 88"
}

func globDirectOnce(b *lab.Bench) lab.Verdict {
	var o *lab.Observation
	line := ""
	for _, run := range []lab.Run{onPipe, onPty, inFile} {
		o = b.Run(run)
		parent, child := globPair(o)
		if child == nil {
			return o.Fail(o.Family(), "without a fork nothing can arrive twice")
		}
		writes := o.Writes(parent)
		if len(writes) == 0 || writes[0].Time > child.Born {
			return o.Fail("the parent made no write(2) to standard output before the fork",
				"the first line was in a buffer when the process forked, or came after the fork")
		}
		if len(lab.Taken(writes[0])) == 0 {
			return lab.Cannot(fmt.Sprintf("the bytes that %s wrote first were not recorded", writes[0].Call), "write the line with write(2) itself")
		}
		line = "" // as of a newline alone
		if lines := lab.Lines(lab.Taken(writes[0])); len(lines) > 0 {
			line = lines[0]
		}
		n := lab.CountLine(o.Lines(), line)
		if n == 0 {
			return o.Fail(fmt.Sprintf("write(2) was given %q, and that is no line of the output", line),
				"what was written did not end with a newline: write it too, and no byte after it")
		}
		if n != 1 {
			return o.Fail(fmt.Sprintf("%q arrived %s", line, times(n)),
				"a line that write(2) wrote before the fork is in no buffer that the fork could copy")
		}
	}
	return o.Passed("%q arrived once on each", line)
}

func globBufferedTwice(b *lab.Bench) lab.Verdict {
	pipe := b.Run(onPipe)
	parent, child := globPair(pipe)
	if child == nil {
		return pipe.Fail(pipe.Family(), "without a fork there is one buffer, and one line")
	}
	// Other lines are free, so it is any line of which all this
	// is true.
	seen := "no line but the pid lines came more than once on a pipe"
	means := "the line was not in a buffer of the process when it forked, or one of the processes did not flush its copy"
	for _, line := range pipe.Lines() {
		if lab.GlobLine.MatchString(line) || line == "" {
			continue
		}
		counts := []int{
			lab.CountLine(lab.Lines(pipe.Wrote(parent)), line),
			lab.CountLine(lab.Lines(pipe.Wrote(child)), line),
			lab.CountLine(pipe.Lines(), line),
			lab.CountLine(b.Run(inFile).Lines(), line),
			lab.CountLine(b.Run(onPty).Lines(), line),
		}
		if fmt.Sprint(counts) == "[1 1 2 2 1]" {
			return pipe.Passed("%q arrived twice on a pipe and in a file, once on a terminal", line)
		}
		whole := func(p *trace.Process) bool { return lab.CountLine(lab.Lines(pipe.Wrote(p)), line) > 0 }
		if !slices.ContainsFunc(pipe.Processes(), whole) {
			seen = fmt.Sprintf("%q came on a pipe, and no process wrote the whole of it", line)
			means = "what was written before it did not end with a newline: lines run into each other"
			continue
		}
		if first := pipe.Writes(parent); len(first) == 0 || !strings.Contains(string(first[0].Data), line) {
			seen = fmt.Sprintf("%q came %s on a pipe (%d from the parent, %d from the child), %s in a file, %s on a terminal",
				line, times(counts[2]), counts[0], counts[1], times(counts[3]), times(counts[4]))
		}
	}
	return pipe.Fail(seen, means)
}

// times says how often something happened.
func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// globNoOther finds what the contract excludes: other processes
// that print, another child.
func globNoOther(o *lab.Observation) string {
	parent, child := globPair(o)
	if child == nil {
		return "there was no fork"
	}
	for _, p := range o.Processes() {
		if p != parent && p != child && len(o.Wrote(p)) > 0 {
			return fmt.Sprintf("a third process, %s, printed %s", p.Name, lab.Quote(lab.Lines(o.Wrote(p))))
		}
	}
	for _, p := range []*trace.Process{parent, child} {
		if p.Exit == nil || !proc.WaitStatus(p.Exit.Status).Exited() {
			return p.Name + " did not end normally"
		}
	}
	if n := len(lab.Made(parent)); n != 1 {
		return fmt.Sprintf("the parent made %d children", n)
	}
	return ""
}
