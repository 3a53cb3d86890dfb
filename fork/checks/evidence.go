package checks

import (
	"bytes"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// watched is the run in which /proc is read after every line that
// the program prints.
func watched(args ...string) lab.Run {
	return lab.Run{
		Stdout: sandbox.Pipe, Args: args,
		Trace: record.Options{Files: true, Snapshots: true},
	}
}

// measured is the same with the memory maps.
func measured(args ...string) lab.Run {
	r := watched(args...)
	r.Trace.Smaps = true
	return r
}

// A moment is a line that a process printed and what /proc said of
// all processes right after it.
type moment struct {
	line  string
	by    *trace.Process
	write *trace.Event
	state map[string]trace.ProcState // by the process's name
}

// moments are the lines with this prefix, in order, each with its
// snapshot if the run took them.
func moments(o *lab.Observation, prefix string) []moment {
	byName := map[string]*trace.Process{}
	for _, p := range o.Processes() {
		byName[p.Name] = p
	}
	var all []moment
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Kind != trace.KindWrite || e.Fd != 1 || e.Result <= 0 {
			continue
		}
		for _, l := range lab.Lines(lab.Taken(e)) {
			if !strings.HasPrefix(l, prefix) {
				continue
			}
			m := moment{line: l, by: byName[e.Process], write: e, state: map[string]trace.ProcState{}}
			if s := snapshotAfter(o, i, e.Process); s != nil {
				for _, p := range s.Snapshot {
					m.state[p.Process] = p
				}
			}
			all = append(all, m)
		}
	}
	return all
}

// snapshotAfter is the snapshot that the write at index i caused.
func snapshotAfter(o *lab.Observation, i int, process string) *trace.Event {
	for j := i + 1; j < len(o.Recording.Events); j++ {
		e := &o.Recording.Events[j]
		if e.Kind == trace.KindSnapshot && e.Process == process {
			return e
		}
		if e.Kind == trace.KindWrite && e.Process == process {
			return nil
		}
	}
	return nil
}

// has reports whether a signal is in a mask.
func has(mask uint64, sig int) bool { return mask>>(sig-1)&1 == 1 }

// number is a decimal number, −1 if it is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// fields splits a line of a table, whose columns are at least two
// spaces apart.
func fields(line string) []string {
	var f []string
	for part := range strings.SplitSeq(line, "  ") {
		if part = strings.TrimSpace(part); part != "" {
			f = append(f, part)
		}
	}
	return f
}

// A mapping is one range of /proc/PID/smaps.
type mapping struct {
	head   string // "start-end perms offset dev inode path"
	ranges string // "start-end"
	perms  string
	inode  string
	path   string
	kB     map[string]int // Size, Private_Dirty …
}

// mappings parses smaps.
func mappings(p trace.ProcState) []mapping {
	var all []mapping
	for l := range bytes.Lines([]byte(p.Files["smaps"])) {
		f := strings.Fields(string(l))
		switch {
		case len(f) >= 5 && strings.Contains(f[0], "-"):
			all = append(all, mapping{
				head: strings.TrimSpace(string(l)), ranges: f[0], perms: f[1], inode: f[4],
				path: strings.Join(f[5:], " "), kB: map[string]int{},
			})
		case len(f) == 3 && f[2] == "kB" && len(all) > 0:
			all[len(all)-1].kB[strings.TrimSuffix(f[0], ":")] = number(f[1])
		}
	}
	return all
}
