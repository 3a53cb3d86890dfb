package proc

import "golang.org/x/sys/unix"

// The calls for ids of 32 bits. The older ones of this architecture,
// without 32 in their names, take 16.
const (
	sysSetuid    = unix.SYS_SETUID32
	sysSetreuid  = unix.SYS_SETREUID32
	sysSetresuid = unix.SYS_SETRESUID32
	sysSetgid    = unix.SYS_SETGID32
	sysSetregid  = unix.SYS_SETREGID32
	sysSetresgid = unix.SYS_SETRESGID32
	sysSetgroups = unix.SYS_SETGROUPS32
	sysGetresuid = unix.SYS_GETRESUID32
	sysGetresgid = unix.SYS_GETRESGID32
)
