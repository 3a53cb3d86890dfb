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

// syscallSize is the length of the instruction that makes a system call.
const syscallSize = 2

// trapSize is how far behind its instruction a breakpoint's trap is
// reported: that is int3.
const trapSize = 1

// oldSigreturn is how a handler returns that was set without SA_SIGINFO:
// as any other.
const oldSigreturn = unix.SYS_RT_SIGRETURN

// cloneNames are the calls that make processes.
var cloneNames = map[int]string{
	unix.SYS_CLONE:  "clone",
	unix.SYS_CLONE3: "clone3",
	unix.SYS_FORK:   "fork",
	unix.SYS_VFORK:  "vfork",
}

// registersOfCall are the number and the first two arguments of the
// call that a thread is in.
func registersOfCall(regs *unix.PtraceRegs) (nr int, arg0, arg1 uint64) {
	return int(int64(regs.Orig_rax)), regs.Rdi, regs.Rsi
}

// setFirstArgument changes the first argument of the call that a thread
// is in.
func setFirstArgument(regs *unix.PtraceRegs, v uint64) { regs.Rdi = v }

// addArchCalls adds the calls that newer architectures lack.
func addArchCalls(add func(int, callSpec), o *Options) {
	add(unix.SYS_ALARM, callSpec{name: "alarm", exit: exitTimer})
	add(unix.SYS_ACCEPT, callSpec{name: "accept", blocks: trace.KindAccept, exit: exitAccept})
	add(unix.SYS_PAUSE, callSpec{name: "pause", blocks: trace.KindPause, exit: exitPause})
	add(unix.SYS_POLL, pollSpec("poll", 2, milliseconds))
	add(unix.SYS_SELECT, pollSpec("select", 4, timeval))
	add(unix.SYS_EPOLL_WAIT, pollSpec("epoll_wait", 3, milliseconds))
	add(unix.SYS_OPEN, callSpec{name: "open", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_CREAT, callSpec{name: "creat", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_DUP2, callSpec{name: "dup2", enter: enterDup, exit: exitDup})
	add(unix.SYS_PIPE, callSpec{name: "pipe", exit: exitPipe})
}

// sameCalls are calls that a newer one repeats with wider arguments.
var sameCalls = map[int]int{}

// archCallNames are names of calls that not all architectures have.
var archCallNames = map[int]string{unix.SYS_SEMOP: "semop", unix.SYS_SEMTIMEDOP: "semtimedop"}

// unpackCall makes a call that stands for others the one that it is: there
// is none here.
func unpackCall(int, *syscallInfo) {}

// commonOpenFlags are the flags of open with the numbers that recordings
// have, see package trace: this architecture has no others.
func commonOpenFlags(flags uint64) uint64 { return flags }
