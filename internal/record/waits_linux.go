//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
	"apue/internal/trace"
)

func exitWait4(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindWait, c, errno)
	e.WaitPid, e.Options, e.Entered, e.Result = c.arg(0), c.arg(2), c.entered, result
	if result > 0 {
		child := childOf(t.proc, int(result))
		var word [4]byte
		switch {
		case c.args[1] == 0:
			e.NullStatus = true
			if child != nil {
				e.Status = r.told(child, e.Options)
			}
		case readMemory(t.tid, c.args[1], word[:]) == 4:
			e.Status = binary.NativeEndian.Uint32(word[:])
		case child != nil:
			e.Status = child.status
		}
		e.Rusage = rusageAt(t.tid, c.args[3])
		r.waited(t, &e, child)
	}
	r.failedReap(t, &e)
	r.emit(e)
}

// failedReap fills in which child a wait reaped although it failed: the
// kernel reaps before it stores the answer, and a bad address for that
// fails with EFAULT. A zombie that is gone was reaped.
func (r *recorder) failedReap(t *thread, e *trace.Event) {
	if e.Errno != "EFAULT" || e.Options&unix.WNOWAIT != 0 {
		return
	}
	for _, kid := range sortedKids(t.proc) {
		if kid.dead && reaped(kid) {
			e.Status = kid.status
			r.waited(t, e, kid)
			r.forget(kid)
			return
		}
	}
}

// enterWaitid finds out whom a pidfd names while it is open for sure.
func enterWaitid(r *recorder, t *thread, c *call) bool {
	if c.arg(0) == unix.P_PIDFD {
		c.child = r.procs[procfs.ReadFdinfo(t.tid, c.arg(1)).Pid()]
	}
	return true
}

func exitWaitid(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindWait, c, errno)
	e.IDType, e.ID, e.Options = c.arg(0), c.arg(1), c.arg(3)
	e.Entered, e.Result = c.entered, result
	if errno == 0 {
		var child *process
		if c.args[2] != 0 {
			var buf [procfs.SiginfoSize]byte
			readMemory(t.tid, c.args[2], buf[:])
			info := procfs.SiginfoOf(buf[:])
			e.Result, e.SiCode = int64(info.Pid), int(info.Code)
			e.Status = waitStatus(info)
			if info.Pid != 0 {
				child = childOf(t.proc, int(info.Pid))
			}
		} else {
			e.NullStatus = true
			kids := r.asked(t, c, e.IDType, e.ID, e.Options)
			r.answered(t, &e, kids, e.Options, e.Options&unix.WNOHANG == 0)
		}
		if e.Result > 0 {
			e.Rusage = rusageAt(t.tid, c.args[4])
		}
		r.waited(t, &e, child)
	}
	r.failedReap(t, &e)
	r.emit(e)
}

// waitStatus is the status word that wait4 would have given.
func waitStatus(s procfs.Siginfo) uint32 {
	i := proc.Siginfo{Code: int(s.Code), Status: int(s.Status)}
	return uint32(i.WaitStatus())
}

// waited fills in which process a wait returned, keeps stops and
// continues before it, and drops a child that was collected.
func (r *recorder) waited(t *thread, e *trace.Event, child *process) {
	if child == nil {
		return
	}
	e.ResultPid, e.ResultProcess = child.pid, child.name
	switch {
	case e.Status == 0xffff:
		// The child tells its parent before it traps for us. If it
		// was stopped before this wait began, that stop is over.
		if child.stopped && child.stoppedAt <= e.Entered {
			r.continued(child)
		}
		if e.Options&unix.WNOWAIT == 0 {
			child.continueToTell = false
		}
	case e.Status&0xff == 0x7f:
		if !child.stopped {
			r.drain(child)
		}
		if e.Options&unix.WNOWAIT == 0 {
			child.stopToTell = false
		}
	case e.Reaps():
		if p := child.unsure; p != nil {
			child.unsure = nil
			r.emitAdoption(p, child, t.proc.pid, false)
		}
		r.forget(child)
	}
}
