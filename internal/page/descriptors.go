package page

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// descriptors is a change of what a descriptor refers to, or of an
// offset: three numbers. Lane, descriptor, open file description (−1:
// closed); or −1, open file description, offset.
type descriptors [3]int64

// object is an open file description and what it is of.
type object struct {
	Name  string `json:"n"`           // of the file, pipe or terminal
	File  int    `json:"f"`           // two descriptions of one file have the same number
	Flags string `json:"o,omitempty"` // O_WRONLY|O_APPEND
}

// Linux's values of open(2) and fcntl(2), which a recording carries
// wherever it is read.
const (
	oACCMODE = 0x3
	oWRONLY  = 0x1
	oRDWR    = 0x2
	oAPPEND  = 0x400
	oCLOEXEC = 0x80000

	fSETFD = 2

	cloneFILES = 0x400
)

// An entry is a row of a process's descriptor table.
type entry struct {
	description int // index of an object
	cloexec     bool
}

// A follower replays what happens to descriptors.
type follower struct {
	c        *content
	tables   map[string]map[int]entry // by process; shared after CLONE_FILES
	lane     map[string]int
	numbers  map[int]int // description by the recorder's number (kcmp)
	names    map[string]int
	pipes    int
	changes  []descriptors // since the last step
	standard [3]int        // descriptions of 0, 1 and 2 of the first process
	touched  []int
}

// follow replays the descriptors: what each step changes, and which
// writes are the program's output.
func (c *content) follow(rec *trace.Recording, m *timeline.Model) {
	f := newFollower(c, rec, m)
	next := 0
	for i := range rec.Events {
		for next < len(m.Steps) && (m.Steps[next].Enter || m.Steps[next].Last < i) {
			next++
		}
		shown := next < len(m.Steps) && m.Steps[next].Event <= i
		f.touched = nil
		f.event(&rec.Events[i])
		if !shown {
			continue
		}
		s := &c.Steps[next]
		s.Table = append(s.Table, f.changes...)
		f.changes = nil
		if f.touched != nil {
			s.Touched = f.touched
		}
		e := &rec.Events[i]
		if e.Kind == trace.KindWrite {
			f.output(e, next)
		}
		c.Descriptors = c.Descriptors || matters(e, len(c.Files) > 0)
	}
}

// newFollower stands before the first event of a recording.
func newFollower(c *content, rec *trace.Recording, m *timeline.Model) *follower {
	f := &follower{
		c: c, tables: map[string]map[int]entry{}, lane: map[string]int{},
		numbers: map[int]int{}, names: map[string]int{},
	}
	for i := range m.Lanes {
		f.lane[m.Lanes[i].Name] = i
	}
	f.begin(rec)
	return f
}

// begin gives the first process the descriptors that it was given.
func (f *follower) begin(rec *trace.Recording) {
	first := ""
	for i := range rec.Events {
		if first = rec.Events[i].Process; first != "" {
			break
		}
	}
	given := rec.Header.Descriptors
	if len(given) == 0 {
		given = []trace.Descriptor{{Fd: 0}, {Fd: 1}, {Fd: 2}}
	}
	table := f.table(first)
	for _, d := range given {
		at, known := f.numbers[d.OFD]
		if !known || d.OFD == 0 {
			flags := ""
			if d.OFD != 0 {
				flags = openFlags(d.Flags)
			}
			at = f.describe(standardName(d, rec.Header.Stdout), flags)
			f.number(d.OFD, at)
		}
		table[d.Fd] = entry{at, d.Cloexec}
		if d.Fd >= 0 && d.Fd < len(f.standard) {
			f.standard[d.Fd] = at
		}
		f.c.First = append(f.c.First, descriptors{int64(f.lane[first]), int64(d.Fd), int64(at)})
		if d.Fd == 1 {
			f.c.Stdout = locale.T(cmp.Or(whatItIs(d.Object), kinds[rec.Header.Stdout]))
		}
	}
	if f.c.Stdout == "" {
		f.c.Stdout = locale.T("not known")
	}
}

// kinds are the words for what a standard output is, as a recording's
// header has it.
var kinds = map[string]string{"pipe": locale.Key("a pipe"), "file": locale.Key("a file"), "pty": locale.Key("a terminal")}

// standardName names what a descriptor leads to that the first process
// was given.
func standardName(d trace.Descriptor, stdout string) string {
	name := [...]string{"stdin", "stdout", "stderr"}
	switch {
	case d.Fd < 0 || d.Fd >= len(name):
		return d.Object
	case d.Object != "" && !strings.HasPrefix(d.Object, "standard "):
		return name[d.Fd] + ": " + d.Object
	case d.Fd == 1 && kinds[stdout] != "":
		return name[d.Fd] + ": " + strings.TrimPrefix(kinds[stdout], "a ")
	}
	return name[d.Fd]
}

// whatItIs says what kind of thing an object is; "" if its name does not
// tell.
func whatItIs(object string) string {
	switch {
	case strings.HasPrefix(object, "pipe"):
		return "a pipe"
	case strings.HasPrefix(object, "terminal"):
		return "a terminal"
	case strings.HasPrefix(object, "/dev/"):
		return show.Line(object)
	case strings.HasPrefix(object, "socket"):
		return locale.Key("a socket")
	case strings.HasPrefix(object, "/"):
		return "a file"
	}
	return ""
}

// describe makes an open file description of an object.
func (f *follower) describe(name, flags string) int {
	file, ok := f.names[name]
	if !ok {
		file = len(f.names)
		f.names[name] = file
	}
	if strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "/dev/") {
		name = baseName(name)
	} else if before, path, ok := strings.Cut(name, ": /"); ok && !strings.HasPrefix(path, "dev/") {
		name = before + ": " + baseName(path)
	}
	f.c.Objects = append(f.c.Objects, object{show.Clip(show.Line(name), 28), file, flags})
	return len(f.c.Objects) - 1
}

// set changes a row of a table, in every lane that has that table.
func (f *follower) set(process string, fd int, e entry) {
	table := f.table(process)
	table[fd] = e
	f.changed(process, fd, e.description)
}

func (f *follower) closeFd(process string, fd int) {
	if _, ok := f.table(process)[fd]; ok {
		delete(f.tables[process], fd)
		f.changed(process, fd, -1)
	}
}

func (f *follower) changed(process string, fd, description int) {
	f.touched = []int{description, fd}
	f.changes = append(f.changes, descriptors{int64(f.lane[process]), int64(fd), int64(description)})
}

func (f *follower) table(process string) map[int]entry {
	if f.tables[process] == nil {
		f.tables[process] = map[int]entry{}
	}
	return f.tables[process]
}

// event replays one event.
func (f *follower) event(e *trace.Event) {
	if e.Errno != "" {
		return
	}
	switch e.Kind {
	case trace.KindFork, trace.KindVfork, trace.KindClone:
		f.birth(e)
	case trace.KindExec:
		table := f.table(e.Process)
		for _, fd := range slices.Sorted(maps.Keys(table)) {
			if table[fd].cloexec {
				f.closeFd(e.Process, fd)
			}
		}
	case trace.KindExit:
		for _, fd := range slices.Sorted(maps.Keys(f.table(e.Process))) {
			f.changes = append(f.changes, descriptors{int64(f.lane[e.Process]), int64(fd), -1})
		}
		delete(f.tables, e.Process)
	case trace.KindOpen:
		d := f.describe(cmp.Or(e.Object, e.Path), openFlags(e.Flags))
		f.number(e.OFD, d)
		f.set(e.Process, e.Fd, entry{d, e.Cloexec || e.Flags&oCLOEXEC != 0})
	case trace.KindPipe:
		f.pipes++
		name := cmp.Or(e.Object, fmt.Sprintf("pipe %d", f.pipes))
		for _, end := range []struct {
			fd, ofd int
			flags   string
		}{{e.Fd, e.OFD, "read end"}, {e.NewFd, e.NewOFD, "write end"}} {
			d := f.describe(name, end.flags)
			f.number(end.ofd, d)
			f.set(e.Process, end.fd, entry{d, e.Cloexec || e.Flags&oCLOEXEC != 0})
		}
	case trace.KindDup:
		if from, ok := f.table(e.Process)[e.Fd]; ok && e.NewFd != e.Fd {
			f.set(e.Process, e.NewFd, entry{from.description, e.Cloexec || e.Flags&oCLOEXEC != 0})
		}
		f.check(e, e.NewFd)
	case trace.KindClose:
		last := max(e.Fd, e.NewFd)
		for _, fd := range slices.Sorted(maps.Keys(f.table(e.Process))) {
			if fd >= e.Fd && (fd <= last || last == math.MaxInt32) {
				f.closeFd(e.Process, fd)
			}
		}
	case trace.KindFcntl:
		if row, ok := f.table(e.Process)[e.Fd]; ok && e.Command == fSETFD {
			row.cloexec = e.Value&1 != 0
			f.table(e.Process)[e.Fd] = row
		}
	case trace.KindSeek:
		f.check(e, e.Fd)
		f.position(e, e.Result)
	case trace.KindWrite, trace.KindRead:
		f.check(e, e.Fd)
		if e.FilePos > 0 {
			f.position(e, e.FilePos)
		}
	}
}

// birth copies the table of the parent, or shares it.
func (f *follower) birth(e *trace.Event) {
	if e.ChildProcess == "" || f.tables[e.ChildProcess] != nil {
		return
	}
	table := f.table(e.Process)
	if e.Kind == trace.KindClone && e.Flags&cloneFILES != 0 {
		f.tables[e.ChildProcess] = table
	} else {
		f.tables[e.ChildProcess] = maps.Clone(table)
	}
	for _, fd := range slices.Sorted(maps.Keys(table)) {
		f.changes = append(f.changes, descriptors{int64(f.lane[e.ChildProcess]), int64(fd), int64(table[fd].description)})
	}
}

// number notes the recorder's number of a description.
func (f *follower) number(ofd, description int) {
	if ofd != 0 {
		f.numbers[ofd] = description
	}
}

// check compares what a descriptor refers to with what kcmp(2) told the
// recorder, which is right.
func (f *follower) check(e *trace.Event, fd int) {
	if e.OFD == 0 {
		return
	}
	row, have := f.table(e.Process)[fd]
	want, known := f.numbers[e.OFD]
	switch {
	case !known && have:
		f.number(e.OFD, row.description)
	case !known:
		d := f.describe(cmp.Or(e.Object, e.Path, "?"), "")
		f.number(e.OFD, d)
		f.set(e.Process, fd, entry{description: d})
	case !have || row.description != want:
		f.set(e.Process, fd, entry{want, row.cloexec})
	}
	if row, ok := f.table(e.Process)[fd]; ok {
		f.touched = []int{row.description, fd}
	}
}

// position notes the offset of the description that a call used.
func (f *follower) position(e *trace.Event, offset int64) {
	if row, ok := f.table(e.Process)[e.Fd]; ok {
		f.changes = append(f.changes, descriptors{-1, int64(row.description), offset})
	}
}

// output notes a write that went to the program's standard output or
// standard error, whatever descriptor it used.
func (f *follower) output(e *trace.Event, step int) {
	row, ok := f.table(e.Process)[e.Fd]
	toStdout, toStderr := e.Fd == 1, e.Fd == 2
	if ok {
		toStdout, toStderr = row.description == f.standard[1], row.description == f.standard[2]
	}
	if e.Errno != "" || !toStdout && !toStderr || len(e.Data) == 0 {
		return
	}
	text := strings.ReplaceAll(string(e.Data[:min(int64(len(e.Data)), max(e.Result, 0))]), "\r\n", "\n")
	f.c.Output = append(f.c.Output, piece{step, show.Clip(show.Text(text), 4000), toStderr && !toStdout})
}

// openFlags writes the flags of an open that matter for reading and
// writing.
func openFlags(flags uint64) string {
	s := "read"
	switch flags & oACCMODE {
	case oWRONLY:
		s = "write"
	case oRDWR:
		s = "read, write"
	}
	if flags&oAPPEND != 0 {
		s += ", append"
	}
	return s
}

// matters says whether the diagram belongs on a page with this event: the
// program's own code changes a table, or moves an offset. Of programs
// without lines, pipes and copies do.
func matters(e *trace.Event, lines bool) bool {
	if !lines {
		return e.Errno == "" && (e.Kind == trace.KindPipe || e.Kind == trace.KindDup)
	}
	if e.Source == nil {
		return false
	}
	switch e.Kind {
	case trace.KindOpen, trace.KindPipe, trace.KindDup, trace.KindClose, trace.KindSeek:
		return true
	case trace.KindWrite, trace.KindRead:
		return e.FilePos > 0
	}
	return false
}
