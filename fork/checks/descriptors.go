package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/procfs"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Descriptors checks that a fork copies the table of descriptors.
var Descriptors = &lab.Experiment{
	Dir: "fork", Name: "descriptors", Ref: "§8.3",
	Title: "what a close does after a fork, and what not",
	Claims: []lab.Claim{
		{
			Name:   "close",
			Says:   "what the child closes stays open in the parent",
			Why:    "because the table of descriptors is copied",
			Points: 1,
			Hints: [3]string{
				"can the parent still write when the child has closed?",
				"each process has a table of its own, which refers to the same open files",
				"close() in the child, write() in the parent afterwards",
			},
			Judge: descriptorsClose,
		},
		{
			Name:   "flag-copied",
			Says:   "the child finds the close-on-exec flag of each descriptor as it was in the parent",
			Points: 1,
			Hints: [3]string{
				"which descriptors of the child will be closed by an exec?",
				"the flag is in the table that is copied",
				"fcntl(F_GETFD), or flags in /proc/PID/fdinfo",
			},
			Judge: descriptorsFlagCopied,
		},
		{
			Name:   "flag-own",
			Says:   "close-on-exec belongs to the descriptor: two of one open file differ in it, and the child's change does not reach the parent",
			Points: 1,
			Hints: [3]string{
				"is it a flag of the file, of the open, or of the number?",
				"status flags are in the open file description, this one is in the table",
				"fcntl(F_SETFD) in the child, fcntl(F_GETFD) in the parent",
			},
			Judge: descriptorsFlagOwn,
		},
		{
			Name:   "eof",
			Says:   "a reader of a pipe gets the end of the file when the last copy of the write end is closed, and not before",
			Why:    "because each fork made one more copy, and any of them could still write",
			Points: 2,
			Hints: [3]string{
				"who could still write into the pipe?",
				"fork copies both ends; a copy is closed by close() or by the end of its process",
				"count the pipe's inode among /proc/PID/fd of all processes",
			},
			Judge: descriptorsEOF,
		},
		{
			Name:   "opendir",
			Ref:    "Ex. 8.7",
			Says:   "the directory that the library opened (opendir in C, os.Open in Go) has close-on-exec, the one that open opened has not",
			Points: 1,
			Hints: [3]string{
				"would a program that you exec need your directory?",
				"opendir asks for O_CLOEXEC",
				"dirfd() gives the descriptor, fcntl(F_GETFD) the flag",
			},
			Judge: descriptorsOpendir,
		},
	},
	Moments:   descriptorsMoments,
	Questions: descriptorsQuestions,
	Cast:      lab.ByName(childRoles),
}

// said is the one line that ends so, with its snapshot.
func said(o *lab.Observation, text string) (m moment, v lab.Verdict) {
	n := 0
	for _, x := range moments(o, "") {
		if strings.Contains(x.line, text) {
			m = x
			n++
		}
	}
	if n != 1 {
		return m, o.Fail(fmt.Sprintf("the line %q came %s", text, times(n)), "the program did not get there")
	}
	return m, lab.Verdict{}
}

func descriptorsClose(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	m, v := said(o, ": closed its descriptor 50")
	if v.Status != "" {
		return v
	}
	if m.by.Parent == nil {
		return o.Fail("the first process closed it", "there was no child")
	}
	mine, his := m.state[m.by.Parent.Name], m.state[m.by.Name]
	if his.Files["fd/50"] != "" || mine.Files["fd/50"] == "" {
		return o.Fail(fmt.Sprintf("descriptor 50 after the child's close: %s in the child, %s in the parent", or(his.Files["fd/50"], "closed"), or(mine.Files["fd/50"], "closed")), "the two have one table")
	}
	for _, e := range o.Events(trace.KindWrite) {
		if e.Process == m.by.Parent.Name && e.Fd == 50 && e.Time > m.write.Time && e.Result > 0 {
			return o.Passed("closed in the child, %s in the parent, which wrote %d bytes to it", mine.Files["fd/50"], e.Result)
		}
	}
	return o.Fail("the parent did not write to descriptor 50", "nobody saw whether it was open")
}

// descriptorFlags are the three moments of the flags.
func descriptorFlags(o *lab.Observation) (found, changed, after moment, v lab.Verdict) {
	for _, m := range moments(o, "") {
		switch {
		case strings.Contains(m.line, ": has close-on-exec flags ") && m.by.Parent != nil:
			found = m
		case strings.Contains(m.line, ": changed them to "):
			changed = m
		case strings.Contains(m.line, ": has close-on-exec flags "):
			after = m
		}
	}
	if found.by == nil || changed.by != found.by || after.by != found.by.Parent {
		v = o.Fail("the program printed "+lab.Quote(o.Lines()), "parent and child did not both look at the flags")
	}
	return found, changed, after, v
}

func descriptorsFlagCopied(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	found, _, _, v := descriptorFlags(o)
	if v.Status != "" {
		return v
	}
	mine, his := closeOnExec(found.state[found.by.Parent.Name]), closeOnExec(found.state[found.by.Name])
	if mine != "50: 1, 51: 0" || his != mine || !strings.HasSuffix(found.line, his) {
		return o.Fail(fmt.Sprintf("fdinfo: %s in the parent, %s in the child, which printed %q", mine, his, found.line), "the flags of the two are not the same")
	}
	return o.Passed("fdinfo: %s in both", his)
}

func descriptorsFlagOwn(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	_, changed, after, v := descriptorFlags(o)
	if v.Status != "" {
		return v
	}
	his, mine := closeOnExec(changed.state[changed.by.Name]), closeOnExec(after.state[after.by.Name])
	file := after.state[after.by.Name].Files
	switch {
	case his != "50: 0, 51: 1" || mine != "50: 1, 51: 0":
		return o.Fail(fmt.Sprintf("fdinfo: the child changed its flags to %s, the parent then had %s", his, mine), "the flag is not the descriptor's own")
	case file["fd/50"] != file["fd/51"] || file["fd/50"] == "":
		return o.Fail(fmt.Sprintf("50 is %s, 51 is %s", file["fd/50"], file["fd/51"]), "they are not two descriptors of one file")
	}
	return o.Passed("the child changed its own to %s, the parent had %s afterwards", his, mine)
}

func descriptorsEOF(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	pipe := ""
	for _, e := range o.Events(trace.KindPipe) {
		if e.Process == "P0" && pipe == "" {
			pipe = fmt.Sprint("fd/", e.Fd)
		}
	}
	var seen []string
	last := -1
	for _, m := range moments(o, "parent ") {
		rest, ok := strings.CutPrefix(m.line, fmt.Sprintf("parent %d: ", lab.Pid(m.by)))
		if !ok || !strings.Contains(rest, "write ends") {
			continue
		}
		inode := m.state[m.by.Name].Files[pipe]
		if !strings.HasPrefix(inode, "pipe:") {
			return o.Fail("descriptor "+pipe+" of the parent is "+or(inode, "closed"), "the parent has no pipe to read from")
		}
		open := 0
		for _, p := range m.state {
			for name, link := range p.Files {
				n, isFd := strings.CutPrefix(name, "fd/")
				if isFd && link == inode && procfs.Fdinfo(p.Files["fdinfo/"+n]).Flags()&unix.O_ACCMODE == unix.O_WRONLY && p.Files.Stat(3) != "Z" {
					open++
				}
			}
		}
		var said int
		fmt.Sscanf(rest, "%d write ends", &said)
		end := strings.HasSuffix(rest, ", end of file: 0 bytes")
		if said != open || end != (open == 0) {
			return o.Fail(fmt.Sprintf("%d write ends were open in all processes when the parent printed %q", open, rest), "the end of the file and the last close do not belong together")
		}
		seen = append(seen, rest)
		last = open
	}
	if last != 0 || len(seen) != 4 {
		return o.Fail("the parent looked at the pipe "+times(len(seen)), "it did not get to the end of the file")
	}
	return o.Passed("open write ends in /proc, and what the reader got: %s", strings.Join(seen, "; "))
}

func descriptorsOpendir(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	m, v := said(o, ": close-on-exec of / from the library ")
	if v.Status != "" {
		return v
	}
	with, without := 0, 0
	for name, link := range m.state[m.by.Name].Files {
		n, isFd := strings.CutPrefix(name, "fd/")
		if !isFd || link != "/" {
			continue
		}
		if procfs.Fdinfo(m.state[m.by.Name].Files["fdinfo/"+n]).Flags()&unix.O_CLOEXEC != 0 {
			with++
		} else {
			without++
		}
	}
	if with != 1 || without != 1 || !strings.HasSuffix(m.line, "from the library 1, from open 0") {
		return o.Fail(fmt.Sprintf("of the descriptors of / in fdinfo %d have close-on-exec, %d have not; the program printed %q", with, without, m.line), "the library did not ask for it, or open did")
	}
	return o.Passed("fdinfo: the library's has it, open's has not")
}

// descriptorsMoments are where to stop in a run of the experiment.
var descriptorsMoments = []lab.Moment{
	{
		Name: "close",
		Says: "The child closes its descriptor. The parent's descriptor of the same number stays open: each process has a table of its own.",
		At:   lab.AtLine("closed its descriptor"),
	},
	{
		Name: "eof",
		Says: "The last copy of the write end is closed: only now does the reader get the end of the file.",
		At:   lab.AtLine("end of file: 0 bytes"),
	},
}

// descriptorsQuestions are what to ask before it is shown.
var descriptorsQuestions = []lab.Question{
	{
		Name:    "close",
		Ask:     "The child closes descriptor 50. What can the parent still do with its descriptor 50?",
		Answers: []string{"nothing: it is closed too", "write to it as before"},
		Right:   lab.Says("write to it as before", "wrote to its descriptor"),
		Why:     "fork copies the table of descriptors. close removes an entry from one table.",
		Moment:  "close",
	},
	{
		Name:    "eof",
		Ask:     "Three processes have the write end of a pipe open. When does the reader get the end of the file?",
		Answers: []string{"when the first of them closes it", "when the last of them closes it", "when the parent closes it"},
		Right:   lab.Says("when the last of them closes it", "0 write ends, end of file"),
		Why:     "As long as one descriptor for writing is open, more bytes may come.",
		Moment:  "eof",
	},
}
