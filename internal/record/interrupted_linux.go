//go:build 386 || amd64 || arm64

package record

import (
	"slices"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/symbol"
)

// A call that a signal interrupts can end in four ways, and a tracer sees
// the internal result ERESTARTSYS for each of them: no handler runs, and the
// first entry of the thread is the call again; a handler runs and returns to
// the call's instruction, and the first entry after that is the call again;
// a handler returns behind it, and the call has failed with EINTR; a handler
// jumps out of itself (siglongjmp), and the call is given up. The last one
// is told by the thread's stack: the handler is no longer on it.

// interrupt notes that the kernel has ended a call without a result.
func (t *thread) interrupt(c *call) {
	c.handled = false
	t.interrupted = append(t.interrupted, c)
}

// top is the call that was interrupted last; nil if there is none.
func (t *thread) top() *call {
	if n := len(t.interrupted); n > 0 {
		return t.interrupted[n-1]
	}
	return nil
}

// handling notes that a signal is delivered to a thread whose call was
// interrupted: if a handler runs, the thread's next entry is not the call.
func (r *recorder) handling(t *thread, signal int) {
	if c := t.top(); c != nil && !c.handled && signal != 0 && r.catches(t, signal) {
		c.handled, c.since = true, 0
	}
}

// catches says whether a process has a handler for a signal.
func (r *recorder) catches(t *thread, signal int) bool {
	if signal == int(unix.SIGCHLD) && !t.proc.childSignal.once {
		return t.proc.childSignal.caught
	}
	return procfs.ReadStatus(t.tid).Signals("SigCgt")&(1<<(signal-1)) != 0
}

// restarts says whether an entry is the interrupted call again: it comes
// from the same place, and no handler is between them.
func (c *call) restarts(info *syscallInfo) bool {
	return !c.handled && c.sp == info.sp && c.ip == info.ip &&
		(c.nr == info.nr || info.nr == unix.SYS_RESTART_SYSCALL)
}

// abandon records the interrupted calls that a thread has left for good
// when it enters another one, or ends.
func (r *recorder) abandon(t *thread, ip, sp uint64) {
	top := t.top()
	if top == nil || !top.handled || r.isGo(t.proc) {
		return // a restart is to come; a Go program's handlers return
	}
	if top.since++; top.since > maxSearches {
		return
	}
	points, complete := r.symbols.Handlers(r.programOf(t.proc), t)
	inside := func(c *call) bool {
		if c.sp == sp && c.ip == ip {
			return false // a handler's own stack cannot be there
		}
		return !complete || slices.ContainsFunc(points, func(p symbol.Point) bool {
			return p.SP == c.sp && (p.PC == c.ip || p.PC == c.ip-syscallSize)
		})
	}
	n := len(t.interrupted)
	for n > 0 && t.interrupted[n-1].handled && !inside(t.interrupted[n-1]) {
		n--
	}
	r.giveUp(t, n)
}

// maxSearches bounds how many entries of a handler the stack is searched
// at: one that makes so many calls is not about to jump.
const maxSearches = 1000

// giveUp records that the interrupted calls from the nth on did not
// return, the latest first.
func (r *recorder) giveUp(t *thread, n int) {
	left := t.interrupted[n:]
	t.interrupted = t.interrupted[:n]
	for _, c := range slices.Backward(left) {
		c.note = "given up: a signal handler jumped out of it"
		c.spec.exit(r, t, c, -1, unix.EINTR)
	}
}

// sigreturn stands for rt_sigreturn(2), watched while a call is
// interrupted: it shows what the handler returns to.
var sigreturn = callSpec{name: "rt_sigreturn"}

// returned handles the end of a signal handler: the interrupted call
// below it either failed with EINTR now, or will be entered again.
func (r *recorder) returned(t *thread, info *syscallInfo, result int64) {
	for n := len(t.interrupted) - 1; n >= 0; n-- {
		c := t.interrupted[n]
		if !c.handled || c.sp != info.sp {
			continue
		}
		switch {
		case c.ip == info.ip && result == -int64(unix.EINTR):
			r.giveUp(t, n+1)
			t.interrupted = t.interrupted[:n]
			c.spec.exit(r, t, c, -1, unix.EINTR)
			return
		case c.ip == info.ip+syscallSize:
			r.giveUp(t, n+1)
			c.handled = false
			return
		}
	}
}
