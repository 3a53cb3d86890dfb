package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Inherit checks the first list of section 8.3, one claim for each
// attribute: what /proc says of a parent that has an unusual value,
// of its child, and of the process that made the parent and has the
// usual one.
var Inherit = &lab.Experiment{
	Dir: "fork", Name: "inherit", Ref: "§8.3",
	Title:     "what a child inherits beside memory and files",
	Claims:    inheritClaims(),
	Moments:   inheritMoments,
	Questions: inheritQuestions,
	Cast:      lab.ByName(rowRoles),
}

// rowRoles names the processes of a table: each row has a parent
// and a child of its own.
func rowRoles(o *lab.Observation) map[string]string {
	roles := map[string]string{"P0": "original"}
	for _, p := range o.Processes() {
		switch strings.Count(p.Name, ".") {
		case 1:
			roles[p.Name] = "parent"
		case 2:
			roles[p.Name] = "child"
		}
	}
	return roles
}

// childRoles are those of a parent whose children all do the same.
func childRoles(o *lab.Observation) map[string]string {
	roles := rowRoles(o)
	for name := range roles {
		roles[name] = "child"
	}
	roles["P0"] = "parent"
	return roles
}

// An inherited attribute: how it is called, and what the kernel
// says of it.
type inherited struct {
	name, row string
	says      string // "the … "
	where     string // in /proc/PID
	call      string // that sets it, for the last hint
	root      bool   // changing it takes privileges
	read      func(trace.ProcState) string
	shows     func(string) string // the printed word for what was read; nil: the same
}

func uidOf(key string, which int) func(trace.ProcState) string {
	return func(p trace.ProcState) string {
		if f := strings.Fields(p.Files.Status(key)); which < len(f) {
			return f[which]
		}
		return ""
	}
}

func statOf(field int) func(trace.ProcState) string {
	return func(p trace.ProcState) string { return p.Files.Stat(field) }
}

func fileOf(name string) func(trace.ProcState) string {
	return func(p trace.ProcState) string { return p.Files[name] }
}

// actionOf says what the process does with a signal.
func actionOf(sig unix.Signal) func(trace.ProcState) string {
	return func(p trace.ProcState) string {
		switch {
		case p.Files["status"] == "":
			return ""
		case has(p.Files.Signals("SigIgn"), int(sig)):
			return "ignored"
		case has(p.Files.Signals("SigCgt"), int(sig)):
			return "caught"
		}
		return "default"
	}
}

// mappedFrom are the mappings of what has this in its name: where,
// how and of which file.
func mappedFrom(name string) func(trace.ProcState) string {
	return func(p trace.ProcState) string {
		var all []string
		for _, m := range mappings(p) {
			if strings.Contains(m.path, name) {
				all = append(all, m.ranges+" "+m.perms+" inode "+m.inode)
			}
		}
		return strings.Join(all, ", ")
	}
}

// closeOnExec is the flag of 50 and 51 in fdinfo, where it is among the flags
// of open.
func closeOnExec(p trace.ProcState) string {
	var all []string
	for _, fd := range []string{"50", "51"} {
		if info, ok := p.Files.Fdinfo(fd); ok {
			all = append(all, fmt.Sprintf("%s: %d", fd, info.Flags()&unix.O_CLOEXEC/unix.O_CLOEXEC))
		}
	}
	return strings.Join(all, ", ")
}

func fileLimit(p trace.ProcState) string {
	l, _ := p.Files.Limit("Max file size")
	return l.Soft
}

func printed(format string) func(string) string {
	return func(read string) string { return fmt.Sprintf(format, read) }
}

func word(w string) func(string) string { return func(string) string { return w } }

// inheritedAll is the list, in the order of the book's, as far as
// /proc tells; the environment, which it does not, is the claim
// behind it.
var inheritedAll = []inherited{
	{name: "ruid", row: "real user ID", says: "the real user ID", where: "status, Uid", call: "setresuid", root: true, read: uidOf("Uid", 0)},
	{name: "euid", row: "effective user ID", says: "the effective user ID", where: "status, Uid", call: "setresuid", root: true, read: uidOf("Uid", 1)},
	{name: "suid", row: "saved set-user-ID", says: "the saved set-user-ID, what is left of the set-user-ID flag,", where: "status, Uid", call: "setresuid", root: true, read: uidOf("Uid", 2)},
	{name: "rgid", row: "real group ID", says: "the real group ID", where: "status, Gid", call: "setresgid", root: true, read: uidOf("Gid", 0)},
	{name: "egid", row: "effective group ID", says: "the effective group ID", where: "status, Gid", call: "setresgid", root: true, read: uidOf("Gid", 1)},
	{name: "sgid", row: "saved set-group-ID", says: "the saved set-group-ID, what is left of the set-group-ID flag,", where: "status, Gid", call: "setresgid", root: true, read: uidOf("Gid", 2)},
	{name: "groups", row: "supplementary groups", says: "the list of supplementary group IDs", where: "status, Groups", call: "setgroups", root: true,
		read: func(p trace.ProcState) string { return p.Files.Status("Groups") }},
	{name: "pgid", row: "process group ID", says: "the process group ID", where: "stat, field 5", call: "setpgid", read: statOf(5)},
	{name: "sid", row: "session ID", says: "the session ID", where: "stat, field 6", call: "setsid", read: statOf(6)},
	{name: "tty", row: "controlling terminal", says: "the controlling terminal", where: "stat, field 7", call: "setsid, then ioctl(TIOCSCTTY)", read: statOf(7), shows: word("opens as /dev/tty")},
	{name: "cwd", row: "working directory", says: "the current working directory", where: "cwd", call: "chdir", read: fileOf("cwd")},
	{name: "root", row: "root directory", says: "the root directory", where: "root", call: "chroot", root: true, read: fileOf("root")},
	{name: "umask", row: "file mode creation mask", says: "the file mode creation mask", where: "status, Umask", call: "umask", read: func(p trace.ProcState) string { return p.Files.Status("Umask") }},
	{name: "mask", row: "signal mask", says: "the signal mask", where: "status, SigBlk", call: "sigprocmask", read: func(p trace.ProcState) string { return p.Files.Status("SigBlk") }},
	{name: "ignored", row: "ignored signal", says: "the disposition of an ignored signal", where: "status, SigIgn", call: "sigaction with SIG_IGN", read: actionOf(unix.SIGUSR2), shows: printed("SIGUSR2 %s")},
	{name: "default", row: "default signal", says: "the disposition of a signal that has its default", where: "status, SigIgn and SigCgt", call: "sigaction with SIG_DFL", read: actionOf(unix.SIGUSR1), shows: printed("SIGUSR1 %s")},
	{name: "caught", row: "caught signal", says: "the disposition of a caught signal", where: "status, SigCgt", call: "sigaction with a handler", read: actionOf(unix.SIGUSR1), shows: printed("SIGUSR1 %s")},
	{name: "cloexec", row: "close-on-exec flags", says: "the close-on-exec flag of each descriptor", where: "fdinfo/50 and 51", call: "dup3 with O_CLOEXEC", read: closeOnExec},
	{name: "shm", row: "shared memory segment", says: "an attached shared memory segment", where: "smaps, /SYSV…", call: "shmget and shmat", read: mappedFrom("/SYSV"), shows: word("hello")},
	{name: "mapping", row: "memory mapping", says: "a memory mapping", where: "smaps, /memfd:inherit", call: "mmap", read: mappedFrom("/memfd:inherit"), shows: word("hello")},
	{name: "limits", row: "resource limit", says: "a resource limit", where: "limits", call: "setrlimit", read: fileLimit, shows: printed("%s bytes")},
	{name: "nice", row: "nice value", says: "the nice value, which POSIX leaves to the system,", where: "stat, field 19", call: "setpriority", read: statOf(19)},
}

func inheritClaims() []lab.Claim {
	var all []lab.Claim
	for _, a := range inheritedAll {
		c := lab.Claim{
			Name:   a.name,
			Says:   "the child has inherited " + a.says + " of its parent",
			Points: 1,
			Hints: [3]string{
				"give the parent a value that it would not have by itself, then fork and compare",
				"the kernel shows it in /proc/PID/" + a.where,
				"set it with " + a.call + " before fork()",
			},
			Judge: a.judge,
		}
		if a.name == "nice" {
			c.Ref = "§8.16"
		}
		all = append(all, c)
	}
	env := lab.Claim{
		Name:   "environment",
		Says:   "the child has a copy of its parent's environment, and changes only the copy",
		Why:    "because the environment is memory of the process, which /proc/PID/environ shows only as it was at the exec",
		Points: 1,
		Hints: [3]string{
			"set a variable before the fork that no other process could know",
			"environ is an array in the process's memory, copied like the rest",
			"setenv before fork(), getenv in both; setenv in the child and getenv in the parent once more",
		},
		Judge: inheritEnvironment,
	}
	at := slices.IndexFunc(all, func(c lab.Claim) bool { return c.Name == "shm" })
	return slices.Insert(all, at, env)
}

// A row is a line of a table with its two processes.
type row struct {
	moment
	columns       []string
	parent, child *trace.Process
}

// findRow returns the row of that name; Observed of the verdict is
// set if there is none that can be judged.
func findRow(o *lab.Observation, name string) (row, lab.Verdict) {
	all := moments(o, name+"  ")
	if len(all) != 1 {
		return row{}, o.Fail(fmt.Sprintf("the row %s came %s", name, times(len(all))), "nothing, or too much, was seen of it")
	}
	m := all[0]
	r := row{moment: m, columns: fields(m.line), parent: m.by}
	switch {
	case strings.Contains(m.line, "  needs root: "):
		return r, lab.Cannot(name+": "+r.columns[1], "run it as root, in a container with --privileged or outside of one")
	case len(lab.Forked(m.by)) == 0:
		return r, o.Fail(o.Family(), "the process that printed the row "+name+" has no forked child")
	case len(r.columns) != 3:
		return r, o.Fail(fmt.Sprintf("it printed %q", m.line), "a row has a name and two values")
	}
	for _, c := range lab.Forked(m.by) {
		if c.Born < m.write.Time {
			r.child = c // the latest: others are dead, and waited for
		}
	}
	if r.child == nil {
		return r, o.Fail("the row "+name+" came before the fork", "there was no child to compare with")
	}
	if m.state[r.parent.Name].Files == nil || m.state[r.child.Name].Files == nil {
		return r, o.Fail("one of the two was gone when the row was printed", "the values of a dead process cannot be read")
	}
	return r, lab.Verdict{}
}

func (a inherited) judge(b *lab.Bench) lab.Verdict {
	run := measured()
	if a.root {
		run = measured("-root")
	}
	o := b.Run(run)
	r, v := findRow(o, a.row)
	if v.Status != "" {
		return v
	}
	outer, parent, child := a.read(r.state["P0"]), a.read(r.state[r.parent.Name]), a.read(r.state[r.child.Name])
	shown := parent
	if a.shows != nil {
		shown = a.shows(parent)
	}
	where := "/proc/PID/" + a.where
	switch {
	case parent == outer || parent == "":
		return o.Fail(fmt.Sprintf("%s of the parent, and of the process that made it: %q", where, parent), "the parent's value was not unusual, so that it proves nothing")
	case child != parent:
		return o.Fail(fmt.Sprintf("%s: %q in the parent, %q in the child", where, parent, child), "the child has a value of its own")
	case r.columns[1] != shown && (a.name != "pgid" && a.name != "sid"):
		return o.Fail(fmt.Sprintf("%s: %q, the parent printed %q", where, parent, r.columns[1]), "the program does not tell what the kernel says")
	case r.columns[2] != r.columns[1]:
		return o.Fail(fmt.Sprintf("the parent told %q, the child %q", r.columns[1], r.columns[2]), "the two do not find the same in themselves")
	}
	if a.name == "caught" {
		// The twin's child sends itself the signal.
		for _, e := range o.Events(trace.KindSignal) {
			if e.Process == r.child.Name && e.Signal == int(unix.SIGUSR1) && (r.child.Exit == nil || r.child.Exit.Status != 0) {
				return o.Fail("SIGUSR1 ended the child", "it was not caught")
			}
		}
	}
	return o.Passed("%s: %s in both, and %s in the process above", where, parent, or(outer, "nothing"))
}

func or(s, empty string) string {
	if s == "" {
		return empty
	}
	return s
}

func inheritEnvironment(b *lab.Bench) lab.Verdict {
	o := b.Run(measured())
	r, v := findRow(o, "environment")
	if v.Status != "" {
		return v
	}
	want := fmt.Sprintf("set by %d", lab.Pid(r.parent))
	told := ""
	for _, e := range o.Events(trace.KindWrite) {
		if e.Process == r.child.Name && e.Fd != 1 {
			told = string(lab.Taken(e)) // into the pipe to its parent
			break
		}
	}
	switch {
	case told != want || r.columns[2] != want:
		return o.Fail(fmt.Sprintf("the child found %q", told), fmt.Sprintf("its parent had set the variable to %q before the fork", want))
	case r.columns[1] != want:
		return o.Fail(fmt.Sprintf("the parent found %q when the child had changed its own", r.columns[1]), "the environment is not a copy")
	}
	return o.Passed("the child wrote %q, which only its parent knew, and its change did not reach the parent", want)
}

// inheritMoments are where to stop in a run of the experiment.
var inheritMoments = []lab.Moment{
	{
		Name: "fork",
		Says: "Everything in the left column was set by the parent before this fork.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "umask",
		Says: "The child prints the parent's file mode creation mask: it inherited it.",
		At:   lab.AtLine("file mode creation mask"),
	},
}

// inheritQuestions are what to ask before it is shown.
var inheritQuestions = []lab.Question{
	{
		Name:    "mask",
		Ask:     "The parent has set its umask to 0135. What is the child's umask?",
		Answers: []string{"0", "022, the usual one", "0135"},
		Right: lab.If("0135", func(o *lab.Observation) bool {
			e := lab.AtLine("file mode creation mask")(o)
			return e != nil && strings.Count(string(lab.Taken(e)), "0135") >= 2
		}),
		Why:    "The umask is one of the many things that a child inherits.",
		Moment: "umask",
	},
	{
		Name:    "signal",
		Ask:     "The parent ignores SIGUSR2. What does the child do with it?",
		Answers: []string{"it ignores it too", "it has the default action", "it asks its parent"},
		Right:   lab.Says("it ignores it too", "SIGUSR2 ignored"),
		Why:     "fork copies the signal dispositions, the ignored ones and the caught ones.",
	},
}
