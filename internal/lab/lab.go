// Package lab is the vocabulary of the checks: an experiment of
// chapter 8, the claims it makes, and what a run of a program
// said about each of them.
//
// A claim is judged from what the kernel did: the recorder's
// events, /proc, the raw wait status, the bytes that arrived, an
// errno. The text that a program prints about itself is only ever
// compared with that.
//
// There are five results. Pass and fail speak of the program.
// Timeout says that it did not end in time. Not-judged says that
// the claim needs another one, which did not pass. Cannot-check
// speaks of the machine: it lacks something, which is named together
// with its remedy. A claim of which nothing was observed never
// passes.
//
// # Writing a check
//
// A check is a table: an Experiment with its Claims, each with a
// function that judges it. The function asks the Bench for runs
// of the program, which are made once and kept, and returns a
// Verdict.
//
//	var Glob = &lab.Experiment{
//		Dir: "fork", Name: "glob", Ref: "§8.3, Fig. 8.1",
//		Claims: []lab.Claim{{
//			Name: "forked", Says: "exactly one child …",
//			Judge: forked,
//		}},
//	}
//
//	func forked(b *lab.Bench) lab.Verdict {
//		o := b.Run(lab.Run{Stdout: sandbox.Pipe})
//		…
//		return o.Fail("the program made no child", "fork was never called")
//	}
package lab

import (
	"fmt"
	"strings"

	"apue/internal/locale"
)

// An Experiment is one row of the catalogue: what `ch8 list`
// lists and `ch8 check` checks.
type Experiment struct {
	Dir   string // "fork": the directory of the program
	Name  string // "glob": its argument there
	Title string // one line, no full stop
	Ref   string // section and figure of the book

	// Exercise says that learners write it too (★). Its claims
	// then hold for any program that does what Task asks.
	Exercise bool
	Task     string // what a learner is asked to write

	// SleepsAllowed says that a sleep is a fair way to do what the task
	// asks for, so that there is no remark about it.
	SleepsAllowed bool

	Claims []Claim

	// Cast finds who plays which role in a run, from its recording
	// alone. May be nil.
	Cast func(*Observation) Cast

	// Moments are where the decisive things happen; Questions are
	// what to ask before a recording is shown.
	Moments   []Moment
	Questions []Question

	// MomentArgs are the arguments with which the suite's own program
	// shows the moments and answers the questions.
	MomentArgs []string

	// MomentWords are values of variables of the program that a recording
	// for people is to follow in the memory that a vforked child uses.
	MomentWords []int32

	// CMain says that the C program is the experiment, because
	// Go's runtime cannot do it honestly; the Go program runs
	// and explains it.
	CMain bool
}

// ID is the experiment's name everywhere: DIR/NAME.
func (x *Experiment) ID() string { return x.Dir + "/" + x.Name }

// Claim returns the claim of that name, or nil.
func (x *Experiment) Claim(name string) *Claim {
	for i := range x.Claims {
		if x.Claims[i].Name == name {
			return &x.Claims[i]
		}
	}
	return nil
}

// ClaimID is the id of one of the experiment's claims:
// DIR/NAME/CLAIM.
func (x *Experiment) ClaimID(c *Claim) string { return x.ID() + "/" + c.Name }

// ClaimRef is where the book says what the claim says.
func (x *Experiment) ClaimRef(c *Claim) string {
	if c.Ref != "" {
		return c.Ref
	}
	return x.Ref
}

// Asked are the claims that anybody's program is judged by: all
// but those about our own.
func (x *Experiment) Asked() []*Claim {
	var asked []*Claim
	for i := range x.Claims {
		if !x.Claims[i].Ours {
			asked = append(asked, &x.Claims[i])
		}
	}
	return asked
}

// Points is the sum over the claims.
func (x *Experiment) Points() int {
	sum := 0
	for _, c := range x.Claims {
		sum += c.Points
	}
	return sum
}

// A Claim is one sentence about what the kernel does, and how to
// find out.
type Claim struct {
	Name   string // "copied": the id is DIR/NAME/copied
	Says   string // the sentence; it is what a failure expected
	Why    string // the reason in the book or the kernel, "because …"; may be empty
	Ref    string // where the book says so; "" for the experiment's Ref
	Points int

	// Hints are a nudge, the mechanism, and the call to use;
	// never the code.
	Hints [3]string

	// Needs names claims of the same experiment without which
	// this one cannot hold: where one of them did not pass, and this
	// one does not hold either, it is not judged.
	Needs []string

	// NotAlone says that the claim does not pass where no other claim
	// did: a program that does nothing breaks no rule, and that is no
	// merit.
	NotAlone bool

	// Ours says that the claim is about what our own program and
	// its twin show beyond the task of the exercise: a learner's
	// program is not judged by it, and it has no points.
	Ours bool

	// Excludes are the sentences of the task that this claim, as-asked,
	// is about.
	Excludes []Exclusion

	Judge func(*Bench) Verdict
}

// Status is the result of judging a claim.
type Status string

// The five results. NotJudged is the result of a claim that needs
// another one (Claim.Needs) which did not pass: it says nothing of its
// own, and has no points.
const (
	Pass        Status = "pass"
	Fail        Status = "fail"
	Timeout     Status = "timeout"
	CannotCheck Status = "cannot-check"
	NotJudged   Status = "not-judged"
)

// A Verdict is what one run or several said about a claim.
type Verdict struct {
	Status   Status
	Observed string // what was seen: sentences, no line breaks needed
	Means    string // of a failure: what that says about the program
	Reason   string // of cannot-check: what the machine lacks; of not-judged without After: why
	Remedy   string // of cannot-check: what to do about it

	// Remarks do not change the result: "it sleeps to get an
	// order, which is a guess".
	Remarks []string

	// On is the run that decided; its command and process tree
	// are shown. nil if no single one did.
	On *Observation

	// After names the claim that this one needs and that did not
	// pass: of not-judged.
	After string
}

// Passed is the verdict that a claim holds, with the sentence
// that says what was seen.
func (o *Observation) Passed(format string, args ...any) Verdict {
	return Verdict{Status: Pass, Observed: fmt.Sprintf(format, args...), On: o}
}

// Fail is the verdict that a claim does not hold: what was
// observed, and what that means for the program.
func (o *Observation) Fail(observed, means string) Verdict {
	return Verdict{Status: Fail, Observed: observed, Means: means, On: o}
}

// Cannot is the verdict that this machine cannot tell.
func Cannot(reason, remedy string) Verdict {
	return Verdict{Status: CannotCheck, Reason: reason, Remedy: remedy}
}

// recordingFull says why a program was killed whose RecordingFull is true.
var recordingFull = locale.Key("the program did more than a recording holds, and was killed")

// Unfinished is the verdict on what could only be seen if the program had
// ended.
func (o *Observation) Unfinished() Verdict {
	reason := locale.Key("the program did not end in time")
	if o.Result != nil && o.RecordingFull {
		reason = recordingFull
	}
	return Verdict{Status: NotJudged, Reason: reason, On: o}
}

// Remark adds a remark to a verdict.
func (v Verdict) Remark(format string, args ...any) Verdict {
	v.Remarks = append(v.Remarks, fmt.Sprintf(format, args...))
	return v
}

// A Registry is the experiments of all directories, in the order
// of the book.
type Registry []*Experiment

// Find returns the experiments that an id names: a directory, an
// experiment (DIR/NAME, or NAME where it is unique) or a claim
// (DIR/NAME/CLAIM), in which case claim is its name.
func (r Registry) Find(id string) (found []*Experiment, claim string) {
	parts := strings.Split(strings.Trim(id, "/"), "/")
	for _, x := range r {
		switch {
		case len(parts) == 1 && parts[0] == x.Dir,
			len(parts) == 2 && parts[0] == x.Dir && parts[1] == x.Name:
			found = append(found, x)
		case len(parts) == 3 && parts[0] == x.Dir && parts[1] == x.Name && x.Claim(parts[2]) != nil:
			return []*Experiment{x}, parts[2]
		}
	}
	if len(found) > 0 {
		return found, ""
	}
	if len(parts) == 1 {
		for _, x := range r {
			if x.Name == parts[0] {
				found = append(found, x)
			}
		}
		if len(found) == 1 {
			return found, ""
		}
	}
	return nil, ""
}
