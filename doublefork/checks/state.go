package checks

import (
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// watched is a run in which /proc is read after every line that
// the program prints.
func watched(stdout sandbox.Stdout, args ...string) lab.Run {
	return lab.Run{
		Stdout: stdout, Args: args,
		Trace: record.Options{Files: true, Snapshots: true},
	}
}

// looked is the same without the program's files.
func looked(args ...string) lab.Run {
	return lab.Run{Args: args, Trace: record.Options{Snapshots: true}}
}

// onPty is a run of a program that opens pseudo-terminals.
func onPty(r lab.Run) lab.Run {
	r.Ptys = true
	return r
}

// A moment is a line that a process printed and what /proc said of
// all processes right after it.
type moment struct {
	line  string
	write *trace.Event
	state map[string]state // by the process's name
}

// state is what /proc said of one process.
type state = trace.ProcFiles

// moments are the lines that begin with the words, in order.
func moments(o *lab.Observation, words string) []moment {
	if o.Recording == nil {
		return nil
	}
	var all []moment
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Kind != trace.KindWrite || e.Fd != 1 || e.Result <= 0 {
			continue
		}
		for _, l := range lab.Lines(lab.Taken(e)) {
			if strings.HasPrefix(l, words) {
				all = append(all, moment{l, e, snapshotAfter(o, i)})
			}
		}
	}
	return all
}

// snapshotAfter is what the write at index i caused to be read.
func snapshotAfter(o *lab.Observation, i int) map[string]state {
	all := map[string]state{}
	process := o.Recording.Events[i].Process
	for _, e := range o.Recording.Events[i+1:] {
		if e.Process == process && e.Kind == trace.KindSnapshot {
			for _, s := range e.Snapshot {
				all[s.Process] = s.Files
			}
			break
		}
	}
	return all
}

// The fields of stat that these checks read.
const (
	statState   = 3
	statPpid    = 4
	statGroup   = 5
	statSession = 6
	statTty     = 7
)

// signals reports whether sig is in a set of /proc/PID/status.
func signals(s state, key string, sig int) bool {
	return s.Signals(key)>>(sig-1)&1 == 1
}
