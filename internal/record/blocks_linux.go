//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// addBlockingCalls adds the calls that wait for time, a signal, a
// connection or a lock. The waits of a Go program's runtime are left out:
// its threads sleep and poll all the time.
func addBlockingCalls(add func(int, callSpec)) {
	for nr, name := range map[int]string{unix.SYS_NANOSLEEP: "nanosleep", unix.SYS_CLOCK_NANOSLEEP: "clock_nanosleep"} {
		add(nr, callSpec{name: name, blocks: trace.KindSleep, enter: enterSleep, exit: exitSleep})
	}
	add(unix.SYS_RT_SIGSUSPEND, callSpec{name: "rt_sigsuspend", blocks: trace.KindPause, exit: exitPause})
	add(unix.SYS_RT_SIGTIMEDWAIT, callSpec{name: "rt_sigtimedwait", blocks: trace.KindPause, enter: enterSigwait, exit: exitPause})
	add(unix.SYS_PPOLL, pollSpec("ppoll", 2, timespec))
	add(unix.SYS_PSELECT6, pollSpec("pselect6", 4, timespec))
	add(unix.SYS_EPOLL_PWAIT, pollSpec("epoll_pwait", 3, milliseconds))
	add(unix.SYS_EPOLL_PWAIT2, pollSpec("epoll_pwait2", 3, timespec))
	add(unix.SYS_ACCEPT4, callSpec{name: "accept4", blocks: trace.KindAccept, exit: exitAccept})
	add(unix.SYS_FLOCK, callSpec{name: "flock", blocks: trace.KindLock, exit: exitLock})
}

// timespecAt reads a struct timespec in ns; ok is false where there is
// none, which for most calls means no limit. time64 says that it holds
// numbers of 64 bits where a long has 32.
func timespecAt(tid int, addr uint64, time64 bool) (ns int64, ok bool) {
	w := numbers(tid, addr, 2, time64)
	if w == nil {
		return 0, false
	}
	return nanoseconds(w[0], w[1], time.Nanosecond), true
}

// nanoseconds adds seconds and a smaller unit. The kernel takes any number of
// seconds; 2³³ of them, 272 years, stand for more.
func nanoseconds(seconds, rest int64, unit time.Duration) int64 {
	return min(seconds, 1<<33)*int64(time.Second) + rest*int64(unit)
}

// minSleep is the shortest sleep that is recorded: a process that polls
// sleeps too. minGoSleep is that of Go programs, whose runtime sleeps up
// to 10 ms at a time between its looks at the threads.
const (
	minSleep   = time.Millisecond
	minGoSleep = 20 * time.Millisecond
)

func enterSleep(r *recorder, t *thread, c *call) bool {
	at, absolute := c.args[0], false
	if c.spec.name == "clock_nanosleep" {
		at, absolute = c.args[2], c.args[1]&unix.TIMER_ABSTIME != 0
	}
	ns, ok := timespecAt(t.tid, at, c.spec.time64)
	if absolute {
		now, readable := r.clockNow(t, int32(c.args[0]))
		ns, ok = ns-now, ok && readable
	}
	c.offset = ns
	return ok && ns >= int64(minSleep) && (ns >= int64(minGoSleep) || !r.isGo(t.proc))
}

func exitSleep(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindSleep, c, errno)
	e.Duration, e.Entered = c.offset, c.entered
	r.emit(e)
}

// enterSigwait reads the limit and the set of signals: while the call waits
// for them, the kernel does not count them as blocked.
func enterSigwait(_ *recorder, t *thread, c *call) bool {
	c.offset, _ = timespecAt(t.tid, c.args[2], c.spec.time64)
	var set [8]byte
	if readMemory(t.tid, c.args[0], set[:]) == len(set) {
		c.flags = binary.NativeEndian.Uint64(set[:])
	}
	return true
}

// exitPause records the end of a wait for a signal; rt_sigtimedwait
// returns the signal that it took.
func exitPause(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindPause, c, errno)
	e.Duration, e.Entered = c.offset, c.entered
	if c.flags != 0 {
		e.Signals = fmt.Sprintf("%016x", c.flags)
	}
	if errno == 0 {
		e.Result = result
	}
	r.emit(e)
}

// How a polling call is given its limit.
type limit int

const (
	milliseconds limit = iota // a number, negative for no limit
	timespec                  // the address of one, null for no limit
	timeval
)

// pollSpec says how a call is recorded whose argument arg is its limit.
func pollSpec(name string, arg int, form limit) callSpec {
	enter := func(r *recorder, t *thread, c *call) bool {
		c.offset = -1
		switch form {
		case milliseconds:
			if ms := c.arg(arg); ms >= 0 {
				c.offset = int64(ms) * int64(time.Millisecond)
			}
		case timespec:
			if ns, ok := timespecAt(t.tid, c.args[arg], c.spec.time64); ok {
				c.offset = ns
			}
		case timeval:
			if w := words(t.tid, c.args[arg], 2); w != nil {
				c.offset = nanoseconds(w[0], w[1], time.Microsecond)
			}
		}
		return c.offset != 0 && !r.isGo(t.proc)
	}
	exit := func(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
		e := r.callEvent(t, trace.KindPoll, c, errno)
		e.Duration, e.Entered, e.Result = c.offset, c.entered, result
		r.emit(e)
	}
	return callSpec{name: name, blocks: trace.KindPoll, enter: enter, exit: exit}
}

// exitAccept records a connection; with Options.Files its descriptor too.
func exitAccept(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	if errno == unix.EAGAIN {
		return // a poller asked
	}
	e := r.callEvent(t, trace.KindAccept, c, errno)
	e.Fd, e.Entered, e.Result = c.arg(0), c.entered, result
	r.fileOf(t, e.Fd).name(&e)
	r.emit(e)
	if errno == 0 && r.o.Files {
		exitMaker(r, t, c, result, 0)
	}
}

// exitLock records a lock of a file that was got, or not.
func exitLock(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindLock, c, errno)
	e.Fd, e.Entered, e.Value = c.arg(0), c.entered, c.arg(1)
	if c.spec.name == "fcntl" {
		// struct flock begins with the lock's type, a short.
		var kind [2]byte
		if readMemory(t.tid, c.args[2], kind[:]) == len(kind) {
			e.Value = map[uint16]int{
				unix.F_RDLCK: unix.LOCK_SH, unix.F_WRLCK: unix.LOCK_EX, unix.F_UNLCK: unix.LOCK_UN,
			}[binary.NativeEndian.Uint16(kind[:])]
		} else {
			e.Value = 0
		}
		switch c.arg(1) {
		case fSetlk, fSetlk64, fOfdSetlk:
			e.Value |= unix.LOCK_NB
		}
	}
	r.fileOf(t, e.Fd).name(&e)
	r.emit(e)
}

// readSpec says where a call that reads has its bytes.
type readSpec struct{ bytes, iov, msg int }

// addReadCalls adds the calls that read.
func addReadCalls(add func(int, callSpec)) {
	one := func(nr int, name string, w readSpec) {
		add(nr, callSpec{
			name: name, blocks: trace.KindRead, enter: enterRead,
			exit: func(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
				r.exitRead(t, c, w, result, errno)
			},
		})
	}
	one(unix.SYS_READ, "read", readSpec{1, -1, -1})
	one(unix.SYS_PREAD64, "pread64", readSpec{1, -1, -1})
	one(unix.SYS_RECVFROM, "recvfrom", readSpec{1, -1, -1})
	one(unix.SYS_READV, "readv", readSpec{-1, 1, -1})
	one(unix.SYS_PREADV, "preadv", readSpec{-1, 1, -1})
	one(unix.SYS_PREADV2, "preadv2", readSpec{-1, 1, -1})
	one(unix.SYS_RECVMSG, "recvmsg", readSpec{-1, -1, 1})
}

// enterRead takes reads that may have to wait, and those of descriptor 0;
// with Options.Files every read.
func enterRead(r *recorder, t *thread, c *call) bool {
	if r.o.Files || c.arg(0) == 0 {
		return true
	}
	f := r.fileOf(t, c.arg(0))
	return f != nil && f.object.isStream()
}

func (r *recorder) exitRead(t *thread, c *call, w readSpec, result int64, errno unix.Errno) {
	if errno == unix.EAGAIN && !r.o.Files {
		return // a poller asked
	}
	e := r.callEvent(t, trace.KindRead, c, errno)
	e.Fd, e.Result, e.Entered = c.arg(0), result, c.entered
	f := r.fileOf(t, e.Fd)
	f.name(&e)
	if f != nil && f.object.mode == unix.S_IFREG {
		r.filePos(t, &e)
	} else if result > 0 {
		n := int(min(result, int64(r.o.maxData())))
		e.Data = r.written(t, c, &writeSpec{bytes: w.bytes, iov: w.iov, msg: w.msg, in: -1}, n)
	}
	r.emit(e)
	if w.msg >= 0 && errno == 0 && r.o.Files {
		r.foundAll(t, c) // descriptors that came with the message
	}
}

// blockedEvent is what a thread is in: a call that is followed.
func (r *recorder) blockedEvent(t *thread, c *call) trace.Event {
	e := r.callEvent(t, trace.KindBlocked, c, 0)
	e.Entered = c.entered
	switch c.spec.blocks {
	case trace.KindSleep, trace.KindPoll, trace.KindPause:
		e.Duration = c.offset
	case trace.KindRead, trace.KindWrite, trace.KindAccept, trace.KindLock:
		e.Fd = c.arg(0)
		f := r.fileOf(t, e.Fd)
		f.name(&e)
		e.Holders = r.holders(f)
	case trace.KindWait:
		if c.spec.name == "waitid" {
			e.IDType, e.ID = c.arg(0), c.arg(1)
		} else {
			e.WaitPid = c.arg(0)
		}
	}
	return e
}

// waitsIn is the call that a thread waits in, nil if none is known: it is
// still in one that a signal has interrupted and that goes on.
func (t *thread) waitsIn() *call {
	c := t.call
	if c == nil && len(t.interrupted) > 0 {
		c = t.interrupted[len(t.interrupted)-1]
	}
	if c == nil || c.spec.blocks == "" {
		return nil
	}
	return c
}

// watchThreads returns, by tid, what the kernel says that each thread of
// the tree is in: the line of /proc/PID/task/TID/syscall. It looks several
// times. A thread that was in something else at another look, or that has
// slept and woken meanwhile, is "running": which call of its loop one look
// finds is a matter of chance.
//
// Nothing of the model is touched: this is another thread than the one
// that records, which goes on meanwhile.
func (r *recorder) watchThreads() map[int]string {
	const looks, between = 5, 20 * time.Millisecond
	first := r.lookAtThreads()
	in := map[int]string{}
	for tid, l := range first {
		in[tid] = l.call
	}
	for range looks - 1 {
		time.Sleep(between)
		for tid, l := range r.lookAtThreads() {
			if l != first[tid] {
				in[tid] = "running"
			}
		}
	}
	return in
}

// A look is what /proc says of a thread at one instant.
type look struct {
	call     string // the line of its file syscall
	switches string // how often it has given up the processor of its own accord
}

func (r *recorder) lookAtThreads() map[int]look {
	r.mu.Lock()
	pids := slices.Collect(maps.Keys(r.live))
	r.mu.Unlock()
	seen := map[int]look{}
	for _, pid := range pids {
		for _, tid := range procfs.Threads(pid) {
			task := procfs.Path(pid, "task/"+itoa(tid))
			seen[tid] = look{
				call:     procfs.ReadAll(task + "/syscall"),
				switches: procfs.Line(procfs.ReadAll(task+"/status"), "voluntary_ctxt_switches"),
			}
		}
	}
	return seen
}

// tellBlocked records, once after the tree was killed from outside, what
// each thread was in then.
func (r *recorder) tellBlocked() {
	r.mu.Lock()
	samples := r.samples
	r.samples = nil
	r.mu.Unlock()
	if samples == nil {
		return
	}
	for _, p := range r.sorted() {
		for _, tid := range r.tids(p) {
			t := r.threads[tid]
			if t.proc.dead || t.exiting {
				continue
			}
			if c := t.waitsIn(); c != nil {
				r.emit(r.blockedEvent(t, c))
				continue
			}
			if r.isGo(p) && tid != p.liveTID {
				continue // a thread of the runtime
			}
			e := r.event(t, trace.KindBlocked)
			e.Call = callName(samples[tid])
			if e.Call == "write" || e.Call == "writev" {
				e.Fd = firstArgument(samples[tid])
				f := r.fileOf(t, e.Fd)
				f.name(&e)
				e.Holders = r.holders(f)
			}
			if t.proc.stopped {
				e.Call = ""
			}
			if e.Call == "" || e.Call == "futex" {
				t.untold = &e // its place can be seen at its exit stop
				continue
			}
			r.emit(e)
		}
	}
}

// callName is the name of the call in /proc/PID/task/TID/syscall; "" if
// the thread runs.
func callName(sample string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(sample), " ")
	nr, err := strconv.Atoi(first)
	if err != nil || nr < 0 {
		return "" // "running", or gone
	}
	names := map[int]string{
		unix.SYS_FUTEX: "futex", unix.SYS_RESTART_SYSCALL: "restart_syscall", unix.SYS_READ: "read", unix.SYS_WRITE: "write",
		unix.SYS_OPENAT: "openat", unix.SYS_CONNECT: "connect", unix.SYS_MSGRCV: "msgrcv",
		unix.SYS_IO_URING_ENTER: "io_uring_enter", unix.SYS_EPOLL_PWAIT: "epoll_pwait",
		unix.SYS_NANOSLEEP: "nanosleep", unix.SYS_CLOCK_NANOSLEEP: "clock_nanosleep", unix.SYS_FCNTL: "fcntl", unix.SYS_WRITEV: "writev",
	}
	for _, list := range []map[int]string{names, archCallNames} {
		if name := list[nr]; name != "" {
			return name
		}
	}
	return "system call " + first
}

// firstArgument is that of the call in /proc/PID/task/TID/syscall.
func firstArgument(sample string) int {
	f := strings.Fields(sample)
	if len(f) < 2 {
		return -1
	}
	n, err := strconv.ParseInt(f[1], 0, 64)
	if err != nil {
		return -1
	}
	return int(n)
}

// tellUntold records what a killed thread was in: a loop whose place is
// known only now that it has stopped, or a call that somebody's signal has
// ended with the process.
func (r *recorder) tellUntold(t *thread, killed bool) {
	if e := t.untold; e != nil {
		t.untold = nil
		e.Source, e.NoSource = r.source(t)
		e.Time = r.now
		r.emit(*e)
		return
	}
	r.mu.Lock()
	told := r.cancelled != nil
	r.mu.Unlock()
	if c := t.waitsIn(); c != nil && killed && !told {
		r.emit(r.blockedEvent(t, c))
	}
}

// longWrite says how long a write had to wait, if it is worth telling: a
// pipe was full.
func longWrite(e *trace.Event, c *call) {
	if e.Time-c.entered >= int64(minSleep) {
		e.Entered = c.entered
	}
}
