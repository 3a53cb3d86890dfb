package checks

import (
	"fmt"
	"regexp"
	"slices"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Stdio checks the experiment of exit against _exit.
var Stdio = &lab.Experiment{
	Dir: "exit", Name: "stdio", Ref: "§8.5",
	Title:    "exit flushes and runs handlers, _exit does neither",
	Exercise: true,
	Task: `Make two children, one after the other, in either order, each
reaped before the next is made. In each, an exit handler is
registered (by the child, or inherited) that writes one line by any
means, and one other line is written through buffered output,
unflushed. One child ends with exit(0) or by returning from main,
the other with _exit(0). The parent itself writes nothing.`,
	Claims: []lab.Claim{
		{
			Name:   "exit-flushes",
			Says:   "of the child that ends with exit, the buffered line arrives on a pipe",
			Why:    "because exit writes what is left in the buffers of the streams before it ends the process",
			Points: 3,
			Hints: [3]string{
				"run it with | cat: which of the lines do you see?",
				"on a pipe a line stays in the buffer of its stream until somebody flushes it; exit does, the kernel knows nothing of it",
				"end this child with exit(0), or return from main; not with _exit, quick_exit or a signal",
			},
			Judge: stdioExitFlushes,
		},
		{
			Name:   "handler-ran",
			Says:   "of the same child the line of the exit handler arrives on a pipe, once",
			Why:    "because exit calls the functions registered with atexit before it flushes",
			Points: 2,
			Hints: [3]string{
				"was the handler registered in the process that ends?",
				"a handler runs when its process calls exit or returns from main; a forked child has its parent's handlers",
				"call atexit(handler) in the child, or in the parent before fork()",
			},
			Judge: stdioHandlerRan,
		},
		{
			Name:   "_exit-loses",
			Says:   "of the child that ends with _exit nothing arrives on a pipe: neither the buffered line nor the handler's",
			Why:    "because _exit goes to the kernel at once, and the buffer dies with the memory it is in",
			Points: 3,
			Hints: [3]string{
				"how does the other child end, and did anybody flush before?",
				"_exit calls no handler and flushes no stream; a line written with write(2), or flushed, is out already",
				"printf the line, no fflush(), then _exit(0)",
			},
			Judge: stdioLoses,
		},
		{
			Name:   "was-buffered",
			Says:   "on a terminal the lines of both children arrive, and the handler's once",
			Why:    "because there the stream is line buffered: the newline has sent the line out before the child ends",
			Points: 2,
			Hints: [3]string{
				"run it without | cat: what is different?",
				"a stream is line buffered on a terminal and fully buffered on anything else; handlers do not know of terminals",
				"write the line with printf() in each child and leave the buffering as the library sets it (no setvbuf)",
			},
			Judge: stdioWasBuffered,
		},
		{
			Name:   "normal-ends",
			Says:   "both children end normally, with status 0",
			Why:    "because _exit is a normal way to end too: for the kernel both are the same call",
			Points: 1,
			Hints: [3]string{
				"how did each child end, says the tree?",
				"the parent's wait sees the difference between exit and a signal, and none between exit and _exit",
				"exit(0) in one child, _exit(0) in the other",
			},
			Judge: stdioNormal,
		},
		lab.AsAskedClaim(onPipe, stdioOneByOne, stdioSilent),
		{
			Name: "exit-group", Ours: true,
			Says: "both children end by the system call exit_group, with the argument 0",
			Why:  "because exit is a function of the library, and _exit is where it ends",
			Hints: [3]string{
				"what does strace show last of each child?",
				"the kernel has one call to end a process, all threads of it",
				"strace -f -e trace=exit_group",
			},
			Judge: stdioExitGroup,
		},
	},
	Cast: lab.ByName(stdioRoles),
}

func stdioRoles(o *lab.Observation) map[string]string {
	roles := map[string]string{}
	parent, kids := stdioKids(o)
	if parent == nil || len(kids) < 2 {
		return roles
	}
	roles[parent.Name] = "parent"
	roles[kids[0].Name], roles[kids[1].Name] = "first child", "second child"
	return roles
}

// stdioRole is what a message calls the process.
func stdioRole(o *lab.Observation, p *trace.Process) string {
	if r := stdioRoles(o)[p.Name]; r != "" {
		return r
	}
	return "child " + p.Name
}

// stdioKids finds the parent of the experiment, which need not be
// the first process: the one most of whose children look like those
// asked for. A helper is no child of the experiment, and neither is
// what the process made before it executed its program.
func stdioKids(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	best := -1
	for _, p := range o.Processes() {
		var own []*trace.Process
		score := 0
		for _, c := range p.Children {
			if p.Exec != nil && c.Born < p.Exec.Time {
				continue
			}
			if c.Birth.Kind == trace.KindVfork && c.Birth.Flags&0xff == 0 {
				continue // how Go tries out pidfds
			}
			own = append(own, c)
			if len(o.Wrote(c)) > 0 {
				score += 10
			}
		}
		if score += min(len(own), 2); len(own) > 0 && score > best {
			parent, kids, best = p, own, score
		}
	}
	return parent, kids
}

// stdioRun is what the two children did in the two runs: flusher
// is the one of which something arrived on the pipe, loser the
// other.
type stdioRun struct {
	pipe, pty      *lab.Observation
	flusher, loser *trace.Process // of the run on the pipe; nil: no such child

	// What each wrote itself.
	flusherPipe, flusherPty, loserPty []stdioLine
}

// A stdioLine is a line that a process wrote. Lines are compared by
// their keys: a pid in it is another one in the other run, and in
// the other child. Any other number is what it is.
type stdioLine struct{ text, key string }

var stdioNumber = regexp.MustCompile(`\d+`)

// stdioLines are the lines in b, as the process would write them.
func stdioLines(o *lab.Observation, p *trace.Process, b []byte) (lines []stdioLine) {
	names := map[string]string{}
	for _, q := range o.Processes() {
		names[fmt.Sprint(lab.Pid(q))] = "pid of " + q.Name
	}
	names[fmt.Sprint(lab.Pid(p))] = "own pid"
	for _, l := range lab.Lines(b) {
		key := stdioNumber.ReplaceAllStringFunc(l, func(n string) string {
			if name, ok := names[n]; ok {
				return name
			}
			return n
		})
		lines = append(lines, stdioLine{l, key})
	}
	return lines
}

// stdioQuote shows the lines as they were written.
func stdioQuote(lines []stdioLine) string {
	var texts []string
	for _, l := range lines {
		texts = append(texts, l.text)
	}
	return lab.Quote(texts)
}

// stdioCount counts how often the line is among the lines.
func stdioCount(lines []stdioLine, line stdioLine) (n int) {
	for _, l := range lines {
		if l.key == line.key {
			n++
		}
	}
	return n
}

func stdioLook(b *lab.Bench) *stdioRun {
	r := &stdioRun{pipe: b.Run(onPipe), pty: b.Run(onPty)}
	_, kids := stdioKids(r.pipe)
	_, onTerminal := stdioKids(r.pty)
	heard := func(name string) []stdioLine {
		for _, c := range onTerminal {
			if c.Name == name {
				return stdioLines(r.pty, c, r.pty.Wrote(c))
			}
		}
		return nil
	}
	for _, c := range kids {
		if lines := stdioLines(r.pipe, c, r.pipe.Wrote(c)); len(lines) > len(r.flusherPipe) {
			r.flusher, r.flusherPipe = c, lines
		}
	}
	// Nobody was heard on the pipe: the one who said most on the
	// terminal may have been meant to be.
	for _, c := range kids {
		if r.flusher == nil || len(r.flusherPipe) == 0 && len(heard(c.Name)) > len(heard(r.flusher.Name)) {
			r.flusher = c
		}
	}
	if r.flusher != nil {
		r.flusherPty = heard(r.flusher.Name)
	}
	for _, c := range kids {
		if c != r.flusher && (r.loser == nil || len(heard(c.Name)) > len(r.loserPty)) {
			r.loser, r.loserPty = c, heard(c.Name)
		}
	}
	return r
}

// lines are the buffered line and the handler's, as the terminal
// tells them apart: the first goes out when it is written, the
// handler's when the process ends. An empty one was not seen.
func (r *stdioRun) lines() (buffered, handler stdioLine) {
	lines := r.flusherPty
	if len(lines) == 0 {
		lines = r.flusherPipe
	}
	switch {
	case len(lines) > 1:
		return lines[0], lines[len(lines)-1]
	case len(lines) == 1 && len(r.flusherPipe) > 1:
		// On the terminal somebody else wrote the other line,
		// before this child was made.
		for _, l := range r.flusherPipe {
			if l.key != lines[0].key {
				return l, lines[0]
			}
		}
	case len(lines) == 1:
		return lines[0], stdioLine{}
	}
	return stdioLine{}, stdioLine{}
}

func stdioExitFlushes(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	buffered, _ := r.lines()
	switch {
	case r.flusher == nil:
		return r.pipe.Fail(r.pipe.Family(), "without a child nobody ends with exit")
	case len(r.flusherPipe) == 0:
		return r.pipe.Fail("no child wrote anything to the pipe",
			"no child ended with exit and something in its buffer: either nothing was buffered in it, or it ended in another way")
	case stdioCount(r.flusherPipe, buffered) == 0:
		return r.pipe.Fail(fmt.Sprintf("on the pipe the child wrote %s; on a terminal it wrote %q first", stdioQuote(r.flusherPipe), buffered.text),
			"this line was in the buffer when the child ended, and was lost with it")
	}
	return r.pipe.Passed("%q arrived, written by the %s at its end", buffered.text, stdioRole(r.pipe, r.flusher))
}

func stdioHandlerRan(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	_, handler := r.lines()
	n := stdioCount(r.flusherPipe, handler)
	switch {
	case r.flusher == nil:
		return r.pipe.Fail(r.pipe.Family(), "without a child there is nobody to run a handler")
	case len(r.flusherPipe) == 0:
		return r.pipe.Fail("no child wrote anything to the pipe", "no handler ran, or what it printed was never flushed")
	case handler.key == "":
		return r.pipe.Fail(fmt.Sprintf("the child wrote only %s", stdioQuote(r.flusherPipe)),
			"one of the two lines is missing: no handler ran in the process that ended")
	case n != 1:
		return r.pipe.Fail(fmt.Sprintf("the child wrote %s: %q came %d times", stdioQuote(r.flusherPipe), handler.text, n),
			"a handler runs once for each time it was registered")
	}
	return r.pipe.Passed("%q arrived, from the same child", handler.text)
}

func stdioLoses(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	if r.loser == nil {
		return r.pipe.Fail(r.pipe.Family(), "there is no second child that could end with _exit")
	}
	if wrote := lab.Lines(r.pipe.Wrote(r.loser)); len(wrote) > 0 {
		return r.pipe.Fail(fmt.Sprintf("both children wrote to the pipe; the other one wrote %s", lab.Quote(wrote)),
			"it flushed its buffer, or ended with exit, or wrote past the buffer")
	}
	arrived := stdioLines(r.pipe, r.loser, r.pipe.Stdout)
	for _, l := range r.loserPty {
		if stdioCount(r.flusherPipe, l) == 0 && stdioCount(arrived, l) > 0 {
			return r.pipe.Fail(fmt.Sprintf("%q arrived on the pipe, though another process wrote it", l.text),
				"the line was in a buffer that outlived the child: a copy of it, or memory shared with its parent (vfork)")
		}
	}
	if len(r.flusherPipe) == 0 && len(r.loserPty) == 0 {
		return r.pipe.Fail("neither child wrote anything, not even on a terminal", "who writes nothing loses nothing")
	}
	return r.pipe.Passed("the %s wrote nothing", stdioRole(r.pipe, r.loser))
}

func stdioWasBuffered(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	buffered, handler := r.lines()
	wrote := fmt.Sprintf("on the terminal one child wrote %s, the other %s", stdioQuote(r.flusherPty), stdioQuote(r.loserPty))
	switch {
	case r.loser == nil:
		return r.pty.Fail(r.pty.Family(), "there have to be two children to compare")
	case len(r.loserPty) == 0:
		return r.pty.Fail(wrote, "this child did not write its line through a stream that is line buffered on a terminal")
	case len(r.flusherPty) == 0 || handler.key == "":
		return r.pty.Fail(wrote, "the line or the handler of the child that ends with exit is missing even here")
	case len(r.loserPty) >= len(r.flusherPty):
		return r.pty.Fail(wrote, "a handler ran in both children, or the line of a child was written more than once")
	case stdioCount(slices.Concat(r.flusherPty, r.loserPty), handler) != 1 || stdioCount(r.flusherPty, buffered) != 1:
		return r.pty.Fail(wrote, "each of these lines comes once on a terminal")
	}
	return r.pty.Passed("%s", wrote)
}

func stdioNormal(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	if r.loser == nil {
		return r.pipe.Fail(r.pipe.Family(), "there have to be two children to compare")
	}
	calls := map[string]string{}
	for _, c := range []*trace.Process{r.flusher, r.loser} {
		switch {
		case c.Exit == nil:
			return r.pipe.Fail(fmt.Sprintf("the %s was not seen to end", stdioRole(r.pipe, c)),
				"a child has to end by itself")
		case c.Exit.Status != 0:
			return r.pipe.Fail(fmt.Sprintf("the %s: %s", stdioRole(r.pipe, c), trace.StatusText(c.Exit.Status)),
				"exit(0) and _exit(0) both give the parent the status word 0")
		}
		calls[c.Name] = c.Exit.Call
	}
	return r.pipe.Passed("both status words are 0; one child ended with %s, the other with %s",
		calls[r.flusher.Name], calls[r.loser.Name])
}

func stdioExitGroup(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := stdioKids(o)
	if len(kids) != 2 {
		return o.Fail(o.Family(), "there have to be two children to compare")
	}
	for _, c := range kids {
		if e := c.Exit; e == nil || e.Call != "exit_group" || e.ExitArg == nil || *e.ExitArg != 0 {
			return o.Fail(fmt.Sprintf("the %s did not end by exit_group(0)", stdioRole(o, c)), "exit and _exit both come to this call")
		}
	}
	return o.Passed("exit_group(0), twice")
}

// stdioOneByOne: each child is reaped before the next is made.
func stdioOneByOne(o *lab.Observation) string {
	parent, kids := stdioKids(o)
	if len(kids) < 2 {
		return "there were not two children: " + o.Family()
	}
	for i, c := range kids[1:] {
		first := kids[i]
		if first.Reaper != parent || first.Reaped > c.Born {
			return fmt.Sprintf("the %s was made before the %s was reaped", stdioRole(o, c), stdioRole(o, first))
		}
	}
	if last := kids[len(kids)-1]; last.Reaper != parent {
		return fmt.Sprintf("the parent did not wait for the %s", stdioRole(o, last))
	}
	return ""
}

// stdioSilent: only the two children print.
func stdioSilent(o *lab.Observation) string {
	parent, kids := stdioKids(o)
	writers := 0
	for _, p := range o.Processes() {
		wrote := lab.Lines(o.Wrote(p))
		switch {
		case len(wrote) == 0:
		case p == parent:
			return "the parent wrote " + lab.Quote(wrote)
		case !slices.Contains(kids, p):
			return fmt.Sprintf("%s, which is not one of the two children, wrote %s", p.Name, lab.Quote(wrote))
		default:
			writers++
		}
	}
	if writers > 2 {
		return fmt.Sprintf("%d children wrote", writers)
	}
	return ""
}
