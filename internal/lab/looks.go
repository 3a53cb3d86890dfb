package lab

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Watched is a run in which /proc is read after every line that the
// program prints and before each end of a process.
func Watched(args ...string) Run {
	return Run{
		Stdout: sandbox.Pipe, Args: args,
		Trace: record.Options{Files: true, Snapshots: true},
	}
}

// Seeing judges the run, and gives cannot-check instead of a failure where
// a process changed its ids and the recorder could not look at it any more:
// its files in /proc belong to root then.
func Seeing(r Run, judge func(*Bench) Verdict) func(*Bench) Verdict {
	return func(b *Bench) Verdict {
		v := judge(b)
		if v.Status == Fail && b.Run(r).hidden() {
			return CannotLook()
		}
		return v
	}
}

// CannotLook says what a recorder in a container lacks.
func CannotLook() Verdict {
	return Cannot("the recorder lacks CAP_SYS_PTRACE, and cannot look at a process that has changed its ids", "start the container with --cap-add SYS_PTRACE, or run it outside of one")
}

// hidden reports whether a process changed its ids, and the recorder has
// no privilege to look at it.
func (o *Observation) hidden() bool {
	if o.Recording == nil || o.Recording.Header.SetID == "kept" {
		return false
	}
	for _, e := range o.Events(trace.KindCreds) {
		if e.Errno == "" && strings.HasPrefix(e.Call, "setres") {
			return true
		}
	}
	return false
}

// A Printed is a line that a process printed, and what /proc said of
// all processes right after it.
type Printed struct {
	Text  string
	By    *trace.Process
	Write *trace.Event

	// State is what /proc said, by the name of the process; empty if
	// the run took no snapshots.
	State map[string]trace.ProcState
}

// Of is what /proc said of the process.
func (p Printed) Of(q *trace.Process) trace.ProcFiles {
	if q == nil {
		return nil
	}
	return p.State[q.Name].Files
}

// Printed are the lines written to descriptor 1 that begin with the
// words, in order.
func (o *Observation) Printed(words string) []Printed {
	if o.Recording == nil {
		return nil
	}
	var all []Printed
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Kind != trace.KindWrite || e.Fd != 1 || e.Result <= 0 {
			continue
		}
		for _, l := range Lines(Taken(e)) {
			if strings.HasPrefix(l, words) {
				all = append(all, Printed{l, o.Process(e.Process), e, o.snapshotAfter(i)})
			}
		}
	}
	return all
}

// Printer is the process that wrote the first line that begins with the
// words, for a cast; nil if there is none, or if it is the first process.
func (o *Observation) Printer(words string) *trace.Process {
	if found := o.Printed(words); len(found) > 0 && found[0].By != o.Processes()[0] {
		return found[0].By
	}
	return nil
}

// snapshotAfter is the snapshot that the write with this index caused.
func (o *Observation) snapshotAfter(i int) map[string]trace.ProcState {
	state := map[string]trace.ProcState{}
	process := o.Recording.Events[i].Process
	for j := i + 1; j < len(o.Recording.Events); j++ {
		e := &o.Recording.Events[j]
		if e.Process != process {
			continue
		}
		if e.Kind == trace.KindSnapshot {
			for _, p := range e.Snapshot {
				state[p.Process] = p
			}
			break
		}
		if e.Kind == trace.KindWrite {
			break
		}
	}
	return state
}

// Descriptors are the open descriptors and what they name.
func Descriptors(f trace.ProcFiles) map[int]string {
	open := map[int]string{}
	for k, v := range f {
		if n, ok := strings.CutPrefix(k, "fd/"); ok {
			if fd, err := strconv.Atoi(n); err == nil {
				open[fd] = v
			}
		}
	}
	return open
}

// DescriptorNumbers are the open descriptors in order.
func DescriptorNumbers(f trace.ProcFiles) []int {
	return slices.Sorted(maps.Keys(Descriptors(f)))
}

// DescriptorFlags are the flags of an open descriptor as open(2) has
// them, from /proc/PID/fdinfo; 0 if it is not open.
func DescriptorFlags(f trace.ProcFiles, fd int) int {
	info, _ := f.Fdinfo(strconv.Itoa(fd))
	return info.Flags()
}
