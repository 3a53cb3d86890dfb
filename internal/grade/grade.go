package grade

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"
)

// Options say how to grade.
type Options struct {
	Exercises lab.Registry // what is asked, in order
	Out       string       // the folder for the results
	Jobs      int          // exercises checked at once; 0 means Jobs()
	Runs      int          // of each; 0 means 3
	Shard     Shard

	// One says that the one argument is a submission, whatever it
	// holds: what a course platform passes.
	One bool

	// Timeout is what one run of a program gets; 0 means the 10 s
	// of the contracts.
	Timeout time.Duration
	// BuildTime is what a compiler gets; 0 means a minute.
	BuildTime time.Duration

	// Progress, if set, is called after each exercise, from one
	// goroutine at a time.
	Progress func(done, all int, student, exercise string)
}

// Jobs is the number of exercises that are checked at once unless
// told otherwise. Textbook programs mostly sleep: eight for each
// processor keep two of them busy, and leave room before the time
// limits.
func Jobs() int { return 8 * runtime.NumCPU() }

// A Grade is the result of one claim.
type Grade struct {
	Claim   string  `json:"claim"` // DIR/NAME/CLAIM
	Status  string  `json:"status"`
	Points  int     `json:"points"`
	Max     int     `json:"max"`
	Seconds float64 `json:"seconds,omitempty"` // of the exercise's checks, on its first claim
	Message string  `json:"message,omitempty"`
	Reason  string  `json:"reason,omitempty"` // of cannot-check
}

// The statuses beside those of package lab.
const (
	Missing   = "missing"
	NotBuilt  = "not-built"
	Disagreed = "disagreed"
)

// An Exercise is what became of one exercise of a submission.
type Exercise struct {
	ID     string  `json:"id"`
	Digest string  `json:"digest,omitempty"` // of what was submitted
	Grades []Grade `json:"grades"`
	// Human says why somebody should look at it.
	Human []string `json:"human,omitempty"`
	// Prints are fingerprints of the source, to find copies by.
	Prints []uint32 `json:"prints,omitempty"`
}

// A Student is a whole submission.
type Student struct {
	Name      string     `json:"student"`
	Exercises []Exercise `json:"exercises"`
}

// Points and Max are sums over all claims.
func (s *Student) Points() (points, most int) {
	for _, x := range s.Exercises {
		for _, g := range x.Grades {
			points += g.Points
			most += g.Max
		}
	}
	return points, most
}

// Run grades the submissions that args name and writes the
// results. The error is one of the machine, of the arguments or of
// the context, never of a submission: what fails with one of them
// is cannot-check, and the others are graded.
func Run(ctx context.Context, o Options, args []string) ([]*Student, error) {
	if o.Runs == 0 {
		o.Runs = 3
	}
	if o.Jobs == 0 {
		o.Jobs = Jobs()
	}
	if o.BuildTime == 0 {
		o.BuildTime = time.Minute
	}
	if err := sandbox.CanIsolate(); err != nil {
		return nil, fmt.Errorf("submissions can not be isolated here: %w", err)
	}
	all, err := find(args, o)
	if err != nil {
		return nil, err
	}
	checks, err := version()
	if err != nil {
		return nil, err
	}
	all = o.Shard.of(all)
	for _, dir := range []string{o.Out, filepath.Join(o.Out, "state"), filepath.Join(o.Out, "reports")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	g := &grader{o: o, checks: checks, students: make([]*Student, len(all))}
	if err := g.run(ctx, all); err != nil {
		return nil, err
	}
	return g.students, write(o.Out, o.Exercises, g.students)
}

// grader is one call of Run.
type grader struct {
	o        Options
	checks   string // their version
	students []*Student

	mu   sync.Mutex
	done int
	err  error
}

// task is one exercise of one submission.
type task struct {
	student, exercise int
}

func (g *grader) run(ctx context.Context, all []submission) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var tasks []task
	for i, s := range all {
		g.students[i] = &Student{Name: s.student, Exercises: make([]Exercise, len(g.o.Exercises))}
		for j := range g.o.Exercises {
			tasks = append(tasks, task{i, j})
		}
	}
	saved := make([]*Student, len(all))
	left := make([]int, len(all))
	for i, s := range all {
		saved[i] = load(g.o.Out, s.student)
		left[i] = len(g.o.Exercises)
	}
	queue := make(chan task)
	var workers sync.WaitGroup
	for range min(g.o.Jobs, len(tasks)) {
		workers.Go(func() {
			for t := range queue {
				x := g.o.Exercises[t.exercise]
				e, err := g.exercise(ctx, all[t.student], x, saved[t.student])
				g.mu.Lock()
				if err != nil {
					// What comes after the first one follows from it.
					g.fail(err)
					cancel()
				} else {
					g.students[t.student].Exercises[t.exercise] = e
					left[t.student]--
					if left[t.student] == 0 {
						g.fail(save(g.o.Out, g.students[t.student]))
					}
					g.done++
					if g.o.Progress != nil {
						g.o.Progress(g.done, len(tasks), show.Text(all[t.student].student), x.ID())
					}
				}
				g.mu.Unlock()
			}
		})
	}
feed:
	for _, t := range tasks {
		select {
		case queue <- t:
		case <-ctx.Done():
			break feed
		}
	}
	close(queue)
	workers.Wait()
	if g.err == nil {
		g.err = ctx.Err()
	}
	return g.err
}

// fail keeps the first error.
func (g *grader) fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// version tells one ch8 from another: its checks may differ.
var version = sync.OnceValues(func() (string, error) {
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
})

// exercise grades one exercise, or takes the result of an earlier
// call if the submission is still the same.
func (g *grader) exercise(ctx context.Context, s submission, x *lab.Experiment, saved *Student) (Exercise, error) {
	e := Exercise{ID: x.ID()}
	from := filepath.Join(s.dir, folder(x))
	if info, err := os.Stat(from); err != nil || !info.IsDir() {
		e.all(x, Missing, "there is no folder "+folder(x)+" in the submission")
		return e, nil
	}
	// The folder is closed to the other users of the machine; the
	// sandbox opens the way to it for the program alone.
	tmp, err := os.MkdirTemp("", "grade-")
	if err != nil {
		return e, err
	}
	defer build.Remove(tmp)
	dir := filepath.Join(tmp, folder(x))
	e.Digest, err = copyTree(from, dir)
	if err != nil {
		why := "can not be used: " + strings.ReplaceAll(err.Error(), s.dir+"/", "")
		e.all(x, NotBuilt, "the folder "+why)
		e.human("%s", why)
		return e, nil
	}
	e.Digest += fmt.Sprintf("-%d-%s", g.o.Runs, g.checks)
	if old := saved.exercise(e.ID); old != nil && old.Digest == e.Digest && old.settled() {
		return *old, nil
	}
	e.Prints = prints(dir)

	start := time.Now()
	program, warning, err := compile(ctx, dir, g.o.BuildTime)
	if warning != "" {
		e.human("the compiler warned: %s", masked(warning))
	}
	var together *lab.Agreement
	if err == nil {
		together, err = g.check(ctx, x, program)
	}
	var failed *notBuilt
	var notFound *sandbox.NotFound
	var notExecutable *sandbox.NotExecutable
	switch {
	case ctx.Err() != nil:
		return e, ctx.Err()
	case errors.As(err, &failed):
		e.all(x, NotBuilt, masked(failed.said))
	case ofTheMachine(err):
		return e, fmt.Errorf("%s of %s can not be graded on this machine: %w", folder(x), show.Text(s.student), err)
	case errors.As(err, &notExecutable) && !errors.Is(notExecutable.Err, fs.ErrNotExist), errors.As(err, &notFound):
		e.all(x, NotBuilt, masked(err.Error()))
		e.human("can not be started: %s", masked(err.Error()))
	case err != nil:
		// Of this submission, or of the machine: an interpreter, or a
		// loader, that is not here, a failure of the sandbox. The
		// others go on.
		e.cannot(x, masked(err.Error()))
	default:
		e.grade(together)
		e.Grades[0].Seconds = time.Since(start).Seconds()
	}
	return e, nil
}

// check runs the check of an exercise as often as asked.
func (g *grader) check(ctx context.Context, x *lab.Experiment, program string) (*lab.Agreement, error) {
	p := lab.Program{Args: []string{program}, Name: folder(x), Isolate: true}
	return lab.Repeat(g.o.Runs, func() (*lab.Report, error) {
		b := &lab.Bench{Experiment: x, Program: p, Timeout: g.o.Timeout, Doctor: func(o *lab.Observation) {
			o.Stderr = []byte(masked(string(o.Stderr)))
		}}
		return b.Check(ctx, "")
	})
}

// all gives every claim of an exercise the same status.
func (e *Exercise) all(x *lab.Experiment, status, message string) {
	message = quote(message)
	for _, c := range x.Asked() {
		e.Grades = append(e.Grades, Grade{Claim: x.ClaimID(c), Status: status, Max: c.Points, Message: message})
		message = ""
	}
}

// cannot has no claim of an exercise checked, and a human asked.
func (e *Exercise) cannot(x *lab.Experiment, why string) {
	why = oneLine(why)
	rep := &lab.Report{Experiment: x, Program: lab.Program{Name: folder(x), Isolate: true}}
	for _, c := range x.Asked() {
		rep.Results = append(rep.Results, lab.Result{Claim: c, Verdict: lab.Cannot(why, "somebody will look at it")})
	}
	human := e.Human
	once, _ := lab.Repeat(1, func() (*lab.Report, error) { return rep, nil })
	e.grade(once)
	e.Human = human // one row, not one a claim
	e.human("could not be checked: %s", why)
}

// human has somebody look at the exercise.
func (e *Exercise) human(format string, args ...any) {
	e.Human = append(e.Human, oneLine(fmt.Sprintf(format, args...)))
}

// settled says that another call would find the same: what could not
// be checked may be possible meanwhile, and where the runs disagreed
// more of them may tell.
func (e *Exercise) settled() bool {
	return !slices.ContainsFunc(e.Grades, func(g Grade) bool {
		return g.Status == string(lab.CannotCheck) || g.Status == Disagreed
	})
}

// grade grades each claim by what all runs say together. Where some of
// them passed and others did not, somebody has to look.
func (e *Exercise) grade(a *lab.Agreement) {
	for i, r := range a.Results {
		g := Grade{Claim: e.ID + "/" + r.Claim.Name, Status: string(r.Status), Max: r.Claim.Points}
		one := *a.Report
		one.Results, one.Leftovers = a.Results[i:i+1], nil
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
