package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Cloexec checks which descriptors an exec closes.
var Cloexec = &lab.Experiment{
	Dir: "exec", Name: "cloexec", Ref: "§8.10, Ex. 8.7",
	Title:    "which descriptors stay open",
	Exercise: true,
	Task: `A process has two descriptors, both above 2, of a regular file data.txt
that the program made: one with the flag close-on-exec and one without.
They may be of one open file or of two. It executes a program. If the
process is a child, its parent had both descriptors, keeps both until it
has reaped the child, and reaps it. Which program it is is free: it ends
by itself.`,
	Claims: []lab.Claim{
		{
			Name:   "flags",
			Says:   "at the exec the process has two descriptors of data.txt above 2, one with close-on-exec and one without",
			Why:    "because the flag belongs to a descriptor, not to the open file",
			Points: 2,
			Hints: [3]string{
				"Which descriptors of the file does the process have at its exec, and with which flags?",
				"F_SETFD sets the flag of a descriptor; F_SETFL sets flags of the open file. dup makes a descriptor without the flag.",
				"fcntl(fd, F_SETFD, FD_CLOEXEC), or O_CLOEXEC in open or dup3, in the process that calls exec.",
			},
			Judge: cloexecTwo,
		},
		{
			Name:   "closed",
			Says:   "after the exec the one with the flag is closed",
			Why:    "because the kernel closes it when the exec succeeds",
			Points: 2,
			Needs:  []string{"flags"},
			Hints:  [3]string{"Which descriptors does the new program have?", "The kernel closes the descriptors with the flag.", "ls -l /proc/PID/fd while the new program runs"},
			Judge:  cloexecClosed,
		},
		{
			Name:   "kept",
			Says:   "after the exec the one without the flag is open, with the same file and offset",
			Why:    "because an exec keeps open descriptors",
			Points: 2,
			Needs:  []string{"flags"},
			Hints:  [3]string{"Which descriptors does the new program have?", "A descriptor without the flag stays open.", "do not close it before the exec"},
			Judge:  cloexecKept,
		},
		{
			Name:   "parents",
			Says:   "both are still open in the parent after the child's exec",
			Why:    "because the exec closes descriptors of one process",
			Points: 1,
			Needs:  []string{"flags"},
			Hints:  [3]string{"Which descriptors does the parent have when the child has executed the program?", "The table of descriptors was copied by the fork.", "close nothing in the parent before waitpid"},
			Judge:  cloexecParents,
		},
		collected(onPipe, 1, false, true, execers),
		lab.AsAskedClaim("", onPipe),
		{
			Name: "opendir", Ours: true,
			Says:  "the descriptor inside a directory stream is closed by the exec, one from open is not",
			Why:   "because a new program could not use the stream: it was in memory",
			Ref:   "Ex. 8.7",
			Hints: [3]string{"Run it with --opendir.", "POSIX wants the flag on the descriptor of opendir.", "dirfd() and fcntl(F_GETFD)"},
			Judge: cloexecDirectory,
		},
		{
			Name: "lock-lost", Ours: true,
			Says:  "a record lock is lost at the exec, although its descriptor stays open, because another descriptor of the file had the flag; a flock lock stays",
			Why:   "because a process that closes any descriptor of a file loses its record locks on the file",
			Hints: [3]string{"Run it with --lock.", "A record lock belongs to the process and the file, not to a descriptor.", "F_GETLK in another process"},
			Judge: cloexecLock,
		},
		{
			Name: "leak", Ours: true,
			Says:  "a write end of a pipe without the flag stays open in the new program, so the reader gets no end of file until that ends; with the flag it gets it at the exec",
			Why:   "because a reader gets end of file when the last write end is closed",
			Hints: [3]string{"Run it with --leak.", "The new program does not know of the descriptor, and does not close it.", "pipe2(fd, O_CLOEXEC)"},
			Judge: cloexecLeak,
		},
		{
			Name: "failed-keeps", Ours: true,
			Says:  "after an exec that failed the descriptor with the flag is still open",
			Why:   "because the kernel closes descriptors when the exec has succeeded",
			Hints: [3]string{"Run it with --failed.", "A failed exec changes nothing.", "fcntl(fd, F_GETFD) after exec"},
			Judge: cloexecFailed,
		},
	},
	Cast: func(o *lab.Observation) lab.Cast {
		parent, p := cloexecExecer(o)
		if parent == nil {
			return parentAndExecers(o)
		}
		return lab.Pair(parent, p)
	},
	Moments: []lab.Moment{{
		Name: "executed", Says: "An exec closes the descriptors that have close-on-exec. The others stay open, with their offsets.",
		At: func(o *lab.Observation) *trace.Event {
			_, p := cloexecExecer(o)
			return success(o, p)
		},
	}},
	Questions: []lab.Question{{
		Name: "parent", Ask: "The exec of the child closes descriptor 50, which has the flag. Is the parent's descriptor 50 closed too?",
		Answers: []string{"yes: it is the same open file", "no: the parent's descriptor is a copy", "only if the parent has the flag too"},
		Right: func(o *lab.Observation) string {
			parent, p := cloexecExecer(o)
			if parent == nil || success(o, p) == nil || lab.AtLine("50 is closed, 51 is open")(o) == nil {
				return ""
			}
			for _, e := range o.EventsOf(parent, trace.KindClose) {
				if e.Fd == 50 && e.Time < p.Died {
					return ""
				}
			}
			return "no: the parent's descriptor is a copy"
		},
		Why:    "fork copied the table of descriptors. The exec closes an entry of the child's table.",
		Moment: "executed",
	}, {
		Name: "default", Ask: "A C program opens a file with open and O_RDONLY, and executes another program. Has that program the descriptor?",
		Answers: []string{"no: an exec closes all but 0, 1 and 2", "yes: a descriptor without close-on-exec stays open", "only if it is the same file"},
		Right: func(o *lab.Observation) string {
			if _, p := cloexecExecer(o); p == nil || success(o, p) == nil || lab.AtLine("51 is open")(o) == nil {
				return ""
			}
			return "yes: a descriptor without close-on-exec stays open"
		},
		Why:    "The flag is off unless the program sets it, with O_CLOEXEC or F_SETFD. Go and Python set it themselves.",
		Moment: "executed",
	}},
}

const dataFile = "data.txt"

// cloexecFds are the descriptors above 2 of data.txt, those with the
// flag and those without.
func cloexecFds(f trace.ProcFiles) (flagged, plain []int) {
	for _, fd := range lab.DescriptorNumbers(f) {
		if fd <= 2 || filepath.Base(lab.Descriptors(f)[fd]) != dataFile {
			continue
		}
		if lab.DescriptorFlags(f, fd)&lab.OCloexec != 0 {
			flagged = append(flagged, fd)
		} else {
			plain = append(plain, fd)
		}
	}
	return flagged, plain
}

// oDirectory is O_DIRECTORY, which opendir sets, on the machine of the
// recording.
func oDirectory(o *lab.Observation) int {
	if strings.HasPrefix(o.Recording.Header.Arch, "arm") {
		return 0x4000
	}
	return 0x10000
}

// cloexecAt are the two descriptors at the exec.
func cloexecAt(b *lab.Bench) (o *lab.Observation, e *trace.Event, after trace.ProcFiles, flagged, plain int, bad *lab.Verdict) {
	o, e, before, after, bad := around(b, onPipe, cloexecExecer)
	if bad != nil {
		return o, e, after, 0, 0, bad
	}
	_, p := cloexecExecer(o)
	f, n := cloexecFds(before)
	if len(f) != 1 || len(n) != 1 {
		means := cloexecWhy(o, e, p, cloexecFound{before, f, n})
		v := o.Fail(fmt.Sprintf("descriptors of %s above 2 that %s has at its exec: %d with the flag, %d without", dataFile, o.Who(p), len(f), len(n)), means)
		return o, e, after, 0, 0, &v
	}
	if (lab.DescriptorFlags(before, n[0])|lab.DescriptorFlags(before, f[0]))&oDirectory(o) != 0 {
		v := o.Fail(dataFile+" is a directory", "the task asks for a regular file")
		return o, e, after, 0, 0, &v
	}
	return o, e, after, f[0], n[0], nil
}

// cloexecExecer is the process that executes the program of the experiment, and
// its parent: the one with most descriptors of the file.
func cloexecExecer(o *lab.Observation) (parent, p *trace.Process) {
	return execerWith(o, func(_ *lab.Observation, _ *trace.Process, _ *trace.Event, before trace.ProcFiles) int {
		f, n := cloexecFds(before)
		return len(f) + len(n)
	})
}

// cloexecWhy says why the process does not have one descriptor with the flag
// and one without it at its exec: how the program set the flag, or closed a
// descriptor, as far as it was recorded.
func cloexecWhy(o *lab.Observation, exec *trace.Event, p *trace.Process, found cloexecFound) string {
	have, why := len(found.flagged)+len(found.plain), found.why(o)
	for _, x := range lab.Before(o.Events(trace.KindFcntl, trace.KindClose, trace.KindDup), exec.Time) {
		by := o.Process(x.Process)
		if by == nil || filepath.Base(x.Object) != dataFile || x.Errno != "" {
			continue
		}
		late := p.Birth != nil && by == p.Parent && x.Time > p.Born
		place := lab.Where(x)
		switch {
		case have == 2 && x.Kind == trace.KindFcntl && x.Command == fSetfl && x.Value&(fdCloexec|lab.OCloexec) != 0:
			return "F_SETFL" + place + " sets flags of the open file description, and close-on-exec is not one of them: it is a flag of the descriptor, which F_SETFD sets"
		case have == 2 && noFlag(x):
			return openFlag(x)
		case have == 2 && x.Kind == trace.KindFcntl && x.Command == fSetfd && late:
			if place != "" {
				place += ","
			}
			return "the parent set the flag" + place + " after the fork: the child has descriptors of its own, which are copies, and its flags do not change"
		case have == 2 && x.Kind == trace.KindDup && !x.Cloexec:
			why = "the new descriptor of " + x.Call + place + " does not have the flag: use dup3 with O_CLOEXEC, or set it with F_SETFD"
		case have == 2 && x.Kind == trace.KindFcntl && x.Command == fSetfd && by == p && x.Value&fdCloexec == 0:
			why = o.Who(p) + " cleared the flag" + place + " before its exec"
		case have < 2 && x.Kind == trace.KindClose && by == p:
			why = o.Who(p) + " closed descriptor " + fmt.Sprint(x.Fd) + place + " itself: leave that to the exec"
		case have < 2 && x.Kind == trace.KindClose && by == p.Parent && !late:
			why = o.Who(by) + " had closed descriptor " + fmt.Sprint(x.Fd) + place + " before the fork"
		}
	}
	return why
}

// noFlag reports whether F_SETFD was given O_CLOEXEC: it does not set the flag.
func noFlag(x *trace.Event) bool {
	return x.Kind == trace.KindFcntl && x.Command == fSetfd && x.Value&fdCloexec == 0 && x.Value&lab.OCloexec != 0
}

// openFlag says so.
func openFlag(x *trace.Event) string {
	return "F_SETFD" + lab.Where(x) + " was given O_CLOEXEC, which is a flag of open: its own is FD_CLOEXEC"
}

// cloexecFound is what the process has at its exec: all its descriptors, and
// those of the file above 2, with the flag and without.
type cloexecFound struct {
	files          trace.ProcFiles
	flagged, plain []int
}

// why says what the descriptors lack, if nothing more is known.
func (f cloexecFound) why(o *lab.Observation) string {
	python := o.Processes()[0].Exec != nil && strings.HasPrefix(filepath.Base(o.Processes()[0].Exec.Path), "python")
	switch {
	case len(f.flagged) == 2 && python:
		return "both have the flag, which Python sets for each descriptor that it opens: clear it for one of them with os.set_inheritable"
	case len(f.flagged) == 2:
		return "both have the flag, and only one of them should have it"
	case len(f.plain) == 2:
		return "neither has the flag, and one of them should have it"
	case len(f.flagged)+len(f.plain) > 2:
		return "there should be one of each"
	}
	var others []string
	for _, fd := range lab.DescriptorNumbers(f.files) {
		switch to := lab.Descriptors(f.files)[fd]; {
		case filepath.Base(to) == dataFile && fd <= 2:
			return fmt.Sprintf("descriptor %d is one of the file too: the task asks for two descriptors above 2", fd)
		case fd > 2 && strings.HasPrefix(to, "/") && filepath.Base(to) != dataFile:
			others = append(others, fmt.Sprintf("descriptor %d is of %s", fd, show.Line(filepath.Base(to))))
		}
	}
	if len(others) > 0 && len(f.flagged)+len(f.plain) == 0 {
		return strings.Join(others, ", ") + ": the task asks for the name " + dataFile
	}
	for _, e := range o.Events(trace.KindOpen) {
		if e.Errno != "" && filepath.Base(e.Path) == dataFile {
			return fmt.Sprintf("the open of %s in %s%s failed with %s: O_CREAT makes the file if there is none", dataFile, o.Who(o.Process(e.Process)), lab.Where(e), e.Errno)
		}
	}
	return "the process should have two descriptors of the file"
}

// The commands of fcntl that set flags, and the flag of a descriptor.
const (
	fSetfd    = 2
	fSetfl    = 4
	fdCloexec = 1
)

func cloexecTwo(b *lab.Bench) lab.Verdict {
	o, _, _, flagged, plain, bad := cloexecAt(b)
	if bad != nil {
		return *bad
	}
	return o.Passed("at the exec descriptor %d has the flag and %d has not", flagged, plain)
}

func cloexecClosed(b *lab.Bench) lab.Verdict {
	o, _, after, flagged, _, bad := cloexecAt(b)
	if bad != nil {
		return *bad
	}
	if to, open := lab.Descriptors(after)[flagged]; open {
		return o.Fail(fmt.Sprintf("descriptor %d is still %s after the exec", flagged, filepath.Base(to)), "the exec did not close it")
	}
	return o.Passed("descriptor %d is closed after the exec", flagged)
}

func cloexecKept(b *lab.Bench) lab.Verdict {
	o, e, after, _, plain, bad := cloexecAt(b)
	if bad != nil {
		return *bad
	}
	before := files(o, e, atEntry)
	key := fmt.Sprintf("fdinfo/%d", plain)
	pos := func(f trace.ProcFiles) string {
		_, rest, _ := strings.Cut(f[key], "pos:")
		line, _, _ := strings.Cut(rest, "\n")
		return strings.TrimSpace(line)
	}
	to, open := lab.Descriptors(after)[plain]
	switch {
	case !open:
		return o.Fail(fmt.Sprintf("descriptor %d is closed after the exec", plain), "it should stay open")
	case filepath.Base(to) != dataFile || pos(before) != pos(after):
		return o.Fail(fmt.Sprintf("descriptor %d is %s at offset %s after the exec, it was at offset %s", plain, filepath.Base(to), pos(after), pos(before)), "it is not the same open file")
	}
	return o.Passed("descriptor %d is open after the exec, at offset %s as before", plain, pos(after))
}

func cloexecParents(b *lab.Bench) lab.Verdict {
	o, e, _, flagged, plain, bad := cloexecAt(b)
	if bad != nil {
		return *bad
	}
	parent, p := cloexecExecer(o)
	if parent == nil {
		return o.Passed("%s executed the program itself", o.Who(p)).Remark("there is no parent whose descriptors could be compared")
	}
	two := []int{flagged, plain} // the child may have set the flag itself
	for _, x := range o.EventsOf(parent, trace.KindClose) {
		if x.Errno == "" && x.Time > p.Born && x.Time < p.Reaped && slices.Contains(two, x.Fd) {
			return o.Fail(fmt.Sprintf("%s closed descriptor %d%s before it had reaped the child", o.Who(parent), x.Fd, lab.Where(x)), "it should keep both")
		}
	}
	of := filesOf(o, e, atSuccess, parent.Name)
	for _, fd := range two {
		if filepath.Base(lab.Descriptors(of)[fd]) != dataFile {
			return o.Fail(fmt.Sprintf("at the child's exec descriptor %d of %s is %s", fd, o.Who(parent), orNothing(of[fmt.Sprintf("fd/%d", fd)])),
				fmt.Sprintf("the parent did not have both: open %s before the fork", dataFile))
		}
	}
	return o.Passed("both descriptors are open in the parent after the child's exec")
}

func cloexecDirectory(b *lab.Bench) lab.Verdict {
	o, e, before, after, bad := around(b, executed("--opendir"), cloexecExecer)
	if bad != nil {
		return *bad
	}
	var flagged, plain []int
	for _, fd := range lab.DescriptorNumbers(before) {
		if lab.Descriptors(before)[fd] != "/" || fd <= 2 {
			continue
		}
		if lab.DescriptorFlags(before, fd)&lab.OCloexec != 0 {
			flagged = append(flagged, fd)
		} else {
			plain = append(plain, fd)
		}
	}
	if len(flagged) != 1 || len(plain) != 1 {
		return o.Fail(fmt.Sprintf("at the exec of %s there are %d descriptors of / with the flag and %d without", e.Path, len(flagged), len(plain)), "there should be one of each")
	}
	open := lab.Descriptors(after)
	if _, is := open[flagged[0]]; is || open[plain[0]] != "/" {
		return o.Fail(fmt.Sprintf("after the exec the descriptors are %v", lab.DescriptorNumbers(after)), "the one from open should be there, the other not")
	}
	return o.Passed("descriptor %d of the directory stream was closed by the exec, %d from open was not", flagged[0], plain[0])
}

// cloexecLocks are the lines of fdinfo about locks, of all descriptors.
func cloexecLocks(f trace.ProcFiles) (record, flock bool) {
	for k, text := range f {
		if !strings.HasPrefix(k, "fdinfo/") {
			continue
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "lock:") {
				record = record || strings.Contains(line, "POSIX")
				flock = flock || strings.Contains(line, "FLOCK")
			}
		}
	}
	return record, flock
}

func cloexecLock(b *lab.Bench) lab.Verdict {
	o, _, before, after, bad := around(b, executed("--lock"), cloexecExecer)
	if bad != nil {
		return *bad
	}
	r1, f1 := cloexecLocks(before)
	r2, f2 := cloexecLocks(after)
	switch {
	case !r1 || !f1:
		return o.Fail(fmt.Sprintf("before the exec there is a record lock: %t, a flock lock: %t", r1, f1), "the child should have both")
	case r2 || !f2:
		return o.Fail(fmt.Sprintf("after the exec there is a record lock: %t, a flock lock: %t", r2, f2), "the record lock should be lost, and the flock lock kept")
	}
	return o.Passed("fdinfo shows both locks before the exec, and only the flock lock after it")
}

func cloexecLeak(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--leak"))
	parent, kids := execers(o)
	if len(kids) != 2 {
		return o.Fail(o.Family(), "two children should execute programs")
	}
	for i, want := range []bool{false, true} {
		e := success(o, kids[i])
		if e == nil {
			return o.Fail(o.Who(kids[i])+": "+failures(o, kids[i]), "its exec failed")
		}
		before, after := files(o, e, atEntry), files(o, e, atSuccess)
		held := cloexecLeaked(before, after, filesOf(o, e, atSuccess, parent.Name))
		if held != want {
			return o.Fail(fmt.Sprintf("the new program of %s has a write end of its parent's pipe: %t", o.Who(kids[i]), held), "it should have it only without the flag")
		}
	}
	lines := lab.Texts(o.Told(parent))
	for i, want := range []string{": end of file, and the program runs", ": no end of file, and the program runs", ": end of file, and the program has ended"} {
		if i >= len(lines) || !strings.HasSuffix(lines[i], want) {
			return o.Fail("the parent printed "+lab.Quote(lines), "its reads should have found this")
		}
	}
	return o.Passed("with the flag the pipe ended at the exec; without it the new program had a write end until it ended")
}

// cloexecLeaked reports whether the new program has a write end of a
// pipe whose read end the parent has, besides its standard descriptors.
func cloexecLeaked(_, after, parent trace.ProcFiles) bool {
	for fd, to := range lab.Descriptors(after) {
		if fd <= 2 || !strings.HasPrefix(to, "pipe:") || lab.DescriptorFlags(after, fd)&lab.OAccmode != lab.OWronly {
			continue
		}
		for _, p := range lab.Descriptors(parent) {
			if p == to {
				return true
			}
		}
	}
	return false
}

func cloexecFailed(b *lab.Bench) lab.Verdict {
	o := b.Run(executed("--failed"))
	_, kids := execers(o)
	if len(kids) != 1 || success(o, kids[0]) != nil {
		return o.Fail(o.Family(), "one child should call an exec that fails")
	}
	all := tries(o, kids[0])
	e := all[len(all)-1]
	after := files(o, e, atFailure)
	if after == nil {
		return o.Fail("the child was not seen after its exec", "nothing can be compared")
	}
	if lab.DescriptorFlags(after, 50)&lab.OCloexec == 0 {
		return o.Fail(fmt.Sprintf("after the exec that failed with %s descriptor 50 is %s", e.Errno, orNothing(after["fd/50"])), "a failed exec should close nothing")
	}
	return o.Passed("after the exec that failed with %s descriptor 50 is open, with the flag", e.Errno)
}
