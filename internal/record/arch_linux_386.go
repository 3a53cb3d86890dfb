package record

import (
	"debug/elf"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

const (
	nativeMachine = elf.EM_386
	longSize      = 4 // of a long and of a pointer, in bytes
	nativeArch    = unix.AUDIT_ARCH_I386
)

// oldSigreturn is how a handler returns that was set without SA_SIGINFO.
const oldSigreturn = unix.SYS_SIGRETURN

// registersOfCall are the number and the first two arguments of the
// call that a thread is in.
func registersOfCall(regs *unix.PtraceRegs) (nr int, arg0, arg1 uint64) {
	return int(regs.Orig_eax), uint64(uint32(regs.Ebx)), uint64(uint32(regs.Ecx))
}

// setFirstArgument changes the first argument of the call that a thread
// is in.
func setFirstArgument(regs *unix.PtraceRegs, v uint64) { regs.Ebx = int32(v) }

// addArchCalls adds the calls that not all architectures have.
func addArchCalls(add func(int, callSpec), o *Options) {
	addOldCalls(add)
	add(unix.SYS__NEWSELECT, pollSpec("select", 4, timeval))
	// The others of its kinds are of no interest.
	none := func(*recorder, *thread, *call) bool { return false }
	add(unix.SYS_SOCKETCALL, callSpec{name: "socketcall", enter: none})
	for nr, spec := range map[int]callSpec{
		unix.SYS_CLOCK_NANOSLEEP_TIME64: {name: "clock_nanosleep", blocks: trace.KindSleep, enter: enterSleep, exit: exitSleep},
		unix.SYS_TIMER_SETTIME64:        {name: "timer_settime", enter: enterTimer, exit: exitTimer},
		unix.SYS_RT_SIGTIMEDWAIT_TIME64: {name: "rt_sigtimedwait", blocks: trace.KindPause, enter: enterSigwait, exit: exitPause},
		unix.SYS_PPOLL_TIME64:           pollSpec("ppoll", 2, timespec),
		unix.SYS_EPOLL_PWAIT2:           pollSpec("epoll_pwait2", 3, timespec),
		unix.SYS_PSELECT6_TIME64:        pollSpec("pselect6", 4, timespec),
	} {
		spec.time64 = true
		add(nr, spec)
	}
	add(unix.SYS_WAITPID, callSpec{name: "waitpid", exit: exitWaitpid, isWait: true})
	if o.Files {
		add(unix.SYS_LSEEK, callSpec{name: "lseek", exit: exitSeek32})
		add(unix.SYS__LLSEEK, callSpec{name: "_llseek", exit: exitLlseek})
		add(unix.SYS_FTRUNCATE64, callSpec{name: "ftruncate", exit: exitTruncate64})
		add(unix.SYS_TRUNCATE64, callSpec{name: "truncate", enter: enterPath, exit: exitTruncate64})
	}
}

// sameCalls are calls that a newer one repeats with wider arguments, by
// the newer one. An event has the name of the older one.
var sameCalls = map[int]int{
	unix.SYS_FCNTL64:     unix.SYS_FCNTL,
	unix.SYS_SENDFILE64:  unix.SYS_SENDFILE,
	unix.SYS_SETUID32:    unix.SYS_SETUID,
	unix.SYS_SETGID32:    unix.SYS_SETGID,
	unix.SYS_SETREUID32:  unix.SYS_SETREUID,
	unix.SYS_SETREGID32:  unix.SYS_SETREGID,
	unix.SYS_SETRESUID32: unix.SYS_SETRESUID,
	unix.SYS_SETRESGID32: unix.SYS_SETRESGID,
	unix.SYS_SETFSUID32:  unix.SYS_SETFSUID,
	unix.SYS_SETFSGID32:  unix.SYS_SETFSGID,
	unix.SYS_SETGROUPS32: unix.SYS_SETGROUPS,
}

// exitWaitpid is wait4 without a struct rusage: its register holds
// something else.
func exitWaitpid(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	c.args[3] = 0
	exitWait4(r, t, c, result, errno)
}

// exitSeek32 has an offset of 32 bits, which may be negative.
func exitSeek32(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	c.args[1] = uint64(int32(c.args[1]))
	exitSeek(r, t, c, result, errno)
}

// exitLlseek has the halves of an offset, and stores the new one.
func exitLlseek(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	var b [8]byte
	if errno == 0 && readMemory(t.tid, c.args[3], b[:]) == len(b) {
		result = int64(binary.LittleEndian.Uint64(b[:]))
	}
	c.args[1], c.args[2] = c.args[1]<<32|c.args[2], c.args[4]
	exitSeek(r, t, c, result, errno)
}

// exitTruncate64 has the halves of a length.
func exitTruncate64(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	c.args[1] |= c.args[2] << 32
	exitTruncate(r, t, c, result, errno)
}

// archCallNames are names of calls that not all architectures have.
var archCallNames = map[int]string{unix.SYS_IPC: "ipc", unix.SYS_SOCKETCALL: "socketcall"}

// socketCalls are the calls that socketcall(2) stands for, by its first
// argument (linux/net.h).
var socketCalls = map[uint64]uint64{
	1: unix.SYS_SOCKET, 2: unix.SYS_BIND, 3: unix.SYS_CONNECT, 4: unix.SYS_LISTEN, 5: unix.SYS_ACCEPT4,
	8: unix.SYS_SOCKETPAIR, 9: unix.SYS_SENDTO, 10: unix.SYS_RECVFROM, 11: unix.SYS_SENDTO, 12: unix.SYS_RECVFROM,
	16: unix.SYS_SENDMSG, 17: unix.SYS_RECVMSG, 18: unix.SYS_ACCEPT4,
}

// unpackCall makes a socketcall, with which the C library makes the calls
// on sockets, the call that it is: its arguments are in memory.
func unpackCall(tid int, info *syscallInfo) {
	nr := socketCalls[info.args[0]]
	if info.nr != unix.SYS_SOCKETCALL || nr == 0 {
		return
	}
	args := words(tid, info.args[1], 3)
	if args == nil {
		return
	}
	if more := words(tid, info.args[1], len(info.args)); more != nil {
		args = more
	}
	info.nr, info.args = nr, [len(info.args)]uint64{}
	for i, a := range args {
		info.args[i] = uint64(uint32(a))
	}
}
