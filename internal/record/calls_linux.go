//go:build 386 || amd64 || arm64

package record

import (
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/symbol"
	"apue/internal/trace"
)

// callSpec says how a system call is recorded.
type callSpec struct {
	name string
	when *condition // nil: always

	// enter looks at the arguments; false when this call is of no
	// interest and need not be followed to its end. nil: true.
	enter func(r *recorder, t *thread, c *call) bool
	// exit is told the result: errno is 0, or the call failed.
	exit func(r *recorder, t *thread, c *call, result int64, errno unix.Errno)

	isKill, isWait bool
	// blocks is the kind of event of a call that may wait for long.
	blocks trace.Kind
	// time64 says that its struct timespec has 64-bit numbers on 32-bit
	// systems too.
	time64 bool
}

// A call under way.
type call struct {
	spec    *callSpec
	nr      uint64
	args    [6]uint64
	ip, sp  uint64
	entered int64

	// handled says of an interrupted call that a signal handler has begun,
	// since is how many calls that has made; note is for its event.
	handled bool
	since   int
	note    string

	source   *trace.Source
	noSource string
	via      string
	within   string

	path   string   // of exec, open, chdir
	argv   []string // of exec
	exec   *execCall
	before *trace.IDs // of a call on ids
	flags  uint64     // of clone, open; of rt_sigtimedwait: the set of signals
	data   []byte     // of a write by one of several threads: the bytes at its entry
	offset int64      // of a copy: where it began to read; of a sleep or timer: its ns
	// interval is a timer's period in ns.
	interval int64

	// Of wait: the child that a pidfd names.
	child *process
	// Of kill: the sender, the signal, and whether the event has
	// been recorded, because an effect was seen before the return.
	caller *process
	signal int
	told   bool
}

// arg returns an int argument.
func (c *call) arg(i int) int { return int(int32(c.args[i])) }

// syscallStop handles the entry to a traced call or its exit.
func (r *recorder) syscallStop(t *thread) {
	var info syscallInfo
	if err := getSyscallInfo(t.tid, &info); err != nil {
		r.resume(t, 0)
		return
	}
	switch info.op {
	case unix.PTRACE_SYSCALL_INFO_ENTRY, unix.PTRACE_SYSCALL_INFO_SECCOMP:
		r.entered(t, &info)
	case unix.PTRACE_SYSCALL_INFO_EXIT:
		r.left(t, &info)
	}
	r.resume(t, 0)
}

// entered handles a call's entry. When every call is stopped at, and
// when a call is entered again, the filter's stop follows the entry
// stop: the second one says nothing new.
func (r *recorder) entered(t *thread, info *syscallInfo) {
	if info.arch == nativeArch {
		unpackCall(t.tid, info)
	}
	if t.call != nil && t.call.nr == info.nr && t.call.sp == info.sp {
		return
	}
	t.call = nil
	if r.started && t.proc == r.root {
		r.silent = false
	}
	if info.arch != nativeArch || info.nr >= x32Bit && info.nr < x32Bit+uint64(len(r.calls)) {
		r.noteForeign(t.proc)
		return
	}
	if c := t.top(); c != nil {
		if c.restarts(info) {
			t.interrupted = t.interrupted[:len(t.interrupted)-1]
			t.call = c // the kernel enters it again: one call
			return
		}
		c.handled = true
		r.abandon(t, info.ip, info.sp)
		if info.nr == unix.SYS_RT_SIGRETURN || info.nr == oldSigreturn {
			t.call = &call{spec: &sigreturn, nr: info.nr, sp: info.sp}
			return
		}
	}
	if info.nr >= uint64(len(r.calls)) || r.calls[info.nr] == nil {
		return
	}
	c := &call{
		spec: r.calls[info.nr], nr: info.nr, args: info.args, ip: info.ip, sp: info.sp,
		entered: r.now, caller: t.proc,
	}
	if !c.spec.when.holds(c) || c.spec.enter != nil && !c.spec.enter(r, t, c) {
		return
	}
	c.source, c.noSource = r.sourceAt(t, info.point())
	if c.spec.blocks == trace.KindWrite && r.started {
		r.writerOf(t, c, info.point())
	}
	t.call = c
}

// writerOf finds which function of a library made the write c, and where the
// program itself was. A program of the system, which was stripped, is not
// looked at.
func (r *recorder) writerOf(t *thread, c *call, at symbol.Point) {
	p := r.programOf(t.proc)
	switch {
	case c.source != nil || c.noSource == symbol.NotOurCode:
		c.via, c.within = r.symbols.CalledWithin(p, t, at)
	case p.Interprets():
		c.within = r.symbols.Within(p, t, at)
	case c.noSource == symbol.NoDebugInfo && p.Named():
		c.via, c.within = r.symbols.CalledWithin(p, t, at)
	}
}

// holds says what the filter would, for where there is none.
func (w *condition) holds(c *call) bool {
	if w == nil {
		return true
	}
	v := uint32(c.args[w.arg])
	hit := v < w.below
	for _, value := range w.values {
		hit = hit || v == value
	}
	return hit != w.except
}

// left handles a call's exit.
func (r *recorder) left(t *thread, info *syscallInfo) {
	c := t.call
	t.call = nil
	if c == nil {
		return
	}
	result, isError := int64(info.nr), byte(info.args[0]) != 0
	if c.spec == &sigreturn {
		r.returned(t, info, result)
		return
	}
	var errno unix.Errno
	if isError {
		errno = unix.Errno(-result)
		result = -1
	}
	switch errno {
	case errRestartSys, errRestartNoIntr, errRestartNoHand, errRestartBlock:
		// A signal came. Whether the call goes on or fails with
		// EINTR is decided by what the signal does.
		t.interrupt(c)
		return
	}
	c.spec.exit(r, t, c, result, errno)
}

// The kernel's internal results of an interrupted call, which a
// tracer sees (linux/errno.h).
const (
	errRestartSys    = unix.Errno(512)
	errRestartNoIntr = unix.Errno(513)
	errRestartNoHand = unix.Errno(514)
	errRestartBlock  = unix.Errno(516)
)

// callTables are those made so far, by what they depend on. A launcher is
// a copy of its recorder, and finds the table there.
var callTables sync.Map // of []*callSpec

// callTable returns the calls to record, by number.
func callTable(o *Options) []*callSpec {
	key := [...]bool{o.Files, o.Tamper != nil, o.Parents}
	table, ok := callTables.Load(key)
	if !ok {
		table, _ = callTables.LoadOrStore(key, newCallTable(o))
	}
	return table.([]*callSpec)
}

func newCallTable(o *Options) []*callSpec {
	table := make([]*callSpec, 512)
	add := func(nr int, s callSpec) { table[nr] = &s }

	add(unix.SYS_EXECVE, callSpec{name: "execve", enter: enterExec, exit: exitExec})
	add(unix.SYS_EXECVEAT, callSpec{name: "execveat", enter: enterExec, exit: exitExec})
	add(unix.SYS_WAIT4, callSpec{name: "wait4", exit: exitWait4, isWait: true, blocks: trace.KindWait})
	add(unix.SYS_WAITID, callSpec{name: "waitid", enter: enterWaitid, exit: exitWaitid, isWait: true, blocks: trace.KindWait})

	for nr, name := range cloneNames {
		add(nr, callSpec{name: name, enter: enterClone, exit: exitClone})
	}

	// The Go scheduler sends itself SIGURG at any time: not a call
	// of the program.
	noise := &condition{arg: 2, values: []uint32{uint32(unix.SIGURG)}, except: true}
	add(unix.SYS_KILL, killSpec("kill", nil))
	add(unix.SYS_TKILL, killSpec("tkill", nil))
	add(unix.SYS_TGKILL, killSpec("tgkill", noise))
	add(unix.SYS_RT_SIGQUEUEINFO, killSpec("rt_sigqueueinfo", nil))
	add(unix.SYS_RT_TGSIGQUEUEINFO, killSpec("rt_tgsigqueueinfo", nil))
	add(unix.SYS_PIDFD_SEND_SIGNAL, killSpec("pidfd_send_signal", nil))

	add(unix.SYS_SETSID, callSpec{name: "setsid", exit: exitSetsid})
	add(unix.SYS_SETPGID, callSpec{name: "setpgid", exit: exitSetpgid})
	add(unix.SYS_CHDIR, callSpec{name: "chdir", enter: enterPath, exit: exitChdir})
	add(unix.SYS_FCHDIR, callSpec{name: "fchdir", exit: exitChdir})
	add(unix.SYS_CHROOT, callSpec{name: "chroot", enter: enterPath, exit: exitChroot})
	add(unix.SYS_UMASK, callSpec{name: "umask", exit: exitUmask})
	add(unix.SYS_PRCTL, callSpec{
		name: "prctl", enter: enterPrctl, exit: exitPrctl,
		when: &condition{arg: 0, values: append([]uint32{unix.PR_SET_CHILD_SUBREAPER, unix.PR_SET_PDEATHSIG, unix.PR_SET_SECCOMP}, credsPrctls...)},
	})
	// From here on pids may differ from ours.
	add(unix.SYS_UNSHARE, callSpec{name: "unshare", exit: exitNamespace})
	add(unix.SYS_SETNS, callSpec{name: "setns", exit: exitNamespace})

	addIDCalls(add)
	addChildSignal(add)
	addTimeCalls(add)
	if o.Tamper != nil {
		addTamperCalls(add)
	}
	if o.Parents {
		add(unix.SYS_GETPPID, callSpec{name: "getppid", exit: exitGetppid})
	}
	addBlockingCalls(add)
	addFileCalls(add, o)
	addUnseenCalls(add)
	addArchCalls(add, o)
	for newer, older := range sameCalls {
		table[newer] = table[older]
	}
	return table
}

func enterPath(r *recorder, t *thread, c *call) bool {
	c.path = readString(t.tid, c.args[0], unix.PathMax)
	return true
}

// callEvent is an event of a call at its return.
func (r *recorder) callEvent(t *thread, kind trace.Kind, c *call, errno unix.Errno) trace.Event {
	e := r.event(t, kind)
	e.Call, e.Errno = c.spec.name, errnoName(errno)
	e.Source, e.NoSource = c.source, c.noSource
	if c.spec.blocks != "" {
		e.Note = c.note
	}
	return e
}

func exitSetsid(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindSetsid, c, errno)
	e.Result = result
	r.emit(e)
}

func exitSetpgid(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindSetpgid, c, errno)
	e.Target, e.Pgid = c.arg(0), c.arg(1)
	e.TargetProcess = r.targetName(t.proc, e.Target)
	r.emit(e)
}

func exitChdir(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindChdir, c, errno)
	e.Path = c.path
	if c.spec.name == "fchdir" {
		e.Fd = c.arg(0)
		if errno == 0 {
			e.Path = procfs.Readlink(procfs.Path(t.tid, "cwd"))
		}
	}
	r.emit(e)
}

func exitChroot(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindChroot, c, errno)
	e.Path = c.path
	r.emit(e)
}

func exitUmask(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindUmask, c, errno)
	e.Mask = c.arg(0) & 0o777
	r.emit(e)
}

func exitGetppid(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	if t.proc.askedParent && t.proc.toldParent == result {
		return
	}
	t.proc.askedParent, t.proc.toldParent = true, result
	e := r.callEvent(t, trace.KindGetppid, c, errno)
	e.Result = result
	r.emit(e)
}

func exitSubreaper(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindSubreaper, c, errno)
	e.Value = c.arg(1)
	if errno == 0 {
		t.proc.subreaper = e.Value != 0
	}
	r.emit(e)
}

func exitNamespace(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	if errno != 0 {
		return
	}
	r.namespaces = true
	e := r.callEvent(t, trace.KindNote, c, 0)
	e.Flags = c.args[0]
	if c.spec.name == "setns" {
		e.Flags = c.args[1]
	}
	e.Note = t.proc.name + " calls " + c.spec.name
	r.emit(e)
	if c.spec.name == "unshare" && c.args[0]&unix.CLONE_FILES != 0 {
		t.proc.files = t.proc.files.clone()
	}
}

// errnoName is the symbolic name of an error, as "ECHILD".
func errnoName(e unix.Errno) string {
	if e == 0 {
		return ""
	}
	if name := unix.ErrnoName(e); name != "" {
		return name
	}
	return "E" + strconv.Itoa(int(e))
}

func itoa(n int) string { return strconv.Itoa(n) }
