package procfs

import "unsafe"

// pointerSize is the size of a pointer in bytes, 4 or 8.
const pointerSize = int(unsafe.Sizeof(uintptr(0)))

// A Siginfo is the kernel's siginfo_t as far as SIGCHLD, kill(2) and
// waitid(2) fill it; asm-generic/siginfo.h. Its size is 128 bytes. On
// 64-bit systems the union begins at a multiple of 8 bytes.
type Siginfo struct {
	Signo, Errno, Code int32
	_                  [pointerSize/4 - 1]int32
	Pid                int32
	UID                uint32
	// Status is the exit status, or the signal that ended, stopped or
	// continued the child; for a signal from sigqueue(3) its value.
	Status int32
	_      [128 - 24 - 4*(pointerSize/4-1)]byte
}

// Addr is si_addr, which the kernel fills in for a fault: it lies where a
// signal of kill(2) has the sender's pid.
func (s *Siginfo) Addr() uint64 {
	if pointerSize == 4 {
		return uint64(uint32(s.Pid))
	}
	return uint64(s.UID)<<32 | uint64(uint32(s.Pid))
}

// SiginfoSize is the size of a siginfo_t in bytes.
const SiginfoSize = int(unsafe.Sizeof(Siginfo{}))

// SiginfoOf reads the bytes of a siginfo_t. A field that is missing is zero.
func SiginfoOf(b []byte) Siginfo {
	var info Siginfo
	copy((*[SiginfoSize]byte)(unsafe.Pointer(&info))[:], b)
	return info
}

// A Sigaction is the kernel's struct sigaction, what rt_sigaction(2)
// takes, on 386, amd64 and arm64. The C library's has another order.
type Sigaction struct {
	Handler  uintptr // SIG_DFL 0, SIG_IGN 1, or the address of a function
	Flags    uintptr
	Restorer uintptr // with SA_RESTORER
	Mask     uint64  // bit n−1 is signal n
}

// Flags of a Sigaction, asm-generic/signal-defs.h.
const (
	SA_NOCLDSTOP = 0x00000001
	SA_NOCLDWAIT = 0x00000002
	SA_SIGINFO   = 0x00000004
	SA_RESTORER  = 0x04000000
	SA_ONSTACK   = 0x08000000
	SA_RESTART   = 0x10000000
	SA_RESETHAND = 0x80000000
)

// SigsetSize is the size of the kernel's set of signals in bytes, which
// rt_sigaction wants to be told.
const SigsetSize = unsafe.Sizeof(uint64(0))

// Handlers that are not functions.
const (
	SIG_DFL = 0
	SIG_IGN = 1
)
