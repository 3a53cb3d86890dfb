package proc

import (
	"os"
	"runtime"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// prepared says that prepareRuntime was called. A forked child inherits
// it.
var prepared bool

// prepareRuntime is called at each Fork and Vfork, so that importing the
// package changes nothing.
func prepareRuntime() {
	// With one processor no other goroutine runs Go code, and so
	// none holds a lock of the runtime, at the instant of the copy.
	if runtime.GOMAXPROCS(0) != 1 {
		runtime.GOMAXPROCS(1)
	}
	if !prepared {
		prepared = true
		checkSchedLayout()
	}
}

// Fork makes a child that is a copy of the caller and returns
// twice: 0 in the child, the child's pid in the parent. On
// failure it returns −1 and an error that wraps EAGAIN or ENOMEM,
// and has made no child. See fork(2) and section 8.3.
//
// The child goes on with one thread and ordinary sequential Go;
// the package comment says what it must leave alone.
func Fork() (pid int, err error) {
	return forkIn("fork", 0)
}

// cloneFlags are the flags that Clone takes.
const cloneFlags = unix.CLONE_FS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWIPC | unix.CLONE_NEWNET | unix.CLONE_NEWNS |
	unix.CLONE_NEWPID | unix.CLONE_NEWUSER | unix.CLONE_NEWUTS

// Clone is Fork with flags of clone(2) that give the child
// namespaces of its own, as CLONE_NEWPID does, or have it share
// working directory, root and umask with the caller (CLONE_FS). The
// error wraps EINVAL for any other flag, EPERM where the kernel does
// not let the caller make them, and ENOSPC where there are too many.
func Clone(flags uint64) (pid int, err error) {
	if flags&^cloneFlags != 0 {
		return -1, os.NewSyscallError("clone", unix.EINVAL)
	}
	return forkIn("clone", flags)
}

// forkIn is Fork with flags of Clone; name is what an error calls it.
func forkIn(name string, flags uint64) (pid int, err error) {
	prepareRuntime()
	args := forkArgs
	args.flags |= flags
	syscall.ForkLock.Lock()
	pinOutsideGC()
	// Nobody can take this lock before the copy is made: we are pinned
	// to the one processor. Opened after the copy, it would cost parent
	// and child a page each.
	syscall.ForkLock.Unlock()
	findPoller()
	// A thread that makes another one, as the runtime's monitor does,
	// holds a lock that an exec in the child would wait for. When the
	// first call returns, that thread can still hold a part of the lock
	// for an instant. When the second call returns, this is over, unless
	// yet another thread is being made at that moment.
	runtimeBeforeExec()
	runtimeAfterExec()
	runtimeBeforeExec()
	r, errno := fork(&args)
	runtimeAfterExec()
	if r == 0 && errno == 0 {
		// The child stays pinned: a pinned goroutine is never
		// preempted into a scheduler whose threads are gone,
		// never collects, and dies with a message where it
		// would park for ever.
		ownPoller()
		return 0, nil
	}
	procUnpin()
	if errno != 0 {
		return -1, os.NewSyscallError(name, errno)
	}
	return int(r), nil
}

// pinOutsideGC pins the goroutine to its thread at a moment when
// no collection is marking. In a child copied in mid-collection
// an allocation would assist the collector, and wait for workers
// that do not exist there.
func pinOutsideGC() {
	for {
		procPin()
		if !writeBarrier.enabled {
			return // and while we are pinned none can begin
		}
		procUnpin()
		// Setting the percentage waits for the running
		// collection to end.
		debug.SetGCPercent(debug.SetGCPercent(-1))
	}
}

// fork makes the system call. Between the runtime's two hooks
// the stack must not grow and no signal arrives, so everything
// is declared in front of them.
//
//go:norace
//go:noinline
func fork(args *cloneArgs) (pid uintptr, errno syscall.Errno) {
	runtimeBeforeFork()
	pid, errno = clone3(args)
	if clone3Missing(errno) {
		flags := args.flags&^unix.CLONE_CLEAR_SIGHAND | args.exitSignal
		pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, uintptr(flags), 0, 0, 0, 0, 0)
		if pid == 0 && errno == 0 {
			runtimeAfterForkInChild()
		}
	}
	if pid == 0 && errno == 0 {
		freeSchedLock()
	}
	// In the child too: it gives back the stack guard that
	// BeforeFork poisoned, and the signal mask.
	runtimeAfterFork()
	return pid, errno
}

// cloneArgs is struct clone_args in its first published size,
// see clone(2).
type cloneArgs struct {
	flags      uint64
	pidfd      uint64
	childTID   uint64
	parentTID  uint64
	exitSignal uint64
	stack      uint64
	stackSize  uint64
	tls        uint64
}

// The runtime catches some sixty signals. CLONE_CLEAR_SIGHAND
// (Linux 5.5) has the kernel put them back to their default in
// the child, in the same call; ignored ones stay ignored. Without
// it AfterForkInChild makes a system call for each.
var (
	forkArgs  = cloneArgs{flags: unix.CLONE_CLEAR_SIGHAND, exitSignal: uint64(unix.SIGCHLD)}
	vforkArgs = cloneArgs{flags: unix.CLONE_CLEAR_SIGHAND | unix.CLONE_VM | unix.CLONE_VFORK, exitSignal: uint64(unix.SIGCHLD)}
)

// clone3Missing reports whether clone3 failed for a reason that does not
// hold for clone: an older kernel (ENOSYS, EINVAL) or a container's
// filter (EPERM, ENOSYS).
//
//go:nosplit
func clone3Missing(errno syscall.Errno) bool {
	return errno == unix.ENOSYS || errno == unix.EINVAL || errno == unix.EPERM
}
