//go:build linux && (386 || amd64 || arm64)

package proc

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// vforked is true in the child of a Vfork and, because the memory
// is shared, nowhere else: its parent is suspended.
var vforked bool

// Vfork makes a child that runs in the caller's memory, calls
// child there and ends it with _exit(0) if child returns. The
// caller is suspended until the child has called Exit or an
// Image's Exec; then Vfork returns the child's pid. On failure it
// returns −1 and an error that wraps EAGAIN or ENOMEM, and has
// made no child. See vfork(2) and section 8.4.
//
// C's vfork returns twice, on one stack: Exercise 8.2 shows what
// becomes of the parent when the child returns first. Here the
// child's frames lie below the parent's and cannot reach them.
//
// Inside child only this package's Read, Write, Sleep, Exit, Raise,
// Image.Exec and raw system calls (unix.RawSyscall) are allowed:
// no allocation, no channel, no lock, no panic, no store of a
// pointer, no deep recursion (the stack has 32 KiB). Nothing else
// of the program runs meanwhile.
func Vfork(child func()) (pid int, err error) {
	prepareRuntime()
	v := vforkCall{child: child}
	syscall.ForkLock.Lock()
	pinOutsideGC()
	growStack() // a collection would take it back, and none can begin now
	r, errno := v.call()
	procUnpin()
	syscall.ForkLock.Unlock()
	if errno != 0 {
		return -1, os.NewSyscallError("vfork", errno)
	}
	return int(r), nil
}

// vforkCall is what parent and child share across the call.
type vforkCall struct {
	child func()
	plain bool   // by clone, not clone3: the handlers are still set
	mask  uint64 // then: the caller's signal mask
}

// call makes the system call.
//
//go:noinline
func (v *vforkCall) call() (pid uintptr, errno syscall.Errno) {
	args := uintptr(unsafe.Pointer(&vforkArgs))
	pid, errno = rawVfork(unix.SYS_CLONE3, args, unsafe.Sizeof(vforkArgs), v)
	if clone3Missing(errno) {
		// With the handlers of the runtime still set, no signal
		// may arrive in the child before they are reset: they
		// would run on the parent's signal stack.
		v.plain = true
		all := ^uint64(0)
		sigprocmask(&all, &v.mask)
		flags := uintptr(unix.CLONE_VM | unix.CLONE_VFORK | int(unix.SIGCHLD))
		pid, errno = rawVfork(unix.SYS_CLONE, flags, 0, v)
		sigprocmask(&v.mask, nil)
	}
	vforked = false
	return pid, errno
}

// vforkChild is the child's whole life.
//
//lint:ignore U1000 the assembly calls it
func vforkChild(v *vforkCall) {
	vforked = true
	if v.plain {
		runtimeAfterForkInChild()
		sigprocmask(&v.mask, nil)
	}
	v.child()
	Exit(0)
}

// rawVfork makes the system call trap(a1, a2, 0, 0, 0). The parent
// gets its result; the child calls vforkChild(v) and never returns. In
// vfork_linux_amd64.s and vfork_linux_arm64.s.
//
//go:noescape
func rawVfork(trap, a1, a2 uintptr, v *vforkCall) (pid uintptr, errno syscall.Errno)

// growStack makes room on the stack for the child: growing it
// there would move the frames that the suspended parent is to
// return through.
//
//go:noinline
func growStack() {
	var room [40 << 10]byte
	touch(&room)
}

//go:noinline
func touch(room *[40 << 10]byte) { room[0], room[len(room)-1] = 1, 1 }

func sigprocmask(set, old *uint64) {
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK,
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), unsafe.Sizeof(*set), 0, 0)
}
