package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// Exit ends the process at once: the kernel's _exit. No handler
// runs and no buffer is flushed. The parent sees the low 8 bits
// of status. See _exit(2) and section 8.5.
func Exit(status int) {
	for {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(status), 0, 0)
	}
}

// Abort ends the process abnormally with SIGABRT, whatever its
// disposition was. See abort(3) and section 8.5.
func Abort() {
	Signal(unix.SIGABRT, Default)
	set := unix.Sigset_t{}
	set.Val[0] = 1 << (unix.SIGABRT - 1)
	unix.PthreadSigmask(unix.SIG_UNBLOCK, &set, nil)
	Raise(unix.SIGABRT)
	Exit(127) // not reached: the default of SIGABRT ends us
}

// Raise sends the signal to the calling thread, as raise(3) does:
// its si_code is SI_TKILL. Go catches most signals in a process
// that was not forked; Signal(sig, Default) first makes the
// default happen.
func Raise(sig unix.Signal) error {
	// Both numbers have to be of one thread. (LockOSThread would
	// start another one, even in a child.) The child of a Vfork
	// is pinned, and could die before it undoes it in the
	// parent's memory.
	if !vforked {
		procPin()
		defer procUnpin()
	}
	pid, _, _ := syscall.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
	tid, _, _ := syscall.RawSyscall(unix.SYS_GETTID, 0, 0, 0)
	_, _, errno := syscall.RawSyscall(unix.SYS_TGKILL, pid, tid, uintptr(sig))
	if errno != 0 {
		return os.NewSyscallError("tgkill", errno)
	}
	return nil
}

// A Disposition is what happens when a signal arrives, other than
// calling a handler.
type Disposition uintptr

// The dispositions SIG_DFL and SIG_IGN of signal(2).
const (
	Default Disposition = 0
	Ignore  Disposition = 1
)

// Flags for Catch, see sigaction(2): SIGCHLD not for stops and
// continues; children that leave no zombie; an interrupted call is
// entered again.
const (
	SA_NOCLDSTOP = procfs.SA_NOCLDSTOP
	SA_NOCLDWAIT = procfs.SA_NOCLDWAIT
	SA_RESTART   = procfs.SA_RESTART
)

// Signal sets what happens when sig arrives, with a raw
// rt_sigaction(2): the runtime and os/signal do not hear of it.
// The error wraps EINVAL for SIGKILL, SIGSTOP and numbers that
// are no signal. See section 10.3.
func Signal(sig unix.Signal, to Disposition) error {
	errno := procfs.RtSigaction(sig, &procfs.Sigaction{Handler: uintptr(to)}, nil)
	if errno != 0 {
		return os.NewSyscallError("sigaction", errno)
	}
	return nil
}

// Isatty reports whether the descriptor is a terminal, see
// isatty(3).
func Isatty(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
