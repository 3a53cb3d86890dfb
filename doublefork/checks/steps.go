package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// whyClaims are what the steps of the daemon's recipe are for.
var whyClaims = []lab.Claim{
	{
		Name:   "setuid-is-not-setsid",
		Says:   "setuid leaves session, group and terminal as they were; setsid makes a new session and group without a terminal",
		Why:    "because older notes on daemons name the wrong one of the two",
		Points: 1,
		Hints:  [3]string{"what does each of the two change?", "one changes who the process is, the other where it belongs", "setsid"},
		Judge:  whySetsid,
	},
	{
		Name:   "leader-acquires",
		Says:   "a session leader that opens a terminal acquires it as its controlling terminal, its child in the same session does not",
		Why:    "because on Linux, as on System V, opening is enough for a leader without a terminal",
		Points: 1,
		Hints:  [3]string{"what does the second fork take away?", "only a session leader can acquire a controlling terminal", "fork once more after setsid, or open with O_NOCTTY always"},
		Judge:  whyFork,
	},
	{
		Name:   "busy",
		Says:   "a file system cannot be unmounted while a process works in it, and can when that has changed to /",
		Why:    "because a working directory is a reference to its file system",
		Points: 1,
		Hints:  [3]string{"what does umount say when a daemon runs there?", "EBUSY: something refers to the file system", "chdir"},
		Judge:  whyChdir,
	},
	{
		Name:   "created-0666",
		Says:   "a file created with mode 0666 gets 0644 under the mask 022 and 0666 under the mask 0",
		Why:    "because the kernel takes the mask's bits from the mode that open is given",
		Points: 1,
		Hints:  [3]string{"which bits did the daemon ask for, and which did it get?", "mode & ~mask", "umask"},
		Judge:  whyUmask,
	},
}

// whyRun is on a terminal, so that there is one to lose.
func whyRun(step string) lab.Run { return watched(sandbox.Pty, "-why", step) }

func whySetsid(b *lab.Bench) lab.Verdict {
	o := b.Run(whyRun("setsid"))
	uid, sid := moments(o, "after setuid: "), moments(o, "after setsid: ")
	if len(uid) != 1 || len(sid) != 1 {
		return o.Fail("it printed "+lab.Quote(o.Lines()), "the two calls were not made")
	}
	name := uid[0].write.Process
	before, after, shell := uid[0].state[name], sid[0].state[name], uid[0].state["P0"]
	said := fmt.Sprintf("after setuid uids %s, session %s, group %s, tty_nr %s; after setsid session %s, group %s, tty_nr %s",
		before.Status("Uid"), before.Stat(statSession), before.Stat(statGroup), before.Stat(statTty),
		after.Stat(statSession), after.Stat(statGroup), after.Stat(statTty))
	for _, f := range []int{statSession, statGroup, statTty} {
		if before.Stat(f) != shell.Stat(f) {
			return o.Fail(said, "setuid changed more than user ids")
		}
	}
	pid := after.Status("Pid")
	if before.StatNumber(statTty) == 0 || after.Stat(statSession) != pid || after.Stat(statGroup) != pid || after.StatNumber(statTty) != 0 {
		return o.Fail(said, "setsid was not called, or there was no terminal to lose")
	}
	return o.Passed("%s", said)
}

func whyFork(b *lab.Bench) lab.Verdict {
	o := b.Run(whyRun("fork"))
	leader, child := moments(o, "a session leader opens a terminal"), moments(o, "its child opens a terminal")
	if len(leader) != 1 || len(child) != 1 {
		return o.Fail("it printed "+lab.Quote(o.Lines()), "the two terminals were not opened")
	}
	l, c := leader[0].state[leader[0].write.Process], child[0].state[child[0].write.Process]
	said := fmt.Sprintf("the leader of session %s has tty_nr %s, the child in session %s has %s",
		l.Stat(statSession), l.Stat(statTty), c.Stat(statSession), c.Stat(statTty))
	leads := func(s state) bool { return s.Stat(statSession) == s.Status("Pid") }
	switch {
	case !leads(l) || leads(c):
		return o.Fail(said, "the one has to lead its session, the other not")
	case whyOpened(o, leader[0].write.Process) == 0 || whyOpened(o, child[0].write.Process) == 0:
		return o.Fail("one of them opened no terminal", "then it can acquire none")
	case l.StatNumber(statTty) == 0 || c.StatNumber(statTty) != 0:
		return o.Fail(said, "the leader acquires the terminal that it opens, and nobody else does")
	}
	return o.Passed("%s", said)
}

// whyOpened counts the terminals that the process opened.
func whyOpened(o *lab.Observation, process string) int {
	n := 0
	for _, e := range o.Events(trace.KindOpen) {
		if e.Process == process && e.Errno == "" && strings.HasPrefix(e.Path, "/dev/pts/") {
			n++
		}
	}
	return n
}

func whyChdir(b *lab.Bench) lab.Verdict {
	o := b.Run(whyRun("chdir"))
	in, out := moments(o, "in the file system: "), moments(o, "in /: ")
	if o.Status == 2<<8 && len(in) == 0 {
		return lab.Cannot(strings.TrimSpace(string(o.Stderr)), "run it as root, or allow user namespaces")
	}
	if len(in) != 1 || len(out) != 1 {
		return o.Fail("it printed "+lab.Quote(o.Lines()), "it did not try twice")
	}
	name := in[0].write.Process
	var seen []string // what opening its file gave, each time
	for _, e := range o.Events(trace.KindOpen) {
		if e.Process == name && strings.HasSuffix(e.Path, "/mounted") && e.Flags&lab.OPath != 0 {
			seen = append(seen, e.Errno)
		}
	}
	there, gone := in[0].state[name]["cwd"], out[0].state[name]["cwd"]
	said := fmt.Sprintf("working in %s its file could be opened (%q), working in %s it could not (%q)", there, first(seen), gone, last(seen))
	if len(seen) != 2 || seen[0] != "" || seen[1] != "ENOENT" || there == "/" || gone != "/" {
		return o.Fail(said, "the file system was to stay mounted while somebody worked in it, and to go then")
	}
	return o.Passed("in its directory the file system stayed mounted; in / it could be unmounted, and its file was ENOENT")
}

func first(s []string) string {
	if len(s) == 0 {
		return "never tried"
	}
	return s[0]
}

func last(s []string) string {
	if len(s) == 0 {
		return "never tried"
	}
	return s[len(s)-1]
}

func whyUmask(b *lab.Bench) lab.Verdict {
	o := b.Run(whyRun("umask"))
	var masks []int
	for _, e := range o.Events(trace.KindUmask) {
		masks = append(masks, e.Mask)
	}
	if len(masks) != 2 || masks[0] != 0o022 || masks[1] != 0 {
		return o.Fail(fmt.Sprintf("the masks set were %o", masks), "they were to be 022 and 0")
	}
	for _, p := range o.Processes() {
		if !lab.Execed(p) || !strings.HasSuffix(p.Exec.Path, "/stat") {
			continue
		}
		said := lab.Lines(o.Wrote(p))
		if strings.Join(said, ", ") == "644 under-umask-022, 666 under-umask-000" {
			return o.Passed("stat(1) says %s", strings.Join(said, ", "))
		}
		return o.Fail("stat(1) says "+lab.Quote(said), "the masks were to make the difference")
	}
	return o.Fail(o.Family(), "stat(1) was not asked")
}
