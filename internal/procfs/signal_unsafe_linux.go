package procfs

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// RtSigaction is rt_sigaction(2): it sets the disposition of a signal, if
// set is not nil, and stores what it was, if old is not nil. It neither
// allocates nor tells the runtime of Go: the process of a Go program gets
// a disposition that os/signal does not know of.
func RtSigaction(sig unix.Signal, set, old *Sigaction) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), SigsetSize, 0, 0)
	return errno
}
