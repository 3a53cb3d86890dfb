package proc

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigevent is struct sigevent as far as SIGEV_SIGNAL uses it; see
// asm-generic/siginfo.h.
type sigevent struct {
	value  uintptr
	signo  int32
	notify int32                                    // SIGEV_SIGNAL is 0
	_      [64 - unsafe.Sizeof(uintptr(0)) - 8]byte // the kernel reads 64
}

// Timer makes a POSIX timer that sends sig to the process once,
// after d. It returns the timer's id. See timer_create(2) and
// timer_settime(2).
func Timer(sig unix.Signal, d time.Duration) (id int, err error) {
	event := sigevent{signo: int32(sig)}
	var timer int32
	_, _, errno := syscall.RawSyscall(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC,
		uintptr(unsafe.Pointer(&event)), uintptr(unsafe.Pointer(&timer)))
	if errno != 0 {
		return -1, os.NewSyscallError("timer_create", errno)
	}
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	_, _, errno = syscall.RawSyscall6(unix.SYS_TIMER_SETTIME, uintptr(timer), 0,
		uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	if errno != 0 {
		return -1, os.NewSyscallError("timer_settime", errno)
	}
	return int(timer), nil
}

// TimerLeft returns how long it is until the timer expires, 0 if it
// has. The error wraps EINVAL when the process has no timer of that
// id. See timer_gettime(2).
func TimerLeft(id int) (time.Duration, error) {
	var spec unix.ItimerSpec
	_, _, errno := syscall.RawSyscall(unix.SYS_TIMER_GETTIME, uintptr(id),
		uintptr(unsafe.Pointer(&spec)), 0)
	if errno != 0 {
		return 0, os.NewSyscallError("timer_gettime", errno)
	}
	return time.Duration(spec.Value.Nano()), nil
}
