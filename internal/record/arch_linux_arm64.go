package record

import (
	"debug/elf"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

const (
	nativeMachine = elf.EM_AARCH64
	longSize      = 8 // of a long and of a pointer, in bytes
	nativeArch    = unix.AUDIT_ARCH_AARCH64
)

// syscallSize is the length of the instruction that makes a system call.
const syscallSize = 4

// trapSize is how far behind its instruction a breakpoint's trap is
// reported: brk's is at it.
const trapSize = 0

// oldSigreturn is how a handler returns that was set without SA_SIGINFO:
// as any other.
const oldSigreturn = unix.SYS_RT_SIGRETURN

// cloneNames are the calls that make processes.
var cloneNames = map[int]string{
	unix.SYS_CLONE:  "clone",
	unix.SYS_CLONE3: "clone3",
}

// registersOfCall are the number and the first two arguments of the
// call that a thread is in.
func registersOfCall(regs *unix.PtraceRegs) (nr int, arg0, arg1 uint64) {
	return int(int64(regs.Regs[8])), regs.Regs[0], regs.Regs[1]
}

// setFirstArgument changes the first argument of the call that a thread
// is in.
func setFirstArgument(regs *unix.PtraceRegs, v uint64) { regs.Regs[0] = v }

// addArchCalls adds the calls that not all architectures have.
func addArchCalls(add func(int, callSpec), _ *Options) {
	add(unix.SYS_ACCEPT, callSpec{name: "accept", blocks: trace.KindAccept, exit: exitAccept})
}

// sameCalls are calls that a newer one repeats with wider arguments.
var sameCalls = map[int]int{}

// archCallNames are names of calls that not all architectures have.
var archCallNames = map[int]string{unix.SYS_SEMOP: "semop", unix.SYS_SEMTIMEDOP: "semtimedop"}

// unpackCall makes a call that stands for others the one that it is: there
// is none here.
func unpackCall(int, *syscallInfo) {}

// commonOpenFlags are the flags of open with the numbers that recordings
// have, see package trace: four flags have other ones here (asm/fcntl.h).
func commonOpenFlags(flags uint64) uint64 {
	const directory, nofollow, direct, largefile = 0o40000, 0o100000, 0o200000, 0o400000
	common := flags &^ (directory | nofollow | direct | largefile)
	for own, other := range map[uint64]uint64{directory: 0o200000, nofollow: 0o400000, direct: 0o40000, largefile: 0o100000} {
		if flags&own != 0 {
			common |= other
		}
	}
	return common
}
