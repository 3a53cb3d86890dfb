package checks

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Stdio checks the experiment of exit against _exit.
var Stdio = &lab.Experiment{
	Dir: "exit", Name: "stdio", Ref: "§8.5",
	Title:    "exit flushes and runs handlers, _exit does neither",
	Exercise: true,
	Task: `Make two children, one after the other, in either order, each reaped
before the next is made. In each of them an exit handler is registered
(by the child, or inherited) that writes one line to standard output
by any means, and one other line is written through buffered output,
unflushed. One child ends with exit(0) or by returning from main, the
other with _exit(0). The parent itself writes nothing.`,
	Claims: []lab.Claim{
		{
			Name:   "exit-flushes",
			Says:   "the buffered line of the child that ends with exit arrives on a pipe",
			Why:    "because exit writes what is left in the buffers of the streams before it ends the process",
			Points: 3,
			Hints: [3]string{
				"Run it with | cat. Which of the lines do you see?",
				"On a pipe a line stays in the buffer of its stream until it is flushed. exit flushes it; the kernel knows nothing of it.",
				"End this child with exit(0), or return from main; not with _exit, quick_exit or a signal.",
			},
			Judge: stdioExitFlushes,
		},
		{
			Name:   "handler-ran",
			Says:   "the line of the same child's exit handler arrives on a pipe, once",
			Why:    "because exit calls the functions registered with atexit before it flushes the streams",
			Points: 2,
			Hints: [3]string{
				"Was the handler registered in the process that ends?",
				"A handler runs when its process calls exit or returns from main. A forked child has its parent's handlers.",
				"Call atexit(handler) in the child, or in the parent before fork().",
			},
			Judge: stdioHandlerRan,
		},
		{
			Name:   "_exit-loses",
			Says:   "of the child that ends with _exit nothing arrives on a pipe: neither the buffered line nor the handler's",
			Why:    "because _exit goes to the kernel at once, and the buffer disappears with the memory it is in",
			Points: 3,
			Hints: [3]string{
				"How does the other child end, and did anything flush its buffer before?",
				"_exit calls no handler and flushes no stream. A line that was written with write(2), or flushed, has left the process already.",
				"Call printf for the line, no fflush(), then _exit(0).",
			},
			Judge: stdioLoses,
		},
		{
			Name:   "was-buffered",
			Says:   "on a terminal the lines of both children arrive, and the handler's line once",
			Why:    "because there the stream is line buffered: the newline has sent the line out before the child ends",
			Points: 2,
			Needs:  []string{"handler-ran"},
			Hints: [3]string{
				"Run it without | cat. What is different?",
				"A stream is line buffered on a terminal and fully buffered on anything else. Handlers run in both cases.",
				"Write the line with printf() in each child, with a newline, and leave the buffering as the library sets it (no setvbuf).",
			},
			Judge: stdioWasBuffered,
		},
		{
			Name:   "normal-ends",
			Says:   "both children end normally, with status 0",
			Why:    "because _exit is a normal way to end too: for the kernel both are the same call",
			Points: 1,
			Hints: [3]string{
				"Look at the tree: how did each child end?",
				"The parent's wait sees the difference between exit and a signal, and none between exit and _exit.",
				"exit(0) in one child, _exit(0) in the other.",
			},
			Judge: stdioNormal,
		},
		lab.AsAskedClaim("", onPipe,
			lab.Exclusion{Sentence: "each reaped before the next is made", Broken: stdioOneByOne},
			lab.Exclusion{Sentence: "The parent itself writes nothing.", Broken: stdioSilent},
			lab.Exclusion{Sentence: "Make two children", Broken: stdioOthersWrite}),
		{
			Name: "exit-group", Ours: true,
			Says: "both children end by the system call exit_group, with the argument 0",
			Why:  "because exit is a function of the library, and _exit is the call in which it ends",
			Hints: [3]string{
				"What does strace show last of each child?",
				"The kernel has one call to end a process with all its threads.",
				"strace -f -e trace=exit_group",
			},
			Judge: stdioExitGroup,
		},
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, kids := stdioFind(o)
		return lab.Cast{}.With("parent", parent).Numbered(kids)
	},
	Moments: []lab.Moment{
		{
			Name: "flushes",
			Says: "exit has called the handler, and now writes what is in the buffer: the child's line arrives at its end.",
			At: func(o *lab.Observation) *trace.Event {
				_, kids := stdioKids(o)
				for _, c := range kids {
					if w := o.Writes(c); len(w) > 0 && bytes.Count(w[0].Data, []byte("\n")) > 1 { // the line and the handler's
						return w[0]
					}
				}
				return nil
			},
		},
		{
			Name: "loses",
			Says: "This child's line is still in its own buffer: _exit ends the process without writing it, and without calling the handler.",
			At: func(o *lab.Observation) *trace.Event {
				_, kids := stdioKids(o)
				for _, c := range kids {
					if len(o.Writes(c)) == 0 && c.Exit != nil && strings.HasPrefix(cmp.Or(c.Exit.Via, "_exit"), "_") {
						return c.Exit
					}
				}
				return nil
			},
		},
	},
	Questions: []lab.Question{
		{
			Name:    "whose-lines",
			Ask:     "Standard output is a pipe. Both children print a line and have an exit handler that prints one. How many lines arrive?",
			Answers: []string{"none", "one", "two", "three", "four"},
			Right: func(o *lab.Observation) string {
				_, kids := stdioKids(o)
				if len(kids) != 2 {
					return ""
				}
				n := len(o.Told(kids[0])) + len(o.Told(kids[1]))
				if n > 4 {
					return ""
				}
				return []string{"none", "one", "two", "three", "four"}[n]
			},
			Why:    "The child that calls exit writes its line and the handler's line. The child that calls _exit writes neither.",
			Moment: "loses",
		},
		{
			Name:    "how-they-ended",
			Ask:     "One child ends with exit(0), the other with _exit(0). What does the parent's wait say?",
			Answers: []string{"both ended normally with status 0", "the child that called _exit ended abnormally", "the child that called _exit has no status"},
			Right: func(o *lab.Observation) string {
				_, kids := stdioKids(o)
				for _, c := range kids {
					if c.Reap == nil || c.Reap.Status != 0 {
						return ""
					}
				}
				if len(kids) != 2 {
					return ""
				}
				return "both ended normally with status 0"
			},
			Why:    "Both reach the same system call, exit_group. exit does its other work before that, in the process itself, and the kernel does not see it.",
			Moment: "loses",
		},
	},
}

// stdioFind finds the parent of the experiment and its two children, which
// need not be the first process: the one with most forked children that
// executed no program. Children that wrote count more than others; where
// there are more than two, those two count that wrote most, in the order
// of their birth.
func stdioFind(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	best := 0
	for _, p := range o.Processes() {
		var own []*trace.Process
		score := 0
		for _, c := range lab.Made(p) {
			if lab.IsProbe(c) {
				continue
			}
			own = append(own, c)
			if !lab.Execed(c) {
				score++
			}
			if len(o.Wrote(c)) > 0 {
				score += 10
			}
		}
		if score > best {
			parent, kids, best = p, own, score
		}
	}
	if len(kids) > 2 {
		rank := func(c *trace.Process) int {
			n := min(len(o.Told(c)), 5)
			if lab.Execed(c) {
				n -= 10
			}
			return -n
		}
		slices.SortStableFunc(kids, func(a, b *trace.Process) int { return cmp.Compare(rank(a), rank(b)) })
		kids = kids[:2]
		slices.SortStableFunc(kids, func(a, b *trace.Process) int { return cmp.Compare(a.Born, b.Born) })
	}
	return parent, kids
}

// stdioKids are the parent and the children of the run's cast.
func stdioKids(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	for _, part := range o.Cast() {
		if part.Role == "parent" {
			parent = part.Process
		} else {
			kids = append(kids, part.Process)
		}
	}
	return parent, kids
}

// stdioRun is what the two children did in the two runs: flusher is the
// one of which something arrived on the pipe, loser the other.
type stdioRun struct {
	pipe, pty      *lab.Observation // pty is nil where there are no terminals
	flusher, loser *trace.Process   // of the run on the pipe; nil: no such child

	// What each wrote itself.
	flusherPipe, flusherPty, loserPty []stdioLine
}

// A stdioLine is a line that a process wrote. Lines are compared by
// their keys: a pid in it is another one in the other run, and in
// the other child. Any other number is what it is.
type stdioLine struct{ text, key string }

var stdioNumber = show.Pattern(`\d+`)

// stdioLines are the lines in b, as the process would write them.
func stdioLines(o *lab.Observation, p *trace.Process, b []byte) (lines []stdioLine) {
	names := map[string]string{}
	for _, q := range o.Processes() {
		names[fmt.Sprint(lab.Pid(q))] = "pid of " + q.Name
	}
	names[fmt.Sprint(lab.Pid(p))] = "own pid"
	for _, l := range lab.Lines(b) {
		key := stdioNumber().ReplaceAllStringFunc(l, func(n string) string {
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
	r := &stdioRun{pipe: b.Run(onPipe)}
	r.pty, _ = b.Try(onPty)
	_, kids := stdioKids(r.pipe)
	heard := func(name string) []stdioLine {
		if r.pty == nil {
			return nil
		}
		if c := r.pty.Process(name); c != nil {
			return stdioLines(r.pty, c, r.pty.Wrote(c))
		}
		return nil
	}
	for _, c := range kids {
		if lines := stdioLines(r.pipe, c, r.pipe.Wrote(c)); len(lines) > len(r.flusherPipe) {
			r.flusher, r.flusherPipe = c, lines
		}
	}
	// Neither wrote to the pipe: the one that wrote most on the
	// terminal may have been meant to.
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
		// On the terminal another process wrote the other line,
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

// runTogether explains a line that should have been two: the other child's
// text did not even arrive on a terminal.
func (r *stdioRun) runTogether() string {
	if len(r.flusherPipe) == 1 && r.pty != nil && len(r.loserPty) == 0 && len(r.flusherPty) <= 1 {
		return "one line arrived where two are asked for, and from the other child none arrives even on a terminal. If the children print a text beside the handler's, it does not end in a newline: then what the handler writes stands on the same line"
	}
	return ""
}

// toStderr explains a line that is missing because it went to standard
// error.
func (r *stdioRun) toStderr() string {
	if r.flusher == nil {
		return ""
	}
	if lines := r.pipe.ErrorLines(r.flusher); len(lines) > 0 {
		return fmt.Sprintf("the child wrote %s to standard error (descriptor 2): the task asks for standard output", lab.Quote(lines))
	}
	return ""
}

// silent says why no child wrote anything to the pipe.
func (r *stdioRun) silent() string {
	switch w, ok := lab.Word(r.flusher); {
	case r.toStderr() != "":
		return r.toStderr()
	case r.pipe.FailedWrite(r.flusher) != nil:
		return r.pipe.FailedCall(r.pipe.FailedWrite(r.flusher))
	case ok && w.Signaled():
		return "the child was " + lab.Ended(uint32(w)) + ": a process that dies of a signal flushes nothing and calls no handler"
	case lab.Execed(r.flusher):
		return "the child executed another program, " + r.flusher.Exec.Path + ", and its buffer was lost with its memory"
	case len(r.flusherPty) > 0:
		return "on a terminal the line arrived: on the pipe it was still in the buffer when the child ended. Nothing flushed it: the child " + r.pipe.Ending(r.flusher)
	}
	return "no child printed a line, neither on a pipe nor on a terminal. The " + r.pipe.Role(r.flusher) + " " + r.pipe.Ending(r.flusher)
}

// noHandler says why the line of a handler is missing.
func (r *stdioRun) noHandler() string {
	if why := cmp.Or(r.toStderr(), r.runTogether()); why != "" {
		return why
	}
	switch flushes, known := lab.Flushes(r.flusher); {
	case known && !flushes:
		return "the child " + r.pipe.Ending(r.flusher) + ": this calls no handler"
	case known:
		return "the child " + r.pipe.Ending(r.flusher) + ", which calls the handlers that atexit registered: none that writes to standard output was registered in this process"
	}
	means := "the child " + r.pipe.Ending(r.flusher) + ": no handler wrote a line to standard output"
	if writes := r.pipe.Writes(r.flusher); len(writes) > 0 && lab.InGo(writes[0]) {
		means += ". Go has no exit handlers: os.Exit does not call deferred functions"
	}
	return means
}

func stdioExitFlushes(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	buffered, _ := r.lines()
	switch {
	case r.flusher == nil:
		return r.pipe.Fail(r.pipe.Family(), r.pipe.WhyNoChild())
	case len(r.flusherPipe) == 0:
		return r.pipe.Fail("no child wrote anything to the pipe", r.silent())
	case stdioCount(r.flusherPipe, buffered) == 0:
		return r.pipe.Fail(fmt.Sprintf("on the pipe the child wrote %s; on a terminal it wrote %q first", stdioQuote(r.flusherPipe), buffered.text),
			"this line was in the buffer when the child ended, and was lost with it: the child "+r.pipe.Ending(r.flusher))
	}
	if early := r.flushedBefore(); early != nil {
		return r.pipe.Fail(fmt.Sprintf("%q had arrived before the child ended: %s", buffered.text, r.pipe.WrittenBy(early)),
			"the line has to be in the buffer when the child calls exit, so that exit flushes it"+r.noExit())
	}
	return r.pipe.Passed("%q arrived, written by the %s at its end", buffered.text, r.pipe.Role(r.flusher))
}

// noExit says that the child which was to call exit did not, as the end of a
// sentence; "" if it did, or may have.
func (r *stdioRun) noExit() string {
	if flushes, known := lab.Flushes(r.flusher); known && !flushes {
		return "; the child " + r.pipe.Ending(r.flusher)
	}
	return ""
}

// flushedBefore is the write of the buffered line if it is known that the
// program had flushed the buffer itself, or had used none; nil if exit, or a
// handler that exit called, may have done it.
func (r *stdioRun) flushedBefore() *trace.Event {
	_, handler := r.lines()
	var early *trace.Event
	for _, e := range r.pipe.Writes(r.flusher) {
		lines := stdioLines(r.pipe, r.flusher, lab.Taken(e))
		switch {
		case len(lines) > 0 && stdioCount(lines, handler) == len(lines):
		case e.Via == "" || !inMain(e): // Python flushes when the script's code ends
			return nil
		case early == nil:
			early = e
		}
	}
	return early
}

// handlerWrite is the write of the handler's line: that on the terminal, where
// it is a write of its own, if there is one.
func (r *stdioRun) handlerWrite(handler stdioLine) *trace.Event {
	o, p := r.pipe, r.flusher
	if r.pty != nil && r.pty.Process(p.Name) != nil {
		o, p = r.pty, r.pty.Process(p.Name)
	}
	for _, e := range slices.Backward(o.Writes(p)) {
		if stdioCount(stdioLines(o, p, lab.Taken(e)), handler) > 0 {
			return e
		}
	}
	return nil
}

// byHand reports whether it is known that the program itself, or quick_exit,
// called the handler that made this write, and not exit.
func (r *stdioRun) byHand(e *trace.Event) bool {
	return inMain(e) || e.Within == "quick_exit" || r.beforeExit(e)
}

// beforeExit reports whether a Go program wrote this without the Exit of
// package stdio, which it called later.
func (r *stdioRun) beforeExit(e *trace.Event) bool {
	return e.Within == "" && e.Via == "" && inGo(e) && slices.ContainsFunc(r.pipe.Writes(r.flusher), func(w *trace.Event) bool {
		return w.Via == "exit" && inGo(w)
	})
}

// inGo reports whether a line of a Go program made the event.
func inGo(e *trace.Event) bool { return e.Source != nil && strings.HasSuffix(e.Source.File, ".go") }

// inMain reports whether it is known that the program wrote this before exit
// was called, by itself or by the return from main.
func inMain(e *trace.Event) bool {
	return e.Within == trace.ViaMain && e.Via != trace.ViaMain && e.Via != "exit"
}

func stdioHandlerRan(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	_, handler := r.lines()
	n := stdioCount(r.flusherPipe, handler)
	switch {
	case r.flusher == nil:
		return r.pipe.Fail(r.pipe.Family(), r.pipe.WhyNoChild())
	case len(r.flusherPipe) == 0:
		return r.pipe.Fail("no child wrote anything to the pipe", r.silent())
	case handler.key == "":
		return r.pipe.Fail(fmt.Sprintf("the child wrote only %s", stdioQuote(r.flusherPipe)), r.noHandler())
	case n == 0:
		return r.pipe.Fail(fmt.Sprintf("on the pipe the child wrote %s; on a terminal %q came last", stdioQuote(r.flusherPipe), handler.text),
			"on the pipe what the handler printed was still in the buffer when the process ended: the child "+r.pipe.Ending(r.flusher))
	case n != 1:
		return r.pipe.Fail(fmt.Sprintf("the child wrote %s: %q came %d times", stdioQuote(r.flusherPipe), handler.text, n),
			"a handler runs once for each time it was registered")
	}
	v := r.pipe.Passed("%q arrived, from the same child", handler.text)
	switch e := r.handlerWrite(handler); {
	case e == nil:
	case e.Within == "quick_exit":
		return r.pipe.Fail(fmt.Sprintf("%q was written%s by a handler that %s called", handler.text, lab.Where(e), e.Within),
			"quick_exit calls only the handlers of at_quick_exit, and flushes no stream: register the handler with atexit, and end the child with exit")
	case r.byHand(e):
		return r.pipe.Fail(fmt.Sprintf("%q was written%s while the program was still in main: exit had not been called yet", handler.text, lab.Where(e)),
			"the program called this function itself. Register it with atexit, and do not call it: exit does"+r.noExit())
	case e.Within != trace.WithinExit:
		return v.Remark("the recording does not tell whether exit called the function that wrote %q or the program itself called it. A handler has to be registered: then exit calls it", handler.text)
	}
	return v
}

func stdioLoses(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	if r.loser == nil {
		return r.pipe.Fail(r.pipe.Family(), r.oneChild())
	}
	if wrote := stdioLines(r.pipe, r.loser, r.pipe.Wrote(r.loser)); len(wrote) > 0 {
		return r.pipe.Fail(fmt.Sprintf("both children wrote to the pipe; %s wrote %s", r.pipe.Who(r.loser), stdioQuote(wrote)), r.notLost(wrote))
	}
	arrived := stdioLines(r.pipe, r.loser, r.pipe.Stdout)
	for _, l := range r.loserPty {
		if stdioCount(r.flusherPipe, l) == 0 && stdioCount(arrived, l) > 0 {
			return r.pipe.Fail(fmt.Sprintf("%q arrived on the pipe, though another process wrote it", l.text),
				r.outlived())
		}
	}
	if len(r.flusherPipe) == 0 && len(r.loserPty) == 0 && r.pty != nil {
		return r.pipe.Fail("neither child wrote anything, not even on a terminal", "a child that prints nothing has nothing to lose")
	}
	return r.pipe.Passed("the %s wrote nothing", r.pipe.Role(r.loser))
}

// outlived says how a line of the child came out of another process.
func (r *stdioRun) outlived() string {
	if lab.IsFork(r.loser) {
		return "the line was in the buffer when the child was forked: the child had a copy of it, and the other process wrote its own"
	}
	return "the child was made in its parent's memory, by vfork: its line is in the parent's buffer, which outlives it"
}

// notLost says how the lines came out of the child that was to lose them.
func (r *stdioRun) notLost(wrote []stdioLine) string {
	ended := "this child " + r.pipe.Ending(r.loser)
	if flushes, known := lab.Flushes(r.loser); known && flushes {
		return ended + " instead of _exit: exit flushes the buffer"
	}
	if _, handler := r.lines(); stdioCount(wrote, handler) > 0 {
		return "its handler ran too, which only exit calls: " + ended
	}
	first := r.pipe.Writes(r.loser)[0]
	if by := r.pipe.WrittenBy(first); by != "" {
		return "its line left the process before it ended: " + by
	}
	if place := lab.Place(first); place != "" {
		return "its line left the process before it ended, at " + place
	}
	return "its line left the process before it ended"
}

func stdioWasBuffered(b *lab.Bench) lab.Verdict {
	b.Run(onPty)
	r := stdioLook(b)
	buffered, handler := r.lines()
	wrote := fmt.Sprintf("on the terminal one child wrote %s, the other %s", stdioQuote(r.flusherPty), stdioQuote(r.loserPty))
	switch {
	case r.loser == nil:
		return r.pipe.Fail(r.pipe.Family(), r.oneChild())
	case len(r.loserPty) == 0:
		return r.pty.Fail(wrote, cmp.Or(r.runTogether(), r.parentHadIt(), r.neverWritten()))
	case len(r.flusherPty) == 0 || handler.key == "":
		means := "the line or the handler's line of the child that ends with exit is missing even here"
		if why := r.toStderr(); why != "" {
			means = why
		}
		return r.pty.Fail(wrote, means)
	case len(r.loserPty) >= len(r.flusherPty):
		return r.pty.Fail(wrote, r.bothWays())
	case stdioCount(slices.Concat(r.flusherPty, r.loserPty), handler) != 1 || stdioCount(r.flusherPty, buffered) != 1:
		return r.pty.Fail(wrote, "each of these lines comes once on a terminal")
	}
	return r.pty.Passed("%s", wrote)
}

// oneChild says what a program lacks that made no second child.
func (r *stdioRun) oneChild() string {
	if r.flusher == nil {
		return r.pipe.WhyNoChild()
	}
	return "there is no second child that could end with _exit"
}

// parentHadIt explains a child that wrote nothing on a terminal: its line
// had been written before it was forked.
func (r *stdioRun) parentHadIt() string {
	parent, _ := stdioKids(r.pty)
	child := r.pty.Process(r.loser.Name)
	if parent == nil || child == nil {
		return ""
	}
	for _, l := range r.pty.Told(parent) {
		if l.Time < child.Born {
			return fmt.Sprintf("the parent wrote %q before it forked: the line has to be written in each child", l.Text)
		}
	}
	return ""
}

// neverWritten explains a child that wrote nothing on a terminal and has
// ended without a flush.
func (r *stdioRun) neverWritten() string {
	child := r.pty.Process(r.loser.Name)
	if child == nil {
		return "on a terminal this program made one child less"
	}
	if r.fullyBuffered() {
		return fmt.Sprintf("the stream is fully buffered on a terminal too (setvbuf with _IOFBF): there the first line of the %s came only when its exit flushed the buffer, and what the %s had in its buffer was lost: it %s",
			r.pty.Role(r.pty.Process(r.flusher.Name)), r.pty.Role(child), r.pty.Ending(child))
	}
	return fmt.Sprintf("no write of the %s reached the terminal, where a newline flushes the buffer of standard output. Either it printed nothing, or its stream is fully buffered there too (setvbuf with _IOFBF): it %s",
		r.pty.Role(child), r.pty.Ending(child))
}

// fullyBuffered reports whether it is known that on the terminal, too, the
// first line of the child that ends with exit was in the buffer until then.
func (r *stdioRun) fullyBuffered() bool {
	p := r.pty.Process(r.flusher.Name)
	if p == nil || len(r.pty.Writes(p)) == 0 {
		return false
	}
	via := r.pty.Writes(p)[0].Via
	return via == "exit" || via == trace.ViaMain
}

// bothWays says why the child that was to end with _exit wrote as much as
// the other one.
func (r *stdioRun) bothWays() string {
	if flushes, known := lab.Flushes(r.loser); known && flushes {
		return "a handler ran in both children: the " + r.pipe.Role(r.loser) + " " + r.pipe.Ending(r.loser) + " instead of _exit"
	}
	return "the child that ends with _exit has to write one line less, because no handler runs in it"
}

func stdioNormal(b *lab.Bench) lab.Verdict {
	r := stdioLook(b)
	if r.loser == nil {
		return r.pipe.Fail(r.pipe.Family(), r.oneChild())
	}
	for _, c := range []*trace.Process{r.flusher, r.loser} {
		if c.Exit == nil || c.Exit.Status != 0 {
			means := "the task asks for exit(0) in one child and for _exit(0) in the other: this one " + r.pipe.Ending(c)
			if !lab.EndedNormally(c) {
				means = "a death by a signal is not a normal end: this child has to end with exit(0) or _exit(0)"
			}
			return r.pipe.Fail(fmt.Sprintf("%s did not end with status 0: it %s", r.pipe.Who(c), r.pipe.Standing(c)), means)
		}
	}
	return r.pipe.Passed("both status words are 0")
}

func stdioExitGroup(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	_, kids := stdioKids(o)
	if len(kids) != 2 {
		return o.Fail(o.Family(), "there have to be two children to compare")
	}
	for _, c := range kids {
		if e := c.Exit; e == nil || e.Call != "exit_group" || e.ExitArg == nil || *e.ExitArg != 0 {
			return o.Fail(fmt.Sprintf("the %s did not end by exit_group(0)", o.Role(c)), "exit and _exit both come to this call")
		}
	}
	return o.Passed("exit_group(0), twice")
}

// stdioOneByOne finds a child that was made before the one before it was
// reaped, or that the parent did not reap.
func stdioOneByOne(o *lab.Observation) string {
	parent, kids := stdioKids(o)
	if len(kids) < 2 {
		return "" // other claims fail
	}
	for i, c := range kids[1:] {
		before := kids[i]
		if before.Reaper != parent || before.Reaped > c.Born {
			return fmt.Sprintf("the %s was made before the %s was reaped", o.Role(c), o.Role(before))
		}
	}
	if last := kids[len(kids)-1]; last.Reaper != parent {
		return fmt.Sprintf("the parent did not wait for the %s", o.Role(last))
	}
	return ""
}

// stdioSilent finds a parent that writes.
func stdioSilent(o *lab.Observation) string {
	parent, kids := stdioKids(o)
	if parent == nil {
		return ""
	}
	wrote := lab.Texts(o.Told(parent))
	if len(wrote) == 0 {
		return ""
	}
	seen := "the parent wrote " + lab.Quote(wrote)
	if by := o.WrittenBy(o.Writes(parent)[0]); by != "" {
		seen += ": " + by
	}
	for _, c := range kids {
		if !lab.IsFork(c) {
			return seen + ". The " + o.Role(c) + " was made in the parent's memory, by vfork: what it printed is in the parent's buffer, and a handler that it registered runs in the parent too"
		}
	}
	for _, c := range kids {
		if last := o.Told(c); len(last) > 0 && last[len(last)-1].Text == wrote[len(wrote)-1] {
			return seen + ". The last line is that of the handler: it is registered in the parent too, and runs when the parent ends. Such a parent has to end with _exit"
		}
	}
	return seen
}

// stdioOthersWrite finds a third process that writes.
func stdioOthersWrite(o *lab.Observation) string {
	parent, kids := stdioKids(o)
	if len(kids) == 0 {
		return "" // other claims fail
	}
	for _, p := range o.Processes() {
		if wrote := lab.Texts(o.Told(p)); len(wrote) > 0 && p != parent && !slices.Contains(kids, p) {
			return fmt.Sprintf("%s, which is not one of the two children, wrote %s", o.Who(p), lab.Quote(wrote))
		}
	}
	return ""
}
