package checks

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"apue/ch8/lab"
	"apue/ch8/sandbox"
	"apue/ch8/trace"
)

// looked is a recorded run with the state of all processes after
// each write to standard output and before each exit.
var looked = lab.Run{
	Stdout: sandbox.Pipe,
	Trace:  trace.Options{Files: true, Snapshots: true},
}

// A look is what /proc said of the processes at one instant.
type look struct {
	time int64
	of   map[string]state // by process name
}

// state is what /proc said of one process.
type state map[string]string

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

// stat returns field n of /proc/PID/stat, counted from 1 as proc(5)
// does, for n ≥ 3.
func (s state) stat(n int) string {
	text := s["stat"]
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if n-3 >= len(fields) {
		return ""
	}
	return fields[n-3]
}

// status returns a line of /proc/PID/status.
func (s state) status(key string) string {
	for line := range strings.Lines(s["status"]) {
		if k, v, ok := strings.Cut(line, ":"); ok && k == key {
			return strings.Join(strings.Fields(v), " ")
		}
	}
	return ""
}

// signals returns a set of signals in /proc/PID/status.
func (s state) signals(key string) uint64 {
	set, _ := strconv.ParseUint(s.status(key), 16, 64)
	return set
}

// memory tells address spaces apart: where program, stack, heap
// and arguments lie in it.
func (s state) memory() string {
	return strings.Join([]string{s.stat(26), s.stat(28), s.stat(45), s.stat(47), s.stat(48)}, " ")
}

// descriptors are the open ones and what they name.
func (s state) descriptors() map[string]string {
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
func (s state) writesTo(pipe string) bool {
	open := s.descriptors()
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
