package lab

import (
	"fmt"
	"path/filepath"

	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// A Part is a process and the role that it plays in an experiment:
// "parent", "child", "first child", "original".
type Part struct {
	Role string
	*trace.Process
}

// A Cast is who plays which role in one run. Roles are given by what
// a process did (it forked, it did not execute a program, it wrote
// the line), never by how many children it has. The claims, the
// process tree, the questions, the pictures and the page use the same
// cast.
type Cast []Part

// Of returns the process that plays the role, or nil.
func (c Cast) Of(role string) *trace.Process {
	for _, p := range c {
		if p.Role == role {
			return p.Process
		}
	}
	return nil
}

// Role is the role of the process, "" if it has none.
func (c Cast) Role(p *trace.Process) string {
	for _, part := range c {
		if part.Process == p {
			return part.Role
		}
	}
	return ""
}

// Pair is the cast of a parent and its child.
func Pair(parent, child *trace.Process) Cast {
	return Cast{}.With("parent", parent).With("child", child)
}

// With adds a role. A nil process plays none, and a process that has
// a role keeps it.
func (c Cast) With(role string, p *trace.Process) Cast {
	if p == nil {
		return c
	}
	for _, other := range c {
		if other.Process == p {
			return c
		}
	}
	return append(c, Part{role, p})
}

// Ordinals are the words for the children of a process in the order
// of their birth.
var Ordinals = []string{"first", "second", "third", "fourth", "fifth", "sixth"}

// Numbered adds the children as "first child", "second child" and so
// on; from the seventh on as "child 7".
func (c Cast) Numbered(kids []*trace.Process) Cast {
	for i, k := range kids {
		c = c.With(NthChild(i), k)
	}
	return c
}

// NthChild is the role of the child with this index: "first child"
// for 0.
func NthChild(i int) string {
	if i < len(Ordinals) {
		return Ordinals[i] + " child"
	}
	return fmt.Sprintf("child %d", i+1)
}

// Observe returns what a recording alone tells: the run of a program
// whose standard output is rebuilt from its writes. It works on every
// system.
func (x *Experiment) Observe(rec *trace.Recording) *Observation {
	o := &Observation{Result: &sandbox.Result{Recording: rec}, experiment: x}
	for _, e := range o.outputWrites() {
		o.Stdout = append(o.Stdout, Taken(e)...)
	}
	o.Adopter, o.AdopterComm = rec.Header.Adopter, rec.Header.AdopterComm
	if end := o.Events(trace.KindEnd); len(end) > 0 {
		o.Status, o.TimedOut = end[0].Status, end[0].Timeout
	}
	return o
}

// As makes the observation one of the experiment x, whose cast it then
// has, and returns it.
func (o *Observation) As(x *Experiment) *Observation {
	o.experiment, o.cast, o.castKnown = x, nil, false
	return o
}

// Cast is who plays which role in this run; nil where nothing was
// recorded.
func (o *Observation) Cast() Cast {
	if !o.castKnown {
		o.castKnown = true
		if o.experiment != nil && o.experiment.Cast != nil && o.Result != nil && o.Recording != nil {
			o.cast = o.experiment.Cast(o)
		}
	}
	return o.cast
}

// Role is what the process is called: its role in the experiment, the
// name of the program that it executed, "original" for the process
// that was started, and otherwise "other process".
func (o *Observation) Role(p *trace.Process) string {
	if p == nil {
		return "no process"
	}
	for _, part := range o.Cast() {
		if part.Process == p || part.Name == p.Name {
			return part.Role
		}
	}
	switch {
	case Execed(p):
		return filepath.Base(p.Exec.Path)
	case p.Birth == nil && p.Parent == nil:
		return "original"
	}
	return "other process"
}

// Who names the process for a sentence by its role and its pid: the
// parent (4712).
func (o *Observation) Who(p *trace.Process) string {
	role := o.Role(p)
	if role == "other process" {
		return fmt.Sprintf("another process (%d)", Pid(p))
	}
	for _, part := range o.Cast() {
		if part.Role != role {
			continue
		}
		if last := role[len(role)-1]; last >= '0' && last <= '9' {
			return fmt.Sprintf("%s (%d)", role, Pid(p)) // child 4 (4712)
		}
		return fmt.Sprintf("the %s (%d)", role, Pid(p))
	}
	if Execed(p) {
		return fmt.Sprintf("the program %s (%d)", show.Line(role), Pid(p))
	}
	return fmt.Sprintf("the %s (%d)", role, Pid(p))
}

// ByName makes a cast of roles by birth path, for programs of the suite
// whose processes are made in a fixed order.
func ByName(roles func(*Observation) map[string]string) func(*Observation) Cast {
	return func(o *Observation) (c Cast) {
		named := roles(o)
		for _, p := range o.Processes() {
			if r := named[p.Name]; r != "" {
				c = c.With(r, p)
			}
		}
		return c
	}
}
