//go:build linux && (386 || amd64 || arm64)

package proc

import (
	"os"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// caught is what the handler remembers of the last signal. Only
// the assembly writes it.
var caught struct {
	count, signo, code, pid, uid, status int32
}

// handlerPC and restorerPC are the addresses of the handler and of
// what it returns to, 0 where the kernel brings its own.
func handlerPC() uintptr
func restorerPC() uintptr

// Catch gives sig a handler which does nothing but remember what
// came: see Caught. flags are those of sigaction(2): SA_RESTART,
// SA_NOCLDSTOP, SA_NOCLDWAIT; without SA_RESTART the handler
// interrupts a wait. It is for a child of Fork, which has one
// thread; the runtime and os/signal do not hear of it. The error
// wraps EINVAL for SIGKILL, SIGSTOP and numbers that are no
// signal. See section 10.14.
func Catch(sig unix.Signal, flags int) error {
	// On the runtime's signal stack: a goroutine's own may have
	// no room left for the frame of a handler.
	act := procfs.Sigaction{Handler: handlerPC(), Flags: uintptr(flags) | procfs.SA_SIGINFO | procfs.SA_ONSTACK}
	if act.Restorer = restorerPC(); act.Restorer != 0 {
		act.Flags |= procfs.SA_RESTORER
	}
	if errno := procfs.RtSigaction(sig, &act, nil); errno != 0 {
		return os.NewSyscallError("sigaction", errno)
	}
	return nil
}

// Caught tells how many signals the handler of Catch has seen in
// this process and its ancestors, and what the last one said.
// Pid, UID and Status are meant for SIGCHLD.
func Caught() (n int, last Siginfo) {
	return int(atomic.LoadInt32(&caught.count)), Siginfo{
		Signo:  int(atomic.LoadInt32(&caught.signo)),
		Code:   int(atomic.LoadInt32(&caught.code)),
		Pid:    int(atomic.LoadInt32(&caught.pid)),
		UID:    int(atomic.LoadInt32(&caught.uid)),
		Status: int(atomic.LoadInt32(&caught.status)),
	}
}
