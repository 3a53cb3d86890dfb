package lab

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"apue/internal/show"
	"apue/internal/trace"
)

// Where a process is when the time is over is a matter of instants for a
// program that polls: in its sleep, or on the way to the next one. The
// message about it comes from the calls that it made before.

// loopTurns is how often a process has made a call before it is said to
// make it again and again.
const loopTurns = 5

// loopPause is how long a process that loops may be kept from its next turn
// by a busy machine, in ns.
const loopPause = 1e9

// A turn is what one turn of a loop has in common with the next one.
type turn struct {
	kind  trace.Kind
	call  string
	place string
}

func turnOf(e *trace.Event) turn { return turn{e.Kind, e.Call, Place(e)} }

// loop says which calls the thread of a blocked event made again and again
// until the run was over, as the end of a sentence; "" if it did not loop.
func (o *Observation) loop(p *trace.Process, blocked *trace.Event) string {
	var calls []*trace.Event
	for i := range o.Recording.Events {
		if e := &o.Recording.Events[i]; e.Process == p.Name && e.Tid == blocked.Tid && e.Call != "" && e.Kind != trace.KindBlocked {
			calls = append(calls, e)
		}
	}
	if len(calls) == 0 {
		return ""
	}
	last := calls[len(calls)-1]
	var same []int // the turns of the last call
	for i, e := range calls {
		if turnOf(e) == turnOf(last) {
			same = append(same, i)
		}
	}
	if len(same) < loopTurns {
		return ""
	}
	first := same[len(same)-loopTurns]
	late := (last.Time-calls[first].Time)/(loopTurns-1)*loopTurns + loopPause
	since := last.Time
	if blocked.Entered > 0 {
		since = blocked.Entered
	}
	if blocked.Time-since > late {
		return "" // it left the loop, or does not come out of this call
	}
	return o.turns(calls[:first], calls[first:], blocked)
}

// turns says what the calls of a loop are. The order is that in which the
// process made each of them first.
func (o *Observation) turns(before, loop []*trace.Event, blocked *trace.Event) string {
	count, longest := map[turn]int{}, map[turn]int64{}
	for _, e := range loop {
		t := turnOf(e)
		count[t]++
		longest[t] = max(longest[t], e.Duration)
	}
	if blocked.Call != "" && blocked.Entered > 0 {
		t := turnOf(blocked)
		if !slices.ContainsFunc(loop, func(e *trace.Event) bool { return e.Call == t.call && Place(e) == t.place }) {
			return "" // it went on to another call
		}
	}
	var names []string
	for _, e := range slices.Concat(before, loop) {
		t := turnOf(e)
		if count[t] < loopTurns-1 {
			continue
		}
		delete(count, t)
		names = append(names, o.turnName(e, longest[t])+atSource(e))
	}
	if len(names) > 3 {
		names = names[:3]
	}
	return "in a loop, again and again: " + strings.Join(names, ", ")
}

// turnName is what a call of a loop is called.
func (o *Observation) turnName(e *trace.Event, longest int64) string {
	switch {
	case e.Kind == trace.KindSleep:
		return "a sleep of " + length(longest)
	case e.Kind == trace.KindWait && e.NoneYet():
		return WaitName(e) + ", which returned 0"
	case e.Kind == trace.KindWait && e.Errno != "":
		return WaitName(e) + ", which failed with " + e.Errno
	case e.Kind == trace.KindKill && e.Signal == 0:
		return "kill with signal 0"
	case e.Kind == trace.KindPoll && e.Duration > 0:
		return e.Call + " for " + length(longest)
	case e.Errno != "":
		return e.Call + ", which failed with " + e.Errno
	case e.Object != "" && (e.Kind == trace.KindRead || e.Kind == trace.KindWrite):
		return fmt.Sprintf("%s of %s", e.Call, show.Line(e.Object))
	}
	return cmp.Or(e.Call, string(e.Kind))
}

// length is a duration, given in ns, for a sentence: 2 s, 10 ms. It is
// never 0 for one that is not.
func length(ns int64) string {
	switch s := float64(ns) / 1e9; {
	case s >= 1:
		return fmt.Sprintf("%.3g s", s)
	case s >= 1e-3:
		return fmt.Sprintf("%.0f ms", math.Round(s*1e3))
	default:
		return fmt.Sprintf("%.0f µs", math.Ceil(s*1e6))
	}
}

// inFunction is the function that an event was seen in, " (in main,
// mine.c)"; "" where it is not known. A process that runs is at another
// line at each instant.
func inFunction(e *trace.Event) string {
	if e.Source == nil || e.Source.Func == "" || e.Source.File == "" {
		return ""
	}
	return fmt.Sprintf(" (in %s, %s)", show.Line(e.Source.Func), show.Line(path.Base(e.Source.File)))
}
