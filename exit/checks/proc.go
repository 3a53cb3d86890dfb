package checks

import (
	"strings"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// recorded is a recorded run with these arguments.
func recorded(args ...string) lab.Run {
	run := lab.Recorded(sandbox.Pipe)
	run.Args = args
	return run
}

// A look is what /proc said of one process at one instant.
type look struct {
	at int64
	trace.ProcFiles
}

// looks are all looks at the process, in order.
func looks(o *lab.Observation, p *trace.Process) []look {
	var all []look
	for _, e := range o.Events(trace.KindSnapshot) {
		for _, s := range e.Snapshot {
			if s.Process == p.Name {
				all = append(all, look{e.Time, s.Files})
			}
		}
	}
	return all
}

// has reports whether /proc/PID/status has a line of this name.
func (l look) has(name string) bool {
	return strings.Contains("\n"+l.ProcFiles["status"], "\n"+name+":")
}

// descriptors are the numbers of its open descriptors.
func (l look) descriptors() []string {
	var fds []string
	for name := range l.ProcFiles {
		if fd, ok := strings.CutPrefix(name, "fd/"); ok {
			fds = append(fds, fd)
		}
	}
	return lab.Sorted(fds)
}
