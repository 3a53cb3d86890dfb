package checks

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Offset checks what Figure 8.2 draws: one open file description.
var Offset = &lab.Experiment{
	Dir: "fork", Name: "offset", Ref: "§8.3, Fig. 8.2",
	Title:    "parent and child share the offset of an open file",
	Exercise: true,
	Task: `The parent creates one file in its working directory, once, and forks.
Both processes write at least one line each to it, through that one
open, inherited by the fork, at the shared offset (no pwrite). Nobody
moves the offset (asking for it is not moving it), truncates the file
after the creating open, sets O_APPEND or opens the file again. The
parent ends last.`,
	Claims: []lab.Claim{
		{
			Name:   "both-wrote",
			Says:   "the parent and its forked child write at least one whole line each to the same file",
			Points: 2,
			Hints: [3]string{
				"who wrote what: does the trace show both processes writing to the file?",
				"a forked child has a copy of every descriptor that the parent had open",
				"open() before fork(); write() in both; flush a buffered stream before the process ends",
			},
			Judge: offsetBothWrote,
		},
		{
			Name:   "one-open",
			Says:   "both write through one open file description, which the parent opened before the fork",
			Why:    "because fork copies the descriptors, and the copies refer to the same entry of the kernel's table",
			Points: 3,
			Needs:  []string{"both-wrote"},
			Hints: [3]string{
				"how often was the file opened, and by whom?",
				"each open() makes a new entry with an offset of its own; fork makes none",
				"call open() once, in the parent, before fork()",
			},
			Judge: offsetOneOpen,
		},
		{
			Name:   "nothing-lost",
			Says:   "the file holds exactly the bytes of all writes, one after the other",
			Why:    "because each write moves the one offset for both",
			Points: 3,
			Needs:  []string{"both-wrote"},
			Hints: [3]string{
				"compare what was written with cat of the file: what is missing, or there twice?",
				"two offsets in one file start at the same place, and the later write covers the earlier",
				"one open() for both; no lseek(), ftruncate() or second open() afterwards",
			},
			Judge: offsetNothingLost,
		},
		needing("both-wrote", lab.AsAskedClaim(onPipe, offsetExcluded)),
		{
			Name: "moved",
			Says: "an lseek in the child moves the offset that the parent finds",
			Why:  "because there is only one",
			Ours: true,
			Hints: [3]string{
				"run it with -seek",
				"the offset is in the open file description, which both share",
				"lseek(fd, 0, SEEK_CUR) asks for it",
			},
			Judge: offsetMoved,
		},
	},
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		f := offsetFind(o)
		if f.child == nil {
			return nil
		}
		return map[string]string{f.parent.Name: "parent", f.child.Name: "child"}
	}),
}

// offsetFile is the file of the experiment, and who wrote to it.
type offsetFile struct {
	path          string
	parent, child *trace.Process
	writes        []*trace.Event // all of them, by anyone
}

// by are the writes of one process.
func (f offsetFile) by(p *trace.Process) []*trace.Event {
	var w []*trace.Event
	for _, e := range f.writes {
		if p != nil && e.Process == p.Name {
			w = append(w, e)
		}
	}
	return w
}

// who made the call: the parent, the child or another process.
func (f offsetFile) who(e *trace.Event) string {
	switch e.Process {
	case f.parent.Name:
		return "the parent"
	case f.child.Name:
		return "the child"
	}
	return e.Process
}

// offsetFind finds the file to which a process and its forked child
// both wrote, or else one that a process wrote to.
func offsetFind(o *lab.Observation) offsetFile {
	writes := map[string][]*trace.Event{}
	var paths []string
	for _, e := range o.Events(trace.KindWrite) {
		if e.Result <= 0 || e.FilePos < 0 || !strings.HasPrefix(e.Path, "/") {
			continue
		}
		if writes[e.Path] == nil {
			paths = append(paths, e.Path)
		}
		writes[e.Path] = append(writes[e.Path], e)
	}
	var f offsetFile
	best := -1
	for _, path := range paths {
		g := offsetFile{path: path, writes: writes[path]}
		g.parent, g.child = pair(o, func(p *trace.Process) bool { return len(g.by(p)) > 0 })
		n := 0
		if len(g.by(g.child)) > 0 {
			n++
		}
		if len(g.by(g.parent)) > 0 {
			n++
		}
		if n > best {
			f, best = g, n
		}
	}
	if f.child == nil {
		f.parent, f.child = pair(o, func(*trace.Process) bool { return true })
	}
	return f
}

func offsetBothWrote(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	f := offsetFind(o)
	switch {
	case f.child == nil:
		return o.Fail(o.Family(), "without a fork nobody inherits a descriptor")
	case f.path == "":
		return o.Fail("nobody wrote to a file", "what was written went elsewhere, or was lost in a buffer")
	}
	for _, x := range []struct {
		who string
		p   *trace.Process
	}{{"parent", f.parent}, {"child", f.child}} {
		all := lab.AllTaken(f.by(x.p))
		switch {
		case len(f.by(x.p)) == 0:
			return o.Fail(fmt.Sprintf("the %s (%d) wrote nothing to %s", x.who, lab.Pid(x.p), filepath.Base(f.path)),
				"both have to write to the one file")
		case !slices.Contains(all, '\n') && offsetCut(f.by(x.p)):
			return lab.Cannot(fmt.Sprintf("the %s wrote more at once than was recorded, which has no newline", x.who), "write shorter lines")
		case !slices.Contains(all, '\n'):
			return o.Fail(fmt.Sprintf("the %s (%d) wrote %s to %s", x.who, lab.Pid(x.p), start(all), filepath.Base(f.path)),
				"that is no whole line: it does not end in a newline")
		}
	}
	return o.Passed("parent and child wrote to %s", filepath.Base(f.path))
}

func offsetOneOpen(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	f := offsetFind(o)
	mine, his := f.by(f.parent), f.by(f.child)
	if len(mine) == 0 || len(his) == 0 {
		return o.Fail("not both wrote to one file", "there is nothing to compare")
	}
	number, asked := offsetNumbers(o, f)
	first := number(mine[0])
	for _, e := range f.writes {
		switch number(e) {
		case 0:
			return lab.Cannot("kcmp(2) is refused here, and where a descriptor came from was not seen", "run as root, or in a container with --cap-add=SYS_PTRACE")
		case first:
		default:
			return o.Fail(fmt.Sprintf("parent and child wrote to %s through different open file descriptions", filepath.Base(f.path)),
				"the file was opened more than once: each open has an offset of its own")
		}
	}
	if !asked {
		return o.Passed("all writes went through copies of one descriptor, from one open (kcmp is refused here)")
	}
	return o.Passed("all writes went through one open file description")
}

// offsetNumbers returns what tells the open file descriptions of the
// calls apart: the recorder's number, which it asked the kernel for,
// or, where the kernel refuses kcmp, the open that the descriptor
// goes back to. It is 0 where nobody knows.
func offsetNumbers(o *lab.Observation, f offsetFile) (number func(*trace.Event) int, asked bool) {
	if !slices.ContainsFunc(f.writes, func(e *trace.Event) bool { return e.OFD == 0 }) {
		return func(e *trace.Event) int { return e.OFD }, true
	}
	opens := 0
	of := map[*trace.Event]int{}
	tables := map[string]map[int]int{} // the open of each descriptor, by process
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Errno != "" {
			continue
		}
		mine := tables[e.Process]
		if mine == nil {
			mine = map[int]int{}
			tables[e.Process] = mine
		}
		switch e.Kind {
		case trace.KindFork, trace.KindVfork, trace.KindClone:
			if e.Flags&withFiles == 0 {
				mine = maps.Clone(mine)
			}
			tables[e.ChildProcess] = mine
		case trace.KindOpen:
			opens++
			mine[e.Fd] = opens
		case trace.KindDup:
			mine[e.NewFd] = mine[e.Fd]
		case trace.KindClose:
			maps.DeleteFunc(mine, func(fd, _ int) bool { return e.Fd <= fd && fd <= max(e.Fd, e.NewFd) })
		case trace.KindWrite, trace.KindSeek, trace.KindTruncate, trace.KindFcntl:
			of[e] = mine[e.Fd]
		}
	}
	return func(e *trace.Event) int { return of[e] }, false
}

// offsetCut reports whether more was written than was recorded.
func offsetCut(writes []*trace.Event) bool {
	return slices.ContainsFunc(writes, func(e *trace.Event) bool { return int64(len(e.Data)) < e.Result })
}

// start quotes as much of the bytes as a sentence can hold.
func start(b []byte) string {
	const most = 200
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q and %d bytes more", b[:most], len(b)-most)
}

func offsetNothingLost(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	f := offsetFind(o)
	if len(f.writes) == 0 {
		return o.Fail("nobody wrote to a file", "there is nothing that could be kept")
	}
	name := filepath.Base(f.path)
	content, ok := o.Files[name]
	sum, end := int64(0), int64(0)
	for _, e := range f.writes {
		sum += e.Result
		end = max(end, e.FilePos)
	}
	// It was removed, is elsewhere, or is longer than what is kept of
	// a file or of a write: the offset tells.
	if !ok || len(content) >= sandbox.DefaultOutput || offsetCut(f.writes) {
		if end != sum {
			return o.Fail(fmt.Sprintf("%d bytes were written, and the offset came to %d", sum, end),
				"bytes were overwritten, or skipped")
		}
		return o.Passed("%d bytes were written, and the offset ended there", sum)
	}
	var who []string
	chunks := map[string][][]byte{}
	for _, e := range f.writes {
		if chunks[e.Process] == nil {
			who = append(who, e.Process)
		}
		chunks[e.Process] = append(chunks[e.Process], lab.Taken(e))
	}
	m := merge{content: content, failed: map[string]bool{}}
	for _, p := range who {
		m.chunks = append(m.chunks, chunks[p])
	}
	switch {
	case int64(len(content)) == sum && m.is():
		return o.Passed("%s holds the %d bytes that were written, in order", name, sum)
	case len(m.failed) >= mergeMost:
		return lab.Cannot("the lines of both are too much alike to tell whose is where in "+name, "write fewer lines, or different ones in each process")
	}
	return o.Fail(fmt.Sprintf("%d bytes were written, and %s holds %s", sum, name, start(content)),
		"bytes were overwritten, moved or added: the writes did not share one offset")
}

// A merge asks whether content is all the chunks, one after the
// other, those of each process in their order. (Two writes that
// overlap in time may be recorded in the other order.)
type merge struct {
	content []byte
	chunks  [][][]byte
	failed  map[string]bool // how many of each were taken, in vain
}

// mergeMost is how many ways are tried.
const mergeMost = 1 << 18

// is takes the chunks off the content's start, as long as one fits.
func (m *merge) is() bool {
	if len(m.content) == 0 {
		return true // their lengths have the same sum
	}
	var key []byte
	for _, c := range m.chunks {
		key = binary.AppendUvarint(key, uint64(len(c)))
	}
	if m.failed[string(key)] || len(m.failed) >= mergeMost {
		return false
	}
	for i, c := range m.chunks {
		if len(c) == 0 || !bytes.HasPrefix(m.content, c[0]) {
			continue
		}
		content := m.content
		m.chunks[i], m.content = c[1:], content[len(c[0]):]
		if m.is() {
			return true
		}
		m.chunks[i], m.content = c, content
	}
	m.failed[string(key)] = true
	return false
}

// offsetExcluded finds what the contract excludes.
func offsetExcluded(o *lab.Observation) string {
	f := offsetFind(o)
	if f.child == nil || len(f.writes) == 0 {
		return "parent and child did not both write to a file"
	}
	name := filepath.Base(f.path)
	if _, ok := o.Files[name]; !ok && !strings.HasSuffix(name, " (deleted)") {
		return f.path + " is not in the working directory"
	}
	number, _ := offsetNumbers(o, f)
	ofd := map[int]bool{}
	for _, e := range f.writes {
		ofd[number(e)] = number(e) != 0
		if strings.HasPrefix(e.Call, "pwrite") {
			return fmt.Sprintf("%s wrote with %s, which takes an offset of its own", f.who(e), e.Call)
		}
	}
	opens := 0
	at := map[int]int64{}
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Errno != "" {
			continue
		}
		switch e.Kind {
		case trace.KindOpen:
			if filepath.Base(e.Path) != strings.TrimSuffix(name, " (deleted)") {
				continue
			}
			opens++
			if e.Flags&unix.O_APPEND != 0 {
				return fmt.Sprintf("%s opened %s with O_APPEND", f.who(e), name)
			}
			if opens > 1 {
				return fmt.Sprintf("%s opened %s again", f.who(e), name)
			}
		case trace.KindWrite:
			at[number(e)] = e.FilePos
		case trace.KindSeek:
			if ofd[number(e)] && (e.Whence != unix.SEEK_CUR || e.Offset != 0) && e.Result != at[number(e)] {
				return fmt.Sprintf("%s moved the offset from %d to %d with lseek", f.who(e), at[number(e)], e.Result)
			}
			at[number(e)] = e.Result
		case trace.KindTruncate:
			if ofd[number(e)] || e.Path != "" && filepath.Base(e.Path) == name {
				return fmt.Sprintf("%s truncated %s with %s", f.who(e), name, e.Call)
			}
		case trace.KindFcntl:
			if ofd[number(e)] && e.Command == unix.F_SETFL && e.Value&unix.O_APPEND != 0 {
				return fmt.Sprintf("%s set O_APPEND with fcntl", f.who(e))
			}
		}
	}
	if f.parent.Died < f.child.Died {
		return "the parent ended before the child"
	}
	return ""
}

func offsetMoved(b *lab.Bench) lab.Verdict {
	run := onPipe
	run.Args = []string{"-seek"}
	o := b.Run(run)
	f := offsetFind(o)
	var moved *trace.Event
	for _, e := range o.Events(trace.KindSeek) {
		switch {
		case f.child != nil && e.Process == f.child.Name && e.Whence == unix.SEEK_SET:
			moved = e
		case f.parent != nil && moved != nil && e.Process == f.parent.Name && e.Whence == unix.SEEK_CUR && e.Offset == 0:
			if e.Result != moved.Result || e.Result == f.writes[len(f.writes)-1].FilePos {
				return o.Fail(fmt.Sprintf("the child moved its offset to %d, the parent found %d", moved.Result, e.Result),
					"the two have an offset each")
			}
			return o.Passed("the child moved the offset to %d, and lseek told the parent %d", moved.Result, e.Result)
		}
	}
	return o.Fail("no lseek of the parent's after one of the child's", "nobody looked whether the offset had moved")
}
