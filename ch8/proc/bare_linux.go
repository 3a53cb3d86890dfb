package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// The functions of this file are system calls that change the calling
// thread only. Those of package syscall and of x/sys/unix change all
// threads of a program, for which they stop all others: a forked
// child, which has one thread and whose runtime believes in more,
// would end there with "stopTheWorld: holding locks". In a child of
// Fork the functions here change the process, because it has one
// thread.

// Keep is the id −1, which leaves that id as it is in Setreuid,
// Setresuid, Setregid and Setresgid.
const Keep = -1

// Setuid sets the effective user id; if the caller is privileged
// (CAP_SETUID) also the real id and the saved set-user-ID. The error
// wraps EPERM or EINVAL. See setuid(2) and section 8.11.
func Setuid(uid int) error { return bare("setuid", sysSetuid, uid, 0, 0) }

// Seteuid sets the effective user id only. As in the C library it is
// a call of setresuid. See seteuid(3) and section 8.11.
func Seteuid(euid int) error {
	if euid == Keep {
		return os.NewSyscallError("seteuid", unix.EINVAL)
	}
	return bare("seteuid", sysSetresuid, Keep, euid, Keep)
}

// Setreuid sets the real and the effective user id. See setreuid(2)
// and section 8.11.
func Setreuid(ruid, euid int) error { return bare("setreuid", sysSetreuid, ruid, euid, 0) }

// Setresuid sets the real, the effective and the saved user id. See
// setresuid(2).
func Setresuid(ruid, euid, suid int) error {
	return bare("setresuid", sysSetresuid, ruid, euid, suid)
}

// Setgid is Setuid for group ids; the privilege is CAP_SETGID. It
// leaves the supplementary groups as they are. See setgid(2).
func Setgid(gid int) error { return bare("setgid", sysSetgid, gid, 0, 0) }

// Setegid is Seteuid for group ids. See setegid(3).
func Setegid(egid int) error {
	if egid == Keep {
		return os.NewSyscallError("setegid", unix.EINVAL)
	}
	return bare("setegid", sysSetresgid, Keep, egid, Keep)
}

// Setregid is Setreuid for group ids. See setregid(2).
func Setregid(rgid, egid int) error { return bare("setregid", sysSetregid, rgid, egid, 0) }

// Setresgid is Setresuid for group ids. See setresgid(2).
func Setresgid(rgid, egid, sgid int) error {
	return bare("setresgid", sysSetresgid, rgid, egid, sgid)
}

// bare makes a system call that takes up to three numbers.
func bare(name string, trap uintptr, a, b, c int) error {
	_, _, errno := syscall.RawSyscall(trap, uintptr(a), uintptr(b), uintptr(c))
	if errno != 0 {
		return os.NewSyscallError(name, errno)
	}
	return nil
}

// NZERO is the default nice value in the counting of POSIX, where
// nice values go from 0 to 2·NZERO − 1. Here, as in the kernel, they
// go from −NZERO to NZERO − 1. See section 8.16.
const NZERO = 20

// Nice adds incr to the nice value of the calling thread, keeps it in
// the range from −20 to 19, and returns the new value; −1 is a
// possible one. The error wraps EPERM: lowering it needs CAP_SYS_NICE
// or RLIMIT_NICE. There is no such system call on arm64, so that Nice
// is getpriority and setpriority, as in the C library. See nice(2)
// and section 8.16.
func Nice(incr int) (int, error) {
	now, err := Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		return 0, err
	}
	next := min(max(now+incr, -NZERO), NZERO-1)
	_, _, errno := syscall.RawSyscall(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, uintptr(next))
	if errno == unix.EACCES {
		errno = unix.EPERM
	}
	if errno != 0 {
		return 0, os.NewSyscallError("nice", errno)
	}
	return next, nil
}

// Getpriority returns the nice value, from −20 to 19, of a thread
// (which is unix.PRIO_PROCESS), or the lowest one of a process group
// or of a user's processes (PRIO_PGRP, PRIO_USER); who 0 is the
// caller's. The system call returns 20 − nice, so that a value is
// never taken for an error. The error wraps ESRCH or EINVAL. See
// getpriority(2) and section 8.16.
func Getpriority(which, who int) (int, error) {
	r, _, errno := syscall.RawSyscall(unix.SYS_GETPRIORITY, uintptr(which), uintptr(who), 0)
	if errno != 0 {
		return 0, os.NewSyscallError("getpriority", errno)
	}
	return NZERO - int(r), nil
}

// Setpriority sets the nice value of what which and who name, as for
// Getpriority. The error wraps EACCES where the caller has no right to
// lower it, EPERM where the process is another user's, ESRCH or EINVAL. See
// setpriority(2) and section 8.16.
func Setpriority(which, who, nice int) error {
	return bare("setpriority", unix.SYS_SETPRIORITY, which, who, nice)
}
