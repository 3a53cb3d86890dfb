//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// addTimeCalls adds the calls on priorities, timers, processor times and
// accounting.
func addTimeCalls(add func(int, callSpec)) {
	add(unix.SYS_SETPRIORITY, callSpec{name: "setpriority", exit: exitPriority})
	add(unix.SYS_SCHED_SETSCHEDULER, callSpec{name: "sched_setscheduler", exit: exitPriority})
	add(unix.SYS_SCHED_SETATTR, callSpec{name: "sched_setattr", exit: exitPriority})
	add(unix.SYS_SCHED_SETAFFINITY, callSpec{name: "sched_setaffinity", exit: exitPriority})
	add(unix.SYS_SETITIMER, callSpec{name: "setitimer", enter: enterTimer, exit: exitTimer})
	add(unix.SYS_TIMER_CREATE, callSpec{name: "timer_create", exit: exitTimer})
	add(unix.SYS_TIMER_SETTIME, callSpec{name: "timer_settime", enter: enterTimer, exit: exitTimer})
	add(unix.SYS_TIMES, callSpec{name: "times", exit: exitTimes})
	// A program that asks for its own time may do so until it has used
	// enough of it: recorded, each question would take longer than what the
	// program waits for.
	add(unix.SYS_GETRUSAGE, callSpec{name: "getrusage", exit: exitTimes,
		when: &condition{arg: 0, values: []uint32{unix.RUSAGE_SELF, unix.RUSAGE_THREAD}, except: true}})
	add(unix.SYS_ACCT, callSpec{name: "acct", enter: enterPath, exit: exitAcct})
}

// ulong reads an unsigned long, or a pointer, of the traced program.
func ulong(b []byte) uint64 {
	if longSize == 4 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

// words reads n longs; nil if they cannot be read.
func words(tid int, addr uint64, n int) []int64 {
	b := make([]byte, longSize*n)
	if readMemory(tid, addr, b) != len(b) {
		return nil
	}
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(ulong(b[longSize*i:]))
		if longSize == 4 {
			list[i] = int64(int32(list[i]))
		}
	}
	return list
}

func exitPriority(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindPriority, c, errno)
	e.Target = c.arg(0)
	switch c.spec.name {
	case "setpriority":
		e.Which, e.Target, e.Value = c.arg(0), c.arg(1), c.arg(2)
	case "sched_setscheduler":
		e.Value = c.arg(1) // the policy
	case "sched_setattr":
		// struct sched_attr: size, policy, flags, nice.
		var attr [24]byte
		if readMemory(t.tid, c.args[1], attr[:]) == len(attr) {
			e.Value = int(int32(binary.NativeEndian.Uint32(attr[16:])))
		}
	case "sched_setaffinity":
		if mask := words(t.tid, c.args[2], 1); mask != nil {
			e.Value = int(mask[0])
		}
	}
	pid := t.tid
	switch {
	case e.Which == unix.PRIO_USER: // the target is the number of a user
	case e.Target != 0:
		e.TargetProcess = r.targetName(t.proc, e.Target)
		if q := r.visible(t.proc, e.Target); q != nil {
			pid = q.pid
		}
	case e.Which == unix.PRIO_PROCESS:
		e.TargetProcess = t.proc.name
	}
	if s, ok := procfs.ReadStat(pid); ok {
		nice := s.Number(19)
		e.Nice = &nice
	}
	r.emit(e)
}

func exitTimes(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindTimes, c, errno)
	e.Result = result
	if c.spec.name == "times" {
		if errno == 0 {
			e.Numbers = words(t.tid, c.args[0], 4)
		}
	} else {
		e.Which = c.arg(0)
		if u := rusageAt(t.tid, c.args[1]); u != nil && errno == 0 {
			e.Numbers = []int64{u.Utime, u.Stime}
		}
	}
	r.emit(e)
}

// rusageAt reads a struct rusage; nil if there is none.
func rusageAt(tid int, addr uint64) *trace.Rusage {
	w := words(tid, addr, 18)
	if w == nil {
		return nil
	}
	return &trace.Rusage{
		Utime: w[0]*1e6 + w[1], Stime: w[2]*1e6 + w[3], MaxRSS: w[4], Minflt: w[8], Majflt: w[9],
		Inblock: w[11], Oublock: w[12], Nvcsw: w[16], Nivcsw: w[17],
	}
}

func exitAcct(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindAcct, c, errno)
	e.Path = c.path
	r.emit(e)
}
