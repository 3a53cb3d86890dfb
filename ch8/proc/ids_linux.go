//go:build !386

package proc

import "golang.org/x/sys/unix"

const (
	sysSetuid    = unix.SYS_SETUID
	sysSetreuid  = unix.SYS_SETREUID
	sysSetresuid = unix.SYS_SETRESUID
	sysSetgid    = unix.SYS_SETGID
	sysSetregid  = unix.SYS_SETREGID
	sysSetresgid = unix.SYS_SETRESGID
	sysSetgroups = unix.SYS_SETGROUPS
	sysGetresuid = unix.SYS_GETRESUID
	sysGetresgid = unix.SYS_GETRESGID
)
