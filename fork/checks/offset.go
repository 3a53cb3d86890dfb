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
)

// Offset checks what Figure 8.2 draws: one open file description.
var Offset = &lab.Experiment{
	Dir: "fork", Name: "offset", Ref: "§8.3, Fig. 8.2",
	Title:    "parent and child share the offset of an open file",
	Exercise: true,
	Task: `The parent creates one file in its working directory, once, and forks.
Both processes write at least one line each to it, through that one
open, which the child inherits by the fork, at the shared offset (no
pwrite). No process moves the offset (to ask for it is not to move
it), truncates the file after the open that created it, sets O_APPEND
or opens the file again. The parent ends last.`,
	Claims: []lab.Claim{
		{
			Name:   "both-wrote",
			Says:   "the parent and its forked child write at least one whole line each to the same file",
			Points: 2,
			Hints: [3]string{
				"Does the trace show both processes writing to the file?",
				"A forked child has a copy of every descriptor that the parent had open.",
				"Call open() before fork() and write() in both processes. Flush a buffered stream before the process ends.",
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
				"How often was the file opened, and by which process?",
				"Each open() makes a new entry with an offset of its own. fork makes none.",
				"Call open() once, in the parent, before fork().",
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
				"Compare what was written with cat of the file: what is missing, or there twice?",
				"Two offsets in one file start at the same place, and the later write covers the earlier one.",
				"One open() for both processes. No lseek(), ftruncate() or second open() afterwards.",
			},
			Judge: offsetNothingLost,
		},
		lab.AsAskedClaim("both-wrote", onPipe,
			lab.Exclusion{Sentence: "in its working directory", Broken: offsetElsewhere},
			lab.Exclusion{Sentence: "at the shared offset (no pwrite)", Broken: offsetPwrite},
			lab.Exclusion{Sentence: "No process moves the offset (to ask for it is not to move it), truncates the file after the open that created it, sets O_APPEND or opens the file again.", Broken: offsetTouched},
			lab.Exclusion{Sentence: "The parent ends last.", Broken: offsetLast}),
		{
			Name: "moved",
			Says: "an lseek in the child moves the offset that the parent finds",
			Why:  "because there is only one offset",
			Ours: true,
			Hints: [3]string{
				"Run it with --seek.",
				"The offset is in the open file description, which both processes share.",
				"lseek(fd, 0, SEEK_CUR) asks for it.",
			},
			Judge: offsetMoved,
		},
	},
	Cast: func(o *lab.Observation) lab.Cast {
		f := offsetFind(o)
		return lab.Pair(f.parent, f.child)
	},
	Moments: []lab.Moment{
		{
			Name: "open",
			Says: "One open makes one open file description in the kernel: it holds the offset, 0 now.",
			At: func(o *lab.Observation) *trace.Event {
				return offsetOpen(o)
			},
		},
		{
			Name: "fork",
			Says: "fork copies the table of descriptors. Both copies refer to the same open file description.",
			At:   func(o *lab.Observation) *trace.Event { return birth(o, "child") },
		},
		{
			Name: "parent-after-child",
			Says: "The parent writes where the child's write ended: the child has moved the one offset that both use.",
			At: func(o *lab.Observation) *trace.Event {
				f := offsetFind(o)
				childs := f.by(f.child)
				if len(childs) == 0 {
					return nil
				}
				return first(lab.After(f.by(f.parent), childs[0].Time))
			},
		},
	},
	Questions: []lab.Question{
		{
			Name: "overwritten",
			Ask:  "Parent and child write to one file that was opened before the fork. What does the file hold at the end?",
			Answers: []string{
				"all lines of both", "only the parent's lines", "only the child's lines", "a mixture in which bytes are lost",
			},
			Right: func(o *lab.Observation) string {
				f := offsetFind(o)
				sum, end := int64(0), int64(0)
				for _, e := range f.writes {
					sum += e.Result
					end = max(end, e.FilePos)
				}
				switch {
				case f.child == nil || len(f.writes) == 0:
					return ""
				case sum == end:
					return "all lines of both"
				}
				return "a mixture in which bytes are lost"
			},
			Why:    "There is one offset, and each write moves it. The next write, whichever process makes it, starts there.",
			Moment: "parent-after-child",
		},
		{
			Name:    "opens",
			Ask:     "How many open file descriptions of the file does the kernel have after the fork?",
			Answers: []string{"none", "one", "two"},
			Right: func(o *lab.Observation) string {
				f := offsetFind(o)
				number, _ := offsetNumbers(o, f)
				seen := map[int]bool{}
				for _, e := range f.writes {
					seen[number(e)] = true
				}
				if f.child == nil || seen[0] || len(seen) == 0 || len(seen) > 2 {
					return ""
				}
				return []string{"", "one", "two"}[len(seen)]
			},
			Why:    "fork copies descriptors. Only open makes a new open file description.",
			Moment: "fork",
		},
	},
}

// offsetFile is the file of the experiment, and the two processes that
// write to it.
type offsetFile struct {
	path          string
	parent, child *trace.Process
	writes        []*trace.Event // all of them, by any process
}

// name is the file's name, also when it was removed meanwhile.
func (f offsetFile) name() string { return filepath.Base(strings.TrimSuffix(f.path, " (deleted)")) }

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

// offsetFind finds the file to which a process and its forked child
// both wrote, or else one that a process wrote to.
func offsetFind(o *lab.Observation) offsetFile {
	writes := map[string][]*trace.Event{}
	var paths []string
	for _, e := range o.Events(trace.KindWrite) {
		if e.Result <= 0 || e.FilePos < 0 || !strings.HasPrefix(e.Path, "/") {
			continue
		}
		path := strings.TrimSuffix(e.Path, " (deleted)")
		if writes[path] == nil {
			paths = append(paths, path)
		}
		writes[path] = append(writes[path], e)
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

// offsetOpen is the open of the file, nil if it was not recorded.
func offsetOpen(o *lab.Observation) *trace.Event {
	f := offsetFind(o)
	for _, e := range o.Events(trace.KindOpen) {
		if e.Errno == "" && f.path != "" && offsetOpened(e, f.name()) {
			return e
		}
	}
	return nil
}

func offsetBothWrote(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	f := offsetFind(o)
	switch {
	case f.child == nil:
		return o.Fail(o.Family(), o.WhyNoChild())
	case !lab.IsFork(f.child):
		return o.Fail(o.Family(), "the child is no copy of its parent, made by a fork")
	case f.path == "":
		for _, p := range []*trace.Process{f.parent, f.child} {
			if e := o.FailedWrite(p); e != nil {
				return o.Fail(fmt.Sprintf("no process wrote to a file; %s: %s", o.Who(p), o.FailedCall(e)), o.FailedMeans(e))
			}
		}
		return o.Fail("no process wrote to a file", offsetWhere(o, f.child))
	}
	for _, p := range []*trace.Process{f.parent, f.child} {
		all := lab.AllTaken(f.by(p))
		switch e := o.FailedWrite(p); {
		case len(all) == 0 && e != nil:
			return o.Fail(fmt.Sprintf("%s wrote nothing to %s: %s", o.Who(p), f.name(), o.FailedCall(e)), o.FailedMeans(e))
		case len(all) == 0:
			means := offsetWhere(o, p)
			if lab.Execed(p) {
				means = "it executed another program, " + p.Exec.Path
			} else if !lab.EndedNormally(p) {
				means = "it did not get there: it " + o.Standing(p)
			}
			return o.Fail(fmt.Sprintf("%s wrote nothing to %s", o.Who(p), f.name()), means)
		case !slices.Contains(all, '\n') && offsetCut(f.by(p)):
			return lab.Cannot(fmt.Sprintf("the %s wrote more at once than was recorded, which has no newline", o.Role(p)), "write shorter lines")
		case !slices.Contains(all, '\n'):
			return o.Fail(fmt.Sprintf("%s wrote %s to %s", o.Who(p), start(all), f.name()),
				"this is not a whole line: it does not end in a newline")
		}
	}
	v := o.Passed("parent and child wrote to %s", f.name())
	if on := offsetRanOn(o, f); on != "" {
		v = v.Remark("%s", on)
	}
	return v
}

// offsetWhere says where a process wrote that did not write to the file, or
// how it ended without writing.
func offsetWhere(o *lab.Observation, p *trace.Process) string {
	for _, e := range o.EventsOf(p, trace.KindWrite) {
		if e.Result > 0 {
			return fmt.Sprintf("it wrote %s to %s%s", start(lab.Taken(e)), e.Object, lab.Where(e))
		}
	}
	switch flushes, known := lab.Flushes(p); {
	case known && flushes:
		return fmt.Sprintf("it %s, which flushes all buffers: none of them held anything for the file", o.Ending(p))
	case known:
		return fmt.Sprintf("it %s, which flushes no buffer: what it printed into one was lost", o.Ending(p))
	}
	return fmt.Sprintf("it %s, and made no call that wrote", o.Ending(p))
}

// offsetRanOn says that the child wrote in its own branch and then once
// more at a place where its parent writes; "" if it did not.
func offsetRanOn(o *lab.Observation, f offsetFile) string {
	places := map[string]bool{}
	for _, e := range lab.After(f.by(f.parent), f.child.Born) {
		places[lab.Place(e)] = lab.Place(e) != ""
	}
	own := false
	for _, e := range f.by(f.child) {
		if !places[lab.Place(e)] {
			own = true
		} else if own {
			return fmt.Sprintf("the child ran on into its parent's code: after its own write it wrote at %s too, where its parent writes. A child has to end at the end of its branch", lab.Place(e))
		}
	}
	return ""
}

func offsetOneOpen(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	f := offsetFind(o)
	mine, his := f.by(f.parent), f.by(f.child)
	if len(mine) == 0 || len(his) == 0 {
		return o.Fail("parent and child did not both write to one file", "there is nothing to compare")
	}
	number, asked := offsetNumbers(o, f)
	first := number(mine[0])
	for _, e := range f.writes {
		switch number(e) {
		case 0:
			return lab.Cannot("kcmp(2) is refused here, and the recording does not show where a descriptor came from", "run it as root, or in a container with --cap-add=SYS_PTRACE")
		case first:
		default:
			means := "the file was opened more than once: each open has an offset of its own"
			if again := offsetOpens(o, f); len(again) > 1 {
				means = fmt.Sprintf("the file was opened %s, the last time by %s%s: each open has an offset of its own",
					times(len(again)), o.Who(o.Process(again[len(again)-1].Process)), lab.Where(again[len(again)-1]))
			}
			return o.Fail(fmt.Sprintf("parent and child wrote to %s through different open file descriptions", f.name()), means)
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
			if e.Flags&lab.CloneFiles == 0 {
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
		return o.Fail("no process wrote to a file", "there is nothing that could be kept")
	}
	name := f.name()
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
				offsetLost(o, f))
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
		offsetLost(o, f))
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

// offsetLost says why bytes are missing.
func offsetLost(o *lab.Observation, f offsetFile) string {
	opens := offsetOpens(o, f)
	for _, e := range opens {
		if e.Flags&lab.OTrunc != 0 && len(lab.Before(f.writes, e.Time)) > 0 {
			return fmt.Sprintf("%s opened the file with O_TRUNC%s when it had been written to: this emptied it", o.Who(o.Process(e.Process)), lab.Where(e))
		}
	}
	if len(opens) > 1 {
		return fmt.Sprintf("the file was opened %s: each open has an offset of its own, which starts at 0, so one write covers the other", times(len(opens)))
	}
	if seen := offsetTouched(o); seen != "" {
		return seen
	}
	if seen := offsetPwrite(o); seen != "" {
		return seen
	}
	return "bytes were overwritten, moved or added: the writes did not share one offset"
}

// offsetOpens are the successful opens of the file.
func offsetOpens(o *lab.Observation, f offsetFile) (opens []*trace.Event) {
	for _, e := range o.Events(trace.KindOpen) {
		if e.Errno == "" && offsetOpened(e, f.name()) {
			opens = append(opens, e)
		}
	}
	return opens
}

// offsetOpened reports whether the open was of the file: by its name, or by
// another path that leads to it, such as /dev/fd/3.
func offsetOpened(e *trace.Event, name string) bool {
	return filepath.Base(e.Path) == name || filepath.IsAbs(e.Object) && filepath.Base(strings.TrimSuffix(e.Object, " (deleted)")) == name
}

// offsetElsewhere finds a file that is not in the working directory.
func offsetElsewhere(o *lab.Observation) string {
	f := offsetFind(o)
	if _, ok := o.Files[f.name()]; ok || f.path == "" {
		return ""
	}
	if dir := o.Recording.Header.Dir; dir != "" && filepath.Dir(f.path) == dir {
		return "" // it was there, and was removed
	}
	for _, e := range offsetOpens(o, f) {
		if !strings.Contains(e.Path, "/") && len(o.Events(trace.KindChdir)) == 0 {
			return ""
		}
	}
	return f.path + " is not in the working directory"
}

// offsetPwrite finds a write at an offset of its own: pwritev2 with the
// offset −1 uses and moves the shared one.
func offsetPwrite(o *lab.Observation) string {
	f := offsetFind(o)
	number, _ := offsetNumbers(o, f)
	at := map[int]int64{}
	for _, e := range f.writes {
		if strings.HasPrefix(e.Call, "pwrite") && e.FilePos != at[number(e)]+e.Result {
			return fmt.Sprintf("%s wrote with %s, which takes an offset of its own", o.Who(o.Process(e.Process)), strings.TrimSuffix(e.Call, "64"))
		}
		at[number(e)] = e.FilePos
	}
	return ""
}

// offsetTouched finds a call that moves the offset, truncates, appends or
// opens once more.
func offsetTouched(o *lab.Observation) string {
	f := offsetFind(o)
	name := f.name()
	number, _ := offsetNumbers(o, f)
	ofd := map[int]bool{}
	for _, e := range f.writes {
		ofd[number(e)] = number(e) != 0
	}
	opens := 0
	pos := map[int]int64{}
	for i := range o.Recording.Events {
		e := &o.Recording.Events[i]
		if e.Errno != "" {
			continue
		}
		who := func() string { return o.Who(o.Process(e.Process)) }
		switch e.Kind {
		case trace.KindOpen:
			if !offsetOpened(e, name) {
				continue
			}
			opens++
			if e.Flags&lab.OAppend != 0 {
				return fmt.Sprintf("%s opened %s with O_APPEND%s", who(), name, lab.Where(e))
			}
			if opens > 1 {
				return fmt.Sprintf("%s opened %s again%s", who(), name, lab.Where(e))
			}
		case trace.KindWrite:
			pos[number(e)] = e.FilePos
		case trace.KindSeek:
			if ofd[number(e)] && (e.Whence != lab.SeekCur || e.Offset != 0) && e.Result != pos[number(e)] {
				return fmt.Sprintf("%s moved the offset from %d to %d with lseek%s", who(), pos[number(e)], e.Result, lab.Where(e))
			}
			pos[number(e)] = e.Result
		case trace.KindTruncate:
			if ofd[number(e)] || e.Path != "" && filepath.Base(e.Path) == name {
				return fmt.Sprintf("%s truncated %s with %s%s", who(), name, e.Call, lab.Where(e))
			}
		case trace.KindFcntl:
			if ofd[number(e)] && e.Command == lab.FSetfl && e.Value&lab.OAppend != 0 {
				return fmt.Sprintf("%s set O_APPEND with fcntl%s", who(), lab.Where(e))
			}
		}
	}
	return ""
}

// offsetLast finds a parent that ended before its child.
func offsetLast(o *lab.Observation) string {
	f := offsetFind(o)
	if f.child != nil && f.parent.Died >= 0 && f.parent.Died < f.child.Died {
		parents, childs := lab.AtBoth(f.parent.Died, f.child.Died)
		seen := fmt.Sprintf("the parent ended at %s, before the child, at %s", parents, childs)
		waits := o.WaitsOf(f.parent)
		if len(waits) == 0 {
			return seen + ", and had called no wait"
		}
		if last := waits[len(waits)-1]; last.Errno != "" {
			return fmt.Sprintf("%s: its wait for %s failed with %s%s", seen, last.For(), last.Errno, lab.Where(last.Event))
		}
		return seen
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
		case f.child != nil && e.Process == f.child.Name && e.Whence == lab.SeekSet:
			moved = e
		case f.parent != nil && moved != nil && e.Process == f.parent.Name && e.Whence == lab.SeekCur && e.Offset == 0:
			if e.Result != moved.Result || e.Result == f.writes[len(f.writes)-1].FilePos {
				return o.Fail(fmt.Sprintf("the child moved its offset to %d, the parent found %d", moved.Result, e.Result),
					"the two have an offset each")
			}
			return o.Passed("the child moved the offset to %d, and lseek told the parent %d", moved.Result, e.Result)
		}
	}
	return o.Fail("the parent made no lseek after one of the child", "no process looked whether the offset had moved")
}
