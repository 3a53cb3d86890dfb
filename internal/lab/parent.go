package lab

import (
	"fmt"
	"strings"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// RecordedParents is the run that a check asks for which wants to know how
// a process learned its parent's pid.
func RecordedParents(stdout sandbox.Stdout) Run {
	r := Recorded(stdout)
	r.Trace.Parents = true
	return r
}

// NotAsked says that the process cannot have learned from the kernel that
// its parent is n: getppid never returned this to it, and neither the
// process nor one that it made opened /proc or a file of it. "" if it may have.
func (o *Observation) NotAsked(p *trace.Process, n int) string {
	if !o.Run.Trace.Parents || o.Recording == nil {
		return ""
	}
	for _, e := range o.Events(trace.KindOpen) {
		if strings.HasPrefix(e.Path+"/", "/proc/") && o.descends(o.Process(e.Process), p) {
			return ""
		}
	}
	said := "it never called getppid, nor read a file of /proc"
	for _, e := range o.EventsOf(p, trace.KindGetppid) {
		if int(e.Result) == n {
			return ""
		}
		said = fmt.Sprintf("its last getppid%s returned %d", atSource(e), e.Result)
	}
	return said
}

// AskedEarly says where the process asked for its parent's pid and got n,
// as " at mine.c:12,"; "" if it is not known.
func (o *Observation) AskedEarly(p *trace.Process, n int) string {
	for _, e := range o.EventsOf(p, trace.KindGetppid) {
		if where := Where(e); int(e.Result) == n && where != "" {
			return where + ","
		}
	}
	return ""
}

// descends reports whether p is ancestor, or was made by it or by one of
// its descendants.
func (o *Observation) descends(p, ancestor *trace.Process) bool {
	for ; p != nil; p = p.Parent {
		if p == ancestor {
			return true
		}
	}
	return false
}
