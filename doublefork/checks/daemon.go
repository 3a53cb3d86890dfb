package checks

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// Daemon checks a process that belongs to no terminal.
var Daemon = &lab.Experiment{
	Dir: "doublefork", Name: "daemon", Ref: "§8.6, §13.3",
	Title: "a process that belongs to no terminal",
	Claims: append([]lab.Claim{
		{
			Name:   "steps",
			Says:   "the recipe is followed: fork, setsid, fork and the session leader ends, then chdir, umask, descriptors 0 to 2 replaced, the others closed, exec",
			Why:    "because each step takes away something that ties a process to where it was started",
			Points: 3,
			Hints: [3]string{
				"which ties does a process have to the shell that started it?",
				"its parent, its session and terminal, its directory, its mask, its descriptors: one step for each",
				"fork, setsid, fork, chdir, umask, dup2, close_range",
			},
			Judge: daemonSteps,
		},
		{
			Name:   "session",
			Says:   "the daemon is in a new session and group that it does not lead, and has no controlling terminal",
			Why:    "because setsid made them for its parent, which has ended",
			Points: 2,
			Hints: [3]string{
				"which process called setsid, and is it the daemon?",
				"the caller of setsid leads the session; its child is in it and does not lead it",
				"setsid in the first child, then fork",
			},
			Judge: daemonSession,
		},
		{
			Name:   "directory",
			Says:   "the daemon's working directory is /",
			Why:    "because any other might be on a file system that somebody wants to unmount",
			Points: 1,
			Hints:  [3]string{"where does the daemon run?", "a working directory keeps its file system busy", "chdir"},
			Judge: daemonState("directory", func(s state) (string, bool) {
				return "its working directory is " + s["cwd"], s["cwd"] == "/"
			}),
		},
		{
			Name:   "mask",
			Says:   "the daemon's file mode creation mask is 0",
			Why:    "because the one it inherited is the taste of who started it",
			Points: 1,
			Hints:  [3]string{"with what mode are its files made?", "the mask is inherited, and takes bits from what open is given", "umask"},
			Judge: daemonState("mask", func(s state) (string, bool) {
				return "its mask is " + s.Status("Umask"), s.Status("Umask") == "0000"
			}),
		},
		{
			Name:   "null",
			Says:   "the daemon's descriptors 0, 1 and 2 are /dev/null",
			Why:    "because a library may read or write there, and nobody is there to see it",
			Points: 1,
			Hints:  [3]string{"what happens when it prints?", "a closed descriptor 1 would be the next file that it opens", "open of /dev/null, and dup2"},
			Judge: daemonState("null", func(s state) (string, bool) {
				said := fmt.Sprintf("its descriptors 0, 1 and 2 are %s, %s and %s", s["fd/0"], s["fd/1"], s["fd/2"])
				return said, s["fd/0"] == "/dev/null" && s["fd/1"] == "/dev/null" && s["fd/2"] == "/dev/null"
			}),
		},
		{
			Name:   "closed",
			Says:   "the daemon has none of the pipes and terminals open that who started it has",
			Why:    "because a reader waits for the last writer to close",
			Points: 1,
			Hints:  [3]string{"what else was open when it was started?", "fork copies all descriptors, and exec closes those with the close-on-exec flag only", "close_range, or close up to the limit"},
			Judge:  daemonClosed,
		},
		{
			Name:   "adopted",
			Says:   "the daemon's parent is the adopter of orphans, and nobody's child is left a zombie",
			Why:    "because its parent, the session leader, ended and was waited for",
			Points: 1,
			Hints:  [3]string{"who waits for a daemon?", "an orphan's status is collected by who adopted it", "_exit in the first child, waitpid in who started it"},
			Judge:  daemonAdopted,
		},
		{
			Name:   "execs",
			Says:   "the daemon executes its own program again, and keeps pid, session, directory and mask",
			Why:    "because a forked child of a Go program has one thread and no scheduler; exec makes a new runtime and changes none of those",
			Points: 1,
			Hints:  [3]string{"what runs in a forked child of a Go program?", "exec keeps the process and replaces what it runs", "execve of /proc/self/exe"},
			Judge:  daemonExecs,
		},
		{
			Name:   "answers",
			Says:   "what the daemon says of itself on its socket is what /proc says",
			Why:    "because the line went from the daemon to who asked, and the kernel keeps the same numbers",
			Points: 1,
			Hints:  [3]string{"who made the line?", "the socket is a file: a process that may open it can ask", "connect and read"},
			Judge:  daemonAnswers,
		},
		{
			Name:   "locked",
			Says:   "the daemon holds a lock on its pid file, and a second start ends with status 1 while the first runs on",
			Why:    "because the kernel gives a write lock on a file to one process, and takes it back when that ends",
			Points: 2,
			Hints:  [3]string{"how does a second daemon know of the first?", "a pid file may be left over from a crash; a lock never is", "fcntl with F_SETLK"},
			Judge:  daemonLocked,
		},
		{
			Name:   "no-hangup",
			Says:   "when the terminal it was started from goes away the starter dies of SIGHUP, and the daemon is sent none",
			Why:    "because the kernel hangs up the session of that terminal, and the daemon is in another",
			Points: 2,
			Hints:  [3]string{"who is told that a terminal is gone?", "SIGHUP goes to the session leader, and when that ends to the foreground group", "setsid"},
			Judge:  daemonNoHangup,
		},
		{
			Name:   "stops",
			Says:   "SIGTERM ends the daemon normally with status 0, and its pid file and socket are gone",
			Why:    "because it waits for the signal and cleans up, instead of dying of it",
			Points: 2,
			Hints:  [3]string{"what is left when it is killed?", "the default of SIGTERM ends a process at once; who catches it can clean up", "signalfd, or sigaction"},
			Judge:  daemonStops,
		},
		{
			Name:   "threads-end",
			Says:   "one call of exit_group ends the daemon with all of its threads, and its argument is the exit status",
			Why:    "because exit ends the process, and not the thread that calls it",
			Points: 1,
			Hints:  [3]string{"what becomes of the thread that answers?", "the kernel ends every thread of the process", "exit, or _exit"},
			Judge:  daemonThreadsEnd,
		},
	}, whyClaims...),
	Moments:   daemonMoments,
	Questions: daemonQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		d := daemonFind(o)
		roles := map[string]string{}
		if d.daemon != nil {
			roles["P0"] = "shell"
			roles[d.starter.Name] = "starter"
			roles[d.leader.Name] = "session leader"
			roles[d.daemon.Name] = "daemon"
		}
		if s := daemonSecond(o, d); s != nil {
			roles[s.Parent.Parent.Name] = "second starter"
			roles[s.Parent.Name] = "second session leader"
			roles[s.Name] = "second daemon"
		}
		return roles
	}),
}

var daemonRun = watched(sandbox.Pipe)

// cast are the processes of a daemon's start.
type cast struct{ starter, leader, daemon *trace.Process }

// daemonFind finds the first process that executed something and
// whose parent had made a session.
func daemonFind(o *lab.Observation) cast {
	for _, d := range o.Processes() {
		if isDaemon(o, d) {
			return cast{d.Parent.Parent, d.Parent, d}
		}
	}
	return cast{}
}

func isDaemon(o *lab.Observation, p *trace.Process) bool {
	return lab.Execed(p) && p.Parent.Parent != nil && leads(o, p.Parent) != nil
}

// leads is the setsid with which the process made a session.
func leads(o *lab.Observation, p *trace.Process) *trace.Event {
	for _, e := range o.EventsOf(p, trace.KindSetsid) {
		if e.Errno == "" {
			return e
		}
	}
	return nil
}

// daemonSecond is the process of the second start, nil if there
// was none.
func daemonSecond(o *lab.Observation, first cast) *trace.Process {
	for _, p := range o.Processes() {
		if first.daemon != nil && p.Born > first.daemon.Born && isDaemon(o, p) {
			return p
		}
	}
	return nil
}

const noDaemon = "no process became a daemon: none was made by a session leader and executed anything"

func daemonSteps(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d := daemonFind(o)
	if d.daemon == nil {
		return o.Fail(o.Family(), noDaemon)
	}
	at := []int64{d.leader.Born, leads(o, d.leader).Time, d.daemon.Born}
	name := []string{"fork", "setsid", "the second fork"}
	step := func(what string, kind trace.Kind, is func(*trace.Event) bool) {
		name = append(name, what)
		for _, e := range o.EventsOf(d.daemon, kind) {
			// ENOSYS: before Linux 5.9 there is no close_range. The
			// claim closed judges what the program does then.
			if (e.Errno == "" || e.Errno == "ENOSYS") && is(e) {
				at = append(at, e.Time)
				return
			}
		}
		at = append(at, -1)
	}
	step("chdir to /", trace.KindChdir, func(e *trace.Event) bool { return e.Path == "/" })
	step("umask of 0", trace.KindUmask, func(e *trace.Event) bool { return e.Mask == 0 })
	for fd := range 3 {
		step(fmt.Sprintf("replacing descriptor %d", fd), trace.KindDup, func(e *trace.Event) bool { return e.NewFd == fd })
	}
	step("closing the others", trace.KindClose, func(e *trace.Event) bool { return e.NewFd > 1<<16 })
	step("exec", trace.KindExec, func(*trace.Event) bool { return true })
	for i := range at {
		if at[i] < 0 {
			return o.Fail("there was no "+name[i], "a step of the recipe is missing")
		}
		if i > 0 && at[i] < at[i-1] {
			return o.Fail(fmt.Sprintf("%s came before %s", name[i], name[i-1]), "the steps are in another order")
		}
	}
	if d.leader.Exit == nil || d.starter.Exit == nil || d.daemon.Exit == nil || d.daemon.Died < d.leader.Died || d.daemon.Died < d.starter.Died {
		return o.Fail("the daemon did not outlive those that started it", "the first child, and who waited for it, have to end")
	}
	return o.Passed("%s, in this order", strings.Join(name, ", "))
}

// daemonLook is what /proc said of the daemon when its status line
// was shown.
func daemonLook(o *lab.Observation) (d cast, m moment, s state) {
	d = daemonFind(o)
	all := moments(o, "daemon ")
	if d.daemon == nil || len(all) == 0 {
		return d, m, nil
	}
	return d, all[0], all[0].state[d.daemon.Name]
}

const notSeen = "there was no daemon to look at while its status line was shown"

// daemonState judges what /proc said of the daemon.
func daemonState(what string, is func(state) (string, bool)) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(daemonRun)
		d, _, s := daemonLook(o)
		if s == nil {
			return o.Fail(notSeen, noDaemon)
		}
		said, ok := is(s)
		if !ok {
			return o.Fail(fmt.Sprintf("daemon %d: %s", lab.Pid(d.daemon), said), "the daemon kept its starter's "+what)
		}
		return o.Passed("%s", said)
	}
}

func daemonSession(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, m, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	shell := m.state["P0"]
	session, group := s.StatNumber(statSession), s.StatNumber(statGroup)
	said := fmt.Sprintf("daemon %d: session %d, group %d, tty_nr %s; the shell's session %d", d.daemon.Pid, session, group, s.Stat(statTty), shell.StatNumber(statSession))
	switch {
	case session == d.daemon.Pid:
		return o.Fail(said, "it leads its session: a terminal that it opens becomes its controlling terminal")
	case session != d.leader.Pid || group != d.leader.Pid || session == shell.StatNumber(statSession):
		return o.Fail(said, "it is not in the session that its parent made")
	case s.StatNumber(statTty) != 0:
		return o.Fail(said, "it has a controlling terminal")
	}
	return o.Passed("%s", said)
}

func daemonClosed(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, m, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	theirs := map[string]bool{}
	for name, link := range m.state["P0"] {
		// The runtimes of both have files of their own, by the same
		// names.
		if strings.HasPrefix(name, "fd/") && (strings.HasPrefix(link, "pipe:") || strings.HasPrefix(link, "socket:") || strings.HasPrefix(link, "/dev/pts/")) {
			theirs[link] = true
		}
	}
	if len(theirs) == 0 {
		return o.Fail("the shell had no descriptor to compare with", "nothing was there to be closed")
	}
	for name, link := range s {
		if strings.HasPrefix(name, "fd/") && theirs[link] {
			return o.Fail(fmt.Sprintf("daemon %d has %s open, as %s", lab.Pid(d.daemon), link, strings.TrimPrefix(name, "fd/")),
				"it inherited it, and a process that waits for the end of this output waits for the daemon to end")
		}
	}
	return o.Passed("none of the shell's %d pipes and terminals is open in the daemon", len(theirs))
}

func daemonAdopted(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, m, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	if len(d.daemon.Reparented) == 0 {
		return o.Fail("the daemon was never adopted", "its parent did not end before it")
	}
	e := d.daemon.Reparented[0]
	if s.StatNumber(statPpid) != e.NewParent || e.NewParent == d.starter.Pid || e.NewParent == d.leader.Pid {
		return o.Fail(fmt.Sprintf("the daemon's parent is %d", s.StatNumber(statPpid)), "that is not who adopted it")
	}
	for name, of := range m.state {
		if of.Stat(statState) == "Z" {
			return o.Fail(fmt.Sprintf("%s is a zombie while the daemon runs", name), "who started the daemon did not wait for a child")
		}
	}
	return o.Passed("the daemon's parent is %s, and there is no zombie", newParent(e))
}

func daemonExecs(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, _, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	own := o.Processes()[0].Exec
	path := d.daemon.Exec.Path
	if own == nil || path != "/proc/self/exe" && filepath.Base(path) != filepath.Base(own.Path) {
		return o.Fail("the daemon executed "+path, "that is another program")
	}
	if s.StatNumber(statSession) != d.leader.Pid || s["cwd"] != "/" || s.Status("Umask") != "0000" {
		return o.Fail("after the exec session, directory or mask are others", "exec keeps them")
	}
	return o.Passed("daemon %d executed %s, and has %s threads", lab.Pid(d.daemon), path, s.Status("Threads"))
}

var daemonLine = show.Pattern(`^daemon (\d+), parent (\d+), group (\d+), session (\d+), tty (\w+), cwd (\S+), umask (\d+)$`)

func daemonAnswers(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, m, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	said := daemonLine().FindStringSubmatch(m.line)
	if said == nil {
		return o.Fail(fmt.Sprintf("it said %q", m.line), "that is no status line")
	}
	if m.write.Process == d.daemon.Name {
		return o.Fail("the daemon itself printed its line", "its descriptor 1 is not /dev/null")
	}
	tty := "none"
	if s.StatNumber(statTty) != 0 {
		tty = "yes"
	}
	want := []string{s.Status("Pid"), s.Stat(statPpid), s.Stat(statGroup), s.Stat(statSession), tty, s["cwd"], s.Status("Umask")}
	for i, w := range want {
		if said[i+1] != w {
			return o.Fail(fmt.Sprintf("it said %q; /proc says %s", m.line, strings.Join(want, ", ")), "the line is not about the daemon as it is")
		}
	}
	return o.Passed("%s", m.line)
}

func daemonLocked(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, _, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	locked := ""
	for name, link := range s {
		n, ok := strings.CutPrefix(name, "fd/")
		if ok && strings.Contains(s["fdinfo/"+n], "lock:") && strings.Contains(s["fdinfo/"+n], "WRITE "+s.Status("Pid")+" ") {
			locked = filepath.Base(link)
		}
	}
	if locked != "daemon.pid" {
		return o.Fail(fmt.Sprintf("the file that the daemon has locked is %q", locked), "a pid file without a lock refuses nobody")
	}
	second := daemonSecond(o, d)
	if second == nil || second.Exit == nil {
		return o.Fail("nobody tried to start a second one", "the lock was not tried")
	}
	if w := proc.WaitStatus(second.Exit.Status); w.ExitStatus() != 1 {
		return o.Fail(fmt.Sprintf("the second daemon %s", lab.Ended(second.Exit.Status)), "it was to be refused")
	}
	for _, m := range moments(o, "second starter ") {
		if m.state[d.daemon.Name].Stat(statSession) != s.Stat(statSession) {
			return o.Fail("the first daemon did not run any more", "the second one was to be refused while the first one runs")
		}
		if strings.HasSuffix(m.line, "refused: it is running as "+strconv.Itoa(lab.Pid(d.daemon))) {
			return o.Passed("fdinfo shows the write lock on %s; the second daemon exited 1: %s", locked, m.line)
		}
	}
	return o.Fail("the second starter did not name the one that runs", "F_GETLK names who has the lock")
}

func daemonNoHangup(b *lab.Bench) lab.Verdict {
	o := b.Run(onPty(watched(sandbox.Pipe, "-hangup")))
	d := daemonFind(o)
	if d.daemon == nil {
		return o.Fail(o.Family(), noDaemon)
	}
	s, e := proc.WaitStatus(0), d.starter.Exit
	if e != nil {
		s = proc.WaitStatus(e.Status)
	}
	if e == nil || s.TermSig() != lab.SIGHUP || leads(o, d.starter) == nil {
		return o.Fail("the starter was not ended by SIGHUP", "its terminal did not go away, or was not its own")
	}
	for _, e := range o.EventsOf(d.daemon, trace.KindSignal) {
		if e.Signal == lab.SIGHUP {
			return o.Fail("the daemon was sent SIGHUP", "it was in the session of the terminal, or in its foreground group")
		}
	}
	if d.daemon.Exit == nil || d.daemon.Died < d.starter.Died || len(moments(o, "daemon ")) == 0 {
		return o.Fail("the daemon did not outlive the terminal", "the hangup reached it")
	}
	return o.Passed("the starter died of SIGHUP at %s, the daemon ran on and was sent none", lab.At(d.starter.Died))
}

func daemonStops(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d := daemonFind(o)
	if d.daemon == nil || d.daemon.Exit == nil {
		return o.Fail(o.Family(), noDaemon)
	}
	told := false
	for _, e := range o.Events(trace.KindKill) { // caught, or read from a signalfd
		told = told || e.Signal == lab.SIGTERM && e.TargetProcess == d.daemon.Name && e.Errno == ""
	}
	if !told || d.daemon.Exit.Status != 0 {
		return o.Fail(fmt.Sprintf("told by SIGTERM: %t; the daemon %s", told, lab.Ended(d.daemon.Exit.Status)), "it was to be told, and to end normally")
	}
	for _, name := range []string{"daemon.pid", "daemon.sock"} {
		before, after := daemonOpened(o, d, name)
		if before != "" || after != "ENOENT" {
			return o.Fail(fmt.Sprintf("%s could be opened before: %t, after: %t", name, before == "", after == ""),
				"it was to be there while the daemon runs, and to be gone with it")
		}
	}
	for name := range o.Files {
		return o.Fail("this file is left: "+name, "a daemon that stops removes what it made")
	}
	return o.Passed("SIGTERM came and the daemon exited 0; opening its files gave ENOENT")
}

// daemonOpened are the errors of the shell's last look at the file
// before the daemon ended, and of the first one after.
func daemonOpened(o *lab.Observation, d cast, name string) (before, after string) {
	before, after = "never looked", "never looked"
	for _, e := range o.EventsOf(o.Processes()[0], trace.KindOpen) {
		if filepath.Base(e.Path) != name || e.Flags&lab.OPath == 0 {
			continue
		}
		if e.Time < d.daemon.Died {
			before = e.Errno
		} else if after == "never looked" {
			after = e.Errno
		}
	}
	return before, after
}

func daemonThreadsEnd(b *lab.Bench) lab.Verdict {
	o := b.Run(daemonRun)
	d, _, s := daemonLook(o)
	if s == nil {
		return o.Fail(notSeen, noDaemon)
	}
	threads, _ := strconv.Atoi(s.Status("Threads"))
	e := d.daemon.Exit
	if e == nil || e.ExitArg == nil || threads < 2 {
		return o.Fail(fmt.Sprintf("the daemon had %d threads, and was not seen to exit", threads), "there is nothing to see with one thread")
	}
	said := fmt.Sprintf("the daemon had %d threads; %s(%d), and it %s", threads, e.Call, *e.ExitArg, lab.Ended(e.Status))
	if e.Call != "exit_group" || proc.WaitStatus(e.Status).ExitStatus() != *e.ExitArg&0xff {
		return o.Fail(said, "one call has to end them all, with its status")
	}
	return o.Passed("%s", said)
}

// daemonMoments are where to stop in a run of the experiment.
var daemonMoments = []lab.Moment{
	{
		Name: "setsid",
		Says: "setsid: a new session without a terminal. No terminal can send this process signals any more.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" }, trace.KindSetsid),
	},
	{
		Name: "second-fork",
		Says: "The second fork: its child is not a session leader, and so it cannot acquire a terminal by opening one.",
		At:   lab.AtBirth("daemon"),
	},
	{
		Name: "umask",
		Says: "umask(0): the mask was chosen by whatever started the daemon. Now the mode that the daemon asks for is the mode that it gets.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Mask == 0 }, trace.KindUmask),
	},
}

// daemonQuestions are what to ask before it is shown.
var daemonQuestions = []lab.Question{
	{
		Name:    "leader",
		Ask:     "Is the daemon the leader of its session?",
		Answers: []string{"yes, it called setsid", "no, its parent called setsid and has ended"},
		Right: lab.If("no, its parent called setsid and has ended", func(o *lab.Observation) bool {
			d := o.Cast().Of("daemon")
			return d != nil && d.Parent != nil && len(o.EventsOf(d.Parent, trace.KindSetsid)) > 0 && len(o.EventsOf(d, trace.KindSetsid)) == 0
		}),
		Why:    "Only a session leader can acquire a controlling terminal. That is why there is a second fork.",
		Moment: "second-fork",
	},
	{
		Name:    "directory",
		Ask:     "Why does a daemon change its working directory to /?",
		Answers: []string{"because it may write there", "because its old directory could not be unmounted", "because / is faster"},
		Right: lab.If("because its old directory could not be unmounted", func(o *lab.Observation) bool {
			return lab.AtFirst(func(e *trace.Event) bool { return e.Path == "/" && e.Errno == "" }, trace.KindChdir)(o) != nil
		}),
		Why: "A working directory is a reference to its file system.",
	},
}
