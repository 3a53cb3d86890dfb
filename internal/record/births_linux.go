//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// unannounced handles a report about a tracee that is not known yet:
// a child can stop, even die, before its parent's event. It is kept
// as it is until that comes.
func (r *recorder) unannounced(tid int, status unix.WaitStatus) {
	r.pending[tid] = status
	exiting := int(status>>16)&0xff == unix.PTRACE_EVENT_EXIT
	if !status.Stopped() || !exiting && !r.mayStray {
		return
	}
	if tgid := procfs.ReadStatus(tid).Int("Tgid"); tgid != tid && r.procs[tgid] != nil {
		if exiting {
			// A new thread ends before it began only by its group's
			// end, which has ended its maker too: nobody will
			// announce it, and in this stop it would stay.
			delete(r.pending, tid)
			r.newThread(r.procs[tgid], tid)
			r.handle(tid, status)
		}
		return
	}
	if r.mayStray && r.isStray(tid, false) {
		// Its parent was killed before it could announce it, and
		// its end has been recorded: the one killed last it was.
		p := r.lastKilled
		if p == nil {
			p = r.root
		}
		r.announceStray(p, tid)
		r.orphan(p, r.procs[tid])
		r.firstStop(r.threads[tid])
	}
}

// isStray says of an unannounced tracee that no living process of the
// tree is its parent; or, with adopted, that one is which adopts.
func (r *recorder) isStray(tid int, adopted bool) bool {
	status := procfs.ReadStatus(tid)
	if status.Int("Tgid") != tid {
		return false
	}
	ppid := status.Int("PPid")
	p := r.procs[ppid]
	return ppid >= 0 && (p == nil || p.dead || adopted && (p.subreaper || p.nspid() == 1))
}

// born handles the parent's PTRACE_EVENT_FORK, VFORK or CLONE: parent
// and child are both resumed, at once (the parent of a vfork sleeps
// until its child is done; a tracer waiting for it would too).
func (r *recorder) born(t *thread, event int) {
	msg, ok := messageOf(t.tid, event)
	if !ok {
		return // killed meanwhile: it is on its way to another stop
	}
	tid := int(msg)
	c := t.call
	t.call = nil // this is its success: its exit has nothing to add
	if c == nil {
		c = r.birthCall(t, tid)
	}
	if c.spec.name == "clone3" {
		// Another thread can have changed the flags since they were read.
		// No thread of clone3 sends SIGCHLD, to be announced as a fork.
		tgid := tid
		if event != unix.PTRACE_EVENT_FORK {
			tgid = procfs.ReadStatus(tid).Int("Tgid")
		}
		if tgid == tid {
			c.flags &^= unix.CLONE_THREAD
		} else if tgid > 0 {
			c.flags |= unix.CLONE_THREAD
		}
	}
	// The event says what signal its end sends and whether its maker is
	// suspended: a thread may come with any.
	if c.flags&unix.CLONE_THREAD != 0 {
		if r.threads[tid] != nil { // its end came first
			r.resume(t, 0)
			return
		}
		child := r.newThread(t.proc, tid)
		r.resume(t, 0)
		r.firstStop(child)
		return
	}
	kind := trace.KindFork
	switch event {
	case unix.PTRACE_EVENT_VFORK:
		kind = trace.KindVfork
	case unix.PTRACE_EVENT_CLONE:
		kind = trace.KindClone
	}
	child := r.announce(t, tid, kind, c)
	if kind == trace.KindVfork {
		child.proc.suspended = t
		t.vforked = child.proc
		if len(r.o.Words) > 0 {
			t.words = findWords(t.tid, r.o.Words)
		}
	} else if len(r.o.Words) > 0 && child.proc != t.proc && c.flags&unix.CLONE_VM == 0 {
		child.proc.words = findWords(t.tid, r.o.Words) // its memory is a copy
	}
	if c.flags&unix.CLONE_PIDFD != 0 && r.o.Files {
		r.foundAll(t, c) // the pidfd
	}
	if r.o.SnapshotBirth {
		r.snapshot(t, "birth")
	}
	r.resume(t, 0)
	r.firstStop(child)
}

// enterClone reads the flags, with the exit signal.
func enterClone(r *recorder, t *thread, c *call) bool {
	switch c.spec.name {
	case "clone":
		c.flags = c.args[0]
	case "clone3":
		// struct clone_args: flags, pidfd, child_tid, parent_tid,
		// exit_signal, eight bytes each.
		args := make([]byte, min(c.args[1], 40))
		if readMemory(t.tid, c.args[0], args) == 40 {
			c.flags = binary.NativeEndian.Uint64(args) | binary.NativeEndian.Uint64(args[32:])
		}
		if c.flags&r.o.RefusedFlags != 0 {
			r.refuseClone3(t)
		}
	case "vfork":
		c.flags = unix.CLONE_VM | unix.CLONE_VFORK | uint64(unix.SIGCHLD)
	default:
		c.flags = uint64(unix.SIGCHLD)
	}
	return true
}

// refuseClone3 lets a clone3 fail with EFAULT before the kernel reads its
// flags, which are in memory, where a seccomp filter cannot see them.
func (r *recorder) refuseClone3(t *thread) {
	var regs unix.PtraceRegs
	if getRegs(t.tid, &regs) == nil {
		setFirstArgument(&regs, 0)
		setRegs(t.tid, &regs)
	}
}

// exitClone sees failures only: the kernel announces a child.
func exitClone(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	if errno == 0 {
		r.noteUntraced(t, c) // no other child comes here
	}
	if errno == 0 || c.flags&unix.CLONE_THREAD != 0 {
		return
	}
	kind := trace.KindFork
	switch {
	case c.flags&unix.CLONE_VFORK != 0:
		kind = trace.KindVfork
	case c.flags&exitSignalMask != uint64(unix.SIGCHLD):
		kind = trace.KindClone
	}
	e := r.callEvent(t, kind, c, errno)
	e.Flags, e.Result = c.flags, result
	r.emit(e)
}

// birthCall is the call that bore a thread or child and was not seen at
// its entry: of a foreign architecture, or lost.
func (r *recorder) birthCall(t *thread, tid int) *call {
	c := &call{spec: &callSpec{}, flags: uint64(unix.SIGCHLD)}
	if tgid := procfs.ReadStatus(tid).Int("Tgid"); tgid > 0 && tgid != tid || r.threads[tid] != nil {
		c.flags = unix.CLONE_THREAD
	}
	c.source, c.noSource = r.source(t)
	return c
}

// announce makes the child process and its event.
func (r *recorder) announce(t *thread, pid int, kind trace.Kind, c *call) *thread {
	p := t.proc
	delete(r.procs, pid) // an old owner of the number
	child := r.newProcess(p, pid, c.flags)
	e := r.callEvent(t, kind, c, 0)
	e.Child, e.ChildNSpid, e.ChildProcess = pid, child.seenFrom(p), child.name
	e.Flags = c.flags
	e.SameVM = sharedVM(p, pid, c)
	r.emit(e)
	if r.goProbe(p, kind, c.flags) {
		n := r.event(t, trace.KindNote)
		n.Child, n.ChildNSpid, n.ChildProcess = e.Child, e.ChildNSpid, e.ChildProcess
		n.Note = child.name + " is a helper of the Go runtime: it tries out pidfds before the first os/exec and ends at once"
		r.emit(n)
	}
	return r.newThread(child, pid)
}

// sharedVM says whether the child of a call shares its maker's memory; nil
// if that is not known. The kernel is asked where the call says that it
// does, or where its flags may have been changed by another thread after
// they were read.
func sharedVM(p *process, pid int, c *call) *bool {
	shared := false
	if c.flags&unix.CLONE_VM != 0 || c.spec.name != "clone" && c.spec.name != "fork" {
		order, err := kcmp(p.liveTID, pid, kcmpVM, 0, 0)
		if err != nil {
			return nil
		}
		shared = order == 0
	}
	return &shared
}

// goProbe recognises the child that Go's os package makes at its
// first use: it has a pidfd, suspends its parent and sends no signal.
func (r *recorder) goProbe(p *process, kind trace.Kind, flags uint64) bool {
	const probe = unix.CLONE_VM | unix.CLONE_VFORK | unix.CLONE_PIDFD
	return kind == trace.KindVfork && flags&(probe|exitSignalMask) == probe && r.isGo(p)
}

// exitSignalMask are the flags' low bits: the signal for the parent
// (CSIGNAL in clone(2)).
const exitSignalMask = 0xff

// firstStop resumes a new tracee if its first stop has been reported
// already.
func (r *recorder) firstStop(t *thread) {
	if status, ok := r.pending[t.tid]; ok {
		delete(r.pending, t.tid)
		r.handle(t.tid, status)
	}
}

// strays announces children whose parent, at its exit stop after a
// SIGKILL, has not announced them and never will.
func (r *recorder) strays(t *thread) {
	p := t.proc
	path := procfs.Path(p.pid, "task/"+strconv.Itoa(t.tid)+"/children")
	buf := make([]byte, 64<<10)
	for _, f := range strings.Fields(string(procfs.Read(path, buf))) {
		pid, err := strconv.Atoi(f)
		if err == nil && p.kids[pid] == nil {
			r.announceStray(p, pid)
			r.firstStop(r.threads[pid])
		}
	}
}

// straysOf announces the children that a killed process, dead now, did
// not announce. They have been given away, so they are told by having
// no other parent in the tree.
func (r *recorder) straysOf(p *process) {
	for _, pid := range tracees() {
		if r.threads[pid] == nil && r.isStray(pid, true) {
			r.announceStray(p, pid)
			r.firstStop(r.threads[pid])
		}
	}
}

func (r *recorder) announceStray(p *process, pid int) {
	r.announce(&thread{tid: p.pid, proc: p}, pid, trace.KindFork,
		&call{spec: &callSpec{}, flags: uint64(unix.SIGCHLD)})
	r.note(p, p.name+" was killed before the kernel announced its child "+strconv.Itoa(pid)+": how it was made is not known")
}

// unclaimed says what is left over at the end: deaths of tracees that
// were never announced, and left no trace of what they were.
func (r *recorder) unclaimed() {
	for tid := range r.pending {
		p := r.lastKilled
		if p == nil {
			p = r.root
		}
		r.note(p, strconv.Itoa(tid)+", a thread or child of a process killed, ended before the kernel announced it")
	}
	r.flush()
}
