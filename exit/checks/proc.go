package checks

import (
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// snapped is a run with the state of every process in /proc after
// each write to descriptor 1 and before each end.
func snapped(args ...string) lab.Run {
	return lab.Run{
		Stdout: sandbox.Pipe, Args: args,
		Trace: record.Options{Files: true, Snapshots: true},
	}
}

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

// said is the line that the process wrote and that begins with the
// words, without them; ok is false when there is none.
func said(o *lab.Observation, p *trace.Process, words string) (rest string, ok bool) {
	for _, l := range lab.Lines(o.Wrote(p)) {
		if rest, ok = strings.CutPrefix(l, words); ok {
			return rest, true
		}
	}
	return "", false
}

// byPid is the process that the program knows by this pid.
func byPid(o *lab.Observation, pid int) *trace.Process {
	for _, p := range o.Processes() {
		if lab.Pid(p) == pid {
			return p
		}
	}
	return nil
}

// isHelper: Go's os package makes a child to try out pidfds; no
// signal tells of its end.
func isHelper(p *trace.Process) bool {
	return p.Birth != nil && p.Birth.Flags&0xff == 0
}
