package checks

import (
	"maps"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// looked is a recorded run with the state of all processes after
// each write to standard output and before each exit.
var looked = lab.Run{
	Stdout: sandbox.Pipe,
	Trace:  record.Options{Files: true, Snapshots: true},
}

// A look is what /proc said of the processes at one instant.
type look struct {
	time int64
	of   map[string]state // by process name
}

// state is what /proc said of one process.
type state = trace.ProcFiles

// looks are the snapshots taken when the process wrote or ended, in
// order.
func looks(o *lab.Observation, p *trace.Process) []look {
	var all []look
	for _, e := range o.Events(trace.KindSnapshot) {
		if e.Process != p.Name {
			continue
		}
		l := look{e.Time, map[string]state{}}
		for _, s := range e.Snapshot {
			l.of[s.Process] = s.Files
		}
		all = append(all, l)
	}
	return all
}

// memory tells address spaces apart: where program, stack, heap
// and arguments lie in it.
func memory(s state) string {
	return strings.Join([]string{s.Stat(26), s.Stat(28), s.Stat(45), s.Stat(47), s.Stat(48)}, " ")
}

// descriptors are the open ones and what they name.
func descriptors(s state) map[string]string {
	open := map[string]string{}
	for k, v := range s {
		if n, ok := strings.CutPrefix(k, "fd/"); ok {
			open[n] = v
		}
	}
	return open
}

// writesTo reports whether the process has the pipe open for
// writing.
func writesTo(s state, pipe string) bool {
	open := descriptors(s)
	for _, n := range slices.Sorted(maps.Keys(open)) {
		if open[n] != pipe {
			continue
		}
		for line := range strings.Lines(s["fdinfo/"+n]) {
			if f, ok := strings.CutPrefix(line, "flags:"); ok && strings.HasSuffix(strings.TrimSpace(f), "1") {
				return true
			}
		}
	}
	return false
}
