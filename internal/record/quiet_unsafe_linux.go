//go:build amd64 || arm64

package record

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernelSigaction is the kernel's struct sigaction.
type kernelSigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

const saNoCldStop = 1 // asm-generic/signal-defs.h

// quiet counts the recordings that need it.
var quiet struct {
	sync.Mutex
	users int
	added bool
}

// quieten keeps the kernel from sending this process a SIGCHLD for each
// stop of a tracee, which the Go runtime would handle, several
// microseconds each. Children that end are announced as before.
func quieten() (restore func()) {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.users++; quiet.users == 1 {
		quiet.added = setNoCldStop(true)
	}
	return func() {
		quiet.Lock()
		defer quiet.Unlock()
		if quiet.users--; quiet.users == 0 && quiet.added {
			setNoCldStop(false)
		}
	}
}

// setNoCldStop sets or clears SA_NOCLDSTOP in the disposition of
// SIGCHLD and says whether that changed it.
func setNoCldStop(on bool) bool {
	var sa kernelSigaction
	if !sigaction(nil, &sa) {
		return false
	}
	was := sa.flags&saNoCldStop != 0
	if sa.flags &^= saNoCldStop; on {
		sa.flags |= saNoCldStop
	}
	return sigaction(&sa, nil) && was != on
}

func sigaction(set, old *kernelSigaction) bool {
	_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), unsafe.Sizeof(set.mask), 0, 0)
	return e == 0
}
