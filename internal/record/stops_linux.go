//go:build 386 || amd64 || arm64

package record

import (
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
	"apue/internal/trace"
)

// stop handles a ptrace-stop and lets the thread go on.
func (r *recorder) stop(t *thread, status unix.WaitStatus) {
	t.done = false // a held thread that was killed reports again
	signal := int(status.StopSignal())
	switch event := int(status>>16) & 0xff; event {
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		r.born(t, event)
		return
	case unix.PTRACE_EVENT_VFORK_DONE:
		r.vforkDone(t)
		return
	case unix.PTRACE_EVENT_EXEC:
		r.executed(t)
		return
	case unix.PTRACE_EVENT_EXIT:
		r.dying(t)
		r.resume(t, 0)
		return
	case unix.PTRACE_EVENT_STOP:
		r.trapped(t, signal)
		return
	case unix.PTRACE_EVENT_SECCOMP:
		r.syscallStop(t)
		return
	}
	if signal == int(unix.SIGTRAP)|0x80 { // PTRACE_O_TRACESYSGOOD
		r.syscallStop(t)
		return
	}
	r.delivered(t, signal)
	signal = r.tampered(t, signal)
	r.handling(t, signal)
	r.resume(t, signal)
}

// trapped handles PTRACE_EVENT_STOP: a new tracee's first stop, the
// beginning of a group-stop (its signal is reported), or a trap
// because the group-stop ended.
func (r *recorder) trapped(t *thread, signal int) {
	if !r.started && signal == int(unix.SIGTRAP) {
		t.fresh = false
		r.resume(t, 0)
		return
	}
	p := t.proc
	switch unix.Signal(signal) {
	case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		if p.stopped && t.listening == p.stops {
			// It listened and traps again: what it listened in
			// ended, and this is another stop.
			r.continued(p)
		}
		if !p.stopped {
			p.stopped = true
			p.stops++
			p.stoppedAt = r.now
			p.stopToTell, p.continueToTell, p.stopHeard = true, false, false
			p.stopStatus = uint32(signal)<<8 | 0x7f
			e := r.processEvent(p, trace.KindStop)
			e.Signal = signal
			r.emit(e)
		}
		t.listening = p.stops
		t.fresh = false
		// PTRACE_LISTEN leaves it stopped, so that its own parent's
		// WUNTRACED and WCONTINUED work; PTRACE_CONT would end the
		// stop.
		if err := ptrace(unix.PTRACE_LISTEN, t.tid, 0, 0); err != nil && err != unix.ESRCH {
			r.fail(err)
		}
		return
	}
	if !t.fresh {
		r.continued(p)
	}
	t.fresh = false
	t.listening = 0
	r.resume(t, 0)
}

// continued records the end of a group-stop, once.
func (r *recorder) continued(p *process) {
	if !p.stopped {
		return
	}
	short := p.stopToTell && !p.stopHeard && r.now-p.stoppedAt < int64(shortStop)
	p.stopped, p.continuedAt = false, r.now
	p.stopToTell, p.continueToTell = false, true
	r.flushKill(func(k *call) bool { return k.signal == int(unix.SIGCONT) && k.mayMean(p) })
	e := r.processEvent(p, trace.KindContinue)
	e.Signal = int(unix.SIGCONT)
	r.emit(e)
	if short {
		r.note(p, p.name+trace.NoteShortStop)
	}
}

// shortStop is how long a stop lasts at most that is doubted, if no process
// was told of it.
const shortStop = 10 * time.Millisecond

// delivered records a signal-delivery-stop.
func (r *recorder) delivered(t *thread, signal int) {
	p := t.proc
	var info procfs.Siginfo
	if !r.started || getSigInfo(t.tid, &info) != nil {
		return
	}
	if int(info.Signo) != signal {
		// Another thread's exit_group was faster: this one is at its
		// end, whose stop has a siginfo too, and gets no signal.
		return
	}
	e := r.event(t, trace.KindSignal)
	e.Signal, e.SiCode = signal, int(info.Code)
	child := strings.HasPrefix(trace.SiCodeName(signal, int(info.Code)), "CLD_")
	if !child {
		r.crashing(t, &e, &info)
	}
	e.Disposition = disposition(t, signal)
	if trace.HasSender(int(info.Code)) || child {
		e.Sender = int(info.Pid)
		if e.Sender != 0 {
			e.SenderProcess = r.nameSeen(p, e.Sender)
		}
		if child && info.Code == proc.CLD_STOPPED {
			if q := childOf(p, e.Sender); q != nil && !q.stopped {
				r.drain(q)
			}
			if q := childOf(p, e.Sender); q != nil {
				q.stopHeard = true
			}
		}
		r.flushKill(func(k *call) bool {
			return k.signal == signal && k.caller.seenFrom(p) == e.Sender && k.mayMean(p)
		})
	}
	if signal == int(unix.SIGURG) && info.Code == siTkill && e.Sender == p.nspid() &&
		(p == r.root && r.silent || r.isGo(p)) {
		// The Go scheduler preempting one of its threads; or the
		// launcher's, pending across its exec.
		return
	}
	r.emit(e)
}

// disposition is what a process does with a signal: "ignored", "caught", or
// "" for the default. The calls that set it are followed for SIGCHLD.
func disposition(t *thread, signal int) string {
	ignored, caught := false, false
	if c := t.proc.childSignal; signal == int(unix.SIGCHLD) && !c.once {
		ignored, caught = c.ignored, c.caught
	} else {
		status, bit := procfs.ReadStatus(t.tid), uint64(1)<<(signal-1)
		ignored, caught = status.Signals("SigIgn")&bit != 0, status.Signals("SigCgt")&bit != 0
	}
	switch {
	case ignored:
		return "ignored"
	case caught:
		return "caught"
	}
	return ""
}

// siTkill is the si_code of a signal that tkill or tgkill sent
// (asm-generic/siginfo.h).
const siTkill = -6
