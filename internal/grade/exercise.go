package grade

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// exercise grades one exercise, or takes the result of an earlier call if
// the submission is still the same.
func (g *grader) exercise(ctx context.Context, s submission, x *lab.Experiment, saved *Student) (Exercise, error) {
	e := Exercise{ID: x.ID(), NotIsolated: !g.isolated}
	from := filepath.Join(s.dir, folder(x))
	if info, err := os.Lstat(from); err != nil || !info.IsDir() {
		why, meant := missing(s, x, g.o.Exercises)
		e.all(x, Missing, why)
		if meant {
			e.human("%s", why)
		}
		return e, nil
	}
	err := g.checkMachine()
	if err == nil {
		err = g.gradeFolder(ctx, from, x, saved.exercise(e.ID), &e)
	}
	if err == nil && !e.known {
		// What was seen on a full machine does not count.
		err = g.checkMachine()
	}
	var tool *toolMissing
	switch {
	case ctx.Err() != nil:
		return e, ctx.Err()
	case errors.As(err, &tool):
		return e, fmt.Errorf("%s of %s cannot be graded on this machine: %w", folder(x), show.Line(string(s.student)), err)
	case isFault(err):
		e = Exercise{ID: x.ID(), Digest: e.Digest, Prints: e.Prints, NotIsolated: e.NotIsolated, Machine: true}
		e.cannot(x, "the machine: "+strings.ReplaceAll(err.Error(), g.tmp+"/", ""))
	case err != nil:
		// Of this submission, or of the machine: an interpreter, or a
		// loader, that is not here, a failure of the sandbox. The others
		// go on.
		e.cannot(x, g.masked(err.Error()))
		e.unclear = !e.Flood
	}
	return e, nil
}

// gradeFolder grades the folder of an exercise. A fault of the submission
// is put into e; an error says why it could not be graded.
func (g *grader) gradeFolder(ctx context.Context, from string, x *lab.Experiment, old *Exercise, e *Exercise) error {
	tmp, err := os.MkdirTemp(g.tmp, "")
	if err != nil {
		return err
	}
	defer build.Remove(tmp)
	source := filepath.Join(tmp, folder(x))
	digest, err := copyTree(from, source)
	var bad *unusable
	if errors.As(err, &bad) {
		e.all(x, NotBuilt, "the folder cannot be used: "+bad.why)
		e.human("the folder cannot be used: %s", bad.why)
		return nil
	}
	if err != nil {
		return err
	}
	e.Digest = fmt.Sprintf("%s-%d-%s", digest, g.o.Runs, g.checks)
	if old != nil && old.Digest == e.Digest && old.settled() && old.NotIsolated == e.NotIsolated {
		*e = *old
		e.known = true
		return nil
	}
	part := false
	if e.Prints, part = prints(source); part {
		e.human("it has more than %d KiB of source, of which the beginning was compared with other submissions", mostCompared>>10)
	}

	start := time.Now()
	b := &building{g: g, source: source, digest: digest, out: filepath.Join(tmp, "built"), e: e}
	program, err := b.compile(ctx)
	var failed *notBuilt
	if errors.As(err, &failed) {
		e.all(x, NotBuilt, g.masked(failed.said))
		return nil
	}
	if err != nil {
		return err
	}
	together, err := g.check(ctx, x, program, e)
	var notFound *sandbox.NotFound
	var notExecutable *sandbox.NotExecutable
	if errors.As(err, &notExecutable) && !errors.Is(notExecutable.Err, fs.ErrNotExist) || errors.As(err, &notFound) {
		e.all(x, NotBuilt, g.masked(err.Error()))
		e.human("cannot be started: %s", g.masked(err.Error()))
		return nil
	}
	if err != nil {
		return err
	}
	if err := g.lookAtOpens(ctx, program, e); err != nil {
		return err
	}
	e.grade(together, g.masked)
	if len(e.Prints) == 0 {
		e.human("nothing could be compared with other submissions: there is no source that ch8 can read")
	}
	e.Grades[0].Seconds = time.Since(start).Seconds()
	return nil
}

// check runs the check of an exercise as often as asked.
func (g *grader) check(ctx context.Context, x *lab.Experiment, program string, e *Exercise) (*lab.Agreement, error) {
	a, err := g.checkWithin(ctx, x, program, e, fewRecorded)
	var larger *tooMuch
	if errors.As(err, &larger) {
		// Once more, while no other exercise has this much room.
		g.large.Lock()
		defer g.large.Unlock()
		a, err = g.checkWithin(ctx, x, program, e, mostRecorded)
	}
	if errors.As(err, &larger) {
		e.Flood = true
		return nil, errors.New("flood: " + larger.what)
	}
	return a, err
}

// checkWithin checks an exercise. The error is *tooMuch if what its runs
// leave needs more room than this.
func (g *grader) checkWithin(ctx context.Context, x *lab.Experiment, program string, e *Exercise, left room) (*lab.Agreement, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := lab.Program{Args: []string{program}, Name: folder(x), Isolate: true, Disposable: g.o.Disposable}
	w := &watch{g: g, program: program, left: left, stop: cancel}
	var b *lab.Bench
	a, err := lab.Repeat(g.o.Runs, func() (*lab.Report, error) {
		b = &lab.Bench{Experiment: x, Program: p, Timeout: g.o.Timeout, Doctor: w.look, Prepare: w.bound, Before: b}
		b := b // a check that is given up goes on
		return g.withBudget(ctx, func(ctx context.Context) (*lab.Report, error) { return b.Check(ctx, "") })
	})
	if w.full != nil {
		return nil, w.full
	}
	if w.fault != nil {
		return nil, w.fault
	}
	for _, why := range w.human {
		e.human("%s", why)
	}
	return a, err
}

// withBudget calls a check, and gives it up when its time is over: the
// claims are cannot-check then. The goroutine of a check that does not end
// is left behind.
func (g *grader) withBudget(ctx context.Context, check func(context.Context) (*lab.Report, error)) (*lab.Report, error) {
	type result struct {
		report *lab.Report
		err    error
	}
	done := make(chan result, 1)
	// The runs of a check have their own time limits, ten seconds each.
	budget := g.o.Budget + 2*time.Minute
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	go func() {
		rep, err := check(ctx)
		done <- result{rep, err}
	}()
	select {
	case r := <-done:
		return r.report, r.err
	case <-ctx.Done():
		if ctx.Err() == context.DeadlineExceeded {
			return nil, fmt.Errorf("the check took longer than %v: there is too much in what the program did", budget)
		}
		return nil, ctx.Err()
	}
}

// A watch looks at every run of a program before it is judged.
type watch struct {
	g       *grader
	program string
	left    room     // for the runs that are still to come
	stop    func()   // ends the check
	full    error    // a run needed more room than was left
	fault   error    // of the machine
	human   []string // reasons to look at the exercise
}

// A room is how much of this process's memory the runs of one exercise can
// fill: events of recordings, and bytes of recordings, output and files.
type room struct {
	events int
	bytes  int64
}

// fewRecorded is the room of each of the exercises that are checked at
// once: several times what a program of the book needs. Only one of them
// at a time can have mostRecorded.
var (
	fewRecorded  = room{3_000, 2 << 20}
	mostRecorded = room{20_000, 32 << 20}
)

// mostOutput is how much is kept of an output, or a file, of one run. A
// program that writes 16 times that is ended.
const mostOutput = 256 << 10

// A tooMuch error says that an exercise needed more than its room.
type tooMuch struct{ what string }

func (e *tooMuch) Error() string { return e.what }

// bound keeps a run in the room that is left.
func (w *watch) bound(c *sandbox.Command) {
	c.Output = mostOutput
	c.Limits.Events, c.Limits.Recording = max(w.left.events, 1), max(w.left.bytes, 1)
}

// fill takes what a run has left from the room, and ends the check if it
// is full.
func (w *watch) fill(o *lab.Observation) {
	w.left.bytes -= o.Recorded + int64(len(o.Stdout)+len(o.Stderr))
	for name, text := range o.Files {
		w.left.bytes -= int64(len(name) + len(text))
	}
	if o.Recording != nil {
		w.left.events -= len(o.Recording.Events)
	}
	if o.RecordingFull || w.left.events <= 0 || w.left.bytes <= 0 {
		w.full = &tooMuch{fmt.Sprintf("its runs left more than can be judged (%d events, or %d MiB)", mostRecorded.events, mostRecorded.bytes>>20)}
		o.Recording = nil
		w.stop()
	}
}

// wasBusy reports whether a run whose time was over would perhaps have been
// in time on a machine that has nothing else to do. While others are checked
// a little is enough, because nothing is lost: it is tried again alone. Then
// the processes of a run, which wake each other, each wait for a part of the
// time only.
func (g *grader) wasBusy(r *sandbox.Result) bool {
	return r.Late > r.Elapsed/10 || r.Waited > r.Elapsed/2 || !g.alone && r.Waited > r.Elapsed/10
}

func (w *watch) look(o *lab.Observation) {
	w.fill(o)
	o.Stderr = []byte(w.g.masked(string(o.Stderr)))
	switch {
	case o.MachineFull:
		w.fault = &machineFault{"the kernel killed a process because the machine had no memory left"}
	case o.TimedOut && w.g.wasBusy(o.Result):
		w.fault = &machineFault{fmt.Sprintf("it was too busy: of %.1f s the sandbox or the program waited %.1f s for a processor",
			o.Elapsed.Seconds(), max(o.Late, o.Waited).Seconds())}
	}
	if o.OutOfMemory {
		w.add(fmt.Sprintf("it used more than %d MiB of memory", sandbox.DefaultMemory>>20))
	}
	if n := unseen(o); n > 0 {
		w.add("bytes arrived on standard output that no recorded call wrote")
	} else if otherwise := o.Unrecorded(); otherwise != "" {
		w.add(otherwise)
	}
	for _, path := range w.executed(o) {
		w.add(fmt.Sprintf("it executed %s, which is neither the submission's nor the system's", show.Line(path)))
	}
}

func (w *watch) add(why string) {
	if !slices.Contains(w.human, why) {
		w.human = append(w.human, why)
	}
}

// unseen returns how many bytes of standard output arrived without a
// recorded write.
func unseen(o *lab.Observation) int {
	if o.Recording == nil || o.Truncated || o.TimedOut || o.Run.Stdout == sandbox.Pty {
		return 0 // a terminal changes what is written to it
	}
	// The recording has the writes to standard error, too.
	written := 0
	for _, e := range o.Events(trace.KindWrite) {
		if e.Result > 0 {
			written += int(e.Result)
		}
	}
	return max(len(o.Stdout)+len(o.Stderr)-written, 0)
}

// executed returns the programs that were executed and are neither the
// system's nor the submission's.
func (w *watch) executed(o *lab.Observation) (paths []string) {
	for _, e := range o.Events(trace.KindExec) {
		ours := []string{filepath.Dir(w.program), "/box", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/tmp", "/proc/self"}
		// A search along PATH tries files that are not there.
		if e.Errno != "" || !filepath.IsAbs(e.Path) || slices.ContainsFunc(ours, func(dir string) bool { return strings.HasPrefix(e.Path, dir+"/") }) {
			continue
		}
		paths = append(paths, e.Path)
	}
	return paths
}

// all gives every claim of an exercise the same status.
func (e *Exercise) all(x *lab.Experiment, status, message string) {
	message = quote(message)
	for _, c := range x.Asked() {
		e.Grades = append(e.Grades, Grade{Claim: x.ClaimID(c), Status: status, Max: c.Points, Message: message})
		message = ""
	}
}

// cannot makes every claim of an exercise cannot-check, and asks a human.
func (e *Exercise) cannot(x *lab.Experiment, why string) {
	why = oneLine(why)
	rep := &lab.Report{Experiment: x, Program: lab.Program{Name: folder(x), Isolate: true}}
	for _, c := range x.Asked() {
		rep.Results = append(rep.Results, lab.Result{Claim: c, Verdict: lab.Cannot(why, "somebody will look at it")})
	}
	human := e.Human
	once, _ := lab.Repeat(1, func() (*lab.Report, error) { return rep, nil })
	e.grade(once, func(s string) string { return s })
	e.Human = human // one row, not one for each claim
	e.human("could not be checked: %s", why)
}

// human has somebody look at the exercise.
func (e *Exercise) human(format string, args ...any) {
	if why := oneLine(fmt.Sprintf(format, args...)); !slices.Contains(e.Human, why) {
		e.Human = append(e.Human, why)
	}
}

// settled reports whether another call would find the same: what could not
// be checked may be possible later, and where the runs disagreed more of
// them may tell.
func (e *Exercise) settled() bool {
	if e.Flood {
		return true // it would be one again
	}
	return !e.Machine && !slices.ContainsFunc(e.Grades, func(g Grade) bool {
		return g.Status == string(lab.CannotCheck) || g.Status == Disagreed
	})
}

// maskedResult is a result whose sentences name none of our folders. In the
// report a path can be on two lines.
func maskedResult(r lab.Result, masked func(string) string) lab.Result {
	r.Observed, r.Means, r.Reason = masked(r.Observed), masked(r.Means), masked(r.Reason)
	r.Remarks = slices.Clone(r.Remarks)
	for i := range r.Remarks {
		r.Remarks[i] = masked(r.Remarks[i])
	}
	return r
}

// grade grades each claim by what all runs say together. Where some of
// them passed and others did not, somebody has to look.
func (e *Exercise) grade(a *lab.Agreement, masked func(string) string) {
	for i, r := range a.Results {
		g := Grade{Claim: e.ID + "/" + r.Claim.Name, Status: string(r.Status), Max: r.Claim.Points}
		one := *a.Report
		one.Results, one.Leftovers = []lab.Result{maskedResult(r, masked)}, nil
		var text strings.Builder
		one.Write(&text, lab.Style{Stable: true})
		g.Message = show.Text(masked(text.String()))
		if a.Disagree(i) {
			var seen []string
			for _, s := range a.Statuses[i] {
				seen = append(seen, string(s))
			}
			slices.Sort(seen)
			e.human("%s: the runs disagreed: %s", r.Claim.Name, strings.Join(seen, " "))
		}
		switch {
		case a.Disagree(i) && slices.Contains(a.Statuses[i], lab.Pass):
			g.Status = Disagreed
			g.Message = fmt.Sprintf("???? %s: its runs did not agree; somebody will look at it\n", g.Claim)
		case r.Status == lab.Pass:
			g.Points = r.Claim.Points
		case r.Status == lab.CannotCheck:
			g.Reason = r.Reason
			e.human("%s: could not check: %s", r.Claim.Name, r.Reason)
		}
		e.Grades = append(e.Grades, g)
	}
	if len(a.Leftovers) > 0 {
		e.human("processes were left running, and killed")
	}
}
