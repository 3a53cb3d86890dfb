//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How the rows of inherit set and read descriptors, memory and
// limits.

// twoCopies makes descriptors 50 and 51, one with the flag.
func twoCopies() error {
	fd, err := unix.MemfdCreate("inherit", 0)
	if err != nil {
		return err
	}
	if err := unix.Dup3(fd, 50, unix.O_CLOEXEC); err != nil {
		return err
	}
	return unix.Dup3(fd, 51, 0)
}

func flags() string {
	a, _ := unix.FcntlInt(50, unix.F_GETFD, 0)
	b, _ := unix.FcntlInt(51, unix.F_GETFD, 0)
	return fmt.Sprintf("50: %d, 51: %d", a, b)
}

var segment, mapped []byte

// attach makes a segment that is gone when the last process that
// has it attached ends.
func attach() error {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, 0o600)
	if err != nil {
		return err
	}
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	segment, err = unix.SysvShmAttach(id, 0, 0)
	copy(segment, "hello")
	return err
}

func mapFile() error {
	fd, err := unix.MemfdCreate("inherit", 0)
	if err != nil {
		return err
	}
	proc.Write(fd, []byte("hello"))
	mapped, err = unix.Mmap(fd, 0, 5, unix.PROT_READ,
		unix.MAP_SHARED)
	return err
}

func limitFiles() error {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
	limit.Cur = 12345678
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
}

func fileLimit() string {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
	return fmt.Sprintf("%d bytes", limit.Cur)
}

// niceness is what getpriority tells: the system call gives 20
// less the nice value, so that no value looks like an error.
func niceness() string {
	n, _ := unix.Getpriority(unix.PRIO_PROCESS, 0)
	return fmt.Sprint(20 - n)
}
