//go:build 386 || amd64 || arm64

package record

import (
	"maps"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/symbol"
	"apue/internal/trace"
)

// A process of the recorded tree, from its announcement until it is
// collected.
type process struct {
	name   string
	serial int // counts births
	pid    int
	// liveTID is the thread by whose /proc the process's memory and
	// files are seen: a leader that has ended has none left.
	liveTID int
	// pids are its numbers in its pid namespaces, from the
	// recorder's inwards: the last one is its own getpid.
	pids []int

	parent *process // who is told when it ends; nil: not of the tree
	kids   map[int]*process
	births int

	threads  int
	threaded bool // it had several at a time, or has
	others   int  // threads that its program made
	exiting  int  // of those, how many were seen at their exit stop
	stopped  bool
	// stops counts group-stops, and stoppedAt is when the last
	// began.
	stops      int
	stoppedAt  int64
	stopStatus uint32
	// continuedAt is when the last group-stop ended. stopToTell and
	// continueToTell say that no wait of the parent has returned the stop,
	// or its end, so far.
	continuedAt                int64
	stopToTell, continueToTell bool
	stopHeard                  bool // its parent got SIGCHLD for the stop
	subreaper                  bool
	askedParent                bool  // it has called getppid
	toldParent                 int64 // the last answer

	foreign bool // of another architecture: only ptrace's own events are seen

	// exitAsked is the argument of exit that Options.Tamper replaced.
	exitAsked *int

	dead   bool
	diedAt int64 // when the recorder reported it
	status uint32
	// joined counts, of the children of its parent, those that came before.
	joined int
	// oneOf says that a wait which stored no answer may have reaped it.
	oneOf bool
	// gone: when its death was reported nothing was left of it, and its
	// parent lived: a wait was quick, or there was no zombie.
	gone bool
	// exitSignal is what its end sends to the parent; childSignal what
	// it does itself about SIGCHLD.
	exitSignal  int
	childSignal *childSignal
	timers      map[int32]int32 // the clocks of those of timer_create, by their ids
	crash       *trace.Event    // the last signal of a fault, or of abort
	// cutOff: it ended inside a wait that may have reaped a child, and
	// its exit stop was not seen. unsure is such a parent of this process:
	// it or the adopter has reaped it.
	cutOff bool
	unsure *process
	ending ending
	// words are those that Options.Words looks for: of a forked child
	// when it was born, of a process that called vfork when its child had
	// let it run again.
	words []foundWord

	// suspended is the thread that called vfork and sleeps until
	// this process executes or ends.
	suspended *thread

	files   *fileTable
	program *symbol.Program // what it executes; nil: not looked at yet
}

// ending is what was seen at PTRACE_EVENT_EXIT, where the process
// can still be examined.
type ending struct {
	seen        bool
	began       int64 // when
	call        string
	arg         *int
	parentState string
	source      *trace.Source
	noSource    string
	via         string
	words       []trace.Word
	threads     int
}

// A thread is what the kernel calls a task and ptrace a tracee.
type thread struct {
	tid   int
	proc  *process
	fresh bool // its first stop is still to come
	// exiting: it was seen at its exit stop. A leader stays so until
	// the last thread of its process is gone.
	exiting bool

	call *call // between the entry and the exit of a traced call
	// interrupted are calls the kernel left with ERESTARTSYS and
	// may enter again.
	interrupted []*call

	untold *trace.Event // what it was in when the tree was killed

	listening int // the process's stop that this thread listens in
	// vforked is the child of a vfork under way, done that the
	// kernel reported its end while the child's own end or exec
	// was still to be reported: the thread is held.
	vforked *process
	done    bool
	words   []foundWord
}

// nspid is its own getpid.
func (p *process) nspid() int { return p.pids[len(p.pids)-1] }

// seenFrom is the pid of p in q's pid namespace, 0 if it has none.
func (p *process) seenFrom(q *process) int { return q.names(p.pids) }

// names is the one of a process's nested pids that p knows it by, 0 if
// there is none.
func (p *process) names(pids []int) int {
	if len(pids) < len(p.pids) {
		return 0
	}
	return pids[len(p.pids)-1]
}

// outsider is the pid of a process outside of the tree as p sees it: 0
// when that is in no pid namespace of p's.
func (p *process) outsider(pid int) int {
	if len(p.pids) == 1 {
		return pid
	}
	return p.names(procfs.ReadStatus(pid).Ints("NSpid"))
}

// visible returns the process that p knows by a pid: one of its
// tree, the newest first where a number was used again.
func (r *recorder) visible(p *process, pid int) *process {
	if len(p.pids) == 1 {
		return r.procs[pid]
	}
	for _, q := range r.procs {
		if q.seenFrom(p) == pid {
			return q
		}
	}
	return nil
}

// childOf returns p's child, dead or alive, that p knows by pid.
func childOf(p *process, pid int) *process {
	for _, kid := range p.kids {
		if kid.seenFrom(p) == pid {
			return kid
		}
	}
	return nil
}

// sortedKids are p's children in the order of their birth.
func sortedKids(p *process) []*process {
	return slices.SortedFunc(maps.Values(p.kids), func(a, b *process) int {
		return a.serial - b.serial
	})
}

// newProcess makes the process that parent's thread has born and
// puts it into the tree.
func (r *recorder) newProcess(parent *process, pid int, flags uint64) *process {
	r.births++
	p := &process{serial: r.births, pid: pid, liveTID: pid, kids: map[int]*process{}}
	if r.namespaces || flags&unix.CLONE_NEWPID != 0 {
		r.namespaces = true
		p.pids = procfs.ReadStatus(pid).Ints("NSpid")
	}
	if p.pids == nil {
		p.pids = []int{pid}
	}
	if parent != nil {
		p.name = parent.name + "." + strconv.Itoa(parent.births+1)
		parent.births++
		p.parent = parent
		if flags&unix.CLONE_PARENT != 0 {
			p.parent = parent.parent
		}
		p.program, p.foreign = parent.program, parent.foreign
		p.exitSignal = int(flags & exitSignalMask)
		if flags&unix.CLONE_PARENT != 0 {
			p.exitSignal = parent.exitSignal // clone(2)
		}
		p.childSignal = parent.childSignal.inherited(flags)
		if flags&unix.CLONE_FILES != 0 {
			p.files = parent.files
		} else {
			p.files = parent.files.clone()
		}
	} else {
		p.files, p.childSignal = newFileTable(), &childSignal{}
	}
	if p.parent != nil {
		r.join(p)
	}
	r.procs[pid] = p
	r.alive(pid, true)
	return p
}

// join makes a process a child of its parent, the last one.
func (r *recorder) join(p *process) {
	r.joins++
	p.joined = r.joins
	p.parent.kids[p.pid] = p
}

// newThread adds a tracee.
func (r *recorder) newThread(p *process, tid int) *thread {
	t := &thread{tid: tid, proc: p, fresh: true}
	p.threads++
	if p.threads > 1 {
		p.others++
	}
	p.threaded = p.threaded || p.threads > 1
	r.threads[tid] = t
	return t
}

// dropThread removes a tracee that is gone.
func (r *recorder) dropThread(t *thread) {
	delete(r.threads, t.tid)
	t.proc.threads--
	if t.exiting {
		t.proc.exiting--
	}
}

// tids are the known threads of a process, the oldest first.
func (r *recorder) tids(p *process) (tids []int) {
	for tid, t := range r.threads {
		if t.proc == p {
			tids = append(tids, tid)
		}
	}
	slices.Sort(tids)
	return tids
}

// forget drops a process that has been collected. Its name is kept for
// a while: a signal it caused may still be on its way.
func (r *recorder) forget(p *process) {
	if p.parent != nil && p.parent.kids[p.pid] == p {
		delete(p.parent.kids, p.pid)
	}
	if r.procs[p.pid] == p {
		delete(r.procs, p.pid)
		if len(r.past) < maxPast {
			r.past = append(r.past, p)
		} else {
			r.past[r.pastNext] = p
			r.pastNext = (r.pastNext + 1) % maxPast
		}
	}
}

// maxPast is how many collected processes are remembered.
const maxPast = 64

// nameSeen is the name of the process that p knows, or has known, by
// a pid.
func (r *recorder) nameSeen(p *process, pid int) string {
	if q := r.visible(p, pid); q != nil {
		return q.name
	}
	newest := (*process)(nil)
	for _, q := range r.past {
		if q.seenFrom(p) == pid && (newest == nil || q.serial > newest.serial) {
			newest = q
		}
	}
	if newest == nil {
		return ""
	}
	return newest.name
}
