//go:build 386 || amd64 || arm64

package record

import (
	"math"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

func killSpec(name string, when *condition) callSpec {
	return callSpec{name: name, when: when, enter: enterKill, exit: exitKill, isKill: true}
}

func enterKill(r *recorder, t *thread, c *call) bool {
	c.signal = c.arg(1)
	switch c.spec.name {
	case "tgkill", "rt_tgsigqueueinfo":
		c.signal = c.arg(2)
	}
	return true
}

func exitKill(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	r.emitKill(t, c, errno)
}

// emitKill records a kill, at its return or at the first sight of
// its effect, whichever is reported earlier.
func (r *recorder) emitKill(t *thread, c *call, errno unix.Errno) {
	if c.told {
		return
	}
	c.told = true
	e := r.callEvent(t, trace.KindKill, c, errno)
	e.Target, e.Signal = c.arg(0), c.signal
	if c.spec.name == "pidfd_send_signal" {
		// The argument is a descriptor.
		e.Fd = c.arg(0)
		pid := procfs.ReadFdinfo(t.tid, e.Fd).Pid()
		e.Target = t.proc.outsider(max(pid, 0))
		switch q := r.procs[pid]; {
		case q != nil:
			e.Target, e.TargetProcess = q.seenFrom(t.proc), q.name
		case pid == -1:
			explain(&e, "target", "the process of the pidfd was reaped")
		case e.Target == 0:
			explain(&e, "target", "the descriptor tells no process")
		}
	} else {
		e.TargetProcess = r.targetName(t.proc, e.Target)
	}
	r.emit(e)
}

// flushKill records the kills under way that match: an effect of
// theirs is about to be recorded.
func (r *recorder) flushKill(match func(*call) bool) {
	for _, t := range r.threads {
		if c := t.call; c != nil && c.spec.isKill && !c.told && match(c) {
			r.emitKill(t, c, 0)
		}
	}
}

// mayMean says whether a kill's target can be p: it is named, or in a
// group, or behind a pidfd.
func (c *call) mayMean(p *process) bool {
	target := c.arg(0)
	switch c.spec.name {
	case "kill": // of the lowest number the kernel looks up no group
		return target <= 0 && target != math.MinInt32 || target == p.seenFrom(c.caller)
	case "rt_sigqueueinfo", "tgkill", "rt_tgsigqueueinfo":
		return target == p.seenFrom(c.caller)
	}
	return true
}

// targetName is the name of the process that p calls by this pid or
// tid; 0 is p itself in setpgid, a group in kill.
func (r *recorder) targetName(p *process, pid int) string {
	if pid <= 0 {
		return ""
	}
	if q := r.visible(p, pid); q != nil {
		return q.name
	}
	if t := r.threads[pid]; t != nil && len(p.pids) == 1 {
		return t.proc.name // tkill names a thread
	}
	return ""
}
