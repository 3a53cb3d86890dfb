//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
	"apue/internal/symbol"
	"apue/internal/trace"
)

// dying handles PTRACE_EVENT_EXIT: the thread is still there to be
// examined, its children have not been given away.
func (r *recorder) dying(t *thread) {
	p := t.proc
	var end ending
	var regs unix.PtraceRegs
	msg, err := eventMessage(t.tid)
	if err != nil {
		return
	}
	status := uint32(msg)
	refused := getRegs(t.tid, &regs)
	if refused == nil && status&0x7f == 0 {
		nr, arg0, _ := registersOfCall(&regs)
		if nr == unix.SYS_EXIT_GROUP || nr == unix.SYS_EXIT {
			end.call = map[int]string{unix.SYS_EXIT_GROUP: "exit_group", unix.SYS_EXIT: "exit"}[nr]
			arg := int(int32(arg0))
			end.arg = &arg
			if p.exitAsked != nil {
				end.arg = p.exitAsked
			}
		}
	}
	if status&0x7f == uint32(unix.SIGKILL) {
		r.strays(t)
	}
	r.waitCutOff(t, status)
	if end.call != "" {
		r.abandon(t, 0, 0)
	}
	if t.vforked != nil && t.vforked.suspended == t {
		r.noteLate(t)
	}
	r.tellUntold(t, status&0x7f != 0)
	// A thread's own exit is not its process's, unless it is the last
	// one; the others of a group die by the one that ended them all.
	t.exiting = true
	p.exiting++
	if t.tid == p.liveTID {
		for _, tid := range r.tids(p) {
			if !r.threads[tid].exiting {
				p.liveTID = tid
				break
			}
		}
	}
	whole := p.threads == p.exiting || end.call == "exit_group" || status&0x7f != 0
	if !whole && end.call == "exit" && t.tid == p.pid && r.started {
		r.note(p, "the first thread of "+p.name+" has ended and others go on: /proc shows state Z, and "+p.name+" is no zombie")
	}
	if !whole || p.ending.seen {
		return
	}
	end.seen, end.began = true, r.now
	if refused == nil {
		at := symbol.PointOf(&regs)
		end.source, end.noSource = r.sourceAt(t, at)
		if end.call != "" && r.started {
			end.via = r.symbols.Called(r.programOf(p), t, at)
		}
	} else {
		end.source, end.noSource = r.source(t)
	}
	if p.suspended != nil && r.started {
		end.parentState = sleepState(p.suspended)
	}
	end.words = changedWords(t.tid, p.words)
	if p.others > 0 && !r.isGo(p) {
		end.threads = p.others
	}
	p.ending = end
	if r.o.Snapshots {
		r.snapshot(t, "exit")
	}
}

// waitCutOff records a wait that has reaped a child and does not return,
// because SIGKILL came first, or another thread has ended the process. The
// children are still the process's own at its exit stop: a zombie that is
// gone was reaped by it.
func (r *recorder) waitCutOff(t *thread, status uint32) {
	c := t.call
	if c == nil && len(t.interrupted) > 0 && status&0x7f == uint32(unix.SIGKILL) {
		c = t.interrupted[len(t.interrupted)-1]
	}
	if c == nil || !c.spec.isWait {
		return
	}
	for _, kid := range sortedKids(t.proc) {
		if !kid.dead || kid.gone || !reaped(kid) {
			continue
		}
		e := r.callEvent(t, trace.KindWait, c, 0)
		e.WaitPid, e.Options = c.arg(0), c.arg(2)
		if c.spec.name == "waitid" {
			e.WaitPid, e.IDType, e.ID, e.Options = 0, c.arg(0), c.arg(1), c.arg(3)
		}
		e.Entered, e.Result, e.Status, e.NullStatus = c.entered, int64(kid.seenFrom(t.proc)), kid.status, true
		e.Note = "the process ended before the call returned"
		r.waited(t, &e, kid)
		r.emit(e)
		return
	}
}

// sleepState is the state letter of a thread in vfork, read while its
// child is stopped. It may still be on its way into the sleep.
func sleepState(t *thread) string {
	var state byte
	for range 100 {
		s, ok := procfs.ReadThreadStat(t.proc.pid, t.tid)
		if !ok {
			return ""
		}
		if state = s.State(); state == 'D' {
			break
		}
		proc.Sleep(50 * time.Microsecond) // time.Sleep's least is a millisecond
	}
	return string(state)
}

// gone handles the death of a thread, which for a leader is that of
// its process: the kernel reports it last.
func (r *recorder) gone(t *thread, status uint32) {
	p := t.proc
	r.dropThread(t)
	if t.call != nil && t.call.spec.isKill {
		r.emitKill(t, t.call, 0) // it killed itself
	}
	t.leaveVfork()
	p.cutOff = p.cutOff || !p.ending.seen && t.call != nil && t.call.spec.isWait
	if t.tid != p.pid {
		return
	}
	if status&0x7f == uint32(unix.SIGKILL) && !p.ending.seen {
		r.straysOf(p)
	}
	p.dead, p.status, p.diedAt = true, status, r.now
	if status&0x7f == uint32(unix.SIGKILL) {
		r.lastKilled = p
		r.flushKill(func(k *call) bool { return k.signal == int(unix.SIGKILL) && k.mayMean(p) })
	}
	p.gone = r.vanished(p)
	e := r.processEvent(p, trace.KindExit)
	e.Status = status
	e.Discarded = p.gone && !p.parent.foreign && p.exitSignal == int(unix.SIGCHLD) && p.parent.childSignal.autoReaps()
	e.NoChildWait = e.Discarded && !p.parent.childSignal.ignored
	e.ExitArg, e.Call, e.ParentState = p.ending.arg, p.ending.call, p.ending.parentState
	e.Source, e.NoSource, e.Via = p.ending.source, p.ending.noSource, p.ending.via
	e.Words, e.Threads = p.ending.words, p.ending.threads
	if p.ending.seen {
		e.Entered = p.ending.began
	}
	p.crashed(&e)
	r.emit(e)
	r.wakeVfork(p)
	for _, kid := range sortedKids(p) {
		if kid.dead && p.foreign && reaped(kid) {
			r.forget(kid) // by a wait that could not be seen
			continue
		}
		r.orphan(p, kid)
	}
	if p.parent == nil || e.Discarded {
		r.forget(p)
	}
	r.mayStray = r.mayStray || p.threaded || status&0x7f == uint32(unix.SIGKILL)
	for tid, status := range r.pending {
		if status.Stopped() {
			r.unannounced(tid, status)
		}
	}
}

// vanished says that nothing is left of a process whose death is reported,
// and that its parent lives: there was no zombie, or a call has reaped it. Of
// a parent that has a recorded wait under way that wait will tell.
func (r *recorder) vanished(p *process) bool {
	parent := p.parent
	if parent == nil || r.waiting(parent) && !parent.childSignal.autoReaps() {
		return false
	}
	return reaped(p) && living(parent)
}

// reaped says whether a dead process is gone altogether.
func reaped(p *process) bool { return unix.Kill(p.pid, 0) == unix.ESRCH }

// living says whether a process, whatever has been reported of it, has
// not ended: one that has has given its children away.
func living(p *process) bool {
	var info procfs.Siginfo
	err := peekReport(p.liveTID, &info)
	ended := info.Code == proc.CLD_EXITED || info.Code == proc.CLD_KILLED || info.Code == proc.CLD_DUMPED
	return err == nil && (info.Pid == 0 || !ended)
}

// waiting says whether a process has a wait under way, which may have
// collected a child and not been reported yet.
func (r *recorder) waiting(p *process) bool {
	for _, t := range r.threads {
		if t.proc == p && (t.call != nil && t.call.spec.isWait || len(t.interrupted) > 0) {
			return true
		}
	}
	return false
}

// orphan records the adoption of a child of p, which has ended. The
// kernel has given it away before it reported p's death.
func (r *recorder) orphan(p, kid *process) {
	delete(p.kids, kid.pid)
	if kid.dead && len(p.pids) > 1 && p.nspid() == 1 && reaped(kid) {
		// The init of a pid namespace takes all of it along: its exit
		// kills the others, and reaps them (zap_pid_ns_processes).
		r.note(kid, kid.name+" ended with its pid namespace and was reaped by the end of "+p.name+", the init of that")
		r.forget(kid)
		return
	}
	if kid.oneOf && reaped(kid) {
		r.note(kid, kid.name+" was reaped by a wait of "+p.name+" that stored no answer")
		r.forget(kid)
		return
	}
	if kid.gone {
		if !p.cutOff {
			r.note(kid, kid.name+" was reaped by a call of "+p.name+" that was not recorded")
			r.forget(kid)
			return
		}
		kid.unsure = p
	}
	if kid.unsure != nil {
		r.settle(kid)
		return
	}
	s, ok := procfs.ReadStat(kid.pid)
	ppid := s.PPid()
	if ok = ok && ppid != 0; !ok {
		// A dead child that its new parent has collected already; at
		// that instant the file is still there, without the parent.
		ppid = r.adopter
		if q := newReaper(p); q != nil {
			ppid = q.pid
		}
	}
	adopter := r.procs[ppid]
	if adopter == p {
		adopter = nil
	}
	kid.parent = adopter
	if !ok && kid.dead && p.cutOff {
		kid.unsure = p
		if adopter == nil || !r.waiting(adopter) {
			r.settle(kid)
			return
		}
		r.join(kid)
		return
	}
	r.emitAdoption(p, kid, ppid, !ok)
	if kid.dead && adopter != nil && !ok && adopter.childSignal.autoReaps() {
		r.forget(kid) // by no wait
	}
	if kid.dead && adopter == nil {
		r.forget(kid)
		if ppid == os.Getpid() {
			// A zombie that has become ours: on whichever thread,
			// hence without __WNOTHREAD.
			unix.Wait4(kid.pid, nil, unix.WALL|unix.WNOHANG, nil)
		}
	}
}

// settle ends what is known of a child that died before its parent, which
// SIGKILL ended inside a wait, and that was gone when the parent's end was
// reported. If an adopter's wait had returned it, that would have been seen.
func (r *recorder) settle(kid *process) {
	p := kid.unsure
	kid.unsure = nil
	if kid.parent != nil {
		r.note(p, p.name+" reaped "+kid.name+" in a wait that SIGKILL did not let return")
	} else {
		r.note(p, kid.name+" was reaped by a wait of "+p.name+" that SIGKILL did not let return, or by the process that adopted it: not known which")
	}
	r.forget(kid)
}

// emitAdoption records that a child of p has a new parent; inferred says
// that nobody saw it.
func (r *recorder) emitAdoption(p, kid *process, ppid int, inferred bool) {
	adopter := kid.parent
	e := r.processEvent(kid, trace.KindReparented)
	e.OldParent, e.OldParentProcess = p.pid, p.name
	e.NewParent, e.Inferred = ppid, inferred
	if ppid == 0 {
		e.Inferred = false
		explain(&e, "new_parent", "nobody saw the adopter, and the rules of the kernel do not tell it")
	}
	kid.exitSignal = int(unix.SIGCHLD) // reparent_leader of the kernel
	if adopter != nil {
		r.join(kid)
		e.NewParentProcess = adopter.name
		e.NewParentNSpid = adopter.seenFrom(kid)
	} else if h := &r.rec.Header; ppid == r.adopter && len(kid.pids) == len(r.root.pids) {
		// It may have ended by now.
		e.NewParentNSpid, e.NewParentComm = h.Adopter, h.AdopterComm
	} else if ppid != 0 {
		e.NewParentNSpid = kid.outsider(ppid)
	}
	if ppid != 0 && e.NewParentComm == "" {
		e.NewParentComm = procfs.ReadComm(ppid)
	}
	r.emit(e)
}

// newReaper is the process of the tree that the children of p go to when it
// ends: the nearest subreaper above it, or the init of its namespace.
// It is nil when that is not of the tree.
func newReaper(p *process) *process {
	q := p.parent
	for q != nil && (q.dead || !q.subreaper && q.nspid() != 1) {
		q = q.parent
	}
	return q
}

// vforkDone holds the parent until the child's own exec or death is
// reported, which comes first but may be reported later.
func (r *recorder) vforkDone(t *thread) {
	child := t.vforked
	if child != nil && child.suspended == t && !child.dead {
		t.done = true
		return
	}
	r.endVfork(t)
}

// wakeVfork lets the suspended parent of p go on: p has executed or
// ended.
func (r *recorder) wakeVfork(p *process) {
	t := p.suspended
	if t == nil {
		return
	}
	p.suspended = nil
	if t.done {
		t.done = false
		r.endVfork(t)
	}
}

// endVfork records that the parent runs again, and lets it.
func (r *recorder) endVfork(t *thread) {
	if child := t.vforked; child != nil {
		e := r.event(t, trace.KindVforkDone)
		e.Child, e.ChildNSpid, e.ChildProcess = child.pid, child.seenFrom(t.proc), child.name
		e.ParentState = child.ending.parentState
		e.Words = changedWords(t.tid, t.words)
		t.proc.words = slices.DeleteFunc(t.words, func(w foundWord) bool {
			return slices.ContainsFunc(e.Words, func(c trace.Word) bool { return c.Addr == w.addr })
		})
		r.emit(e)
		r.noteLate(t)
	}
	t.vforked, t.words = nil, nil
	r.resume(t, 0)
}

// leaveVfork notes that a thread in vfork is gone, or a new program's: its
// child's end or exec is none of its business any more.
func (t *thread) leaveVfork() {
	if c := t.vforked; c != nil && c.suspended == t {
		c.suspended = nil
	}
	t.vforked, t.words, t.done = nil, nil, false
}

// executed handles PTRACE_EVENT_EXEC. If another thread than the
// leader called exec it has taken the leader's tid; all other threads
// are gone.
func (r *recorder) executed(t *thread) {
	p := t.proc
	caller := t
	if former, err := eventMessage(t.tid); err == nil && int(former) != t.tid {
		if f := r.threads[int(former)]; f != nil {
			caller = f
		}
	}
	others := 0
	for _, tid := range r.tids(p) {
		r.threads[tid].leaveVfork()
		if tid != t.tid {
			r.dropThread(r.threads[tid])
			others++
		}
	}
	p.others = 0 // those were the old program's
	c := caller.call
	byTid := 0
	if caller != t {
		byTid = caller.tid
	}
	t.call, t.interrupted, t.fresh = nil, nil, false
	t.exiting, p.exiting, p.liveTID = false, 0, p.pid
	if c == nil && !r.started {
		// The launcher's own start, seized on its last step: the
		// program's is seen from the call on.
		r.resume(t, 0)
		return
	}
	p.program, p.ending, p.foreign, p.crash, p.timers = nil, ending{}, false, nil, nil
	p.exitSignal, p.childSignal = int(unix.SIGCHLD), p.childSignal.executed()
	first := p == r.root && !r.started
	if first {
		p.births = 0
		r.begin()
	}
	e := r.execEvent(p, c, byTid, others)
	if c != nil && !first {
		e.Source, e.NoSource = c.source, c.noSource
	}
	r.emit(e)
	r.noteSetID(p, &e)
	if r.o.SnapshotExec {
		r.snapshot(t, "exec")
	}
	if m := r.programOf(p).Machine(); m != 0 && m != nativeMachine {
		p.foreign = true
		r.note(p, p.name+" executes a program of another architecture ("+m.String()+"): its waits, signals sent and writes are not recorded")
	}
	p.files = p.files.executed()
	r.wakeVfork(p)
	if r.o.noSeccomp {
		t.call = nil
	}
	r.resume(t, 0)
}
