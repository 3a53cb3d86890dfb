//go:build linux

package main

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// How the rows of inherit set and read their attributes, where one
// call is not enough.

// setres sets one of the three user or group ids to 7000001,
// 7000002 or 7000003. It uses the bare system call, because package
// syscall waits for threads that a forked process does not have.
func setres(call, which int) error {
	ids := []uintptr{^uintptr(0), ^uintptr(0), ^uintptr(0)}
	ids[which] = uintptr(7000001 + which)
	_, _, errno := unix.RawSyscall(uintptr(call),
		ids[0], ids[1], ids[2])
	if errno != 0 {
		return errno
	}
	return nil
}

func uids() [3]int {
	real, effective, saved := unix.Getresuid()
	return [3]int{real, effective, saved}
}

func gids() [3]int {
	real, effective, saved := unix.Getresgid()
	return [3]int{real, effective, saved}
}

func groups() string {
	ids, _ := unix.Getgroups()
	return strings.Trim(fmt.Sprint(ids), "[]")
}

func setsid() error { _, err := unix.Setsid(); return err }

func session() string {
	id, _ := unix.Getsid(0)
	return fmt.Sprint(id)
}

// newTerminal makes a pseudo-terminal, and a session with it as the
// controlling terminal.
func newTerminal() error {
	ptmx, err := unix.Open("/dev/ptmx",
		unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	n, err := unix.IoctlGetInt(ptmx, unix.TIOCGPTN)
	if err != nil {
		return err
	}
	err = unix.IoctlSetPointerInt(ptmx, unix.TIOCSPTLCK, 0)
	if err != nil {
		return err
	}
	tty, err := unix.Open(fmt.Sprint("/dev/pts/", n),
		unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	if err := setsid(); err != nil {
		return err
	}
	return unix.IoctlSetInt(tty, unix.TIOCSCTTY, 0)
}

func terminal() string {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return "none"
	}
	unix.Close(fd)
	return "opens as /dev/tty"
}

// usr is the directory that becomes the root.
var usr unix.Stat_t

func newRoot() error {
	if err := unix.Stat("/usr", &usr); err != nil {
		return err
	}
	return unix.Chroot("/usr")
}

func root() string {
	var now unix.Stat_t
	unix.Stat("/", &now)
	if now.Dev == usr.Dev && now.Ino == usr.Ino {
		return "/usr"
	}
	return "another"
}

func umask() string {
	mask := unix.Umask(0)
	unix.Umask(mask)
	return fmt.Sprintf("%04o", mask)
}
