//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"unsafe"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/symbol"
)

// Requests that x/sys/unix has no function for. None of them
// blocks, so RawSyscall: the scheduler need not know.

// traceOptions are set atomically by PTRACE_SEIZE. EXITKILL: the
// death of the recorder, even by SIGKILL, takes every tracee along.
const traceOptions = unix.PTRACE_O_EXITKILL |
	unix.PTRACE_O_TRACESYSGOOD |
	unix.PTRACE_O_TRACEFORK |
	unix.PTRACE_O_TRACEVFORK |
	unix.PTRACE_O_TRACEVFORKDONE |
	unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEEXEC |
	unix.PTRACE_O_TRACEEXIT |
	unix.PTRACE_O_TRACESECCOMP

func ptrace(request, tid int, addr, data uintptr) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), addr, data, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

// ptraceAt is ptrace with the address of what the kernel fills in. It
// becomes a number in the system call's own expression only: before, a
// growing stack would move what it points to.
func ptraceAt(request, tid int, addr uintptr, data unsafe.Pointer) error {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), addr, uintptr(data), 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

func seize(tid int) error { return ptrace(unix.PTRACE_SEIZE, tid, 0, traceOptions) }

// eventMessage is PTRACE_GETEVENTMSG: the new child's pid, the
// former tid of an exec, the status of an exit.
func eventMessage(tid int) (uint, error) {
	var msg uint
	err := ptraceAt(unix.PTRACE_GETEVENTMSG, tid, 0, unsafe.Pointer(&msg))
	return msg, err
}

// messageOf is the message of an event stop, and true if the thread is
// in that stop still: a SIGKILL takes it from any stop to the one at its
// exit, whose message is another.
func messageOf(tid, event int) (uint, bool) {
	msg, err := eventMessage(tid)
	if err != nil {
		return 0, false
	}
	var info procfs.Siginfo
	err = getSigInfo(tid, &info)
	return msg, err == nil && info.Code == int32(unix.SIGTRAP)|int32(event)<<8
}

// syscallInfo is struct ptrace_syscall_info, the same on every
// architecture. At an exit stop arg[0] of the union, nr, is the
// return value and args[0]'s low byte says whether it is an error.
type syscallInfo struct {
	op   uint8
	_    [3]uint8
	arch uint32
	ip   uint64
	sp   uint64
	nr   uint64
	args [6]uint64
	_    uint64
}

// point is where the thread is; the kernel tells that at any stop.
func (info *syscallInfo) point() symbol.Point { return symbol.Point{PC: info.ip, SP: info.sp} }

// getSyscallInfo is PTRACE_GET_SYSCALL_INFO (Linux 5.3).
func getSyscallInfo(tid int, info *syscallInfo) error {
	return ptraceAt(unix.PTRACE_GET_SYSCALL_INFO, tid, unsafe.Sizeof(*info), unsafe.Pointer(info))
}

func getSigInfo(tid int, info *procfs.Siginfo) error {
	return ptraceAt(unix.PTRACE_GETSIGINFO, tid, 0, unsafe.Pointer(info))
}

// pendingSignals is the set of the signals that wait for a stopped thread
// and for its process; bit n−1 is signal n.
func pendingSignals(tid int) (set uint64) {
	const shared = 1 // PTRACE_PEEKSIGINFO_SHARED
	var infos [8]procfs.Siginfo
	for _, flags := range [...]uint32{0, shared} {
		args := struct { // struct ptrace_peeksiginfo_args
			offset uint64
			flags  uint32
			nr     int32
		}{flags: flags, nr: int32(len(infos))}
		for {
			n, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_PEEKSIGINFO, uintptr(tid),
				uintptr(unsafe.Pointer(&args)), uintptr(unsafe.Pointer(&infos)), 0, 0)
			if e != 0 {
				break
			}
			for _, info := range infos[:n] {
				set |= 1 << (info.Signo - 1)
			}
			if int(n) < len(infos) {
				break
			}
			args.offset += uint64(n)
		}
	}
	return set
}

// takeReport is wait4 without blocking, so without telling the
// scheduler; tid is 0 when there is no report.
func takeReport(which int) (tid int, status unix.WaitStatus) {
	var word int32
	r, _, e := unix.RawSyscall6(unix.SYS_WAIT4, uintptr(which), uintptr(unsafe.Pointer(&word)), waitOptions|unix.WNOHANG, 0, 0, 0)
	if e != 0 {
		return 0, 0
	}
	return int(r), unix.WaitStatus(word)
}

// peekReport fills in what there is to report of a tracee, or zero if
// there is nothing; the report stays. That can be a stop, which the kernel
// reports of a tracee whatever is asked for. It fails with ECHILD when the
// tracee is gone.
func peekReport(tid int, info *procfs.Siginfo) error {
	_, _, e := unix.RawSyscall6(unix.SYS_WAITID, unix.P_PID, uintptr(tid), uintptr(unsafe.Pointer(info)),
		unix.WEXITED|unix.WNOHANG|unix.WNOWAIT|waitOptions, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

// getRegs reads a stopped thread's registers; it fails for a thread of
// another architecture, whose registers have another layout.
func getRegs(tid int, regs *unix.PtraceRegs) error {
	return registers(unix.PTRACE_GETREGSET, tid, regs)
}

// setRegs writes them.
func setRegs(tid int, regs *unix.PtraceRegs) error {
	return registers(unix.PTRACE_SETREGSET, tid, regs)
}

func registers(request, tid int, regs *unix.PtraceRegs) error {
	const prstatus = 1 // NT_PRSTATUS (elf.h)
	size := unsafe.Sizeof(*regs)
	iov := unix.Iovec{Base: (*byte)(unsafe.Pointer(regs))}
	iov.SetLen(int(size))
	if err := ptraceAt(request, tid, prstatus, unsafe.Pointer(&iov)); err != nil {
		return err
	}
	if uintptr(iov.Len) != size {
		return unix.EIO
	}
	return nil
}

// kcmp compares two kernel objects of two processes: 0 equal, 1
// less, 2 greater (kcmp(2)).
func kcmp(pid1, pid2, what, id1, id2 int) (int, error) {
	r, _, e := unix.RawSyscall6(unix.SYS_KCMP, uintptr(pid1), uintptr(pid2), uintptr(what), uintptr(id1), uintptr(id2), 0)
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}

// What kcmp compares (linux/kcmp.h).
const (
	kcmpFile = 0
	kcmpVM   = 1
)

// minPage is the size of the smallest pages that there are.
const minPage = 4096

// readMemory copies a tracee's memory at addr into buf and returns
// how many bytes it got: fewer where the next page is not mapped.
func readMemory(tid int, addr uint64, buf []byte) int {
	if len(buf) == 0 || addr == 0 {
		return 0
	}
	// The kernel does this in half of the time.
	if len(buf) <= longSize && addr%minPage <= minPage-longSize {
		var word [longSize]byte
		if ptraceAt(unix.PTRACE_PEEKDATA, tid, uintptr(addr), unsafe.Pointer(&word)) == nil {
			return copy(buf, word[:])
		}
	}
	local := unix.Iovec{Base: &buf[0]}
	local.SetLen(len(buf))
	remote := unix.RemoteIovec{Base: uintptr(addr), Len: len(buf)}
	n, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(tid),
		uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	if e == 0 {
		return int(n)
	}
	if e == unix.EFAULT || e == unix.ESRCH {
		return 0
	}
	// A container's profile may refuse that call and allow ptrace.
	got := 0
	for got < len(buf) {
		var word [longSize]byte
		if ptraceAt(unix.PTRACE_PEEKDATA, tid, uintptr(addr)+uintptr(got), unsafe.Pointer(&word)) != nil {
			break
		}
		got += copy(buf[got:], word[:])
	}
	return got
}

// memoryError is why the memory of a thread cannot be read, nil if it can.
func memoryError(tid int) error {
	var b [1]byte
	local := unix.Iovec{Base: &b[0]}
	local.SetLen(len(b))
	remote := unix.RemoteIovec{Base: uintptr(unix.Getpagesize() / 2), Len: len(b)} // never mapped
	_, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(tid),
		uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	if e == 0 || e == unix.EFAULT {
		return nil
	}
	return e
}

// readString reads a C string of at most max bytes.
func readString(tid int, addr uint64, max int) string {
	var out []byte
	var page [256]byte
	for len(out) < max {
		// Never past the end of a page that may be the last one.
		room := minPage - int(addr%minPage)
		chunk := page[:min(room, len(page), max-len(out))]
		n := readMemory(tid, addr, chunk)
		if n == 0 {
			break
		}
		if i := bytes.IndexByte(chunk[:n], 0); i >= 0 {
			return string(append(out, chunk[:i]...))
		}
		out = append(out, chunk[:n]...)
		addr += uint64(n)
	}
	return string(out)
}

// installFilter installs a seccomp filter on the calling thread.
func installFilter(filter []unix.SockFilter) error {
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		return e
	}
	return nil
}

// seccompCanTrace asks whether filters may return SECCOMP_RET_TRACE
// here.
func seccompCanTrace() error {
	const getActionAvail = 2
	action := uint32(unix.SECCOMP_RET_TRACE)
	_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, getActionAvail, 0, uintptr(unsafe.Pointer(&action)))
	if e != 0 {
		return e
	}
	return nil
}

// isSubreaper says whether this process adopts orphans.
func isSubreaper() bool {
	var yes int32
	_, _, e := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&yes)), 0)
	return e == 0 && yes != 0
}
