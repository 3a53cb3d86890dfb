package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Differ checks the second list of section 8.3, one claim for each
// attribute: what /proc says of a parent and its child at the moment
// when the row is printed.
var Differ = &lab.Experiment{
	Dir: "fork", Name: "differ", Ref: "§8.3",
	Title:     "in what a child is not like its parent",
	Claims:    differClaims(),
	Moments:   differMoments,
	Questions: differQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := rowRoles(o)
		for _, p := range o.Processes() {
			if strings.Count(p.Name, ".") == 1 && len(p.Children) == 0 {
				roles[p.Name] = "child" // of the row with the threads
			}
		}
		return roles
	}),
}

// A difference between parent and child.
type difference struct {
	name, row string
	says      string
	why       string
	hints     [3]string
	// holds returns what the kernel says of the two, and whether
	// that is the difference.
	holds func(row) (seen string, ok bool)
	means string // if it is not
	// prints are the two words of the row, from what was seen.
	prints func(row) (parent, child string)
}

// here are the states of the two at the moment of the row.
func (r row) here() (parent, child trace.ProcState) {
	return r.state[r.parent.Name], r.state[r.child.Name]
}

// rowOf is a field of /proc that is one thing in the parent and
// another in the child.
func rowOf(name string, read func(trace.ProcState) string, ok func(parent, child string, r row) bool) func(row) (string, bool) {
	return func(r row) (string, bool) {
		p, c := r.here()
		return fmt.Sprintf("%s: %s in the parent, %s in the child", name, or(read(p), "nothing"), or(read(c), "nothing")), ok(read(p), read(c), r)
	}
}

func words(parent, child string) func(row) (string, string) {
	return func(row) (string, string) { return parent, child }
}

func pids(r row) (string, string) {
	return fmt.Sprint(lab.Pid(r.parent)), fmt.Sprint(lab.Pid(r.child))
}

// clockZero says that a time of stat is at least 3 ticks in the
// parent and none in the child. (The child may have used a tick
// itself by then.)
func clockZero(name string, field int) func(row) (string, bool) {
	return rowOf("stat, "+name, statOf(field), func(parent, child string, _ row) bool {
		return number(parent) >= 3 && number(child) >= 0 && number(child) <= 1
	})
}

// locksOf are the locks of this kind that fdinfo shows.
func locksOf(kind string) func(trace.ProcState) string {
	return func(p trace.ProcState) string {
		n := 0
		for name, info := range p.Files {
			if !strings.HasPrefix(name, "fdinfo/") {
				continue
			}
			for l := range strings.Lines(info) {
				if strings.HasPrefix(l, "lock:") && strings.Contains(l, kind) {
					n++
				}
			}
		}
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%s lock", kind)
	}
}

// rang says that the signal of a timer waits in the parent, and not
// in the child, which has it blocked too.
func rang(sig unix.Signal) func(row) (string, bool) {
	read := func(p trace.ProcState) string {
		if has(p.Files.Signals("ShdPnd"), int(sig)) {
			return unix.SignalName(sig)
		}
		return ""
	}
	return rowOf("status, ShdPnd", read, func(parent, child string, r row) bool {
		_, c := r.here()
		return parent != "" && child == "" && has(c.Files.Signals("SigBlk"), int(sig))
	})
}

func pendingSets(p trace.ProcState) string {
	return fmt.Sprintf("%s and %s", p.Files.Status("SigPnd"), p.Files.Status("ShdPnd"))
}

var timesHints = func(call string) [3]string {
	return [3]string{
		"use up some processor time before the fork; how much has the child used?",
		"the kernel counts for each process, from its birth",
		"times() in both; the parent first " + call,
	}
}

var timerHints = [3]string{
	"set it, fork, and wait longer than it takes: in which process does it ring?",
	"a timer belongs to the process that set it",
	"block the signal; after the time is over, sigpending() in both",
}

// differences is the list, in the order of the book's and then
// POSIX's.
var differences = []difference{
	{name: "return", row: "fork's return value", says: "fork returns the child's process ID in the parent and 0 in the child",
		hints: [3]string{"print what fork returned, in both", "one call, two returns", "compare it with getpid() of the child"},
		holds: func(r row) (string, bool) {
			b := r.child.Birth
			return fmt.Sprintf("%s made %s, process %d", b.Call, r.child.Name, lab.Pid(r.child)), lab.Pid(r.child) > 0
		},
		prints: func(r row) (string, string) { return fmt.Sprint(lab.Pid(r.child)), "0" },
		means:  "there was no child"},
	{name: "pid", row: "process ID", says: "the child has a process ID of its own",
		hints: [3]string{"print getpid() in both", "the id names the process, as long as it lives", "getpid(), or Pid in /proc/PID/status"},
		holds: rowOf("status, Pid", func(p trace.ProcState) string { return p.Files.Status("Pid") }, func(parent, child string, _ row) bool {
			return parent != "" && child != "" && parent != child
		}),
		prints: pids,
		means:  "both have one id"},
	{name: "ppid", row: "parent process ID", says: "the child's parent is the process that forked, whose own parent is another",
		hints: [3]string{"print getppid() in both", "the caller of fork becomes the parent", "getppid(), or PPid in /proc/PID/status"},
		holds: rowOf("status, PPid", func(p trace.ProcState) string { return p.Files.Status("PPid") }, func(parent, child string, r row) bool {
			return child == fmt.Sprint(r.parent.Pid) && parent != child && parent != ""
		}),
		prints: func(r row) (string, string) {
			return fmt.Sprint(lab.Pid(r.parent.Parent)), fmt.Sprint(lab.Pid(r.parent))
		},
		means: "the child did not get a parent of its own"},
	{name: "utime", row: "tms_utime", says: "the child's user time starts at 0", hints: timesHints("counts to some million"),
		holds: clockZero("utime", 14), prints: words("3 ticks or more", "1 tick at most"), means: "the parent had used no time, or the child began with some"},
	{name: "stime", row: "tms_stime", says: "the child's system time starts at 0", hints: timesHints("reads some hundred megabytes of /dev/zero"),
		holds: clockZero("stime", 15), prints: words("3 ticks or more", "1 tick at most"), means: "the parent had used no time, or the child began with some"},
	{name: "cutime", row: "tms_cutime", says: "the child has no user time of children, though its parent has", hints: timesHints("waits for a child that does"),
		holds: clockZero("cutime", 16), prints: words("3 ticks or more", "1 tick at most"), means: "the parent had waited for nobody, or the child got the time of its siblings"},
	{name: "cstime", row: "tms_cstime", says: "the child has no system time of children, though its parent has", hints: timesHints("waits for a child that does"),
		holds: clockZero("cstime", 17), prints: words("3 ticks or more", "1 tick at most"), means: "the parent had waited for nobody, or the child got the time of its siblings"},
	{name: "record-lock", row: "record lock", says: "the child has no record lock of its parent's: for the child it is another process's",
		why:   "because fcntl's locks belong to a process, and a lock that two had would lock out nobody",
		hints: [3]string{"lock a file, fork, and ask in the child who has the lock", "fcntl's locks are kept by process, flock's by open file description", "fcntl(F_GETLK) fills in l_pid"},
		holds: rowOf("fdinfo", locksOf("POSIX"), func(parent, child string, _ row) bool { return parent != "" && child == "" }),
		prints: func(r row) (string, string) {
			return "is its own", fmt.Sprintf("is that of %d", lab.Pid(r.parent))
		},
		means: "the parent has no lock, or the child has one too"},
	{name: "alarm", row: "alarm (ITIMER_REAL)", says: "an alarm that is pending in the parent does not exist in the child", why: "because it is cleared; on Linux alarm and ITIMER_REAL are one timer",
		hints: timerHints, holds: rang(unix.SIGALRM), prints: words("rings", "does not ring"), means: "it did not ring in the parent alone"},
	{name: "itimer-virtual", row: "ITIMER_VIRTUAL", says: "ITIMER_VIRTUAL of the parent does not run in the child",
		hints: timerHints, holds: rang(unix.SIGVTALRM), prints: words("rings", "does not ring"), means: "it did not ring in the parent alone"},
	{name: "itimer-prof", row: "ITIMER_PROF", says: "ITIMER_PROF of the parent does not run in the child",
		hints: timerHints, holds: rang(unix.SIGPROF), prints: words("rings", "does not ring"), means: "it did not ring in the parent alone"},
	{name: "posix-timer", row: "POSIX timer", says: "a POSIX timer of the parent does not exist in the child",
		hints: timerHints, holds: rang(unix.SIGUSR2), prints: words("rings", "there is none"), means: "it did not ring in the parent alone"},
	{name: "pending", row: "pending signals", says: "no signal is pending in the child, though it has its parent's mask",
		why:   "because a signal was sent to one process",
		hints: [3]string{"block a signal, send it to yourself, fork", "the set of pending signals is emptied, the mask is inherited", "sigprocmask, kill, fork, sigpending"},
		holds: rowOf("status, SigPnd and ShdPnd", pendingSets, func(_, _ string, r row) bool {
			p, c := r.here()
			return has(p.Files.Signals("SigPnd"), int(unix.SIGUSR1)) && has(p.Files.Signals("ShdPnd"), int(unix.SIGUSR2)) &&
				c.Files.Signals("SigPnd")|c.Files.Signals("ShdPnd") == 0 && c.Files.Signals("SigBlk") == p.Files.Signals("SigBlk")
		}),
		prints: words("SIGUSR1, SIGUSR2", "none"),
		means:  "nothing was pending in the parent, or something in the child, or it lost the mask"},
	{name: "threads", row: "threads", says: "the child has one thread, though its parent has several",
		why:   "because fork copies the calling thread only",
		hints: [3]string{"how many threads has a Go program, and its child?", "only the thread that called fork goes on in the child", "Threads in /proc/PID/status"},
		holds: rowOf("status, Threads", func(p trace.ProcState) string { return p.Files.Status("Threads") }, func(parent, child string, _ row) bool {
			return number(parent) > 1 && child == "1"
		}),
		prints: words("several", "1"),
		means:  "the parent had one thread, or the child has more"},
	{name: "flock", row: "flock lock", says: "a lock of flock is no difference: both hold it",
		why:   "because it belongs to the open file description, which they share",
		hints: [3]string{"lock with flock instead of fcntl, and fork", "the lock belongs to the open file description", "flock(LOCK_EX|LOCK_NB) on the inherited descriptor, and on one of your own"},
		holds: rowOf("fdinfo", locksOf("FLOCK"), func(parent, child string, _ row) bool {
			return parent != "" && parent == child
		}),
		prints: words("is its own", "is its own"),
		means:  "not both have the lock"},
}

func differClaims() []lab.Claim {
	var all []lab.Claim
	for _, d := range differences {
		all = append(all, lab.Claim{
			Name: d.name, Says: d.says, Why: d.why, Points: 1, Hints: d.hints, Judge: d.judge,
		})
	}
	return all
}

func (d difference) judge(b *lab.Bench) lab.Verdict {
	o := b.Run(watched())
	r, v := findRow(o, d.row)
	if v.Status != "" {
		return v
	}
	seen, ok := d.holds(r)
	if !ok {
		return o.Fail(seen, d.means)
	}
	if parent, child := d.prints(r); r.columns[1] != parent || r.columns[2] != child {
		return o.Fail(fmt.Sprintf("%s; the program printed %q and %q", seen, r.columns[1], r.columns[2]), "the program does not tell what the kernel says")
	}
	return o.Passed("%s", seen)
}

// differMoments are where to stop in a run of the experiment.
var differMoments = []lab.Moment{
	{
		Name: "fork",
		Says: "The child is a copy, with these exceptions.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.ChildProcess != "" }, trace.KindFork, trace.KindClone, trace.KindVfork),
	},
	{
		Name: "pending",
		Says: "The parent has pending signals. The child has none: they were sent to another process.",
		At:   lab.AtLine("pending signals"),
	},
}

// differQuestions are what to ask before it is shown.
var differQuestions = []lab.Question{
	{
		Name:    "pending",
		Ask:     "A signal is pending for the parent when it forks. Is it pending for the child too?",
		Answers: []string{"yes, it is copied", "no, the child has no pending signals"},
		Right:   lab.Says("no, the child has no pending signals", "pending signals"),
		Why:     "A signal is sent to one process. The mask of blocked signals is copied, the set of pending ones is empty in the child.",
		Moment:  "pending",
	},
	{
		Name:    "lock",
		Ask:     "The parent holds a record lock (fcntl). What does the child hold?",
		Answers: []string{"the same lock", "no lock: the record lock belongs to the parent alone"},
		Right:   lab.Says("no lock: the record lock belongs to the parent alone", "record lock"),
		Why:     "A record lock belongs to a process. A flock lock belongs to the open file description, so it is shared.",
	},
}
