package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"apue/ch8/proc"
	"apue/internal/locale"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// A Program is what is checked.
type Program struct {
	Args []string // the command; Args[0] is a path or looked up in PATH
	Name string   // how messages call it: "./a.out"; "" for Args
	// Isolate it from this machine's other processes: a stranger's.
	Isolate bool
	// Disposable: where isolating is impossible, run it all the same.
	Disposable bool
	// Source reads the files of the program's source for a recording, see
	// record.Options.
	Source func(name string) ([]byte, error)
	// Ours says that it is the experiment's own program or its C
	// twin: the claims about those only are judged too.
	Ours bool
}

func (p Program) String() string {
	if p.Name != "" {
		return p.Name
	}
	return show.Shell(p.Args)
}

// A Run says how a program is run for a claim.
type Run struct {
	Stdout sandbox.Stdout
	Args   []string // more arguments, for our own programs
	Env    []string // the whole environment; nil: a cleaned one

	// Untraced runs without the recorder: for what tracing would
	// change.
	Untraced bool
	Trace    record.Options // of a recorded run; Sink is not used

	// Ptys: the program opens pseudo-terminals itself, and is not
	// run where there are none.
	Ptys bool

	Timeout time.Duration // 0: 10 s, what the tasks allow; of our own programs a minute
	Nth     int           // tells repeated runs apart
}

func (r Run) key() string { return fmt.Sprintf("%+v", r) }

// An Observation is one run of the program and all that was seen
// of it.
type Observation struct {
	*sandbox.Result
	Program Program
	Run     Run

	experiment *Experiment // whose cast the run has; may be nil

	procs     []*trace.Process
	cast      Cast
	castKnown bool

	// byKind are the places of the events of each kind among the first
	// indexed ones. A judge asks again for each of thousands of events:
	// a loop around a wait with WNOHANG makes so many.
	byKind  map[trace.Kind][]int
	indexed int
}

// Processes are the processes of a recorded run in the order of
// their birth, threads folded; P0 is first.
func (o *Observation) Processes() []*trace.Process {
	if o.procs == nil && o.Recording != nil {
		o.procs = o.Recording.Processes()
	}
	return o.procs
}

// Events returns the events of these kinds in order.
func (o *Observation) Events(kinds ...trace.Kind) []*trace.Event {
	if o.Recording == nil {
		return nil
	}
	if o.byKind == nil || o.indexed != len(o.Recording.Events) {
		o.byKind, o.indexed = map[trace.Kind][]int{}, len(o.Recording.Events)
		for i, e := range o.Recording.Events {
			o.byKind[e.Kind] = append(o.byKind[e.Kind], i)
		}
	}
	var places []int
	for _, k := range kinds {
		places = append(places, o.byKind[k]...)
	}
	if len(kinds) > 1 {
		slices.Sort(places)
	}
	var out []*trace.Event
	for _, i := range places {
		out = append(out, &o.Recording.Events[i])
	}
	return out
}

// Lines are the lines of standard output without trailing white
// space.
func (o *Observation) Lines() []string { return Lines(o.Stdout) }

// Lines splits output into lines without trailing white space;
// the last one need not end in a newline.
func Lines(b []byte) []string {
	text := strings.TrimSuffix(string(b), "\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t\r\v\f")
	}
	return lines
}

// A Bench is where one program is checked for one experiment. It
// makes each run once.
type Bench struct {
	Experiment *Experiment
	Program    Program

	// Timeout, if set, is the time limit of runs that name none.
	Timeout time.Duration

	// Doctor, if set, changes each observation before a claim
	// sees it: the tests use it to see every claim fail.
	Doctor func(*Observation)

	// Prepare, if set, changes each command before it runs: its limits.
	Prepare func(*sandbox.Command)

	// Seen, if set, is asked for what was seen instead of a run of
	// the program.
	Seen func(Run) (*Observation, error)

	// Before, if set, is an earlier check of the same program. A run in
	// which the recorder changed how children end says the same each time,
	// and is not made again.
	Before *Bench

	// Running, if set, is called before each run of the program.
	Running func(Run)

	ctx  context.Context
	runs map[string]*ran
	hung *Observation // the first run that did not end in time
}

type ran struct {
	obs *Observation
	err error
}

// stop is the panic with which Run ends a Judge that cannot go
// on without the run.
type stop struct{ err error }

// hung is the panic with which Run ends a Judge that asks for one more
// run of a program that did not end in an earlier one.
type hung struct{ on *Observation }

// Run runs the program, or returns what it saw when it ran it the
// same way before. It does not return if the program could not be
// run: the claim is then cannot-check, or the check broken. A stranger's
// program that did not end in an earlier run is not run again: the claim
// is then a timeout.
func (b *Bench) Run(r Run) *Observation {
	done := b.attempt(r)
	if done.err != nil {
		panic(stop{done.err})
	}
	return done.obs
}

// Try does the same for a run that the claim can do without. The error
// says what the machine lacks.
func (b *Bench) Try(r Run) (*Observation, error) {
	done := b.attempt(r)
	var refusal *sandbox.Refusal
	if done.err != nil && !errors.As(done.err, &refusal) {
		panic(stop{done.err})
	}
	return done.obs, done.err
}

func (b *Bench) attempt(r Run) *ran {
	key := r.key()
	if done := b.runs[key]; done != nil {
		return done
	}
	if b.Before != nil && r.Trace.Tamper != nil {
		if done := b.Before.runs[key]; done != nil {
			b.runs[key] = done
			return done
		}
	}
	if b.hung != nil && !b.Program.Ours {
		panic(hung{b.hung})
	}
	if b.Running != nil {
		b.Running(r)
	}
	done := &ran{}
	done.obs, done.err = b.run(r)
	if done.obs != nil && done.obs.TimedOut {
		b.hung = done.obs
	}
	b.runs[key] = done
	return done
}

// OursTimeout is the limit of the suite's own programs: they end, and a busy
// machine takes its time.
const OursTimeout = time.Minute

// limit is how long the run may take.
func (b *Bench) limit(r Run) time.Duration {
	usual := sandbox.DefaultTimeout
	if b.Program.Ours {
		usual = OursTimeout
	}
	return cmp.Or(r.Timeout, b.Timeout, usual)
}

func (b *Bench) run(r Run) (*Observation, error) {
	if b.Seen != nil {
		o, err := b.Seen(r)
		if err != nil {
			return nil, err
		}
		o.As(b.Experiment)
		b.change(o)
		return o, nil
	}
	if r.Ptys {
		if err := sandbox.CanOpenPty(); err != nil {
			return nil, err
		}
	}
	c := sandbox.Command{
		Args:    append(append([]string(nil), b.Program.Args...), r.Args...),
		Env:     r.Env,
		Stdout:  r.Stdout,
		Timeout: r.Timeout,
		Isolate: b.Program.Isolate, Disposable: b.Program.Disposable,
	}
	c.Timeout = b.limit(r)
	r.Timeout = c.Timeout
	if !r.Untraced {
		o := r.Trace
		o.Source = b.Program.Source
		c.Trace = &o
	}
	if b.Prepare != nil {
		b.Prepare(&c)
	}
	res, err := sandbox.Run(b.ctx, c)
	if err != nil {
		return nil, err
	}
	endAtDeadline(res)
	o := &Observation{Result: res, Program: b.Program, Run: r, experiment: b.Experiment}
	b.change(o)
	return o, nil
}

// change lets the Doctor change what was observed, the kinds of events too.
func (b *Bench) change(o *Observation) {
	if b.Doctor != nil {
		b.Doctor(o)
		o.byKind = nil
	}
}

// A Result is the verdict on one claim.
type Result struct {
	Claim *Claim
	Verdict
}

// A Report is what a check found out about a program.
type Report struct {
	Experiment *Experiment
	Program    Program
	Results    []Result

	// Leftovers are processes that were alive when their row's
	// time was over, over all runs.
	Leftovers []sandbox.Leftover
}

// Check judges the claims of the experiment, or only the one that
// claim names, on the program. The error is of the bench itself: a
// program that cannot be started, a cancelled context.
func Check(ctx context.Context, x *Experiment, p Program, claim string) (*Report, error) {
	b := &Bench{Experiment: x, Program: p}
	return b.Check(ctx, claim)
}

// Check judges as the function Check does.
func (b *Bench) Check(ctx context.Context, claim string) (*Report, error) {
	b.ctx, b.runs, b.hung = ctx, map[string]*ran{}, nil
	rep := &Report{Experiment: b.Experiment, Program: b.Program}
	status := map[string]Status{}
	unjudged := map[string]Verdict{}
	passed := false
	for i := range b.Experiment.Claims {
		c := &b.Experiment.Claims[i]
		if claim != "" && claim != c.Name || c.Ours && !b.Program.Ours {
			continue
		}
		v, err := b.judge(c)
		if err != nil {
			return nil, err
		}
		for _, need := range c.Needs {
			if s := status[need]; v.Status != Pass && (s == Fail || s == Timeout || s == NotJudged) {
				v = Verdict{Status: NotJudged, After: need, On: v.On}
				if s == NotJudged {
					v.After, v.Reason = unjudged[need].After, unjudged[need].Reason
				}
			}
		}
		if c.NotAlone && claim == "" && v.Status == Pass && !passed {
			v = Verdict{Status: NotJudged, Reason: locale.Key("no other claim passed"), On: v.On}
		}
		passed = passed || v.Status == Pass
		status[c.Name] = v.Status
		if v.Status == NotJudged {
			unjudged[c.Name] = v
		}
		rep.Results = append(rep.Results, Result{c, v})
	}
	onlyOneTimeout(rep.Results)
	for _, r := range b.runs {
		if r.obs != nil {
			rep.Leftovers = append(rep.Leftovers, r.obs.Leftovers...)
		}
	}
	return rep, nil
}

// judge calls the claim's function and settles what the run
// itself decides.
func (b *Bench) judge(c *Claim) (v Verdict, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case stop:
			var refusal *sandbox.Refusal
			if errors.As(p.err, &refusal) {
				v, err = Cannot(refusal.Reason, refusal.Remedy), nil
			} else {
				err = p.err
			}
		case hung:
			v = Verdict{Status: NotJudged, Reason: "the program did not end when its output was a " + p.on.StdoutName(), On: p.on}
		default:
			// One claim must not end the check of all programs.
			err = fmt.Errorf("the check of %s panicked (%s): that is a bug of the check and not of the program; please report it together with %s",
				b.Experiment.ClaimID(c), show.Line(fmt.Sprint(p)), show.Line(b.Program.String()))
		}
	}()
	v = c.Judge(b)
	if v.Status == "" {
		v = Verdict{Status: Fail, Observed: "nothing was observed", On: v.On}
	}
	if v.Status == Fail && v.On != nil && v.On.TimedOut {
		v.Status = Timeout
	}
	// A claim that the suite's own program fails under a limit that is far
	// too low says nothing about the kernel.
	if v.Status == Fail && b.Program.Ours && b.Doctor == nil && b.Seen == nil {
		if reason, remedy := sandbox.LowLimit(); reason != "" {
			v = Cannot(reason, remedy)
		} else if v.On != nil {
			if no, without := NoCompiler(v.On); without {
				v = no
			}
		}
	}
	return v, nil
}

// NoCompiler says that a program of ours that compiles one in C could not:
// there is no compiler, or there are no headers. (A Go program that panics
// exits with 2 too: its words tell the two apart.)
func NoCompiler(o *Observation) (Verdict, bool) {
	said, _, _ := strings.Cut(strings.TrimSpace(string(o.Stderr)), "\n")
	switch {
	case proc.WaitStatus(o.Status).ExitStatus() != 2:
	case strings.Contains(said, "there is no C compiler here"):
		return Cannot(said, "install gcc or clang"), true
	case strings.Contains(said, "cannot be compiled here"):
		return Cannot(said, "install the headers of the C library: libc6-dev on Debian and Ubuntu"), true
	}
	return Verdict{}, false
}

// endAtDeadline ends the recording where the sandbox ended the program:
// what happened after that was the sandbox's doing, and is not judged.
func endAtDeadline(res *sandbox.Result) {
	if res.Recording == nil || !res.TimedOut && !res.Flooded {
		return
	}
	killed := map[int]bool{}
	for _, l := range res.Leftovers {
		killed[l.Pid] = true
	}
	events := res.Recording.Events
	for i := range events {
		e := &events[i]
		if e.Kind == trace.KindExit && killed[e.Pid] && e.Status&0x7f == SIGKILL ||
			e.Kind == trace.KindSignal && killed[e.Pid] && e.Signal == SIGKILL && e.SenderProcess == "" {
			kept := events[:i:i]
			for _, e := range events[i:] {
				if e.Kind == trace.KindBlocked || e.Kind == trace.KindEnd {
					kept = append(kept, e)
				}
			}
			res.Recording.Events = kept
			return
		}
	}
}

// onlyOneTimeout leaves one claim to say that the program did not end: the
// first one, and as-asked, which says so of any program, only where no
// other does. The rest follows from it, and is not judged.
func onlyOneTimeout(results []Result) {
	var first *Result
	for i := range results {
		if r := &results[i]; r.Status == Timeout && (first == nil || first.Claim.NotAlone) {
			first = r
		}
	}
	for i := range results {
		if r := &results[i]; r.Status == Timeout && r != first {
			r.Verdict = r.On.Unfinished()
		}
	}
}
