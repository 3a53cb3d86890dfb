package grade

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

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

	// One says that the one argument is a submission, whatever it holds:
	// what a course platform passes.
	One bool

	// Disposable says that the whole machine may come to harm: where
	// programs cannot be isolated they run all the same, and each report
	// says so.
	Disposable bool

	// Timeout is what one run of a program gets; 0 means the 10 s of the
	// tasks.
	Timeout time.Duration
	// BuildTime is what a compiler gets; 0 means a minute.
	BuildTime time.Duration
	// Budget is what judging one check of a program gets, its runs not
	// included; 0 means a minute.
	Budget time.Duration

	// Progress, if set, is called after each exercise, from one goroutine
	// at a time. The student's name is escaped.
	Progress func(done, all int, student, exercise string)
}

// memoryLimit is how much memory this process should use, in bytes.
const memoryLimit = 128 << 20

// Jobs is the number of exercises that are checked at once unless told
// otherwise. Textbook programs mostly sleep: eight for each processor keep
// two of them busy, and leave room before the time limits.
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

func (g Grade) unclear() bool { return g.Status == string(lab.CannotCheck) && g.Reason != "" }

// An Exercise is what became of one exercise of a submission.
type Exercise struct {
	ID     string  `json:"id"`
	Digest string  `json:"digest,omitempty"` // of what was submitted
	Grades []Grade `json:"grades"`
	// Human says why somebody should look at it.
	Human []string `json:"human,omitempty"`
	// Prints are fingerprints of the source, to find copies by.
	Prints []uint32 `json:"prints,omitempty"`
	// Machine says that the machine was at fault: the result is not kept.
	Machine bool `json:"machine,omitempty"`
	// Flood says that a run did more than a recording holds.
	Flood bool `json:"flood,omitempty"`
	// NotIsolated says that the programs ran outside of the box.
	NotIsolated bool `json:"not_isolated,omitempty"`

	known   bool // taken from an earlier call
	unclear bool // an error says why it could not be checked
}

// sum returns the points of all claims, and the most that there are.
func (e *Exercise) sum() (points, most int) {
	for _, g := range e.Grades {
		points += g.Points
		most += g.Max
	}
	return points, most
}

// A Student is a whole submission. Name is the name of its folder; as JSON
// it is quoted like a Go string, because it may hold any bytes.
type Student struct {
	Name      Name       `json:"student"`
	Exercises []Exercise `json:"exercises"`
}

// Points returns the points of all claims, and the most that there are.
func (s *Student) Points() (points, most int) {
	for i := range s.Exercises {
		p, m := s.Exercises[i].sum()
		points, most = points+p, most+m
	}
	return points, most
}

// notGraded are the exercises that have no points and no zero, because the
// machine was at fault.
func (s *Student) notGraded() (ids []string) {
	for _, e := range s.Exercises {
		if e.Machine {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// An Outcome is what Run and Merge have written.
type Outcome struct {
	Students []*Student
	Notes    []string // sentences for the person who grades
}

// An Interrupted error says that the context ended before all was graded.
// The results so far are in the folder of the results.
type Interrupted struct {
	Done, All int // exercises
	Out       string
}

func (e *Interrupted) Error() string {
	return fmt.Sprintf("interrupted after %d of %d exercises; the same command goes on from there, with what is in %s", e.Done, e.All, e.Out)
}

// Run grades the submissions that args name and writes the results. The
// error is one of the machine, of the arguments, or *Interrupted, never of
// a submission: a submission that cannot be graded is cannot-check, and
// the others are graded.
func Run(ctx context.Context, o Options, args []string) (*Outcome, error) {
	if o.Runs == 0 {
		o.Runs = 3
	}
	if o.Jobs == 0 {
		o.Jobs = Jobs()
	}
	if o.BuildTime == 0 {
		o.BuildTime = time.Minute
	}
	if o.Budget == 0 {
		o.Budget = time.Minute
	}
	isolate := sandbox.CanIsolate()
	if isolate != nil && !o.Disposable {
		return nil, fmt.Errorf("submissions cannot be isolated here: %w", isolate)
	}
	all, others, err := find(args, o)
	if err != nil {
		return nil, err
	}
	checks, err := version()
	if err != nil {
		return nil, err
	}
	all, others = share(o.Shard, all), share(o.Shard, others)
	unlock, err := openOut(o.Out)
	if err != nil {
		return nil, err
	}
	defer unlock()
	tmp, done, err := tempFolder()
	if err != nil {
		return nil, err
	}
	defer done()
	// Garbage counts as memory, too: with little of it left it is
	// collected more often.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(memoryLimit))
	ctx, end := sandbox.Reuse(ctx)
	defer end()
	g := &grader{o: o, checks: checks, tmp: tmp, folders: ourFolders(tmp), isolated: isolate == nil, all: all, others: others}
	if err := g.run(ctx); err != nil {
		return nil, err
	}
	gone, err := forget(o.Out, all, o.Shard)
	if err != nil {
		return nil, err
	}
	return &Outcome{g.students, append(g.notes(), gone...)}, nil
}

// grader is one call of Run.
type grader struct {
	o        Options
	checks   string // their version
	tmp      string // for copies and programs
	folders  *regexp.Regexp
	isolated bool
	all      []submission
	others   []entry // of the folders, what is not a submission
	gopher   Gopher
	compiled compiled
	alone    bool       // one exercise at a time is checked
	large    sync.Mutex // held while an exercise has the most room

	mu       sync.Mutex
	students []*Student
	saved    []*Student // of an earlier call; nil if there is none
	left     []int      // exercises, by student
	finished []bool
	again    []postponed
	done     int
	written  time.Time
	err      error
}

// task is one exercise of one submission.
type task struct{ student, exercise int }

// postponed is a task that is done again when the rest is done: the machine
// was at fault, or may have been.
type postponed struct {
	task
	e Exercise // what became of it at the first time
}

func (g *grader) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := len(g.o.Exercises)
	g.finished = make([]bool, len(g.all))
	var tasks []task
	for i, s := range g.all {
		g.students = append(g.students, &Student{Name: s.student, Exercises: make([]Exercise, n)})
		g.saved = append(g.saved, load(g.o.Out, s.student))
		g.left = append(g.left, n)
		for j := range n {
			tasks = append(tasks, task{i, j})
		}
	}
	g.work(ctx, cancel, tasks, g.o.Jobs, true)
	// Alone, and with what the others used.
	again, err := g.rest()
	if err != nil {
		return err
	}
	slices.SortFunc(again, func(a, b task) int { return (a.student-b.student)*n + a.exercise - b.exercise })
	g.alone = true
	g.work(ctx, cancel, again, 1, false)
	if g.err != nil {
		return g.err
	}
	if ctx.Err() != nil {
		if err := g.write(); err != nil {
			return err
		}
		return &Interrupted{g.done, len(tasks), show.Line(g.o.Out)}
	}
	return g.write()
}

// rest returns the tasks to do again. What nobody's program could be
// checked for is not tried again: this machine lacks it.
func (g *grader) rest() (again []task, err error) {
	judged := map[int]bool{} // by exercise
	for _, s := range g.students {
		for j, e := range s.Exercises {
			judged[j] = judged[j] || slices.ContainsFunc(e.Grades, func(one Grade) bool { return one.Status == string(lab.Pass) })
		}
	}
	for _, p := range g.again {
		if p.e.Machine || judged[p.exercise] {
			again = append(again, p.task)
		} else if err := g.take(p.task, p.e, false); err != nil {
			return nil, err
		}
	}
	return again, nil
}

// work does tasks, some at once. At the first time a task whose fault is
// the machine's is put off.
func (g *grader) work(ctx context.Context, cancel func(), tasks []task, jobs int, first bool) {
	queue := make(chan task)
	var workers sync.WaitGroup
	for range min(jobs, len(tasks)) {
		workers.Go(func() {
			for t := range queue {
				e, err := g.exercise(ctx, g.all[t.student], g.o.Exercises[t.exercise], g.saved[t.student])
				if err == nil {
					err = g.take(t, e, first)
				}
				if err != nil {
					g.mu.Lock()
					// What comes after the first one follows from it.
					if g.err == nil && ctx.Err() == nil {
						g.err = err
					}
					g.mu.Unlock()
					cancel()
				}
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
}

// tablesEvery is how often the tables are written while students finish.
const tablesEvery = 2 * time.Second

// take puts down the result of a task.
func (g *grader) take(t task, e Exercise, first bool) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if first && !e.known && (e.Machine || e.unclear || slices.ContainsFunc(e.Grades, Grade.unclear)) {
		g.again = append(g.again, postponed{t, e})
		return nil
	}
	s := g.students[t.student]
	s.Exercises[t.exercise] = e
	g.left[t.student]--
	g.done++
	if g.o.Progress != nil {
		g.o.Progress(g.done, len(g.all)*len(g.o.Exercises), show.Line(string(s.Name)), e.ID)
	}
	if err := g.saveFinished(t.student); err != nil {
		return err
	}
	if g.left[t.student] > 0 {
		return nil
	}
	g.finished[t.student] = true
	if err := report(g.o.Out, g.o.Exercises, s); err != nil {
		return err
	}
	if time.Since(g.written) < tablesEvery {
		return nil
	}
	g.written = time.Now()
	return g.write()
}

// saveFinished writes the state of a student: the exercises that are done,
// and those of an earlier call that are not asked this time.
func (g *grader) saveFinished(i int) error {
	state := &Student{Name: g.students[i].Name}
	for _, e := range g.students[i].Exercises {
		if e.ID != "" {
			state.Exercises = append(state.Exercises, e)
		}
	}
	if old := g.saved[i]; old != nil {
		for _, e := range old.Exercises {
			if state.exercise(e.ID) == nil {
				state.Exercises = append(state.Exercises, e)
			}
		}
	}
	return save(g.o.Out, state)
}

// write writes the tables of the students that are finished.
func (g *grader) write() error {
	var students []*Student
	for i, s := range g.students {
		if g.finished[i] {
			students = append(students, s)
		}
	}
	return writeTables(g.o.Out, g.o.Exercises, students, g.others)
}

// notes are what the person who grades should know besides.
func (g *grader) notes() (notes []string) {
	if !g.isolated {
		notes = append(notes, "nothing was isolated: this machine was said to be disposable")
	} else if err := sandbox.MemorySum(); err != nil {
		notes = append(notes, err.Error())
	}
	missing := 0
	for _, s := range g.students {
		if !slices.ContainsFunc(s.Exercises, func(e Exercise) bool { return e.Grades[0].Status != Missing }) {
			missing++
		}
	}
	if missing == len(g.students) && missing > 0 {
		notes = append(notes, "no submission has a folder like "+folder(g.o.Exercises[0])+": "+levelHint(g.all, g.o.Exercises))
	} else if !slices.ContainsFunc(g.students, func(s *Student) bool { p, _ := s.Points(); return p > 0 }) {
		notes = append(notes, "nobody has a point: look at a report before you send them")
	} else if note := g.unasked(); note != "" {
		notes = append(notes, note)
	}
	return notes
}

// unasked says which exercises nobody has submitted, if others were: the
// course perhaps did not ask for them.
func (g *grader) unasked() string {
	var had, none []string
	for i, x := range g.o.Exercises {
		if slices.ContainsFunc(g.students, func(s *Student) bool { return s.Exercises[i].Grades[0].Status != Missing }) {
			had = append(had, x.ID())
		} else {
			none = append(none, folder(x))
		}
	}
	if len(g.students) < 2 || len(had) == 0 || len(none) == 0 {
		return ""
	}
	return fmt.Sprintf("no submission has %s: if that was not asked for, use --exercises %s", strings.Join(none, ", "), strings.Join(had, ","))
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

// levelHint says where folders of exercises are, if they are one level
// deeper than looked for.
func levelHint(all []submission, xs lab.Registry) string {
	for _, s := range all {
		entries, _ := os.ReadDir(s.dir)
		for _, e := range entries {
			if e.IsDir() && isSubmission(filepath.Join(s.dir, e.Name()), xs) {
				return fmt.Sprintf("%s holds submissions itself: give the folder that is one level deeper", show.Line(string(s.student)))
			}
		}
	}
	var names []string
	for _, x := range xs {
		names = append(names, folder(x))
	}
	return "a submission is a folder with the folders " + strings.Join(names, ", ") + " in it"
}

// toolMissing is the error for a tool that is needed and not installed. It
// ends the call.
type toolMissing struct{ what string }

func (e *toolMissing) Error() string { return e.what }

// A machineFault is an error that says what the machine lacked when an
// exercise was built or run. No student is to blame.
type machineFault struct{ reason string }

func (e *machineFault) Error() string { return e.reason }

// isFault reports whether an error is a fault of the machine.
func isFault(err error) bool {
	var fault *machineFault
	var refusal *sandbox.Refusal
	return errors.As(err, &fault) || errors.As(err, &refusal) || noSpace(err)
}
