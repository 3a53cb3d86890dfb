package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"apue/ch8/lab"
	"apue/ch8/trace"

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
		lab.AsAskedClaim(onPipe, offsetExcluded),
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
	Roles: func(o *lab.Observation) map[string]string {
		f := offsetFind(o)
		if f.child == nil {
			return nil
		}
		return map[string]string{f.parent.Name: "parent", f.child.Name: "child"}
	},
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
		var all []byte
		for _, e := range f.by(x.p) {
			all = append(all, lab.Taken(e)...)
		}
		switch {
		case len(all) == 0:
			return o.Fail(fmt.Sprintf("the %s (%d) wrote nothing to %s", x.who, lab.Pid(x.p), filepath.Base(f.path)),
				"both have to write to the one file")
		case !slices.Contains(all, '\n'):
			return o.Fail(fmt.Sprintf("the %s (%d) wrote %q to %s", x.who, lab.Pid(x.p), all, filepath.Base(f.path)),
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
	if mine[0].OFD == 0 || his[0].OFD == 0 {
		return offsetFollows(o, f)
	}
	for _, e := range f.writes {
		if e.OFD != mine[0].OFD {
			return o.Fail(fmt.Sprintf("parent and child wrote to %s through different open file descriptions", filepath.Base(f.path)),
				"the file was opened more than once: each open has an offset of its own")
		}
	}
	return o.Passed("all writes went through one open file description")
}

// offsetFollows decides where the kernel refuses kcmp: whether each
// write began where the one before it had ended, whoever made it.
func offsetFollows(o *lab.Observation, f offsetFile) lab.Verdict {
	at := f.writes[0].FilePos
	for _, e := range f.writes[1:] {
		if e.FilePos != at+e.Result {
			return o.Fail(fmt.Sprintf("%s wrote %d bytes and its offset was then %d, after a write that ended at %d", e.Process, e.Result, e.FilePos, at),
				"the offset of one did not move with the other: the file was opened more than once")
		}
		at = e.FilePos
	}
	return o.Passed("each write moved the offset of both (kcmp is refused here)")
}

func offsetNothingLost(b *lab.Bench) lab.Verdict {
	o := b.Run(onPipe)
	f := offsetFind(o)
	if len(f.writes) == 0 {
		return o.Fail("nobody wrote to a file", "there is nothing that could be kept")
	}
	name := filepath.Base(f.path)
	content, ok := o.Files[name]
	if !ok {
		// It was removed, or is elsewhere: the offset tells.
		sum := int64(0)
		for _, e := range f.writes {
			sum += e.Result
		}
		if last := f.writes[len(f.writes)-1]; last.FilePos != sum {
			return o.Fail(fmt.Sprintf("%d bytes were written, and the offset was %d after the last write", sum, last.FilePos),
				"bytes were overwritten, or skipped")
		}
		return o.Passed("%d bytes were written, and the offset ended there", sum)
	}
	chunks := map[string][][]byte{}
	var sum int
	for _, e := range f.writes {
		chunks[e.Process] = append(chunks[e.Process], lab.Taken(e))
		sum += len(lab.Taken(e))
	}
	if !interleaves(content, chunks) {
		return o.Fail(fmt.Sprintf("%d bytes were written, and %s holds %q", sum, name, content),
			"bytes were overwritten, moved or added: the writes did not share one offset")
	}
	return o.Passed("%s holds the %d bytes that were written, in order", name, sum)
}

// interleaves reports whether content is all the chunks, one after
// the other, those of each process in their order. (Two writes that
// overlap in time may be recorded in the other order.)
func interleaves(content []byte, chunks map[string][][]byte) bool {
	if len(content) == 0 {
		for _, c := range chunks {
			if len(c) > 0 {
				return false
			}
		}
		return true
	}
	for p, c := range chunks {
		if len(c) > 0 && strings.HasPrefix(string(content), string(c[0])) {
			chunks[p] = c[1:]
			if interleaves(content[len(c[0]):], chunks) {
				return true
			}
			chunks[p] = c
		}
	}
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
	ofd := map[int]bool{}
	for _, e := range f.writes {
		ofd[e.OFD] = e.OFD != 0
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
			at[e.OFD] = e.FilePos
		case trace.KindSeek:
			if ofd[e.OFD] && (e.Whence != unix.SEEK_CUR || e.Offset != 0) && e.Result != at[e.OFD] {
				return fmt.Sprintf("%s moved the offset from %d to %d with lseek", f.who(e), at[e.OFD], e.Result)
			}
			at[e.OFD] = e.Result
		case trace.KindTruncate:
			if ofd[e.OFD] || e.Path != "" && filepath.Base(e.Path) == name {
				return fmt.Sprintf("%s truncated %s with %s", f.who(e), name, e.Call)
			}
		case trace.KindFcntl:
			if ofd[e.OFD] && e.Command == unix.F_SETFL && e.Value&unix.O_APPEND != 0 {
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
