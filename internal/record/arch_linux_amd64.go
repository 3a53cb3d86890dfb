package record

import (
	"debug/elf"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

const (
	nativeMachine = elf.EM_X86_64
	longSize      = 8 // of a long and of a pointer, in bytes
	nativeArch    = unix.AUDIT_ARCH_X86_64
)

// oldSigreturn is how a handler returns that was set without SA_SIGINFO:
// as any other.
const oldSigreturn = unix.SYS_RT_SIGRETURN

// registersOfCall are the number and the first two arguments of the
// call that a thread is in.
func registersOfCall(regs *unix.PtraceRegs) (nr int, arg0, arg1 uint64) {
	return int(int64(regs.Orig_rax)), regs.Rdi, regs.Rsi
}

// setFirstArgument changes the first argument of the call that a thread
// is in.
func setFirstArgument(regs *unix.PtraceRegs, v uint64) { regs.Rdi = v }

// addArchCalls adds the calls that not all architectures have.
func addArchCalls(add func(int, callSpec), o *Options) {
	addOldCalls(add)
	add(unix.SYS_ACCEPT, callSpec{name: "accept", blocks: trace.KindAccept, exit: exitAccept})
	add(unix.SYS_SELECT, pollSpec("select", 4, timeval))
}

// sameCalls are calls that a newer one repeats with wider arguments.
var sameCalls = map[int]int{}

// archCallNames are names of calls that not all architectures have.
var archCallNames = map[int]string{unix.SYS_SEMOP: "semop", unix.SYS_SEMTIMEDOP: "semtimedop"}

// unpackCall makes a call that stands for others the one that it is: there
// is none here.
func unpackCall(int, *syscallInfo) {}
