package proc

import (
	"runtime/debug"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What this package takes from the runtime by linkname. The Go
// project promises of each of them, in the comment above its
// definition, not to remove it or to change its signature
// (go.dev/issue/67401); of runtimeBeforeExec and runtimeAfterExec
// it does not, and a Go without them would not link this package.

// runtimeBeforeFork blocks all signals and poisons the stack
// guard, so that growing the stack is fatal.
//
//go:linkname runtimeBeforeFork syscall.runtime_BeforeFork
func runtimeBeforeFork()

// runtimeAfterFork undoes runtimeBeforeFork.
//
//go:linkname runtimeAfterFork syscall.runtime_AfterFork
func runtimeAfterFork()

// runtimeAfterForkInChild puts the signals that the runtime
// catches back to their default and restores the signal mask.
//
//go:linkname runtimeAfterForkInChild syscall.runtime_AfterForkInChild
func runtimeAfterForkInChild()

// runtimeBeforeExec waits until no thread is being made and lets
// none be made until runtimeAfterExec.
//
//go:linkname runtimeBeforeExec syscall.runtime_BeforeExec
func runtimeBeforeExec()

//go:linkname runtimeAfterExec syscall.runtime_AfterExec
func runtimeAfterExec()

// procPin keeps the goroutine on its thread, unpreempted, until
// procUnpin: it adds one to the thread's count of held locks.
//
//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

// writeBarrier.enabled is true exactly while a collection marks.
// Only the first field is named: the rest is the compiler's.
//
//go:linkname writeBarrier runtime.writeBarrier
var writeBarrier struct {
	enabled bool
	pad     [3]byte
	alignme uint64
}

// sched is the runtime's scheduler; only its first fields are
// named, up to the one that proves where they are.
//
//go:linkname sched runtime.sched
var sched struct {
	goidgen    uint64
	lastpoll   int64
	pollUntil  int64
	pollingNet int32
	lock       uintptr // the key of a runtime mutex, 0 is free

	midle        [3]uintptr
	nmidle       int32
	nmidlelocked int32
	mnext        int64
	maxmcount    int32
}

// schedLayout says that sched.lock is where this package thinks
// it is.
var schedLayout bool

// checkSchedLayout finds that out: debug.SetMaxThreads stores its
// argument in sched.maxmcount, some fields behind the lock.
func checkSchedLayout() {
	const unusual = 9973
	old := debug.SetMaxThreads(unusual)
	schedLayout = sched.maxmcount == unusual
	debug.SetMaxThreads(old)
	schedLayout = schedLayout && int(sched.maxmcount) == old
}

// freeSchedLock opens the scheduler's lock in a new child. The
// runtime's monitor thread takes it twice in every tick, each
// 20 µs at worst, and where it held it at the instant of the copy
// no thread is left in the child to release it: the first use of a
// sync.Pool (fmt has one), which asks for GOMAXPROCS under this
// lock, hung in 1 of 1,500 children. The lists that the lock protects,
// of idle threads and runnable goroutines, can be half changed; a
// pinned child never looks at them. Where the lock is open, as it nearly
// always is, nothing is written: a write would cost the child a page.
//
//go:nosplit
func freeSchedLock() {
	if schedLayout && sched.lock != 0 {
		sched.lock = 0
	}
}

//go:nosplit
func clone3(args *cloneArgs) (pid uintptr, errno syscall.Errno) {
	pid, _, errno = syscall.RawSyscall(unix.SYS_CLONE3, uintptr(unsafe.Pointer(args)), unsafe.Sizeof(*args), 0)
	return pid, errno
}
