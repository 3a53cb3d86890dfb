package checks

import (
	"fmt"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// Kernel checks what the kernel does however a process ends.
var Kernel = &lab.Experiment{
	Dir: "exit", Name: "kernel", Ref: "§8.5",
	Title: "what the kernel does however a process ends",
	Claims: []lab.Claim{
		{
			Name:   "end-of-file",
			Says:   "the reader of a pipe gets end of file when the last process with its write end has ended, by SIGKILL too",
			Why:    "because the kernel closes every descriptor of a process that ends",
			Points: 2,
			Hints: [3]string{
				"who closes the pipe of a process that is killed?",
				"closing is done by the kernel, not by the process",
				"pipe, read",
			},
			Judge: kernelEOF,
		},
		{
			Name:   "unlocked",
			Says:   "its record locks are freed",
			Why:    "because a record lock belongs to a process and goes with it",
			Points: 2,
			Hints: [3]string{
				"who holds the lock after its owner's end?",
				"/proc/PID/fdinfo shows the locks of a process",
				"fcntl with F_SETLK",
			},
			Judge: kernelLock,
		},
		{
			Name:   "memory-gone",
			Says:   "its memory is gone while it is still a zombie",
			Why:    "because the parent cannot ask for it",
			Points: 1,
			Hints: [3]string{
				"how much memory has a zombie?",
				"VmSize and VmRSS are in /proc/PID/status of a process that has an address space",
				"waitid with WNOWAIT",
			},
			Judge: kernelMemory,
		},
		{
			Name:   "told",
			Says:   "its parent gets SIGCHLD, which tells how it ended: CLD_EXITED or CLD_KILLED",
			Why:    "because the end of a child is asynchronous to its parent",
			Points: 1,
			Hints: [3]string{
				"how does a parent learn of it without waiting?",
				"the default action of SIGCHLD is to be ignored, so most programs never notice",
				"ch8 trace shows every signal that is delivered",
			},
			Judge: kernelTold,
		},
	},
	Moments:   kernelMoments,
	Questions: kernelQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "parent"}
		for i, c := range kernelKids(o) {
			roles[c.Name] = []string{"first child", "second child"}[i%2]
		}
		return roles
	}),
}

// kernelRun is the run with everything in /proc.
var kernelRun = lab.Watched()

// kernelKids are the two children: one exits, one is killed.
func kernelKids(o *lab.Observation) []*trace.Process {
	var kids []*trace.Process
	for _, p := range o.Processes()[0].Children {
		if !lab.IsProbe(p) {
			kids = append(kids, p)
		}
	}
	return kids
}

// kernelEach judges each of the two children, and fails when they
// are not there.
func kernelEach(judge func(o *lab.Observation, parent, child *trace.Process, alive, dead []look) string) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o := b.Run(kernelRun)
		parent, kids := o.Processes()[0], kernelKids(o)
		if len(kids) != 2 {
			return o.Fail(o.Family(), "there have to be two children, one that exits and one that is killed")
		}
		for i, c := range kids {
			if c.Exit == nil || (i == 1) != (proc.WaitStatus(c.Exit.Status).TermSig() == int(unix.SIGKILL)) {
				return o.Fail(fmt.Sprintf("%s did not end as it should", c.Name), "the first exits, the second is killed by SIGKILL")
			}
			var alive []look
			for _, l := range looks(o, c) {
				if l.at < c.Died && l.Stat(3) != "Z" && l.has("VmSize") {
					alive = append(alive, l)
				}
			}
			dead := zombieLooks(o, c)
			if len(alive) == 0 || len(dead) == 0 {
				return o.Fail(c.Name+" was not seen both alive and as a zombie", "there is nothing to compare")
			}
			if means := judge(o, parent, c, alive, dead); means != "" {
				return o.Fail(fmt.Sprintf("%s (%s): %s", c.Name, trace.StatusText(c.Exit.Status), means), "the kernel did not clean up after this end")
			}
		}
		return o.Passed("seen of both: the child that called _exit and the one that SIGKILL ended")
	}
}

var kernelEOF = kernelEach(func(o *lab.Observation, parent, child *trace.Process, alive, dead []look) string {
	// The pipe: the child wrote one byte to it. The return of its write is
	// not seen if SIGKILL comes before, but that of the parent's read is.
	pipe := ""
	for _, e := range o.Events(trace.KindWrite, trace.KindRead) {
		wrote := e.Kind == trace.KindWrite && e.Process == child.Name
		got := e.Kind == trace.KindRead && e.Process == parent.Name && e.Time > child.Born && e.Time < child.Died
		if (wrote || got) && e.Result == 1 && strings.HasPrefix(e.Path, "pipe:") && e.Fd > 2 {
			pipe = e.Path
		}
	}
	if pipe == "" {
		return "it did not write one byte to its pipe"
	}
	holds := func(ls []look) (writers int) {
		l := ls[len(ls)-1]
		for _, fd := range l.descriptors() {
			if l.ProcFiles["fd/"+fd] != pipe {
				continue
			}
			for line := range strings.Lines(l.ProcFiles["fdinfo/"+fd]) {
				if f := strings.Fields(line); len(f) == 2 && f[0] == "flags:" {
					flags, _ := strconv.ParseUint(f[1], 8, 32)
					if flags&unix.O_ACCMODE == unix.O_WRONLY {
						writers++
					}
				}
			}
		}
		return writers
	}
	var ours []look
	for _, l := range looks(o, parent) {
		if l.at <= alive[len(alive)-1].at {
			ours = append(ours, l)
		}
	}
	switch {
	case holds(alive) != 1:
		return "it did not hold the write end of the pipe"
	case len(ours) == 0 || holds(ours) != 0:
		return "the parent held the write end too"
	case holds(dead) != 0:
		return "it holds the write end after its end"
	}
	line := "ended by _exit: "
	if child.Exit.Status != 0 {
		line = "ended by SIGKILL: "
	}
	for _, e := range o.Writes(parent) {
		if strings.HasPrefix(string(lab.Taken(e)), line) {
			if e.Time < child.Died {
				return "the parent went on before its end"
			}
			if !strings.HasPrefix(string(lab.Taken(e)), line+"read gives 0,") {
				return "the parent read " + strconv.Quote(string(lab.Taken(e)))
			}
			return ""
		}
	}
	return "the reader never came back"
})

// kernelLocks counts the record locks that a process holds, as its
// fdinfo shows them.
func kernelLocks(l look) int {
	n := 0
	for name, text := range l.ProcFiles {
		if strings.HasPrefix(name, "fdinfo/") {
			for line := range strings.Lines(text) {
				if strings.HasPrefix(line, "lock:") && strings.Contains(line, "POSIX") && strings.Contains(line, "WRITE") {
					n++
				}
			}
		}
	}
	return n
}

var kernelLock = kernelEach(func(o *lab.Observation, parent, child *trace.Process, alive, dead []look) string {
	if kernelLocks(alive[len(alive)-1]) == 0 {
		return "it did not hold the lock while it ran"
	}
	for _, l := range looks(o, parent) {
		switch n := kernelLocks(l); {
		case l.at == alive[len(alive)-1].at && n > 0:
			return "the parent held the lock at the same time"
		case l.at == dead[0].at && n > 0 && kernelLocks(dead[0]) == 0:
			return ""
		}
	}
	return "the parent did not get the lock after its end"
})

var kernelMemory = kernelEach(func(o *lab.Observation, parent, child *trace.Process, alive, dead []look) string {
	const size = 8 << 10 // kB, all of them touched
	rss := 0
	for line := range strings.Lines(alive[len(alive)-1].ProcFiles["status"]) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "VmRSS:" {
			rss, _ = strconv.Atoi(f[1])
		}
	}
	switch l := dead[len(dead)-1]; {
	case rss < size:
		return fmt.Sprintf("it had %d kB of memory while it ran", rss)
	case l.Stat(3) != "Z":
		return "it is in state " + l.Stat(3)
	case l.has("VmSize") || l.has("VmRSS"):
		return "the zombie has memory"
	}
	return ""
})

var kernelTold = kernelEach(func(o *lab.Observation, parent, child *trace.Process, alive, dead []look) string {
	code := cldExited
	if child.Exit.Status != 0 {
		code = cldKilled
	}
	for _, e := range o.Events(trace.KindSignal) {
		if e.Process == parent.Name && e.Signal == int(unix.SIGCHLD) && e.SenderProcess == child.Name && e.SiCode == code {
			return ""
		}
	}
	return "no SIGCHLD with this news was delivered to the parent"
})

// kernelMoments are where to stop in a run of the experiment.
var kernelMoments = []lab.Moment{
	{
		Name: "exits",
		Says: "The child ends by _exit. The kernel closes its descriptors and frees its lock and its memory.",
		At:   lab.AtEnd("first child"),
	},
	{
		Name: "killed",
		Says: "This child is killed by SIGKILL and can do nothing itself. The kernel does the same for it.",
		At:   lab.AtEnd("second child"),
	},
}

// kernelQuestions are what to ask before it is shown.
var kernelQuestions = []lab.Question{
	{
		Name:    "pipe",
		Ask:     "The only writer of a pipe is killed by SIGKILL. What does the reader get?",
		Answers: []string{"it waits for ever", "the end of the file", "SIGPIPE"},
		Right:   lab.Says("the end of the file", "ended by SIGKILL: read gives 0"),
		Why:     "The kernel closes the descriptors of every process that ends, however it ends.",
		Moment:  "killed",
	},
	{
		Name:    "lock",
		Ask:     "A process is killed while it holds a record lock. What becomes of the lock?",
		Answers: []string{"it stays until the machine is started again", "it is released"},
		Right:   lab.Says("it is released", "our lock: succeeds"),
		Why:     "Releasing locks is part of what the kernel does at every end.",
		Moment:  "killed",
	},
}
